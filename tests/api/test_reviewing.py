from __future__ import annotations

import datetime as dt
import uuid

import psycopg
import pytest
from django.utils import timezone

from feedback import access
from feedback.actions import leases
from feedback.actions.claim import claim_next
from feedback.actions.submit import Effort, submit_review
from feedback.models import Assignment, Flag, Item, Project, Review, Scope
from tests.api.calls import Caller, by_key, by_session, faults, refused
from tests.world import FULL, World, make_item


@pytest.fixture
def ana(world: World) -> Caller:
    return by_key(world, world.ana, Scope.REVIEWS_WRITE)


def claimed(caller: Caller, at: str) -> str:
    """The address of the caller's next item."""
    return f"{at}/assignments/{caller.post(f'{at}/next').json()['assignment']}"


def later(minutes: int) -> None:
    """As if every hold had been given out so long ago."""
    past = dt.timedelta(minutes=minutes)
    for row in Assignment.objects.all():
        row.claimed_at -= past
        row.shown_at = row.shown_at and row.shown_at - past
        row.leased_until -= past
        row.save()


def test_the_next_item_is_held_and_the_same_until_it_is_sent(
    world: World, at: str, ana: Caller
) -> None:
    first, second = make_item(world.project, rank=1), make_item(world.project, rank=2)
    desk = ana.post(f"{at}/next").json()
    assert ana.post(f"{at}/next").json()["assignment"] == desk["assignment"]
    assert desk["state"] == "open"
    assert dt.datetime.fromisoformat(desk["leased_until"]) > timezone.now()
    assert [slot["letter"] for slot in desk["slots"]] == ["A", "B"]
    assert desk["form"]["questions"][0]["type"] == "preference"
    assert desk["draft"] == {
        "body": {"answers": {}, "cannot_judge": None},
        "revision": 0,
        "saved_at": None,
    }
    sent = ana.post(f"{at}/assignments/{desk['assignment']}/review", {"body": FULL})
    assert sent.status_code == 201
    assert ana.post(f"{at}/next").json()["assignment"] != desk["assignment"]
    assert Item.objects.get(pk=first.pk).given == 1
    assert Item.objects.get(pk=second.pk).leased == 1


def test_the_item_behind_is_had_ready_and_nothing_left_is_204(
    world: World, at: str, ana: Caller
) -> None:
    make_item(world.project)
    current = ana.post(f"{at}/next").json()["assignment"]
    response = ana.post(f"{at}/next", {"ahead": True})
    assert (response.status_code, response.content) == (204, b"")
    make_item(world.project)
    behind = ana.post(f"{at}/next", {"ahead": True}).json()["assignment"]
    assert behind != current
    assert faults(ana.post(f"{at}/next", {"ahead": "perhaps"})) == [("ahead", "invalid")]


def test_an_assignment_is_ones_own_alone(world: World, at: str, ana: Caller) -> None:
    make_item(world.project)
    path = claimed(ana, at)
    assert ana.get(path).json()["slots"][1]["letter"] == "B"
    for other in (by_key(world, world.ben), by_key(world, world.mara), by_key(world, world.ines)):
        refused(other.get(path), 404, "not_found")
        refused(other.post(f"{path}/review", {"body": FULL}), 404, "not_found")
    refused(ana.get(f"{at}/assignments/{uuid.uuid4()}"), 404, "not_found")


def test_a_draft_is_saved_against_the_revision_it_was_edited_from(
    world: World, at: str, ana: Caller
) -> None:
    make_item(world.project)
    path = claimed(ana, at)
    begun = {"answers": {"why": "Because A"}, "cannot_judge": None}
    saved = ana.put(f"{path}/draft", {"body": begun, "based_on": 0}).json()
    assert saved["revision"] == 1
    assert dt.datetime.fromisoformat(saved["leased_until"]) > timezone.now()
    assert ana.get(path).json()["draft"]["body"] == begun
    assert ana.put(f"{path}/draft", {"body": begun, "based_on": 0}).json()["revision"] == 1
    other = {"answers": {"why": "Another tab"}, "cannot_judge": None}
    moved = refused(ana.put(f"{path}/draft", {"body": other, "based_on": 0}), 409, "draft_moved")
    assert moved["revision"] == 1
    assert ana.get(path).json()["draft"]["body"] == begun
    assert ana.put(f"{path}/draft", {"body": other, "based_on": 1}).json()["revision"] == 2


def test_a_draft_is_kept_when_the_hold_has_run_out(world: World, at: str, ana: Caller) -> None:
    make_item(world.project)
    path = claimed(ana, at)
    later(120)
    leases.sweep_leases(now=timezone.now())
    begun = {"answers": {"why": "Back from lunch"}, "cannot_judge": None}
    assert ana.put(f"{path}/draft", {"body": begun, "based_on": 0}).json()["leased_until"] is None
    assert ana.get(path).json()["state"] == "expired"
    assert ana.get(path).json()["draft"]["body"] == begun


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"based_on": 0}, "body"),
        ({"body": {}, "based_on": -1}, "based_on"),
        ({"body": {}}, "based_on"),
        ({"body": {"answers": {"why": 3}}, "based_on": 0}, "answers.why"),
        ({"body": {"answers": {"why": "a\x00b"}}, "based_on": 0}, "answers.why"),
        ({"body": {"answers": {"colour": "red"}}, "based_on": 0}, ""),
        ({"body": [], "based_on": 0}, ""),
    ],
)
def test_a_draft_of_the_wrong_shape_is_refused(
    world: World, at: str, ana: Caller, body: object, where: str
) -> None:
    make_item(world.project)
    assert [place for place, _ in faults(ana.put(f"{claimed(ana, at)}/draft", body))] == [where]


def test_a_review_is_stored_once_however_often_it_is_sent(
    world: World, at: str, ana: Caller
) -> None:
    make_item(world.project)
    path = claimed(ana, at)
    first = ana.post(f"{path}/review", {"body": FULL, "active_ms": 5})
    again = ana.post(f"{path}/review", {"body": FULL})
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == {**first.json(), "repeated": True}
    other = {**FULL, "answers": {**FULL["answers"], "accuracy": {"A": 1, "B": 1}}}
    refused(ana.post(f"{path}/review", {"body": other}), 409, "already_sent")
    assert Review.objects.count() == 1


def test_a_review_that_lacks_answers_lists_them(world: World, at: str, ana: Caller) -> None:
    make_item(world.project)
    path = claimed(ana, at)
    found = faults(ana.post(f"{path}/review", {"body": {"answers": {}, "cannot_judge": None}}))
    assert ("answers.preference", "answer_missing") in found
    assert len(found) >= 4
    refused(ana.post(f"{path}/review", {"body": "x"}), 422, "invalid")
    assert faults(ana.post(f"{path}/review", {"body": FULL, "active_ms": -1})) == [
        ("active_ms", "min_value")
    ]
    assert not Review.objects.exists()


def test_cannot_judge_is_an_answer(world: World, at: str, ana: Caller) -> None:
    make_item(world.project)
    body = {
        "answers": {},
        "cannot_judge": {"reason": "missing_context", "note": "No statute attached."},
    }
    assert ana.post(f"{claimed(ana, at)}/review", {"body": body}).status_code == 201


def test_active_time_is_no_longer_than_our_clock_allows(world: World, at: str, ana: Caller) -> None:
    make_item(world.project)
    path = claimed(ana, at)
    later(10)
    ana.post(f"{path}/review", {"body": FULL, "active_ms": 2**31 - 1})
    stored = Review.objects.get().active_ms
    assert 600_000 <= stored < 660_000


def test_effort_is_taken_and_shown_to_managers_by_position(
    world: World, at: str, ana: Caller
) -> None:
    make_item(world.project)
    path = claimed(ana, at)
    effort = {"first_input_ms": 0, "typed": 96, "pasted": 12, "reading": {"B": 0, "prompt": 0}}
    sent = {"body": FULL, "active_ms": 5, "effort": effort}
    assert ana.post(f"{path}/review", sent).status_code == 201
    shown = Review.objects.get().effort
    second = str(Review.objects.get().order_shown[1])
    assert (shown.typed, shown.pasted, shown.reading) == (96, 12, {second: 0, "prompt": 0})
    assert faults(ana.post(f"{path}/review", {"body": FULL, "effort": {"typed": -1}})) == [
        ("effort.typed", "min_value")
    ]


def test_a_late_review_is_stored_and_says_that_it_is_surplus(
    world: World, at: str, ana: Caller
) -> None:
    make_item(world.project, wanted=1)
    path = claimed(ana, at)
    later(120)
    leases.sweep_leases(now=timezone.now())
    ben = by_key(world, world.ben)
    assert ben.post(f"{claimed(ben, at)}/review", {"body": FULL}).json()["surplus"] is False
    assert ana.post(f"{path}/review", {"body": FULL}).json()["surplus"] is True


def test_a_skipped_item_goes_to_somebody_else(world: World, at: str, ana: Caller) -> None:
    make_item(world.project, wanted=1)
    path = claimed(ana, at)
    for _ in range(2):
        assert ana.post(f"{path}/skip", {"reason": "outside_expertise"}).status_code == 204
    assert ana.post(f"{at}/next").status_code == 204
    assert by_key(world, world.ben).post(f"{at}/next").status_code == 200
    assert faults(ana.post(f"{path}/skip", {"reason": "bored"})) == [("reason", "invalid_choice")]
    assert faults(ana.post(f"{path}/skip", {"reason": "other", "note": "x" * 2001})) == [
        ("note", "max_length")
    ]


def test_a_sent_item_cannot_be_skipped(world: World, at: str, ana: Caller) -> None:
    make_item(world.project)
    path = claimed(ana, at)
    ana.post(f"{path}/review", {"body": FULL})
    refused(ana.post(f"{path}/skip", {"reason": "other"}), 409, "not_held")


def test_a_flag_reaches_the_manager(world: World, at: str, ana: Caller) -> None:
    make_item(world.project)
    path = claimed(ana, at)
    body = {"reason": "names_model", "note": "It says it is a model."}
    first, again = ana.post(f"{path}/flag", body), ana.post(f"{path}/flag", body)
    assert first.status_code == 201
    assert first.json() == again.json() == {"flag": str(Flag.objects.get().public_id)}
    assert faults(ana.post(f"{path}/flag", {"reason": "dull"})) == [("reason", "invalid_choice")]


def test_a_hold_is_renewed_and_had_again_after_it_ran_out(
    world: World, at: str, ana: Caller
) -> None:
    make_item(world.project)
    path = claimed(ana, at)
    later(20)
    ten_minutes = Assignment.objects.get().leased_until
    renewed = dt.datetime.fromisoformat(ana.post(f"{path}/hold").json()["leased_until"])
    assert renewed > ten_minutes + dt.timedelta(minutes=15)
    later(120)
    lapsed = dt.datetime.fromisoformat(ana.post(f"{path}/hold").json()["leased_until"])
    assert lapsed > timezone.now()
    later(120)
    leases.sweep_leases(now=timezone.now())
    again = dt.datetime.fromisoformat(ana.post(f"{path}/hold").json()["leased_until"])
    assert again > timezone.now()
    assert Item.objects.get().leased == 1


def test_a_hold_on_what_others_took_or_one_has_sent_is_refused(
    world: World, at: str, ana: Caller
) -> None:
    make_item(world.project, wanted=1)
    path = claimed(ana, at)
    later(120)
    leases.sweep_leases(now=timezone.now())
    ben = by_key(world, world.ben)
    bens = claimed(ben, at)
    refused(ana.post(f"{path}/hold"), 409, "taken_meanwhile")
    ben.post(f"{bens}/review", {"body": FULL})
    refused(ben.post(f"{bens}/hold"), 409, "not_held")


def test_ones_own_reviews_come_latest_first_and_by_letters(
    world: World, at: str, ana: Caller
) -> None:
    for _ in range(3):
        make_item(world.project)
    sent = [
        ana.post(f"{claimed(ana, at)}/review", {"body": FULL}).json()["review"] for _ in range(3)
    ]
    page = ana.get("/reviews", limit=2).json()
    rest = ana.get("/reviews", limit=2, after=page["after"]).json()
    rows = page["rows"] + rest["rows"]
    assert [row["id"] for row in rows] == sent[::-1]
    assert rest["after"] is None
    assert rows[0]["body"] == FULL
    assert (rows[0]["workspace"], rows[0]["project"]) == ("northgate", "chat")
    until = dt.datetime.fromisoformat(rows[0]["changeable_until"])
    assert until - timezone.now() > dt.timedelta(hours=23)
    assert ana.get(f"{at}/assignments/{rows[0]['assignment']}").json()["state"] == "submitted"
    assert by_key(world, world.ben).get("/reviews").json()["rows"] == []


def test_reviews_sent_at_one_moment_come_once_each_over_the_pages(
    world: World, at: str, ana: Caller
) -> None:
    for rank in range(5):
        make_item(world.project, rank=rank)
        place = world.place(world.ana)
        assignment = access.assignment(place, claim_next(place=place, now=world.now).public_id)
        submit_review(
            place=place, assignment=assignment, slots=FULL, effort=Effort(), now=world.now
        )
    seen, after = [], ""
    while after is not None:
        page = ana.get("/reviews", limit=2, after=after).json()
        seen += [row["id"] for row in page["rows"]]
        after = page["after"]
    assert len(seen) == len(set(seen)) == 5


def test_ones_own_reviews_need_the_scope_and_stay_in_the_keys_workspace(
    world: World, at: str, ana: Caller
) -> None:
    make_item(world.project)
    ana.post(f"{claimed(ana, at)}/review", {"body": FULL})
    refused(by_key(world, world.mara, Scope.ITEMS_READ).get("/reviews"), 403, "not_allowed")
    membership = world.place(world.ana).membership
    membership.ended_at = world.now
    membership.save()
    assert by_session(world.ana).get("/reviews").json()["rows"] == []


def test_a_review_is_changed_within_its_window_and_the_old_one_stays(
    world: World, at: str, ana: Caller
) -> None:
    make_item(world.project)
    review = ana.post(f"{claimed(ana, at)}/review", {"body": FULL}).json()["review"]
    other = {**FULL, "answers": {**FULL["answers"], "accuracy": {"A": 1, "B": 1}}}
    changed = ana.put(f"{at}/reviews/{review}", {"body": other})
    assert (changed.status_code, changed.json()["repeated"]) == (200, False)
    assert ana.put(f"{at}/reviews/{review}", {"body": other}).json() == {
        **changed.json(),
        "repeated": True,
    }
    rows = ana.get("/reviews").json()["rows"]
    assert [(row["revision"], row["body"] == other) for row in rows] == [(2, True)]
    assert Review.objects.count() == 2
    Project.objects.update(edit_hours=0)
    refused(ana.put(f"{at}/reviews/{review}", {"body": FULL}), 409, "too_late_to_change")
    refused(
        by_key(world, world.ben).put(f"{at}/reviews/{review}", {"body": FULL}), 404, "not_found"
    )
    assert faults(ana.put(f"{at}/reviews/{review}", {"body": {}}))


def test_who_does_not_review_here_is_told_how_to(world: World, at: str) -> None:
    make_item(world.project)
    body = refused(by_key(world, world.mara).post(f"{at}/next"), 403, "not_allowed")
    assert "Add yourself under People" in body["detail"]


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every statement the database gets, prepared ones too, which Django's own count does not see."""
    seen: list[object] = []
    execute = psycopg.Cursor.execute

    def counted(cursor, query, *args, **kwargs):
        seen.append(query)
        return execute(cursor, query, *args, **kwargs)

    monkeypatch.setattr(psycopg.Cursor, "execute", counted)
    return seen


def test_an_item_that_comes_back_to_its_reviewer_brings_the_draft_along(
    world: World, at: str, ana: Caller
) -> None:
    make_item(world.project)
    path = claimed(ana, at)
    begun = {"answers": {"why": "Half a sentence"}}
    assert ana.put(f"{path}/draft", {"body": begun, "based_on": 0}).status_code == 200
    later(minutes=60)
    leases.sweep_leases(now=timezone.now())
    again = ana.post(f"{at}/next").json()
    assert path.endswith(again["assignment"])
    assert again["draft"]["body"]["answers"]["why"] == "Half a sentence"
    assert again["draft"]["revision"] == 1


def test_the_hot_routes_stay_cheap(
    world: World, at: str, ana: Caller, statements: list[object]
) -> None:
    """The key, the project, then what the route is about; two more are the savepoint of a test."""
    for _ in range(3):
        make_item(world.project)
    ana.post(f"{claimed(ana, at)}/review", {"body": FULL})
    statements.clear()
    path = claimed(ana, at)
    assert len(statements) == 6 + 2
    statements.clear()
    assert ana.put(f"{path}/draft", {"body": FULL, "based_on": 0}).status_code == 200
    assert len(statements) == 5 + 2
    statements.clear()
    assert ana.post(f"{path}/review", {"body": FULL}).status_code == 201
    assert len(statements) == 4  # a review is one statement, and needs no transaction around it
