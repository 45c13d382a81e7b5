"""Turns a written row into an item with its reviews, or into the list of everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from msgspec import inspect

from .critiques import place_critiques
from .faults import type_faults
from .long_form import long_item
from .meaning import PLACES, Place, found_in, meaning_faults
from .problems import Fault, Path, as_problems, scope_of, shown
from .rows import ItemRow, Problem, Row
from .texts import MAX_FIELD_BYTES, plainly_storable, storable_faults
from .written import WrittenItem

WRITTEN_ITEM = inspect.type_info(WrittenItem)
encoder = msgspec.json.Encoder()


def build(number: int, content: bytes, written: Any, faults: Iterable[Fault] = ()) -> Row:
    """The row for a value in the written form; `faults` are those its mapping has already found.

    A fault of the item or of a response rejects the item with all it holds, a fault of a review only that review.
    """
    known = list(faults)
    item = None if known or len(content) > MAX_FIELD_BYTES else quick_item(written)
    if item is not None:
        return Row(number, content, item, [], len(item.responses), len(item.reviews))
    return careful_row(number, content, written, known)


def quick_item(written: Any) -> ItemRow | None:
    """The item if nothing at all is wrong, at the speed of msgspec; None asks for the careful look."""
    try:
        item = msgspec.convert(written, WrittenItem)
        if any(meaning_faults(found_in(item), len(item.responses or ()))):
            return None
        row = long_item(item)
        if place_critiques(row, list(range(len(row.reviews)))):
            return None
        return row if plainly_storable(encoder.encode(row)) else None
    except (msgspec.ValidationError, UnicodeEncodeError, RecursionError):
        return None


def careful_row(number: int, content: bytes, written: Any, known: list[Fault]) -> Row:
    if not isinstance(written, dict):
        says = f"is {shown(written)}, and has to be an object"
        return rejected_row(number, content, written, [Fault((), "not_a_row", says)])
    faults = list(all_faults(written, known))
    scopes = {scope_of(fault.path) for fault in faults}
    if any(scope != "review" for scope, _ in scopes):
        return rejected_row(number, content, written, faults)
    good = {
        number: review
        for number, review in enumerate(written.get("reviews") or ())
        if ("review", number + 1) not in scopes
    }
    item = long_item(msgspec.convert({**written, "reviews": [*good.values()]}, WrittenItem))
    unplaced = place_critiques(item, [*good])
    lost = {fault.path[1] for fault in unplaced}
    item.reviews = [each for at, each in zip(good, item.reviews, strict=True) if at not in lost]
    return Row(number, content, item, as_problems([*faults, *unplaced]), *counts(written))


def all_faults(written: dict[str, Any], known: list[Fault]) -> Iterator[Fault]:
    """Every fault of the row; a field that its mapping could not fill is not called missing as well."""
    yield from known
    explained = {fault.path for fault in known}
    types = list(type_faults(written, WRITTEN_ITEM))
    yield from (fault for fault in types if not is_under(fault.path, explained))
    faulty = explained | {fault.path[:2] for fault in types}
    responses, _ = counts(written)
    yield from meaning_faults(sound_in(written, faulty), responses)
    yield from storable_faults(written)


def is_under(path: Path, places: set[Path]) -> bool:
    return any(path[:length] in places for length in range(len(path) + 1))


def sound_in(written: dict[str, Any], faulty: set[Path]) -> Iterator[tuple[Path, Place, Any]]:
    """What of the row has its type, so that its meaning can be checked."""
    for place in PLACES:
        value = written.get(place.name)
        if value is None or (place.name,) in faulty:
            continue
        entries = enumerate(value) if place.many else [(None, value)]
        for number, entry in entries:
            path: Path = (place.name,) if number is None else (place.name, number)
            if not any(fault[: len(path)] == path for fault in faulty):
                yield path, place, msgspec.convert(entry, place.kind)


def rejected_row(number: int, content: bytes, written: Any, faults: Iterable[Fault]) -> Row:
    """A row that gives no item, with word of what went with it."""
    responses, reviews = counts(written)
    problems = as_problems(faults)
    if responses:
        problems.append(taken_along("response", responses))
    if reviews:
        problems.append(taken_along("review", reviews))
    return Row(number, content, None, problems, responses, reviews)


def taken_along(scope: Any, count: int) -> Problem:
    noun = f"{scope} was" if count == 1 else f"{scope}s were"
    sentence = f"Its {count} {noun} rejected with the item."
    return Problem(scope, None, "item_rejected", sentence, f"{scope}s")


def counts(written: Any) -> tuple[int, int]:
    """How many responses and reviews the row holds, as far as it can be understood."""
    if not isinstance(written, dict):
        return 0, 0
    responses, reviews = written.get("responses"), written.get("reviews")
    return (
        len(responses) if isinstance(responses, list) else 0,
        len(reviews) if isinstance(reviews, list) else 0,
    )
