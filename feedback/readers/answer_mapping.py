"""The answers of a mapped review: votes as first, second or tie, lists of all pairs, ratings, choices and texts."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

from .answers import is_whole
from .paths import ABSENT, Scope
from .problems import shown
from .values import Expression, Unfit, as_number, as_text

Answer = Callable[[Scope], Any]
Entries = Callable[[Scope], list[Any]]

OUTCOMES: dict[str, dict[str, Any]] = {
    "first": {"value": 1},
    "second": {"value": -1},
    "tie": {"value": 0},
    "both_unacceptable": {"value": 0, "both_unacceptable": True},
}


def preference(expression: Expression, between: tuple[int, int]) -> Answer:
    """One comparison: [{a, b, value}]."""

    def answer(scope: Scope) -> Any:
        found = expression.read(scope)
        return ABSENT if found is ABSENT else [compared(*between, found)]

    return answer


def preferences(expression: Expression) -> Answer:
    """A list of outcomes for the pairs 1–2, 1–3, … 2–3 …; null leaves a pair out."""

    def answer(scope: Scope) -> Any:
        found = expression.read(scope)
        if found is ABSENT:
            return ABSENT
        pairs = list(combinations(range(1, scope.responses + 1), 2))
        if not isinstance(found, list) or len(found) != len(pairs):
            says = (
                f"{shown(found)} has to be a list of {len(pairs)}, one for each pair of responses"
            )
            raise Unfit("wrong_length", says)
        voted = zip(pairs, found, strict=True)
        return [compared(a, b, outcome) for (a, b), outcome in voted if outcome is not None]

    return answer


def compared(a: int, b: int, outcome: Any) -> dict[str, Any]:
    if isinstance(outcome, str) and outcome in OUTCOMES:
        return {"a": a, "b": b, **OUTCOMES[outcome]}
    if is_whole(outcome) and -3 <= outcome <= 3:
        return {"a": a, "b": b, "value": int(outcome)}
    says = f"{shown(outcome)} is neither {', '.join(OUTCOMES)} nor a number from -3 to 3"
    raise Unfit("value_not_mapped", says)


def ratings(entries: Entries) -> Answer:
    """A number for each response that has one."""

    def answer(scope: Scope) -> Any:
        rated = {str(place): as_number(each) for place, each in given(entries(scope))}
        return {place: number for place, number in rated.items() if number is not ABSENT} or ABSENT

    return answer


def choices_per_response(entries: Entries) -> Answer:
    def answer(scope: Scope) -> Any:
        return {str(place): codes(each) for place, each in given(entries(scope))} or ABSENT

    return answer


def given(entries: list[Any]) -> list[tuple[int, Any]]:
    """The entries that are there, with their positions."""
    return [(place, each) for place, each in enumerate(entries, 1) if each is not None]


def choices(expression: Expression) -> Answer:
    """A list of codes; a single code becomes a list of one."""

    def answer(scope: Scope) -> Any:
        found = expression.read(scope)
        return found if found is ABSENT else codes(found)

    return answer


def codes(found: Any) -> list[Any]:
    listed = found if isinstance(found, list) else [found]
    return [code for each in listed if (code := as_text(each)) not in {ABSENT, ""}]


def text(expression: Expression) -> Answer:
    return lambda scope: as_text(expression.read(scope))
