from __future__ import annotations

import datetime as dt
from typing import Any

from benchmarks.kinds import KINDS
from feedback.actions import projects
from feedback.models import Answer, Item, Rater, Review, Vote
from feedback.readers.identity import body_hash
from tests.steps import claim, counts, import_rows, rejections, row, send
from tests.world import World, make_project

SENT = "2025-11-04T09:30:00+01:00"


def item(*reviews: dict[str, Any], **more: Any) -> dict[str, Any]:
    return row("a", **more) | {"reviews": list(reviews)}


def review(value: int, **more: Any) -> dict[str, Any]:
    return {"answers": {"preference": [{"a": 1, "b": 2, "value": value}]}, **more}


def test_a_file_with_new_reviews_of_known_items_adds_the_reviews(world: World) -> None:
    place = world.place(world.mara)
    import_rows(place, [item(review(1, rater="r1"))], world.now, source="s")
    job = import_rows(
        place, [item(review(1, rater="r1"), review(2, rater="r2"))], world.now, source="s"
    )
    assert counts(job, "items") == (0, 0, 1, 0)
    assert counts(job, "reviews") == (1, 0, 1, 0)
    assert Item.objects.get().given == 2


def test_everything_a_review_says_of_itself_is_kept(world: World) -> None:
    told = {"rater": "r1", "id": "x", "order": [2, 1], "submitted_at": SENT, "active_seconds": 2.5}
    job = import_rows(
        world.place(world.mara), [row("first"), item(review(-2, **told), prompt="Q")], world.now, source="s"
    )  # fmt: skip
    found = Review.objects.select_related("rater", "body", "source").get()
    assert (found.external_id, found.source.name, found.rater.external_key) == ("x", "s", "r1")
    assert (found.order_shown, found.order_known) == ([2, 1], True)
    assert found.submitted_at == dt.datetime.fromisoformat(SENT)
    assert (found.received_at, found.active_ms) == (world.now, 2500)
    assert (found.import_job, found.import_row) == (job, 2)
    assert (found.kind, found.occasion, found.revision, found.surplus) == ("primary", 1, 1, False)
    assert (found.agreement, found.assignment) == (None, None)
    assert bytes(found.body_sha256).hex() == body_hash(found.body.body)


def test_what_a_review_does_not_say_is_unknown(world: World) -> None:
    import_rows(world.place(world.mara), [item(review(1, rater="r1"))], world.now)
    found = Review.objects.get()
    assert (found.order_shown, found.order_known, found.active_ms) == ([], False, None)
    assert (found.external_id, found.shown_at, found.submitted_at) == (None, None, world.now)


def test_an_import_states_on_what_terms_its_reviews_were_given(world: World) -> None:
    job = import_rows(
        world.place(world.mara),
        [item(review(1, rater="r1"))],
        world.now,
        consent="CC-BY, crowd contract 7",
    )
    assert job.consent == "CC-BY, crowd contract 7"
    assert Review.objects.get().import_job == job


def test_a_review_is_known_by_its_id_within_the_source(world: World) -> None:
    place = world.place(world.mara)
    import_rows(place, [item(review(1, rater="r1", id="x"))], world.now, source="s")
    same = import_rows(place, [item(review(1, rater="r1", id="x"))], world.now, source="s")
    assert counts(same, "reviews") == (0, 0, 1, 0)
    other = import_rows(place, [item(review(3, rater="r1", id="x"))], world.now, source="s")
    assert counts(other, "reviews") == (0, 0, 0, 1)
    assert rejections(other) == [(1, "review", 1, "review_id_conflict")]
    elsewhere = import_rows(place, [item(review(3, rater="r1", id="x"))], world.now, source="t")
    assert counts(elsewhere, "reviews") == (1, 0, 0, 0)


def test_who_says_something_else_about_an_item_again_says_it_on_another_occasion(
    world: World,
) -> None:
    place = world.place(world.mara)
    rows = [item(review(1, rater="r1"), review(2, rater="r1")), item(review(1, rater="r1"))]
    job = import_rows(place, rows, world.now, source="s")
    assert counts(job, "reviews") == (2, 0, 1, 0)
    import_rows(place, [item(review(-3, rater="r1"))], world.now, source="s")
    occasions = Review.objects.order_by("pk").values_list("occasion", "revision")
    assert list(occasions) == [(1, 1), (2, 1), (3, 1)]


def test_raters_are_told_apart_by_source_and_name(world: World) -> None:
    place = world.place(world.mara)
    kinds = [
        review(1, rater="r1"),
        review(2, rater="judge", rater_kind="model"),
        review(3, rater_kind="unknown"),
        review(2, rater_kind="unknown"),
    ]
    import_rows(place, [item(*kinds)], world.now, source="s")
    import_rows(place, [item(review(-1, rater="r1"))], world.now, source="t")
    raters = Rater.objects.exclude(source=None).order_by("pk")
    known = sorted((r.source.name, r.external_key, r.rater_kind) for r in raters)
    assert known == [
        ("s", "", "unknown"),
        ("s", "judge", "model"),
        ("s", "r1", "imported"),
        ("t", "r1", "imported"),
    ]
    unknown = Review.objects.filter(rater__rater_kind="unknown").order_by("pk")
    assert [each.occasion for each in unknown] == [1, 2]


def test_a_member_and_an_imported_person_of_the_same_name_are_two(world: World) -> None:
    import_rows(world.place(world.mara), [item(review(1, rater="ana@example.org"))], world.now)
    assert Review.objects.get().rater.user is None


def test_ratings_make_votes_and_answers(world: World) -> None:
    rated = {"rater": "r1", "answers": {"accuracy": {"1": 5, "2": 1}, "answers": {"1": 3, "2": 3}}}
    import_rows(world.place(world.mara), [item(rated)], world.now)
    votes = Vote.objects.order_by("question").values_list("question", "outcome")
    assert list(votes) == [("accuracy", 3), ("answers", 0)]
    numbers = Answer.objects.order_by("question", "response__position")
    assert [answer.number for answer in numbers] == [5, 1, 3, 3]


def test_cannot_judge_is_a_review_without_votes(world: World) -> None:
    refusal = {"rater": "r1", "cannot_judge": {"reason": "bad_task", "note": "Nonsense."}}
    job = import_rows(world.place(world.mara), [item(refusal)], world.now)
    assert counts(job, "reviews") == (1, 0, 0, 0)
    assert not Vote.objects.exists()


def test_a_review_that_does_not_fit_the_form_is_refused_alone_and_by_its_number(
    world: World,
) -> None:
    given = [
        review(9, rater="r1"),
        review(1, rater="r2"),
        {"rater": "r3", "answers": {"mood": "fine"}},
        {"rater": "r4", "answers": {"preference": []}},
        {"rater": "r5", "answers": {"accuracy": {"1": 77}}},
    ]
    job = import_rows(world.place(world.mara), [item(*given)], world.now)
    assert counts(job, "items") == (1, 0, 0, 0)
    assert counts(job, "reviews") == (1, 0, 0, 4)
    refused = rejections(job)
    assert [(row, scope, number) for row, scope, number, _ in refused] == [
        (1, "review", 1),
        (1, "review", 3),
        (1, "review", 4),
        (1, "review", 5),
    ]
    assert all(each.sentence for each in job.rejections.all())
    assert [bool(each.raw) for each in job.rejections.order_by("pk")] == [True, False, False, False]


def test_numbers_of_reviews_are_those_of_the_file_when_the_reader_refused_some(
    world: World,
) -> None:
    given = [{"rater": "r1"}, review(9, rater="r2"), review(1, rater="r3")]
    job = import_rows(world.place(world.mara), [item(*given)], world.now)
    assert counts(job, "reviews") == (1, 0, 0, 2)
    assert sorted(number for _, _, number, _ in rejections(job)) == [1, 2]


def test_more_reviews_than_places_all_count_and_leave_the_item_settled(world: World) -> None:
    place = world.place(world.mara)
    import_rows(place, [item(*(review(1, rater=f"r{n}") for n in range(9)))], world.now)
    found = Item.objects.get()
    assert (found.wanted, found.given, found.cap) == (3, 9, 9)


def test_imported_reviews_and_those_of_the_desk_fill_the_same_places(world: World) -> None:
    place = world.place(world.mara)
    import_rows(place, [item(review(1, rater="r1"))], world.now, source="s")
    begun = claim(world, world.ana)
    more = [review(1, rater=f"r{n}") for n in range(4)]
    import_rows(place, [item(*more)], world.now, source="s")
    send(world, world.ana, begun)
    found = Item.objects.get()
    assert (found.given, found.leased) == (5, 0)
    assert Review.objects.filter(surplus=True).count() == 0


def test_a_checklist_is_scored_by_the_rubric_that_its_item_brings(world: World) -> None:
    kind = next(kind for kind in KINDS if kind.name == "checklist")
    project = make_project(world.ines, world.workspace, world.now, name="C", domain=kind.domain)
    place = world.place(world.ines, project)
    projects.publish_form(place=place, schema=kind.form, now=world.now)
    marks = {
        "1": {"c1": "yes", "c2": "no", "c3": "no"},
        "2": {"c1": "yes", "c2": "yes", "c3": "yes"},
    }
    rubric = {
        "title": "Rubric",
        "kind": "rubric",
        "text": "10: Names it\n5: States it\n-15: Invents",
    }
    good = {**kind.row("7"), "context": [rubric]}
    bad = {"rater": "r2", "answers": {"rubric": {"1": {"c4": "yes"}}}}
    good["reviews"] = [{"rater": "r1", "answers": {"rubric": marks}}, bad]
    job = import_rows(place, [good], world.now)
    assert counts(job, "reviews")[0] == 1
    assert rejections(job) == [(1, "review", 2, "unknown_choice")]
    scores = Answer.objects.filter(question="rubric").order_by("response__position")
    assert list(scores.values_list("response__position", "number")) == [(1, 0.666667), (2, 0.0)]
