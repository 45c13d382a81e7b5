"""Two runs compared pair by pair: numbers that add up, what went in differently, and every pair that changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse

from curation import access
from curation.models import Pair, Run
from curation.queries.compare import (
    ABSENT,
    CHANCE,
    ENTERED,
    KINDS,
    LEAST,
    LEFT,
    OUT,
    REASON,
    SAME,
    WINNER,
    Compared,
    because,
    between,
    compared,
)
from curation.queries.pairs import letters_of, line_of, short_hash
from curation.queries.runs import runs_of
from feedback.access import ProjectPlace
from feedback.queries.pages import page as page_of
from feedback.rooms.doors import at_project, page, show

from .stages import SENTENCES, as_words

ROWS, OTHERS = 25, 30
WORDS = {
    ENTERED: "Entered",
    LEFT: "Left",
    WINNER: "Changed the winner",
    CHANCE: "Changed the chance",
    SAME: "Kept as before",
    REASON: "Held for another reason",
    OUT: "Held as before",
}


@dataclass(frozen=True, slots=True)
class Side:
    """What one of the runs says of a pair: kept with its winner and chance, held with its reason, or not there."""

    known: bool
    held: bool
    winner: str
    chance: float | None
    votes: int
    why: str
    released: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A pair with both sides."""

    pair: Pair
    short: str
    line: str
    letters: tuple[str, str]
    before: Side
    after: Side


@dataclass(frozen=True, slots=True)
class Kind:
    """A line of the table of numbers."""

    code: str
    words: str
    number: int
    reasons: list[tuple[str, str, int]]


@page()
def compare(request: HttpRequest, workspace: str, project: str, number: int) -> HttpResponse:
    """The run against an earlier one, `before` in the address or else the one before it."""
    place = at_project(request, workspace, project)
    after = access.finished_run(place, number)
    before = _before(place, after, request.GET.get("before", ""))
    others = runs_of(place.project).filter(state=Run.State.FINISHED).exclude(pk=after.pk)
    context: dict[str, Any] = {
        "after": after,
        "before": before,
        "others": list(others.order_by("-number")[:OTHERS]),
    }
    if before is not None:
        context |= _comparison(request, before, after)
    return show(request, "curation/compare.html", place, current="runs", **context)


def _before(place: ProjectPlace, after: Run, asked: str) -> Run | None:
    """The run that is asked for, else the finished one before; None where there is no other."""
    if asked.isdigit() and len(asked) < 9:
        return access.finished_run(place, int(asked))
    found = access.run_before(place, after)
    return None if found.pk == after.pk else found


def _comparison(request: HttpRequest, before: Run, after: Run) -> dict[str, Any]:
    least = _least(request.GET.get("least", ""))
    numbers = compared(before, after, least=least)
    kind = request.GET.get("show", "")
    kind = kind if kind in KINDS else _first_seen(numbers)
    reason = request.GET.get("reason", "") if kind in {ENTERED, LEFT, REASON} else ""
    rows = between(before, after, kind=kind, reason=reason[:60], least=least)
    found = page_of(rows, after=request.GET.get("after", ""), limit=ROWS, by=("pk",))
    kept = {"before": before.number, "show": kind, "reason": reason, "least": f"{least:g}"}
    return {
        "kinds": _table(numbers),
        "numbers": numbers,
        "because": because(before, after),
        "least": f"{least:g}",
        "asked": kind,
        "asked_words": WORDS[kind],
        "reason": reason,
        "reason_words": _reason(reason),
        "rows": [_row(pair) for pair in found.rows],
        "page": found,
        "kept": urlencode({name: value for name, value in kept.items() if value != ""}),
    }


def _first_seen(numbers: Compared) -> str:
    """What is shown where nobody asks: the first change that any pair went through."""
    changed = (kind for kind in KINDS if numbers.numbers[kind] and kind not in {SAME, OUT})
    return next(changed, ENTERED)


def _least(asked: str) -> float:
    """From which move on a chance has changed."""
    try:
        found = float(asked)
    except ValueError:
        return LEAST
    return found if 0 < found <= 1 else LEAST


def _table(numbers: Compared) -> list[Kind]:
    reasons = {ENTERED: numbers.entered, LEFT: numbers.left}
    return [
        Kind(
            kind,
            WORDS[kind],
            numbers.numbers[kind],
            [(code, _reason(code), n) for code, n in reasons.get(kind, {}).items()],
        )
        for kind in KINDS
    ]


def _reason(code: str) -> str:
    return "not in that run" if code == ABSENT else as_words(code)


def _row(pair: Pair) -> Row:
    return Row(
        pair,
        short_hash(pair.pair_hash),
        line_of(pair.revision.prompt, 90),
        letters_of(pair),
        _side(pair, "before"),
        _side(pair, "after"),
    )


def _side(pair: Pair, side: str) -> Side:
    told = {
        name: getattr(pair, f"{side}_{name}")
        for name in ("held", "reason", "detail", "chosen", "p_next", "n_votes", "overruled")
    }
    lo, hi = letters_of(pair)
    return Side(
        known=told["held"] is not None,
        held=bool(told["held"]),
        winner={"first": lo, "second": hi}.get(told["chosen"] or "", ""),
        chance=told["p_next"],
        votes=told["n_votes"] or 0,
        why=told["detail"] or SENTENCES.get(told["reason"] or "", ""),
        released=bool(told["overruled"]),
    )
