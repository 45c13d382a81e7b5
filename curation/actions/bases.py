"""Which finished runs a new one may go on from, and why none may."""

from __future__ import annotations

from dataclasses import dataclass

from curation.models import Run
from curation.scored import question_kinds
from feedback.models import Project

from .recipes import recipe_of
from .start_run import changed_since, frozen_facts

MOST = 3  # recipe versions that are looked at, those of the latest runs
NONE_YET = "No run of this project has finished yet."


@dataclass(frozen=True)
class Bases:
    """`runs` may be gone on from, the latest first; without any `why_not` is a sentence."""

    runs: list[Run]
    why_not: str


def bases_of(project: Project) -> Bases:
    """The latest run of each recipe version that has left its state, and is made of what a run begun now would be made of."""
    full = Run.objects.filter(project=project, state=Run.State.FINISHED, base=None)
    latest = (
        full.exclude(keeps="")
        .order_by("recipe_version_id", "-number")
        .distinct("recipe_version_id")
        .select_related("recipe_version__recipe")
    )
    rows = sorted(latest, key=lambda run: -run.number)[:MOST]
    if not rows:
        return Bases([], NONE_YET)
    why = {run.number: _why_not(run, project) for run in rows}
    fit = [run for run in rows if not why[run.number]]
    return Bases(fit, "" if fit else why[rows[0].number])


def _why_not(run: Run, project: Project) -> str:
    questions = recipe_of(run.recipe_version).questions_of(question_kinds(project))
    return changed_since(run, frozen_facts(project, run.recipe_version, list(questions)))
