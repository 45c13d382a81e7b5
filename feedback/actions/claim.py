"""The queue: a reviewer claims the next item, in one statement, exactly once, whatever else happens.

The seat (one row per project and reviewer) is locked first, so that two tabs of one person cannot both claim. An open
assignment is given back before a new one is made. Claims skip rows that others are claiming; a cursor on the seat keeps
the search short when a reviewer is ahead; whatever reopens behind the cursors waits in the front lane; at the end the
cursor wraps to the start, at most every ten seconds, so that no item stays short.
"""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
from dataclasses import dataclass

import orjson
from django.db import transaction

from feedback.access import ProjectPlace
from feedback.errors import NotAllowed, Refusal
from feedback.lookups import ASSIGNMENT_COLUMNS, assignment_in
from feedback.models import Assignment, Project, Role
from feedback.policy.order import MOST_RESPONSES, shown_order
from feedback.statements import run

from .agreements import AgreementNeeded

AHEAD_MINUTES = 10
WRAP_EVERY = dt.timedelta(seconds=10)


class ProjectClosed(Refusal):
    """This project is not handing out items at the moment."""

    code = "project_closed"


class Resting(Refusal):
    """You have paused in this project. Go on when you like: your drafts are where you left them."""

    code = "resting"


@dataclass(frozen=True, slots=True)
class Claim:
    """An open assignment, by its outside name; the row itself where the claim has just written it."""

    public_id: uuid.UUID
    leased_until: dt.datetime
    made: Assignment | None = None

    @property
    def fresh(self) -> bool:
        return self.made is not None


# Who sits where, locked; and in the same look whether they review here and have accepted the agreement in force.
_SIT = """
SELECT s.id, s.at_rank, s.wrapped_at, s.rater_id,
    EXISTS (SELECT 1 FROM feedback_projectreviewer p
            WHERE p.project_id = s.project_id AND p.membership_id = m.id AND p.paused_at IS NULL),
    EXISTS (SELECT 1 FROM feedback_acceptance a WHERE a.membership_id = m.id AND a.agreement_id = (
            SELECT g.id FROM feedback_agreement g WHERE g.workspace_id = m.workspace_id ORDER BY g.version DESC LIMIT 1)),
    EXISTS (SELECT 1 FROM feedback_projectreviewer p
            WHERE p.project_id = s.project_id AND p.membership_id = m.id AND p.resting_since IS NOT NULL)
FROM feedback_membership m
JOIN feedback_rater r ON r.workspace_id = m.workspace_id AND r.user_id = m.user_id AND r.rater_kind = 'member'
JOIN feedback_seat s ON s.project_id = %(project)s AND s.rater_id = r.id
WHERE m.id = %(membership)s
FOR NO KEY UPDATE OF s
"""

_NEW_SEAT = """
INSERT INTO feedback_seat (workspace_id, project_id, rater_id, at_rank)
SELECT m.workspace_id, %(project)s, r.id, -1 FROM feedback_membership m
JOIN feedback_rater r ON r.workspace_id = m.workspace_id AND r.user_id = m.user_id AND r.rater_kind = 'member'
WHERE m.id = %(membership)s
ON CONFLICT (project_id, rater_id) DO NOTHING
"""

# Asked after the seat is locked: a tab that waited for the lock must see what the other tab has claimed.
_OPENED = """
SELECT id, public_id, leased_until FROM feedback_assignment
WHERE rater_id = %(rater)s AND project_id = %(project)s AND state = 'open' AND leased_until > %(now)s
ORDER BY ahead, claimed_at, id LIMIT 2
"""

# Nobody is given what they wrote themselves. That is asked row by row and not as a join: PostgreSQL 15 takes an anti-join
# with few authors for one that leaves nothing over, and then reads and sorts every open row.
_OPEN = """
    i.project_id = %(project)s AND NOT i.held AND i.wanted > i.given + i.leased {lane}
    AND NOT EXISTS (SELECT 1 FROM feedback_assignment a
                    WHERE a.item_id = i.id AND a.rater_id = %(rater)s AND a.kind = 'primary' AND a.state <> 'expired')
    AND coalesce((SELECT false FROM feedback_response w
                  WHERE w.author_id = %(rater)s AND w.revision_id = i.revision_id LIMIT 1), true)
    ORDER BY i.rank LIMIT 1 FOR NO KEY UPDATE OF i SKIP LOCKED
"""

_PICK = f"""
WITH pick AS (
    SELECT * FROM (
        SELECT * FROM (SELECT i.id, i.rank, i.revision_id, i.responses, true AS in_front FROM feedback_item i
                       WHERE {_OPEN.format(lane="AND i.front")}) front_lane
        UNION ALL
        SELECT * FROM (SELECT i.id, i.rank, i.revision_id, i.responses, false FROM feedback_item i
                       WHERE {_OPEN.format(lane="AND i.rank > %(at_rank)s")}) bulk
    ) either LIMIT 1
), up AS (
    UPDATE feedback_item SET leased = leased + 1,
        front = front AND wanted > given + leased + 1
    FROM pick WHERE feedback_item.id = pick.id
), moved AS (
    UPDATE feedback_seat SET at_rank = pick.rank FROM pick
    WHERE feedback_seat.id = %(seat)s AND NOT pick.in_front
), made AS (
INSERT INTO feedback_assignment (public_id, workspace_id, project_id, item_id, revision_id, rater_id, form_id, kind,
    occasion, state, order_shown, propensity, policy_version, ahead, leased_until, claimed_at, shown_at, reason, note)
SELECT %(public_id)s, %(workspace)s, %(project)s, pick.id, pick.revision_id, %(rater)s,
    (SELECT f.id FROM feedback_formversion f WHERE f.project_id = %(project)s ORDER BY f.version DESC LIMIT 1),
    'primary', 1, 'open',
    ARRAY(SELECT jsonb_array_elements_text(%(orders)s::jsonb -> pick.responses)::smallint),
    NULL, 'uniform-1', %(ahead)s::boolean, %(until)s, %(now)s::timestamptz,
    CASE WHEN NOT %(ahead)s::boolean THEN %(now)s::timestamptz END, '', ''
FROM pick
ON CONFLICT (item_id, rater_id, kind, occasion) DO UPDATE
    SET state = 'open', leased_until = excluded.leased_until, claimed_at = excluded.claimed_at, ahead = excluded.ahead,
        closed_at = NULL, shown_at = coalesce(feedback_assignment.shown_at, excluded.shown_at)
RETURNING *
)
SELECT {ASSIGNMENT_COLUMNS} FROM made a
JOIN feedback_formversion f ON f.id = a.form_id LEFT JOIN feedback_draft d ON d.assignment_id = a.id
"""  # noqa: S608  (put together from constants of this module)

_WRAP = "UPDATE feedback_seat SET at_rank = -1, wrapped_at = %(now)s WHERE id = %(seat)s"

_RENEW = """
UPDATE feedback_assignment
SET leased_until = greatest(leased_until, %(until)s), ahead = false, shown_at = coalesce(shown_at, %(now)s)
WHERE id = %(assignment)s RETURNING leased_until
"""


def claim_next(*, place: ProjectPlace, now: dt.datetime, ahead: bool = False) -> Claim | None:
    """The reviewer's next assignment, or None when nothing is left for them.

    Returns the assignment that is already open, if there is one. With `ahead`, returns the one behind it: leased
    briefly, so that it is on the screen the moment the current one is sent.
    Raises AgreementNeeded, NotAllowed, ProjectClosed, Resting.
    """
    if place.project.state != Project.State.OPEN:
        raise ProjectClosed
    with transaction.atomic():
        seat = sit(place)
        opened = [
            _Opened(*row)
            for row in run(
                _OPENED, {"rater": seat.rater_id, "project": place.project.pk, "now": now}
            )
        ]
        ahead = ahead and bool(opened)
        until = now + dt.timedelta(minutes=AHEAD_MINUTES if ahead else place.project.lease_minutes)
        if ahead and len(opened) > 1:
            return Claim(opened[1].public_id, opened[1].leased_until)
        if opened and not ahead:
            # What was given to them by name may be held for days already.
            held = run(_RENEW, {"until": until, "assignment": opened[0].id, "now": now})
            return Claim(opened[0].public_id, held[0][0])
        found = _pick(place, seat, now=now, until=until, ahead=ahead)
        if found is None and seat.may_wrap(now):
            run(_WRAP, {"seat": seat.id, "now": now})
            found = _pick(place, seat.at_start(), now=now, until=until, ahead=ahead)
        return Claim(found.public_id, until, found) if found else None


@dataclass(frozen=True, slots=True)
class Seat:
    """A locked seat."""

    id: int
    at_rank: int
    wrapped_at: dt.datetime | None
    rater_id: int

    def may_wrap(self, now: dt.datetime) -> bool:
        """Not from the start itself, and not again within ten seconds: a wrap looks at everything."""
        return self.at_rank >= 0 and (self.wrapped_at is None or self.wrapped_at + WRAP_EVERY < now)

    def at_start(self) -> Seat:
        return Seat(self.id, -1, self.wrapped_at, self.rater_id)


@dataclass(frozen=True, slots=True)
class _Opened:
    id: int
    public_id: uuid.UUID
    leased_until: dt.datetime


def sit(place: ProjectPlace) -> Seat:
    """Lock the reviewer's seat, made at the first claim.

    Raises NotAllowed for who does not review here, AgreementNeeded for who has not accepted the version in force, Resting.
    """
    who = {"project": place.project.pk, "membership": place.membership.pk}
    rows = run(_SIT, who)
    if not rows:
        run(_NEW_SEAT, who)
        rows = run(_SIT, who)
    *seat, named, agreed, resting = rows[0]
    if not named:
        advice = (
            "Add yourself under People."
            if place.is_at_least(Role.MANAGER)
            else "Ask its manager to add you."
        )
        raise NotAllowed(f"You do not review in this project. {advice}")
    if not agreed:
        raise AgreementNeeded
    if resting:
        raise Resting
    return Seat(*seat)


def _pick(
    place: ProjectPlace, seat: Seat, *, now: dt.datetime, until: dt.datetime, ahead: bool
) -> Assignment | None:
    rows = run(
        _PICK,
        {
            "project": place.project.pk,
            "workspace": place.workspace.pk,
            "rater": seat.rater_id,
            "seat": seat.id,
            "at_rank": seat.at_rank,
            "public_id": uuid.uuid4(),
            "orders": _orders(),
            "ahead": ahead,
            "until": until,
            "now": now,
        },
    )
    return assignment_in(rows[0], place.project) if rows else None


def _orders() -> str:
    """A shown order for every possible number of responses; the statement takes the one that fits the item."""
    draw = secrets.randbits(63)
    return orjson.dumps([shown_order(k, draw) for k in range(MOST_RESPONSES + 1)]).decode()
