"""What people decided on pairs by hand: the word in force over each, and everything said before."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from curation.models import Decision, Pair
from feedback.models import Project


def decisions_of(project: Project) -> QuerySet[Decision]:
    """Every word of people over pairs of the project, to be paged by `-pk`."""
    rows = Decision.objects.filter(workspace_id=project.workspace_id, pair__project=project)
    return rows.select_related("pair", "decided_by")


def decisions_on(pair: Pair) -> list[Decision]:
    """Everything that was decided on a pair, the latest first. The first one is in force."""
    rows = decisions_of(pair.project).filter(pair__pair_hash=pair.pair_hash)
    return list(rows.order_by("-pk"))


def decisions_in_force(
    project: Project, hashes: Sequence[bytes] | None = None
) -> dict[bytes, Decision]:
    """The latest word over each pair by its hash: of the pairs named, or of all."""
    rows = decisions_of(project)
    if hashes is not None:
        rows = rows.filter(pair__pair_hash__in=hashes)
    latest = rows.order_by("pair__pair_hash", "-pk").distinct("pair__pair_hash")
    return {bytes(row.pair.pair_hash): row for row in latest}


def frozen_decisions(project: Project) -> dict[str, str]:
    """What a run freezes of them: hold or release by the pair's hash as text, in its order."""
    return {
        pair.hex(): decision.action
        for pair, decision in sorted(decisions_in_force(project).items())
        if decision.action != Decision.Action.CLEAR
    }
