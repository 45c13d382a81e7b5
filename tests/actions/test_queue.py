from __future__ import annotations

import datetime as dt
import secrets
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from django.db import connection, connections

from feedback.actions import claim as queue
from feedback.actions import projects
from feedback.actions.claim import claim_next
from feedback.actions.importing.rows import copy_rows, draw_ids
from feedback.errors import NotThere
from feedback.models import Assignment, Item, Membership, Rater, Response, User
from tests.steps import claim, import_rows, row, send
from tests.world import World, add_reviewer, make_item, make_world

LATER = dt.timedelta(seconds=11)
SMALL = {"feedback_formversion", "feedback_seat"}
TYPES = "bigint, bigint, bigint, bigint, bigint, uuid, text, boolean, timestamptz, timestamptz"


def item_of(found: Any) -> int:
    return Assignment.objects.get(public_id=found.public_id).item_id


def test_the_higher_priority_is_handed_out_first(world: World) -> None:
    priorities = [0, 100, -100, 3, 0]
    rows = [row(f"p{n}", prompt=f"Prompt {n}", priority=p) for n, p in enumerate(priorities)]
    import_rows(world.place(world.mara), rows, world.now)
    named = dict(Item.objects.values_list("pk", "record__external_id"))
    order = []
    for _ in priorities:
        found = claim(world, world.ana)
        order.append(named[found.item_id])
        send(world, world.ana, found)
    assert order[:2] == ["p1", "p3"]
    assert set(order[2:4]) == {"p0", "p4"}
    assert order[4] == "p2"


def test_an_urgent_item_reaches_reviewers_who_are_past_its_rank(world: World) -> None:
    place = world.place(world.mara)
    import_rows(place, [row(f"a{n}", prompt=f"Prompt {n}") for n in range(3)], world.now)
    send(world, world.ana, claim(world, world.ana))
    import_rows(place, [row("urgent", prompt="Now!", priority=50)], world.now)
    found = claim(world, world.ana)
    assert Item.objects.get(pk=found.item_id).record.external_id == "urgent"


def test_practice_items_are_not_handed_out(world: World) -> None:
    rows = [row("practice", purpose="practice"), row("gold", prompt="Gold?", purpose="gold")]
    import_rows(world.place(world.mara), rows, world.now)
    found = claim(world, world.ana)
    assert Item.objects.get(pk=found.item_id).purpose == "gold"
    send(world, world.ana, found)
    later = world.now + LATER
    assert claim_next(place=world.place(world.ana), now=later) is None


def test_an_item_that_the_form_cannot_show_waits_until_a_form_can(world: World) -> None:
    place = world.place(world.mara)
    import_rows(place, [row("three", responses=["a", "b", "c"])], world.now)
    assert claim_next(place=world.place(world.ana), now=world.now) is None
    schema = {**place.project.forms.get().schema, "responses": {"min": 2, "max": 4}}
    projects.publish_form(place=place, schema=schema, now=world.now)
    found = claim(world, world.ana)
    assert len(found.order_shown) == 3
    assert found.form.version == 2


def test_items_that_a_new_form_cannot_show_leave_the_queue(world: World) -> None:
    place = world.place(world.mara)
    import_rows(place, [row("two")], world.now)
    schema = {**place.project.forms.get().schema, "responses": {"min": 3, "max": 3}}
    projects.publish_form(place=place, schema=schema, now=world.now)
    assert claim_next(place=world.place(world.ana), now=world.now) is None


@pytest.mark.parametrize("held", [False, True])
def test_a_raised_overlap_reopens_in_the_front_lane(world: World, held: bool) -> None:
    """Settled, or with its last place taken: both lie behind Ben's cursor when they open again."""
    projects.change_project(place=world.place(world.mara), changes={"overlap": 1})
    first, second = make_item(world.project, rank=1), make_item(world.project, rank=2)
    found = claim(world, world.ana)
    if not held:
        send(world, world.ana, found)
    assert item_of(claim(world, world.ben)) == second.pk
    send(world, world.ben, claim(world, world.ben))
    projects.change_project(place=world.place(world.mara), changes={"overlap": 2})
    first.refresh_from_db()
    assert (first.wanted, first.front) == (2, True)
    assert item_of(claim(world, world.ben)) == first.pk


def test_a_lowered_overlap_hands_out_no_more_and_keeps_what_is_there(world: World) -> None:
    item = make_item(world.project, wanted=3)
    send(world, world.ana, claim(world, world.ana))
    place = world.place(world.mara)
    projects.change_project(place=place, changes={"overlap": 1})
    item.refresh_from_db()
    assert (item.wanted, item.given, item.front) == (1, 1, False)
    assert claim_next(place=world.place(world.ben), now=world.now) is None


def test_a_paused_reviewer_is_not_in_the_project_until_they_are_back(world: World) -> None:
    make_item(world.project)
    membership = Membership.objects.get(user=world.ana, workspace=world.workspace)
    place = world.place(world.mara)
    projects.pause_reviewer(place=place, membership=membership, now=world.now)
    with pytest.raises(NotThere):
        world.place(world.ana)
    projects.add_reviewer(place=place, membership=membership, now=world.now)
    assert claim_next(place=world.place(world.ana), now=world.now) is not None


def test_who_was_paused_after_the_page_was_opened_gets_no_item_either(world: World) -> None:
    make_item(world.project)
    opened = world.place(world.ana)
    membership = Membership.objects.get(user=world.ana, workspace=world.workspace)
    projects.pause_reviewer(place=world.place(world.mara), membership=membership, now=world.now)
    with pytest.raises(Exception, match="do not review in this project"):
        claim_next(place=opened, now=world.now)


def test_a_held_item_is_not_handed_out(world: World) -> None:
    make_item(world.project, held=True)
    assert claim_next(place=world.place(world.ana), now=world.now) is None


@pytest.mark.django_db(transaction=True)
def test_with_as_many_reviewers_as_reviews_wanted_no_item_stays_short(now: dt.datetime) -> None:
    """The tightest case: everybody must see everything, so nobody's cursor may leave anything behind. Three times."""
    world = make_world(now)
    people = [User.objects.create_user(email=f"r{i}@example.org", password="x") for i in range(4)]
    for user in people:
        add_reviewer(world, user)
    for _ in range(3):
        Item.objects.update(wanted=0)
        fresh = [make_item(world.project, wanted=4, rank=secrets.randbits(62)) for _ in range(25)]
        with ThreadPoolExecutor(4) as pool:
            done = list(pool.map(lambda user: _until_nothing_is_left(world, user, now), people))
        assert done == [25] * 4
        counts = Item.objects.filter(pk__in=[item.pk for item in fresh])
        assert set(counts.values_list("given", "leased")) == {(4, 0)}


def _until_nothing_is_left(world: World, user: User, now: dt.datetime) -> int:
    done, idle, at = 0, 0, now
    try:
        while idle < 20:
            at += LATER
            found = claim_next(place=world.place(user), now=at)
            idle = 0 if found else idle + 1
            if not found:
                time.sleep(0.01)  # somebody may hold the row for that long; people wait ten seconds
            else:
                send(world, user, Assignment.objects.get(public_id=found.public_id), now=at)
                done += 1
    finally:
        connections.close_all()
    return done


@pytest.fixture
def long_queue(world: World) -> World:
    """20,000 items of which a tenth is open, reviewers far into it, and statistics that know it."""
    revision = make_item(world.project, rank=1).revision_id
    ids = draw_ids(Item, 20_000)
    columns = (
        *("id", "public_id", "workspace_id", "project_id", "revision_id", "purpose", "rank"),
        "responses",
        *("wanted", "given", "leased", "cap", "front", "held"),
    )
    at = (world.workspace.pk, world.project.pk, revision, "train")
    rows = (
        (pk, _uuid(pk), *at, n * 1000, 2, 3, 0 if n % 10 == 0 else 3, 0, 5, n % 500 == 0, False)
        for n, pk in enumerate(ids, start=1)
    )
    copy_rows(Item, columns, rows)
    claim(world, world.ana)
    _fill_tables_beside(world, ids[:10_000])
    with connection.cursor() as cursor:
        for table in ("feedback_item", "feedback_assignment", "feedback_response"):
            cursor.execute(f"ANALYZE {table}")
    return world


def _fill_tables_beside(world: World, item_ids: list[int]) -> None:
    """Assignments of Ben's and responses, as many as a busy project has: a small table is rightly read whole."""
    seat, ben = world.project.seats.get(), Rater.objects.get(user=world.ben)
    one = Assignment.objects.get(rater_id=seat.rater_id)
    at = (world.workspace.pk, world.project.pk)
    columns = (
        *("public_id", "workspace_id", "project_id", "item_id", "revision_id", "rater_id"),
        *("form_id", "kind", "occasion", "state", "order_shown", "policy_version", "ahead"),
        *("leased_until", "claimed_at", "closed_at", "reason", "note"),
    )
    rest = (one.form_id, "primary", 1, "submitted", [1, 2], "uniform-1", False, *[world.now] * 3)
    rows = ((_uuid(pk), *at, pk, one.revision_id, ben.pk, *rest, "", "") for pk in item_ids)
    copy_rows(Assignment, columns, rows)
    told = Response.objects.filter(revision_id=one.revision_id)[0].provenance_id
    columns = (
        *("public_id", "workspace_id", "revision_id", "position", "messages", "text_hash"),
        *("provenance_id", "created_at"),
    )
    rows = (
        (_uuid(n), world.workspace.pk, one.revision_id, n, "[]", b"\x00" * 32, told, world.now)
        for n in range(10, 10_010)
    )
    copy_rows(Response, columns, rows)


def _uuid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def test_a_claim_reads_the_partial_indexes_and_nothing_from_end_to_end(long_queue: World) -> None:
    for mode in ("force_custom_plan", "force_generic_plan"):
        nodes = list(_nodes(_plan(long_queue, mode)))
        scanned = {n["Relation Name"] for n in nodes if n["Node Type"] == "Seq Scan"}
        assert scanned <= SMALL, mode
        assert {"item_open", "item_front"} <= {n.get("Index Name") for n in nodes}, mode


def _plan(world: World, mode: str) -> dict[str, Any]:
    seat = world.project.seats.get()
    values = {
        "project": world.project.pk,
        "workspace": world.workspace.pk,
        "rater": seat.rater_id,
        "seat": seat.pk,
        "at_rank": 10_000_000,
        "public_id": _uuid(1),
        "orders": queue._orders(),
        "ahead": False,
        "until": world.now,
        "now": world.now,
    }
    names = list(values)
    statement = queue._PICK
    for number, name in enumerate(names, start=1):
        statement = statement.replace(f"%({name})s", f"${number}")
    places = ", ".join(["%s"] * len(names))
    with psycopg.ClientCursor(connection.connection) as cursor:
        cursor.execute(f"SET LOCAL plan_cache_mode = {mode}")
        cursor.execute(f"PREPARE pick ({TYPES}) AS {statement}")
        explain = cursor.mogrify(
            f"EXPLAIN (FORMAT JSON) EXECUTE pick ({places})", list(values.values())
        )
        cursor.execute(explain)
        found = cursor.fetchone()
        cursor.execute("DEALLOCATE pick")
    plan: dict[str, Any] = found[0][0]["Plan"]
    return plan


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)
