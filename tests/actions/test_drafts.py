from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from feedback import access
from feedback.actions import drafts, leases
from feedback.actions.drafts import DraftMoved, Saved
from feedback.errors import Invalid
from feedback.models import Assignment, Draft
from feedback.queries.desk import desk_item
from tests.steps import claim, send
from tests.world import World, make_item, make_world

MINUTE = dt.timedelta(minutes=1)


def words(text: str) -> dict[str, Any]:
    return {"answers": {"why": text}, "cannot_judge": None}


@pytest.fixture
def assignment(world: World) -> Assignment:
    make_item(world.project)
    return claim(world, world.ana)


def save(
    world: World,
    assignment: Assignment,
    text: str,
    based_on: int,
    now: dt.datetime | None = None,
) -> Saved:
    return drafts.save_draft(
        place=world.place(world.ana),
        assignment=assignment,
        slots=words(text),
        based_on=based_on,
        now=now or world.now,
    )


def test_each_save_counts_one_revision(world: World, assignment: Assignment) -> None:
    assert [save(world, assignment, text, n).revision for n, text in enumerate("abc")] == [1, 2, 3]
    assert Draft.objects.get().body["answers"] == {"why": "c"}


def test_a_repeated_save_is_answered_as_the_first_was(world: World, assignment: Assignment) -> None:
    assert save(world, assignment, "a", 0).revision == 1
    assert save(world, assignment, "b", 1).revision == 2
    assert save(world, assignment, "b", 1).revision == 2
    assert Draft.objects.get().revision == 2


@pytest.mark.parametrize("based_on", [0, 1, 3])
def test_a_save_based_on_another_revision_is_refused_and_says_which_is_there(
    world: World, assignment: Assignment, based_on: int
) -> None:
    save(world, assignment, "a", 0)
    save(world, assignment, "b", 1)
    with pytest.raises(DraftMoved) as refusal:
        save(world, assignment, "other", based_on)
    assert refusal.value.fields["revision"] == 2
    assert Draft.objects.get().body["answers"] == {"why": "b"}


def test_a_draft_may_lack_everything_but_not_be_wrong(world: World, assignment: Assignment) -> None:
    place = world.place(world.ana)
    empty = {"answers": {}, "cannot_judge": None}
    drafts.save_draft(place=place, assignment=assignment, slots=empty, based_on=0, now=world.now)
    wrong = {"answers": {"accuracy": {"A": 9}}, "cannot_judge": None}
    with pytest.raises(Invalid):
        drafts.save_draft(
            place=place, assignment=assignment, slots=wrong, based_on=1, now=world.now
        )
    assert Draft.objects.get().body == empty


def test_a_draft_comes_back_by_the_letters_it_was_written_with(
    world: World, assignment: Assignment
) -> None:
    place = world.place(world.ana)
    slots = {"answers": {"accuracy": {"A": 5, "B": 1}}, "cannot_judge": None}
    drafts.save_draft(place=place, assignment=assignment, slots=slots, based_on=0, now=world.now)
    shown = desk_item(access.assignment(place, assignment.public_id))
    assert shown.draft["answers"]["accuracy"] == {"A": 5, "B": 1}
    assert shown.draft_revision == 1


def test_saving_renews_the_hold(world: World, assignment: Assignment) -> None:
    later = world.now + 20 * MINUTE
    saved = save(world, assignment, "a", 0, later)
    assert saved.leased_until == later + world.project.lease_minutes * MINUTE
    # A clock that runs behind never shortens it.
    assert save(world, assignment, "b", 1, world.now).leased_until == saved.leased_until


def test_after_the_hold_ran_out_words_are_kept_and_the_desk_is_told(
    world: World, assignment: Assignment
) -> None:
    late = world.now + 31 * MINUTE
    assert save(world, assignment, "a", 0, late).leased_until is None
    leases.sweep_leases(now=late)
    assert save(world, assignment, "b", 1, late).leased_until is None
    assert Draft.objects.get().body["answers"] == {"why": "b"}


def test_after_the_review_was_sent_a_draft_holds_nothing(
    world: World, assignment: Assignment
) -> None:
    send(world, world.ana, assignment)
    assert save(world, assignment, "a change", 0).leased_until is None


@pytest.mark.django_db(transaction=True)
def test_of_many_tabs_saving_at_once_one_wins_and_none_is_lost_in_silence(
    now: dt.datetime,
) -> None:
    world = make_world(now)
    make_item(world.project)
    assignment = claim(world, world.ana)

    def tab(number: int) -> str:
        try:
            save(world, assignment, f"tab {number}", 0)
        except DraftMoved:
            return "told"
        finally:
            connections.close_all()
        return "saved"

    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(tab, range(6)))
    assert outcomes.count("saved") == 1
    assert Draft.objects.get().body["answers"]["why"] == f"tab {outcomes.index('saved')}"
