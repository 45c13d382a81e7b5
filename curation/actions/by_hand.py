"""A person's word over pairs: released or held, with a reason, kept across runs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction

from curation.models import Decision, RunPair
from curation.queries.by_hand import decisions_in_force
from curation.stages import FINAL
from feedback.access import ProjectPlace
from feedback.actions.archiving import refuse_archived
from feedback.errors import Invalid, Refusal
from feedback.models import Project

MOST_PAIRS = 200
LONGEST_REASON = 400


class NotReleasable(Refusal):
    """What is not for training, prefers neither response or stands in two splits cannot be released by hand."""

    code = "not_releasable"


@transaction.atomic
def decide_by_hand(
    *,
    place: ProjectPlace,
    rows: Sequence[RunPair],
    action: Decision.Action,
    reason: str,
    now: dt.datetime,
) -> list[Decision]:
    """Say what becomes of pairs, as a run showed them, in every run begun from now on; the latest word counts.

    The same word again, with the same reason, is no new decision. Raises Invalid without a reason, NotReleasable.
    """
    project = Project.objects.select_for_update().get(pk=place.project.pk)
    refuse_archived(project)
    why = " ".join(reason.split())
    _check(rows, action, why)
    force = decisions_in_force(project, [bytes(row.pair.pair_hash) for row in rows])
    made = []
    for row in rows:
        known = force.get(bytes(row.pair.pair_hash))
        if known is None or (known.action, known.reason) != (action, why):
            known = Decision.objects.create(
                workspace_id=project.workspace_id,
                pair=row.pair,
                action=action,
                reason=why,
                decided_at=now,
                decided_by=place.user,
            )
        made.append(known)
    return made


def _check(rows: Sequence[RunPair], action: Decision.Action, why: str) -> None:
    if not why or len(why) > LONGEST_REASON:
        sentence = f"Say why, in at most {LONGEST_REASON} characters."
        problem = {"field": "reason", "path": "reason", "code": "no_reason", "sentence": sentence}
        raise Invalid(sentence, problems=[problem])
    fixed = [row for row in rows if row.held and row.reason in FINAL - {"held_by_hand"}]
    if action == Decision.Action.RELEASE and fixed:
        raise NotReleasable
