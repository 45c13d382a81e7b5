"""The faults of a written row that types cannot tell: an empty prompt, text and messages both, a review of nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from .answers import answer_faults, without_nulls
from .identity import body_hash
from .long_form import as_key, as_moment, long_prompt, long_review
from .problems import Fault, Path, shown
from .texts import MAX_NESTING, nests_deeply
from .written import (
    Messages,
    WrittenDocument,
    WrittenItem,
    WrittenKey,
    WrittenMessage,
    WrittenProvenance,
    WrittenResponse,
    WrittenReview,
)

Check = Callable[[Any, Path], Iterator[Fault]]


def key_faults(key: str | float, path: Path) -> Iterator[Fault]:
    if isinstance(key, float) and not (key.is_integer() and abs(key) <= 2**53):
        yield Fault(path, "wrong_type", f"is {shown(key)}, and has to be text or a whole number")


def prompt_faults(prompt: str | list[WrittenMessage], path: Path) -> Iterator[Fault]:
    if isinstance(prompt, list):
        yield from message_faults(prompt, path)
    messages = long_prompt(prompt)
    if not any(part.text.strip() for message in messages for part in message.parts):
        yield Fault(path, "empty_prompt", "has no text")


def message_faults(messages: list[WrittenMessage], path: Path) -> Iterator[Fault]:
    for place, message in enumerate(messages):
        if message.parts is not None and message.content is not None:
            yield Fault((*path, place), "text_or_messages", "has parts and content; one is enough")
        if message.tool_calls and nests_deeply(message.tool_calls):
            yield too_deep((*path, place, "tool_calls"))


def document_faults(document: str | WrittenDocument, path: Path) -> Iterator[Fault]:
    if isinstance(document, WrittenDocument) and (document.text is None) == (
        document.parts is None
    ):
        yield Fault(path, "text_or_messages", "needs either text or parts")


def response_faults(response: str | WrittenResponse, path: Path) -> Iterator[Fault]:
    if isinstance(response, str):
        return
    if (response.text is None) == (response.messages is None):
        yield Fault(path, "text_or_messages", "needs either text or messages")
    elif response.messages is not None:
        yield from message_faults(response.messages, (*path, "messages"))
        if not response.messages:
            yield Fault((*path, "messages"), "no_messages", "has no message")
    yield from provenance_faults(response, path)


def provenance_faults(provenance: WrittenProvenance, path: Path) -> Iterator[Fault]:
    yield from moment_faults(provenance.generated_at, (*path, "generated_at"))
    if provenance.parameters and nests_deeply(provenance.parameters):
        yield too_deep((*path, "parameters"))


def review_faults(review: WrittenReview, responses: int, path: Path) -> Iterator[Fault]:
    for name in ("id", "rater"):
        yield from key_faults(getattr(review, name), (*path, name))
    if review.rater is None and review.rater_kind != "unknown":
        says = 'is missing; a review by nobody known has "rater_kind": "unknown"'
        yield Fault((*path, "rater"), "missing_field", says)
    answers = without_nulls(review.answers or {})
    if not answers and review.cannot_judge is None:
        yield Fault(path, "empty_review", "has neither answers nor cannot_judge")
    for question, value in answers.items():
        yield from answer_faults(value, responses, (*path, "answers", question))
    if review.order is not None and sorted(review.order) != list(range(1, responses + 1)):
        says = f"has to name each response once, by its number from 1 to {responses}"
        yield Fault((*path, "order"), "bad_order", says)
    yield from moment_faults(review.submitted_at, (*path, "submitted_at"))


def moment_faults(text: str | None, path: Path) -> Iterator[Fault]:
    try:
        as_moment(text)
    except (ValueError, OverflowError):
        yield Fault(path, "bad_time", f"is {shown(text)}, and has to be a time in ISO 8601")


def too_deep(path: Path) -> Fault:
    return Fault(path, "too_deep", f"is nested deeper than {MAX_NESTING} levels")


class Place(NamedTuple):
    """A field of a row that is checked as a whole, or entry by entry; reviews have review_faults."""

    name: str
    kind: Any
    check: Check | None
    many: bool = False


PLACES = (
    Place("id", WrittenKey, key_faults),
    Place("prompt", str | Messages, prompt_faults),
    Place("context", str | WrittenDocument, document_faults, many=True),
    Place("responses", str | WrittenResponse, response_faults, many=True),
    Place("group", WrittenKey, key_faults),
    Place("prompt_provenance", WrittenProvenance, provenance_faults),
    Place("context_provenance", WrittenProvenance, provenance_faults),
    Place("reviews", WrittenReview, None, many=True),
)


def meaning_faults(found: Iterable[tuple[Path, Place, Any]], responses: int) -> Iterator[Fault]:
    """The faults of values that have their types; `responses` is how many the row has."""
    reviews = []
    for path, place, value in found:
        if place.check is not None:
            yield from place.check(value, path)
            continue
        faults = list(review_faults(value, responses, path))
        yield from faults
        if not faults:
            reviews.append((path, value))
    yield from repeated_reviews(reviews)


def repeated_reviews(reviews: Iterable[tuple[Path, WrittenReview]]) -> Iterator[Fault]:
    """A review is identified by its id, or else by its rater and what it says."""
    raters: dict[tuple[Any, ...], list[tuple[Path, WrittenReview]]] = {}
    for path, review in reviews:
        who = (
            (as_key(review.id),)
            if review.id is not None
            else (review.rater_kind, as_key(review.rater))
        )
        raters.setdefault(who, []).append((path, review))
    for group in raters.values():
        seen: dict[str, Path] = {}
        for path, review in group if len(group) > 1 else ():
            said = "" if review.id is not None else body_hash(long_review(review).body())
            first = seen.setdefault(said, path)
            if first is not path:
                says = f"repeats review {int(first[1]) + 1} of this row"
                yield Fault(path, "duplicate_review", says)


def found_in(item: WrittenItem) -> Iterator[tuple[Path, Place, Any]]:
    """Everything in an item that has a check, with its path."""
    for place in PLACES:
        value = getattr(item, place.name)
        if value is None:
            continue
        if not place.many:
            yield (place.name,), place, value
            continue
        for number, entry in enumerate(value):
            yield (place.name, number), place, entry
