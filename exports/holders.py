"""Which versions stand on some reviews, and who holds a copy of them: asked when words are erased."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Count, Q, QuerySet

from curation.models import RunChunk
from exports.models import DatasetVersion
from feedback.models import Workspace


def versions_with(workspace: Workspace, reviews: Sequence[int]) -> QuerySet[DatasetVersion]:
    """Versions made from runs that read any of these reviews, withdrawn ones too; `n_pulls` files of each were fetched."""
    read = RunChunk.objects.filter(
        workspace=workspace, kind=RunChunk.Kind.READ, review_ids__overlap=list(reviews)
    )
    rows = DatasetVersion.objects.filter(
        Q(version_runs__run__in=read.values("run_id"))
        | Q(version_runs__run__base__in=read.values("run_id")),
        workspace=workspace,
    ).exclude(state=DatasetVersion.State.FAILED)
    counted = rows.select_related("dataset").annotate(n_pulls=Count("pulls", distinct=True))
    return counted.order_by("dataset__slug", "major", "minor")
