from __future__ import annotations

import pytest

from feedback.models import (
    Item,
    ItemRecord,
    ItemRevision,
    Provenance,
    Response,
    Review,
)
from tests.steps import claim, counts, import_rows, rejections, row, send
from tests.world import World

MODELS = [{"text": "x", "model": "gpt4"}, {"text": "y", "model": "llama"}]


def test_the_same_row_twice_in_a_file_is_one_item(world: World) -> None:
    job = import_rows(world.place(world.mara), [row(), row(), row("a"), row("a")], world.now)
    assert counts(job, "items") == (2, 0, 2, 0)
    assert counts(job, "responses") == (4, 0, 4, 0)
    assert (Item.objects.count(), Response.objects.count()) == (2, 4)


def test_the_same_file_twice_adds_nothing(world: World) -> None:
    place = world.place(world.mara)
    rows = [row("a", 1, -2), row(None, 3, prompt="Q")]
    import_rows(place, rows, world.now)
    again = import_rows(place, rows, world.now)
    assert counts(again, "items") == (0, 0, 2, 0)
    assert counts(again, "reviews") == (0, 0, 3, 0)
    assert (Item.objects.count(), Review.objects.count()) == (2, 3)


def test_an_id_is_an_identity_within_its_source_alone(world: World) -> None:
    place = world.place(world.mara)
    import_rows(place, [row("1", prompt="One")], world.now, source="first")
    other = import_rows(place, [row("1", prompt="Other")], world.now, source="second")
    assert counts(other, "items") == (1, 0, 0, 0)
    named = ItemRecord.objects.values_list("source__name", "external_id")
    assert sorted(named) == [("first", "1"), ("second", "1")]


def test_without_an_id_the_content_is_the_identity_in_the_whole_project(world: World) -> None:
    import_rows(world.place(world.mara), [row(responses=MODELS)], world.now, source="first")
    again = import_rows(
        world.place(world.mara), [row(responses=MODELS)], world.now, source="second"
    )
    assert counts(again, "items") == (0, 0, 1, 0)
    theirs = import_rows(world.place(world.eve, world.their_project), [row()], world.now)
    assert counts(theirs, "items") == (1, 0, 0, 0)


def test_the_model_of_a_response_is_part_of_the_content_and_twins_are_counted(
    world: World,
) -> None:
    place = world.place(world.mara)
    job = import_rows(place, [row(), row(responses=[{"text": r, "model": "m"} for r in ("Scattering.", "It is not.")])], world.now)  # fmt: skip
    assert (counts(job, "items"), job.twins) == ((2, 0, 0, 0), 1)
    more = import_rows(place, [row("third")], world.now)
    assert more.twins == 1
    texts = {bytes(r.text_hash) for r in ItemRecord.objects.all()}
    assert len(texts) == 1


def test_other_content_under_a_known_id_is_refused_with_all_it_brings(world: World) -> None:
    place = world.place(world.mara)
    import_rows(place, [row("a", prompt="Old")], world.now, source="s")
    job = import_rows(place, [row("a", 1, 2, prompt="New"), row("b")], world.now, source="s")
    assert counts(job, "items") == (1, 0, 0, 1)
    assert counts(job, "responses") == (2, 0, 0, 2)
    assert counts(job, "reviews") == (0, 0, 0, 2)
    assert rejections(job) == [(1, "item", None, "external_id_conflict")]
    rejection = job.rejections.get()
    assert "allow revisions" in rejection.sentence
    assert '"New"' in rejection.raw
    assert ItemRevision.objects.filter(item__record__external_id="a").count() == 1


def test_a_conflict_within_one_file_leaves_the_first_row(world: World) -> None:
    rows = [row("a", prompt="First"), row("a", prompt="Second"), row("a", prompt="First")]
    job = import_rows(world.place(world.mara), rows, world.now)
    assert counts(job, "items") == (1, 0, 1, 1)
    assert "First" in str(ItemRevision.objects.get().prompt)


@pytest.mark.parametrize("together", [True, False])
def test_allowed_revisions_leave_old_reviews_with_the_old_texts(
    world: World, together: bool
) -> None:
    place = world.place(world.mara)
    old, new = row("a", 1, prompt="Old"), row("a", 3, prompt="New", responses=["c", "d"])
    files = [[old, new]] if together else [[old], [new]]
    jobs = [import_rows(place, rows, world.now, source="s", on_conflict="revise") for rows in files]
    assert sum(job.items_revised for job in jobs) == 1
    item = Item.objects.get()
    assert item.revision.number == 2
    read = {
        review.item_revision.number: [vote.outcome for vote in review.votes.all()]
        for review in Review.objects.select_related("item_revision")
    }
    assert read == {1: [1], 2: [3]}
    assert [r.position for r in item.revision.responses.order_by("pk")] == [1, 2]
    assert bytes(item.record.content_hash) == bytes(item.revision.content_hash)


def test_an_open_assignment_finishes_on_the_texts_it_showed(world: World) -> None:
    place = world.place(world.mara)
    import_rows(place, [row("a", prompt="Old")], world.now, source="s")
    begun = claim(world, world.ana)
    import_rows(place, [row("a", prompt="New")], world.now, source="s", on_conflict="revise")
    send(world, world.ana, begun)
    assert Review.objects.get().item_revision.number == 1
    assert claim(world, world.ben).revision.number == 2


def test_a_revision_back_to_the_old_texts_is_a_revision(world: World) -> None:
    place = world.place(world.mara)
    for prompt in ("A", "B", "A"):
        import_rows(place, [row("a", prompt=prompt)], world.now, source="s", on_conflict="revise")
    numbers = ItemRevision.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == [1, 2, 3]


def test_where_texts_come_from_is_written_once_and_shared(world: World) -> None:
    told = {"model": "gpt4", "origin": "model", "licence": "mit", "parameters": {"top_p": 0.9}}
    responses = [{"text": "x", **told}, {"text": "y", **told}, {"text": "z"}]
    rows = [row(f"{n}", prompt=f"P{n}", responses=responses[:2]) for n in range(3)]
    place = world.place(world.mara)
    import_rows(place, [*rows, row("z", responses=["z", "w"])], world.now)
    import_rows(place, [row("again", prompt="Q", responses=responses[:2])], world.now)
    known = list(Provenance.objects.order_by("pk").values_list("origin", "model", "licence"))
    assert sorted(known) == [("model", "gpt4", "mit"), ("unknown", "", "")]
    shared = Response.objects.filter(provenance__model="gpt4").values("provenance").distinct()
    assert shared.count() == 1
    assert Response.objects.filter(provenance__model="gpt4").count() == 8


def test_what_an_item_says_of_itself_is_kept(world: World) -> None:
    more = {"tags": ["law", "tax"], "group": "case-1", "purpose": "evaluation", "priority": 7}
    context = [{"title": "§ 1", "kind": "statute", "text": "Law.", "format": "markdown"}]
    import_rows(world.place(world.mara), [row("a", context=context, **more)], world.now)
    item = Item.objects.select_related("record", "revision").get()
    assert (item.purpose, item.record.tags, item.record.group_key) == (
        "evaluation",
        ["law", "tax"],
        "case-1",
    )
    assert item.front
    assert item.revision.context == [
        {
            "title": "§ 1",
            "kind": "statute",
            "parts": [{"type": "text", "text": "Law.", "format": "markdown"}],
        }
    ]
    assert (item.record.import_row, item.record.import_job.file_name) == (1, "rows.jsonl")
