"""A person says whether two near-equal texts are the same; runs from then on keep to it."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from curation.models import NearPair
from feedback.access import ProjectPlace
from feedback.actions.archiving import refuse_archived


@transaction.atomic
def decide_pair(
    *,
    place: ProjectPlace,
    pair: NearPair,
    verdict: str,
    reason: str = "",
    whole_cluster: bool = False,
    now: dt.datetime,
) -> int:
    """Write the verdict on a pair; with `whole_cluster` on every pair of its cluster that still waits. Returns on how many.

    A later verdict takes the place of an earlier one. Finished runs keep what they froze.
    """
    refuse_archived(place.project)
    rows = NearPair.objects.filter(project=place.project)
    changed = rows.filter(pk=pair.pk)
    if whole_cluster:
        waiting = rows.filter(kind=pair.kind, cluster=pair.cluster, verdict="")
        changed = changed | waiting
    return changed.update(verdict=verdict, reason=reason, decided_by=place.user, decided_at=now)
