"""Critiques of a file: from a mapping's entries to the stored shape, each made sure of against the text it is of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from feedback.forms.anchors import anchor_faults, settled
from feedback.forms.problems import Fault as FormFault

from .paths import ABSENT, Scope
from .problems import Fault, Path, shown
from .rows import ItemRow, ResponseRow
from .values import Unfit, as_number

Entries = Callable[[Scope], list[Any]]
Text = Annotated[str, Meta(max_length=1 << 20)]

FIELDS = {"id", "on", "anchor", "category", "severity", "comment", "suggestion"}
WORDS = ("category", "severity", "comment")


class WrittenCritique(Struct, forbid_unknown_fields=True):
    """What a mapping may say of a critique. Where it stands is said by one of: start and end, exact, marked."""

    on: int
    category: str
    severity: str | None = None
    comment: str | None = None
    suggestion: str | None = None
    part: int | None = None
    start: int | None = None
    end: int | None = None
    exact: str | None = None
    prefix: str | None = None
    suffix: str | None = None
    marked: str | None = None
    marks: list[str] | None = None
    unmarked: Literal["whole"] | None = None


def critiques(entries: Entries) -> Callable[[Scope], Any]:
    """The critiques of a mapped review; an entry without a category is none."""

    def answer(scope: Scope) -> Any:
        given = [each for each in entries(scope) if isinstance(each, dict) and "category" in each]
        return [_mapped(each, f"c{number}") for number, each in enumerate(given, 1)] or ABSENT

    return answer


def _mapped(entry: dict[str, Any], id: str) -> dict[str, Any]:
    anchor: dict[str, Any] = {"type": "span", "part": as_number(entry.get("part", 0))}
    if "marked" in entry:
        whole = entry.get("unmarked") == "whole"
        anchor |= _of_marks(entry["marked"], entry.get("marks", ["<v>", "</v>"]), whole=whole)
    elif "start" in entry and "end" in entry:
        anchor |= {name: as_number(entry[name]) for name in ("start", "end")}
        anchor |= {name: entry[name] for name in ("exact", "prefix", "suffix") if name in entry}
    elif "exact" in entry:
        anchor = {name: entry[name] for name in ("exact", "prefix", "suffix") if name in entry}
        anchor["type"] = "quote"
    else:
        raise Unfit("bad_anchor", "a critique has start and end, exact, or marked")
    said = {name: entry[name] for name in (*WORDS, "suggestion") if name in entry}
    return {"id": id, "on": as_number(entry.get("on")), "anchor": anchor, **said}


def _of_marks(marked: Any, marks: Any, *, whole: bool) -> dict[str, Any]:
    """The one passage that stands between two marks, in the text without them; where there is none perhaps all of it."""
    opening, closing = marks
    if whole and isinstance(marked, str) and closing not in marked:
        exact = marked.replace(opening, "")
        return {"start": 0, "end": len(exact), "exact": exact}
    if not isinstance(marked, str) or not (marked.count(opening) == marked.count(closing) == 1):
        says = f"{shown(marked)} does not hold one passage between {opening} and {closing}"
        raise Unfit("anchor_lost", says)
    before, _, rest = marked.partition(opening)
    exact, _, _ = rest.partition(closing)
    return {"start": len(before), "end": len(before) + len(exact), "exact": exact}


def is_critiques(answer: Any) -> bool:
    """Whether an answer of a row is a list of critiques, by its first entry."""
    return (
        isinstance(answer, list)
        and bool(answer)
        and isinstance(answer[0], dict)
        and "anchor" in answer[0]
    )


def shape_faults(answer: list[Any], responses: int, path: Path) -> Iterator[Fault]:
    """What is wrong with critiques whatever the texts are."""
    for place, each in enumerate(answer):
        at = (*path, place)
        if (
            not isinstance(each, dict)
            or each.keys() - FIELDS
            or not {"on", "anchor"} <= each.keys()
        ):
            says = f"is {shown(each)}; a critique has on, anchor, category, severity and comment"
            yield Fault(at, "bad_answer", says)
            continue
        if type(each["on"]) is not int or not 1 <= each["on"] <= responses:
            says = f"is of response {shown(each['on'])}; the item has {responses}, numbered from 1"
            yield Fault((*at, "on"), "unknown_response", says)
        for name in sorted(each.keys() - {"on", "anchor"}):
            if each[name] is not None and not isinstance(each[name], str):
                yield Fault(
                    (*at, name), "wrong_type", f"is {shown(each[name])}, and has to be text"
                )


def place_critiques(item: ItemRow, numbers: list[int]) -> list[Fault]:
    """Write the anchors of an item's critiques in full; what cannot be placed is a fault of its review.

    `numbers` are the places of the item's reviews in their row, from 0.
    """
    faults = []
    for number, review in zip(numbers, item.reviews, strict=True):
        for question, answer in review.answers.items():
            if is_critiques(answer):
                path = ("reviews", number, "answers", question)
                whole = [
                    _whole(each, n, item.responses, (*path, n)) for n, each in enumerate(answer)
                ]
                faults += [each for each in whole if isinstance(each, Fault)]
                review.answers[question] = whole
    return faults


def _whole(each: dict[str, Any], number: int, responses: list[ResponseRow], path: Path) -> Any:
    messages = responses[each["on"] - 1].messages
    texts = [part.text for message in messages for part in message.parts]
    wrong: FormFault | None = next(anchor_faults(each["anchor"]), None)
    found = wrong or settled(each["anchor"], texts)
    if isinstance(found, FormFault):
        code = "anchor_lost" if found.code in ("anchor_lost", "anchor_unclear") else "bad_anchor"
        return Fault((*path, "anchor"), code, f"cannot be used: {found.sentence}")  # type: ignore[arg-type]
    said = {name: each.get(name) or "" for name in WORDS}
    suggested = {"suggestion": each["suggestion"]} if each.get("suggestion") else {}
    return {
        "id": each.get("id") or f"c{number + 1}",
        "on": each["on"],
        "anchor": found,
        **said,
        **suggested,
    }
