"""What only a person may call the same: legal texts and large clusters, asked once, kept over runs."""

from __future__ import annotations

import datetime as dt
import json
import lzma
from typing import Any

import pytest

from curation.actions.near_pairs import decide_pair
from curation.models import NearPair, RunPair
from curation.queries.near_pairs import ORDER, near_pairs_of, texts_of, waiting_after
from feedback.models import Project
from tests.steps import DATA, import_rows, row, run_recipe
from tests.steps import recipe as recipe_of
from tests.world import World

OPINION = " ".join(
    f"Paragraph {n} relies on Roe v. Wade, {400 + n} U.S. {n}, in full." for n in range(30)
)
CHANGED = OPINION.replace("410 U.S. 10", "411 U.S. 10")
OTHER = "It does not follow."
PROMPT = "Which court may hear an appeal against a decision of the patent office, and when? {}"


@pytest.fixture
def place(world: World) -> Any:
    Project.objects.filter(pk=world.project.pk).update(domain="legal_brief")
    return world.place(world.ines)


def run(place: Any, now: dt.datetime) -> dict[str, str]:
    """Why each pair of a new run was held, by the external id of its item."""
    made = run_recipe(place, now, recipe_of(place.project, now, "chat"))
    rows = RunPair.objects.filter(run=made).select_related("pair__revision__item__record")
    return {each.pair.revision.item.record.external_id: each.reason for each in rows}


def legal(now: dt.datetime, place: Any) -> None:
    rows = [row("a", 2, 1, responses=[OPINION, OTHER]), row("b", 2, 1, responses=[CHANGED, OTHER])]
    import_rows(place, rows, now)


def say(place: Any, verdict: str, now: dt.datetime, **more: Any) -> int:
    pair = near_pairs_of(place.project).order_by(*ORDER).first()
    return decide_pair(place=place, pair=pair, verdict=verdict, now=now, **more)


def test_a_changed_citation_is_another_case_until_a_person_says_otherwise(
    place: Any, now: dt.datetime
) -> None:
    legal(now, place)
    assert run(place, now) == {"a": "", "b": ""}
    waiting = near_pairs_of(place.project).get()
    assert (waiting.kind, waiting.why) == ("response", "legal")
    assert set(texts_of(waiting)) == {OPINION, CHANGED}
    assert 0.9 < waiting.similarity < 1
    say(place, "same", now)
    assert sorted(run(place, now).values()) == ["", "repeat_pair"]


def test_what_was_called_different_stays_apart_and_is_not_asked_again(
    place: Any, now: dt.datetime
) -> None:
    legal(now, place)
    run(place, now)
    say(place, "different", now, reason="411 U.S. is another case")
    assert run(place, now) == {"a": "", "b": ""}
    assert not near_pairs_of(place.project).exists()
    assert near_pairs_of(place.project, "different").get().reason == "411 U.S. is another case"


def test_a_run_keeps_to_what_was_said_when_it_began(place: Any, now: dt.datetime) -> None:
    legal(now, place)
    first = run_recipe(place, now, recipe_of(place.project, now, "chat"))
    say(place, "same", now)
    again = run_recipe(place, now, recipe_of(place.project, now, "chat"))
    assert first.frozen["near_pairs"] == []
    assert [each[3] for each in again.frozen["near_pairs"]] == ["same"]
    assert first.input_sha256 != again.input_sha256


def test_outside_the_law_the_machine_takes_hardly_different_answers_for_one(
    world: World, now: dt.datetime
) -> None:
    place = world.place(world.ines)
    legal(now, place)
    assert sorted(run(place, now).values()) == ["", "repeat_pair"]
    assert not NearPair.objects.exists()


def test_no_licence_is_merged_by_the_machine_and_the_near_ones_are_put_before_people(
    place: Any, now: dt.datetime
) -> None:
    with lzma.open(DATA / "neardup" / "license_texts.jsonl.xz", "rt") as file:
        texts = [json.loads(line)["text"] for line in file]
    rows = [
        row(f"l{n}", 2, 1, responses=texts[n : n + 2])
        for n in range(0, len(texts) - 1, 2)
        if texts[n] != texts[n + 1]
    ]
    import_rows(place, rows, now)
    assert "repeat_pair" not in run(place, now).values()
    assert near_pairs_of(place.project).count() > 40


def test_a_large_cluster_waits_and_may_be_decided_as_a_whole(
    world: World, now: dt.datetime
) -> None:
    place = world.place(world.ines)
    rows = [row(f"p{n}", 2, 1, prompt=PROMPT.format(f"In country {n}.")) for n in range(12)]
    import_rows(place, rows, now)
    assert set(run(place, now).values()) == {""}
    waiting = list(near_pairs_of(place.project).order_by(*ORDER))
    assert [(each.kind, each.why) for each in waiting] == [("prompt", "large")] * 11
    assert waiting_after(waiting[0]) == waiting[1]
    assert say(place, "same", now, whole_cluster=True) == 11
    assert sorted(run(place, now).values()) == [""] + ["repeat_pair"] * 11


def test_somebody_elses_cluster_is_not_decided_with_ours(world: World, now: dt.datetime) -> None:
    for place in (world.place(world.ines), world.place(world.eve, world.their_project)):
        rows = [row(f"p{n}", 2, 1, prompt=PROMPT.format(f"In country {n}.")) for n in range(12)]
        import_rows(place, rows, now)
        run(place, now)
    say(world.place(world.ines), "same", now, whole_cluster=True)
    assert near_pairs_of(world.their_project).count() == 11
