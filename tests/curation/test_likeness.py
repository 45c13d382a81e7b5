"""What an arriving item looks like: told at import, through the live index, in whatever order things come."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from curation.actions import fingerprints, likeness
from curation.models import Band, Fingerprint, ItemLikeness
from curation.queries.likeness import ORDER, crowded_in, similar_in
from feedback import ports
from feedback.models import Item, ItemRecord
from feedback.statements import run
from tests.steps import import_rows, row
from tests.world import World

PROMPT = "Which court may hear an appeal against a decision of the patent office, and within what time? {}"


def prompts(*texts: str, first: int = 1) -> list[dict[str, Any]]:
    return [row(f"i{n}", prompt=text) for n, text in enumerate(texts, start=first)]


def named() -> dict[str, ItemLikeness]:
    rows = ItemLikeness.objects.select_related("item__record", "nearest__record")
    return {each.item.record.external_id: each for each in rows}


@pytest.fixture
def place(world: World) -> Any:
    return world.place(world.ines)


def test_an_import_says_which_earlier_item_each_new_one_looks_like(
    place: Any, now: dt.datetime
) -> None:
    import_rows(place, prompts(PROMPT.format("In Germany."), "Why is the sky blue?"), now)
    later = prompts(
        PROMPT.format("In Austria."), PROMPT.format("In Germany."), "Who are you?", first=3
    )
    job = import_rows(place, later, now)
    found = {
        each.item.record.external_id: (each.nearest.record.external_id, each.similarity)
        for each in similar_in(job).order_by(*ORDER)
    }
    assert list(found) == ["i4", "i3"]
    assert found["i4"] == ("i1", 1.0)
    assert found["i3"][0] == "i1"
    assert 0.7 < found["i3"][1] < 1
    assert crowded_in(job) == 0


def test_items_of_one_file_look_like_each_other(place: Any, now: dt.datetime) -> None:
    job = import_rows(
        place, prompts(PROMPT.format("In Germany."), PROMPT.format("In Austria.")), now
    )
    assert [each.nearest.record.external_id for each in similar_in(job)] == ["i1"]


def test_a_bridge_between_two_clusters_makes_them_one_under_the_smaller_id(
    place: Any, now: dt.datetime
) -> None:
    words = [f"word{n}" for n in range(40)]
    ends = " ".join(words[:30]), " ".join(words[8:])
    import_rows(place, prompts(ends[0], ends[1], ends[1] + " more"), now)
    before = named()
    assert before["i1"].cluster == before["i1"].item_id
    assert before["i3"].cluster == before["i2"].cluster == before["i2"].item_id
    import_rows(place, prompts(" ".join(words[3:34]), first=4), now)
    after = named()
    assert {each.cluster for each in after.values()} == {after["i1"].item_id}


def test_a_new_revision_looks_like_what_it_says_now(place: Any, now: dt.datetime) -> None:
    import_rows(place, prompts(PROMPT.format("In Germany."), "Why is the sky blue?"), now)
    import_rows(place, prompts(PROMPT.format("In France."), first=2), now, on_conflict="revise")
    assert named()["i2"].nearest.record.external_id == "i1"


def test_a_declared_template_makes_nothing_alike(place: Any, now: dt.datetime) -> None:
    place.project.prompt_template = PROMPT
    place.project.save()
    import_rows(place, prompts(PROMPT.format("In Germany."), PROMPT.format("In outer space.")), now)
    assert {each.nearest for each in named().values()} == {None}


def test_boilerplate_is_compared_with_a_few_and_told(
    place: Any, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(likeness, "LARGEST_BUCKET", 3)
    many = [PROMPT.format(f"In country {n}.") for n in range(12)]
    job = import_rows(place, prompts(*many), now)
    assert crowded_in(job) > 5
    assert similar_in(job).count() == 11
    assert len({each.cluster for each in named().values()}) == 1


def test_an_exact_copy_is_told_however_crowded_its_bands_are(
    place: Any, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(likeness, "LARGEST_BUCKET", 3)
    monkeypatch.setattr(likeness, "CLOSEST", 2)
    long = " ".join(f"boilerplate{n}" for n in range(300))
    many = [f"{long} {n}" for n in range(12)]
    import_rows(place, prompts(*many), now)
    job = import_rows(place, prompts(many[10], first=50), now)
    assert [(each.nearest.record.external_id, each.similarity) for each in similar_in(job)] == [
        ("i11", 1.0)
    ]
    assert crowded_in(job) == 1


def test_bands_of_another_project_never_meet_ours(
    world: World, place: Any, now: dt.datetime
) -> None:
    import_rows(place, prompts(PROMPT.format("In Germany.")), now)
    theirs = world.place(world.eve, world.their_project)
    job = import_rows(theirs, prompts(PROMPT.format("In Germany.")), now)
    assert not similar_in(job).exists()
    ours, others = (
        set(
            Band.objects.filter(
                fingerprint__in=Fingerprint.objects.filter(project=each).values("pk")
            ).values_list("h", flat=True)
        )
        for each in (world.project, world.their_project)
    )
    assert len(ours) == len(others) == 21
    assert not ours & others


def test_one_more_item_costs_the_same_few_queries_however_many_arrive(
    place: Any, now: dt.datetime
) -> None:
    def queries(count: int, first: int) -> int:
        texts = [PROMPT.format(f"Case {first + n}.") for n in range(count)]
        items = prompts(*texts, first=first)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            import_rows(place, items, now)
        return len(seen)

    queries(1, 50)
    assert queries(2, 100) == queries(30, 200)


def test_an_answer_is_six_statements_however_many_ask(
    place: Any, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def counted(statement: Any, values: Any, **how: Any) -> Any:
        asked.append(statement)
        return run(statement, values, **how)

    monkeypatch.setattr(likeness, "run", counted)
    monkeypatch.setattr(fingerprints, "run", counted)
    import_rows(place, prompts(*(PROMPT.format(f"Case {n}.") for n in range(30))), now)
    many = len(asked)
    import_rows(place, prompts(PROMPT.format("Case thirty-one."), first=50), now)
    assert (many, len(asked) - many) == (5, 6)
    assert similar_in(ItemLikeness.objects.latest("item").import_job).count() == 1


def test_without_curation_an_import_asks_nobody(
    place: Any, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ports, "_similar_items", [ports.nobody_remembers])
    import_rows(place, prompts("Why is the sky blue?"), now)
    assert Item.objects.filter(record__in=ItemRecord.objects.filter(external_id="i1")).exists()
    assert not ItemLikeness.objects.exists()
