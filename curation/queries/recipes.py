"""Recipes of a project: every version, the latest of each, and what a version changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet

from curation.models import RecipeVersion
from curation.scored import kind_of
from curation.stages import STAGES_BY_NAME
from curation.stages.base import Stage
from curation.stages.recipes import COMPARING
from feedback.bodies import form_of
from feedback.models import FormVersion, Project

# Kinds of question whose answers can become pairs.
PAIRING = frozenset({"rewrite"}).union(*COMPARING)


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of a stage and its value; `usual` when it is the stage's default."""

    title: str
    value: Any
    usual: bool


@dataclass(frozen=True, slots=True)
class Step:
    """A stage of a recipe with its settings, in words."""

    title: str
    says: str
    settings: list[Setting]


def versions_of(project: Project) -> QuerySet[RecipeVersion]:
    """Every version of every recipe, with who made it."""
    rows = RecipeVersion.objects.filter(recipe__project=project)
    return rows.select_related("recipe", "created_by")


def with_runs(rows: QuerySet[RecipeVersion]) -> QuerySet[RecipeVersion]:
    """Versions that know how many runs they had: `n_runs`."""
    return rows.annotate(n_runs=Count("runs"))


def latest_versions(project: Project) -> list[RecipeVersion]:
    """The latest version of each recipe, the newest first."""
    rows = versions_of(project).order_by("recipe_id", "-version").distinct("recipe_id")
    return sorted(rows, key=lambda version: -version.pk)


def steps_of(stages: list[dict[str, Any]]) -> list[Step]:
    """The stages of a stored recipe; a setting that is not written has its default."""
    return [_step(STAGES_BY_NAME[entry["stage"]], entry.get("params", {})) for entry in stages]


def changes(before: RecipeVersion, after: RecipeVersion) -> list[str]:
    """What a version does differently, in sentences."""
    return [*_questions(before, after), *_stages(before, after)]


@dataclass(frozen=True, slots=True)
class Line:
    """A stage or a setting of two recipes side by side; None where one of them has not got it."""

    title: str
    setting: bool
    a: Any
    b: Any

    @property
    def differs(self) -> bool:
        return bool(self.a != self.b)


def side_by_side(a: RecipeVersion, b: RecipeVersion) -> list[Line]:
    """Every stage of either version with its place, and under it its settings; in the order of `b`, then what only `a` has."""
    places = [
        {entry["stage"]: number for number, entry in enumerate(each.stages, start=1)}
        for each in (a, b)
    ]
    settings = [
        {entry["stage"]: entry.get("params", {}) for entry in each.stages} for each in (a, b)
    ]
    names = [*places[1], *(name for name in places[0] if name not in places[1])]
    found = []
    for name in names:
        stage = STAGES_BY_NAME[name]
        found.append(Line(stage.title, False, *(place.get(name) for place in places)))
        for param in stage.params:
            values = (
                each[name].get(param.name, param.default) if name in each else None
                for each in settings
            )
            found.append(Line(param.title, True, *values))
    return found


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of the form whose answers can become pairs."""

    id: str
    title: str
    kind: str


def questions_to_ask(project: Project) -> list[Asked]:
    """The questions of every version of the form that say which response is better, the latest wording of each."""
    found: dict[str, Asked] = {}
    for version in FormVersion.objects.filter(project=project).order_by("version"):
        for question in form_of(version).questions:
            if (kind := kind_of(question)) in PAIRING:
                found[question.id] = Asked(question.id, question.title, kind)
    return list(found.values())


def _step(stage: Stage, params: dict[str, Any]) -> Step:
    given = {**stage.defaults, **params}
    return Step(
        stage.title,
        stage.says,
        [
            Setting(param.title, given[param.name], given[param.name] == param.default)
            for param in stage.params
        ],
    )


def _questions(before: RecipeVersion, after: RecipeVersion) -> Iterator[str]:
    if before.questions != after.questions:
        asked = ", ".join(after.questions) or "every preference of the form"
        yield f"Reads {asked}."


def _stages(before: RecipeVersion, after: RecipeVersion) -> Iterator[str]:
    old = {entry["stage"]: entry.get("params", {}) for entry in before.stages}
    new = {entry["stage"]: entry.get("params", {}) for entry in after.stages}
    for name in new:
        stage = STAGES_BY_NAME[name]
        if name not in old:
            yield f"“{stage.title}” is new."
            continue
        was, now = {**stage.defaults, **old[name]}, {**stage.defaults, **new[name]}
        for param in stage.params:
            if was[param.name] != now[param.name]:
                yield f"{param.title}: {was[param.name]} → {now[param.name]}."
    for name in old.keys() - new.keys():
        yield f"“{STAGES_BY_NAME[name].title}” is gone."
    kept = [name for name in new if name in old]
    if kept != [name for name in old if name in new]:
        yield "The stages run in another order."
