"""Stages and reasons in the words of a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from curation.models import RunPair, RunStage
from curation.queries.pairs import letters_of
from curation.queries.recipes import Step, steps_of
from curation.stages import STAGES, STAGES_BY_NAME

from .waterfall import Share, share_of

HELD, KEPT, CONTESTED, RELEASED = "held", "kept", "contested", "released"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a stage held pairs: its code, the code as words, its sentence, and how many."""

    code: str
    words: str
    sentence: str
    number: int


@dataclass(frozen=True, slots=True)
class Line:
    """A stage of a run in the table of the waterfall; `released` pairs went on only by a person's word."""

    row: RunStage
    step: Step
    reasons: list[Reason]
    released: int
    bar: Share


def lines_of(stages: Sequence[RunStage], overruled: Mapping[str, int] | None = None) -> list[Line]:
    """The stages of a run, each with its settings and what it held, or would have held (`overruled`, by reason)."""
    steps = steps_of([{"stage": row.stage, "params": row.params} for row in stages])
    pairs = stages[0].n_in if stages else 0
    return [
        Line(
            row,
            step,
            _reasons(row),
            _released(row, overruled or {}),
            share_of(row.n_out, row.n_held, pairs),
        )
        for row, step in zip(stages, steps, strict=True)
    ]


def reasons_of(lines: Sequence[Line]) -> list[Reason]:
    """Every reason that held a pair in this run, the most frequent first."""
    found = [reason for line in lines for reason in line.reasons]
    return sorted(found, key=lambda reason: -reason.number)


def as_words(code: str) -> str:
    """`repeat_pair` → repeat pair."""
    return code.replace("_", " ")


def why(row: RunPair) -> str:
    """Why exactly a pair was held; empty for one that was kept."""
    if not row.held:
        return ""
    if row.reason == "no_preference":
        return _tally(row)
    return row.detail or SENTENCES.get(row.reason, as_words(row.reason))


SENTENCES = {code: sentence for stage in STAGES for code, sentence in stage.reasons.items()}


def _released(row: RunStage, overruled: Mapping[str, int]) -> int:
    return sum(overruled.get(reason, 0) for reason in STAGES_BY_NAME[row.stage].reasons)


def _tally(row: RunPair) -> str:
    """The votes by the letters that people see, where the stage knows only a first and a second."""
    lo, hi = letters_of(row.pair)
    ties = f"{row.n_tie} tie{'' if row.n_tie == 1 else 's'}"
    return f"{row.n_first} for {lo}, {ties}, {row.n_second} for {hi}"


def _reasons(row: RunStage) -> list[Reason]:
    counted = sorted(row.reasons.items(), key=lambda each: (-each[1], each[0]))
    sentences = STAGES_BY_NAME[row.stage].reasons
    return [Reason(code, as_words(code), sentences.get(code, ""), n) for code, n in counted]
