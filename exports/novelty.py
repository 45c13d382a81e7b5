"""How new a version is against the one before it. It stands beside the files and not in them: equal runs have equal bytes."""

from __future__ import annotations

from curation.actions.diversity import REPORT
from curation.methods.diversity import novelty, sketch_of
from curation.models import Run, RunReport
from exports.models import DatasetVersion


def novelty_of(version: DatasetVersion, run: Run) -> float | None:
    """The share of five-word phrases that the version published before it in its dataset does not have; None without one."""
    mine = RunReport.objects.filter(run=run, name=REPORT).first()
    before = (
        DatasetVersion.objects.filter(dataset=version.dataset, state=DatasetVersion.State.PUBLISHED)
        .exclude(pk=version.pk)
        .order_by("-major", "-minor")
        .first()
    )
    if mine is None or before is None:
        return None
    theirs = RunReport.objects.filter(run__version_runs__version=before, name=REPORT).first()
    if theirs is None:
        return None
    return novelty(sketch_of(mine.body["measured"]), sketch_of(theirs.body["measured"]))
