"""Checks the shape of a review's answers: what any form could take, and responses that are really there.

Whether a question exists and its value fits is the form's to say; a file is read without knowing the form.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from .critiques import is_critiques, shape_faults
from .problems import Fault, Path, shown

COMPARISON = {"a", "b", "value"}
BOTH = "both_unacceptable"
STEP = {"start", "end", "label"}


def answer_faults(value: Any, responses: int, path: Path) -> Iterator[Fault]:
    """The faults of one answer of an item with that many responses."""
    if isinstance(value, str):
        return
    if is_rewrite(value):
        source = value.get("from")
        if source is not None and not (is_whole(source) and 1 <= source <= responses):
            yield unknown_response(source, responses, (*path, "from"))
    elif isinstance(value, dict):
        yield from per_response_faults(value, responses, path)
    elif not isinstance(value, list):
        says = f"is {shown(value)}; an answer is text, a list or an object"
        yield Fault(path, "bad_answer", says)
    elif is_critiques(value):
        yield from shape_faults(value, responses, path)
    elif value and all(isinstance(each, list) for each in value):
        yield from ranking_faults(value, responses, path)
    elif not all(isinstance(each, str) for each in value):
        yield from preference_faults(value, responses, path)


def per_response_faults(value: dict[str, Any], responses: int, path: Path) -> Iterator[Fault]:
    """A rating, a list of choices, the marks of a checklist or labelled steps for each named response."""
    for name, given in value.items():
        if name not in {str(position + 1) for position in range(responses)}:
            yield unknown_response(name, responses, (*path, name))
        if given is not None and not any(fits(given) for fits in FOR_A_RESPONSE):
            says = f"is {shown(given)}; for a response it is a number, a list of codes, marks by criterion, or steps"
            yield Fault((*path, name), "bad_answer", says)


def is_rewrite(value: Any) -> bool:
    """A text of the rater's own, from a response or (null) from nothing."""
    return (
        isinstance(value, dict)
        and {"text"} <= value.keys() <= {"from", "text"}
        and isinstance(value["text"], str)
    )


def is_rating(given: Any) -> bool:
    is_number = isinstance(given, int | float) and not isinstance(given, bool)
    return is_number and math.isfinite(given)


def is_choices(given: Any) -> bool:
    return isinstance(given, list) and all(isinstance(each, str) for each in given)


def is_marks(given: Any) -> bool:
    return isinstance(given, dict) and all(isinstance(each, str) for each in given.values())


def is_steps(given: Any) -> bool:
    """Whether it is {"steps": [{start, end, label}]}; a step without a label has none yet."""
    steps = given.get("steps") if isinstance(given, dict) else None
    return isinstance(steps, list) and all(
        isinstance(each, dict) and STEP - {"label"} <= each.keys() <= STEP for each in steps
    )


FOR_A_RESPONSE = (is_rating, is_choices, is_marks, is_steps)


def ranking_faults(tiers: list[list[Any]], responses: int, path: Path) -> Iterator[Fault]:
    """The faults of tiers of responses, the best first."""
    for place, tier in enumerate(tiers):
        for each in tier:
            if not is_whole(each) or not 1 <= each <= responses:
                yield unknown_response(each, responses, (*path, place))


def preference_faults(value: list[Any], responses: int, path: Path) -> Iterator[Fault]:
    seen: set[frozenset[int]] = set()
    for place, entry in enumerate(value):
        yield from comparison_faults(entry, responses, seen, (*path, place))


def comparison_faults(
    entry: Any, responses: int, seen: set[frozenset[int]], path: Path
) -> Iterator[Fault]:
    """The faults of one {a, b, value}, positive when a is better; notes its pair in `seen`."""
    entry = without_nulls(entry) if isinstance(entry, dict) else {}
    if not COMPARISON <= entry.keys() <= COMPARISON | {BOTH}:
        says = f"is {shown(entry)}; a comparison has a, b, value and may have {BOTH}"
        yield Fault(path, "bad_answer", says)
        return
    for side in ("a", "b"):
        if not is_whole(entry[side]) or not 1 <= entry[side] <= responses:
            yield unknown_response(entry[side], responses, (*path, side))
            return
    pair = frozenset((entry["a"], entry["b"]))
    if len(pair) < 2 or pair in seen:
        yield Fault(path, "bad_answer", "compares two responses twice, or one with itself")
    seen.add(pair)
    if not is_whole(entry["value"]) or not -3 <= entry["value"] <= 3:
        says = f"is {shown(entry['value'])}, and has to be a whole number from -3 to 3"
        yield Fault((*path, "value"), "bad_answer", says)
    if not isinstance(entry.get(BOTH, False), bool):
        yield Fault((*path, BOTH), "bad_answer", "has to be true or false")


def is_whole(value: Any) -> bool:
    if isinstance(value, float):
        return value.is_integer()
    return isinstance(value, int) and not isinstance(value, bool)


def unknown_response(name: Any, responses: int, path: Path) -> Fault:
    says = f"names response {shown(name)}; the item has {responses}, numbered from 1"
    return Fault(path, "unknown_response", says)


def without_nulls(value: dict[str, Any]) -> dict[str, Any]:
    return {name: each for name, each in value.items() if each is not None}


def tidy(value: Any) -> Any:
    """Answers as they are stored and hashed: no null, and whole numbers without a decimal point."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [tidy(each) for each in value]
    if is_rewrite(value):
        return {"from": tidy(value.get("from")), "text": value["text"]}
    if isinstance(value, dict):
        tidied = {name: tidy(each) for name, each in without_nulls(value).items()}
        return (
            {**tidied, "label": tidied.get("label")}
            if STEP - {"label"} == tidied.keys() - {"label"}
            else tidied
        )
    return value
