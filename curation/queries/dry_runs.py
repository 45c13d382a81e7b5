"""A dry run as it stands: the waterfall of the stages that are done, and pairs to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from curation.models import DryRun
from curation.stages import STAGES_BY_NAME
from curation.stages.base import Stage
from feedback.models import ItemRevision, Project

from .pairs import line_of


@dataclass(frozen=True, slots=True)
class Example:
    """An item with a pair that was held, by its prompt."""

    revision: ItemRevision
    line: str


@dataclass(frozen=True, slots=True)
class Held:
    """Why a stage of a dry run held pairs, how many, and a few of them."""

    code: str
    sentence: str
    number: int
    examples: list[Example]

    @property
    def words(self) -> str:
        return self.code.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Tried:
    """A stage of a dry run; the counts are None until it is done, `now` while it is at work."""

    stage: Stage
    n_in: int | None
    n_held: int | None
    n_out: int | None
    reasons: list[Held]
    now: bool


def dry_runs_of(project: Project) -> QuerySet[DryRun]:
    """Dry runs of the project that are not forgotten yet."""
    return DryRun.objects.filter(project=project).select_related("created_by")


def tried(row: DryRun) -> list[Tried]:
    """Every stage of the recipe, those done with their numbers."""
    named = {id for fall in row.falls for ids in fall["examples"].values() for id in ids}
    rows = ItemRevision.objects.filter(pk__in=named, workspace_id=row.workspace_id)
    seen = {each.pk: each for each in rows.select_related("item")}
    at_work = len(row.falls) if row.state == DryRun.State.RUNNING and row.n_pairs else None
    return [
        _tried(entry["stage"], row.falls[number : number + 1], seen, number == at_work)
        for number, entry in enumerate(row.stages)
    ]


def _tried(
    name: str, falls: Sequence[dict[str, Any]], seen: dict[int, ItemRevision], now: bool
) -> Tried:
    stage = STAGES_BY_NAME[name]
    if not falls:
        return Tried(stage, None, None, None, [], now)
    [fall] = falls
    reasons = [
        Held(
            code,
            stage.reasons[code],
            number,
            [Example(seen[id], line_of(seen[id].prompt, 70)) for id in _known(fall, code, seen)],
        )
        for code, number in sorted(fall["reasons"].items(), key=lambda each: (-each[1], each[0]))
    ]
    return Tried(stage, fall["n_in"], fall["n_held"], fall["n_out"], reasons, now)


def _known(fall: dict[str, Any], code: str, seen: dict[int, ItemRevision]) -> list[int]:
    found: list[int] = [id for id in fall["examples"].get(code, []) if id in seen]
    return found
