"""From a number or an id to a run, a pair, a recipe or two near-equal texts, for somebody who manages the project they belong to."""

from __future__ import annotations

import uuid
from typing import TypeVar

from django.db.models import Model, QuerySet

from curation.models import DryRun, EvaluationSet, NearPair, RecipeVersion, Run, RunPair
from curation.queries.dry_runs import dry_runs_of
from curation.queries.evaluation_sets import sets_of
from curation.queries.near_pairs import every_near_pair_of
from curation.queries.pairs import pairs_of
from curation.queries.recipes import versions_of
from curation.queries.runs import runs_of
from feedback.access import ProjectPlace
from feedback.errors import NotAllowed, NotThere
from feedback.models import Role

M = TypeVar("M", bound=Model)


def run(place: ProjectPlace, number: int) -> Run:
    """A run of the project by its number."""
    _check(place)
    return _first(runs_of(place.project).filter(number=number))


def finished_run(place: ProjectPlace, number: int) -> Run:
    """A run that has a result."""
    found = run(place, number)
    if found.state != Run.State.FINISHED:
        raise NotThere
    return found


def run_before(place: ProjectPlace, run: Run) -> Run:
    """The finished run before a run; the run itself where there is none."""
    _check(place)
    rows = runs_of(place.project).filter(state=Run.State.FINISHED, number__lt=run.number)
    return rows.order_by("-number").first() or run


def run_pair(run: Run, public_id: uuid.UUID) -> RunPair:
    """A pair as this run saw it. Whoever has the run may see its pairs."""
    return _first(pairs_of(run).filter(pair__public_id=public_id))


def recipe_version(place: ProjectPlace, slug: str, version: int | None = None) -> RecipeVersion:
    """A version of a recipe of the project; without a number its latest."""
    _check(place)
    rows = versions_of(place.project).filter(recipe__slug=slug)
    if version is not None:
        rows = rows.filter(version=version)
    return _first(rows.order_by("-version"))


def evaluation_set(place: ProjectPlace, public_id: uuid.UUID) -> EvaluationSet:
    """An evaluation set of the project, in force or retired."""
    _check(place)
    return _first(sets_of(place.project).filter(public_id=public_id))


def latest_recipe(place: ProjectPlace, slug: str) -> RecipeVersion | None:
    """The latest version of a recipe, or None of one that is not there yet."""
    _check(place)
    return versions_of(place.project).filter(recipe__slug=slug).order_by("-version").first()


def dry_run(place: ProjectPlace, public_id: uuid.UUID) -> DryRun:
    """A recipe on a sample, for whoever manages the project."""
    _check(place)
    return _first(dry_runs_of(place.project).filter(public_id=public_id))


def near_pair(place: ProjectPlace, public_id: uuid.UUID) -> NearPair:
    """Two near-equal texts of the project, decided or not."""
    _check(place)
    return _first(every_near_pair_of(place.project).filter(public_id=public_id))


def _first(rows: QuerySet[M]) -> M:
    found = rows.first()
    if found is None:
        raise NotThere
    return found


def _check(place: ProjectPlace) -> None:
    """Runs name models and raters, which reviewers must not know."""
    if not place.is_at_least(Role.MANAGER):
        raise NotAllowed(f"This needs the role {Role.MANAGER.label.lower()}; ask an owner.")
