"""Evaluation sets of a project, and their texts as what is searched for."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from curation.late import np
from curation.methods.contamination import EvaluationText, Index
from curation.models import EvaluationSet
from curation.models import EvaluationText as Row
from feedback.models import Project


def sets_of(project: Project) -> QuerySet[EvaluationSet]:
    """Every set of a project, retired ones too."""
    return EvaluationSet.objects.filter(project=project).select_related("created_by")


def digests_of(project: Project) -> list[str]:
    """The hashes of the sets in force, sorted: what a run freezes."""
    rows = sets_of(project).filter(retired_at=None).values_list("sha256", flat=True)
    return sorted(bytes(sha).hex() for sha in rows)


def index_of(project: Project, digests: Iterable[str]) -> Index:
    """The texts of the sets that a run froze, ready to be searched for; retired meanwhile or not."""
    wanted = [bytes.fromhex(each) for each in digests]
    # The same content may have been registered twice; one of them is enough.
    ids = EvaluationSet.objects.filter(project=project, sha256__in=wanted)
    first = ids.order_by("sha256", "pk").distinct("sha256").values_list("pk", flat=True)
    rows = Row.objects.filter(set__in=list(first)).order_by("set_id", "number")
    return Index.of(
        [
            EvaluationText(set=of, name=name, windows=np.frombuffer(bytes(windows), dtype="<u8"))
            for of, name, windows in rows.values_list("set__name", "name", "windows").iterator(
                chunk_size=2000
            )
        ]
    )
