"""Anchors: where in a response a critique stands, as the quotation and the position of W3C's Web Annotation.

Offsets count code points of the source text as it was imported, never of what a browser shows. A text never changes
under a review, so an anchor is exact; where an anchor is looked up in another version of the text it is found again by
its quotation, and how sure that is, is said: nothing moves in silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from .patches import lines_at
from .problems import Fault
from .values import UNSTORABLE, unstorable

CONTEXT = 32  # code points of the text before and after, to tell one quotation from another
MOST_QUOTED = 20_000

Anchor = Mapping[str, Any]  # checked by `anchor_faults`
Texts = Sequence[str]  # the text parts of one response, over all its messages in order
How = Literal["exact", "quote", "nearest", "lost"]

SHAPES: dict[str, tuple[set[str], set[str]]] = {
    "span": ({"part", "start", "end"}, {"exact", "prefix", "suffix"}),
    "quote": ({"exact"}, {"prefix", "suffix"}),
    "lines": ({"part", "file", "side", "start", "end"}, {"exact"}),
}
WRITTEN = {"exact", "prefix", "suffix", "file"}
COUNTED = {"part", "start", "end"}


class Place(NamedTuple):
    """Where an anchor's characters are in a text, and how they were found.

    `exact`: at their place. `quote`: moved, and only one place has the quotation and what stood around it. `nearest`:
    several places could be meant, or what stood around it has changed; this is the nearest. `lost`: nowhere.
    """

    start: int
    end: int
    how: How


LOST = Place(0, 0, "lost")


def span(texts: Texts, part: int, start: int, end: int) -> dict[str, Any]:
    """The anchor of the characters from `start` up to `end` in one part."""
    text = texts[part]
    return {
        "type": "span",
        "part": part,
        "start": start,
        "end": end,
        "exact": text[start:end],
        "prefix": text[max(0, start - CONTEXT) : start],
        "suffix": text[end : end + CONTEXT],
    }


def find(text: str, anchor: Anchor) -> Place:
    """Where a span's or a quotation's characters are in this text, which may have changed since."""
    exact, prefix, suffix = anchor["exact"], anchor.get("prefix", ""), anchor.get("suffix", "")
    start = anchor.get("start")
    if start is not None and _stands(text, start, prefix, exact, suffix):
        return Place(start, start + len(exact), "exact")
    for before, after in ((prefix, suffix), (prefix, ""), ("", suffix)):
        known = before or after or not (prefix or suffix)
        found = _nearest(text, before + exact + after, (start or 0) - len(before)) if known else -1
        if found >= 0:
            sure = text.find(before + exact + after, text.find(before + exact + after) + 1) < 0
            at = found + len(before)
            return Place(at, at + len(exact), "quote" if sure else "nearest")
    at = _nearest(text, exact, start or 0)
    return Place(at, at + len(exact), "nearest") if at >= 0 else LOST


def _stands(text: str, start: int, prefix: str, exact: str, suffix: str) -> bool:
    return start >= len(prefix) and text.startswith(prefix + exact + suffix, start - len(prefix))


def _nearest(text: str, quotation: str, start: int) -> int:
    """The start of the quotation that is nearest to where it was; −1 for none."""
    behind, ahead = text.find(quotation, max(0, start)), -1
    if start > 0:
        ahead = text.rfind(quotation, 0, start + len(quotation))
    if behind < 0 or ahead < 0:
        return max(behind, ahead)
    return ahead if start - ahead <= behind - start else behind


def settled(anchor: Anchor, texts: Texts) -> dict[str, Any] | Fault:
    """The anchor in full as it is stored, made sure of against the response; or why it cannot be.

    A span and lines must stand exactly where they say, with the words they quote if they quote any; a quotation must
    be there once, and becomes a span.
    """
    if anchor["type"] == "quote":
        return _quoted(anchor, texts)
    found = None
    if anchor["part"] < len(texts):
        text = texts[anchor["part"]]
        found = lines_at(text, anchor) if anchor["type"] == "lines" else _characters(text, anchor)
    if found is None or anchor.get("exact", found) != found:
        return Fault("anchor_lost", "The passage it quotes does not stand where it says.")
    if anchor["type"] == "lines":
        return {**anchor, "exact": found}
    return span(texts, anchor["part"], anchor["start"], anchor["end"])


def _characters(text: str, anchor: Anchor) -> str | None:
    return text[anchor["start"] : anchor["end"]] if anchor["end"] <= len(text) else None


def _quoted(anchor: Anchor, texts: Texts) -> dict[str, Any] | Fault:
    found = [(part, find(text, anchor)) for part, text in enumerate(texts)]
    places = [(part, place) for part, place in found if place.how != "lost"]
    if not places:
        places = [
            (part, place) for part, text in enumerate(texts) for place in _loosely(text, anchor)
        ]
    if not places:
        return Fault("anchor_lost", "The quotation is not in the response. Copy it as it is there.")
    if len(places) > 1 or places[0][1].how == "nearest":
        sentence = "The quotation is there more than once. Quote a few words more."
        return Fault("anchor_unclear", sentence)
    part, place = places[0]
    return span(texts, part, place.start, place.end)


def _loosely(text: str, anchor: Anchor) -> Iterator[Place]:
    """Where the quotation's words are, whatever white space is between them: a page breaks lines as it likes."""
    words = str(anchor["exact"]).split()
    if words:
        for found in re.finditer(r"\s+".join(map(re.escape, words)), text):
            yield Place(found.start(), found.end(), "quote")


def anchor_faults(anchor: object) -> Iterator[Fault]:
    """What makes a JSON value no anchor, whatever text it is of."""
    kind = anchor.get("type") if isinstance(anchor, dict) else None
    if not isinstance(anchor, dict) or kind not in SHAPES:
        yield Fault("bad_anchor", "An anchor is an object of type span, quote or lines.")
        return
    needed, free = SHAPES[kind]
    names = anchor.keys() - {"type"}
    if not needed <= names or names - needed - free:
        names_it = ", ".join(sorted(needed))
        yield Fault("bad_anchor", f"An anchor of type {kind} has {names_it}.")
        return
    yield from _value_faults(anchor)


def _value_faults(anchor: dict[str, Any]) -> Iterator[Fault]:
    for name in sorted(WRITTEN & anchor.keys()):
        if not isinstance(anchor[name], str):
            yield Fault("bad_anchor", f"The {name} of an anchor is a text.")
            return
        fault = unstorable(anchor[name])
        if fault:
            yield Fault(fault, UNSTORABLE[fault])
        elif len(anchor[name]) > MOST_QUOTED:
            yield Fault("bad_anchor", f"A quotation is at most {MOST_QUOTED:,} characters.")
    counts = [anchor[name] for name in COUNTED & anchor.keys()]
    if any(type(count) is not int or count < 0 for count in counts):
        yield Fault("bad_anchor", "Part, start and end are whole numbers from 0.")
        return
    yield from _meaning_faults(anchor)


def _meaning_faults(anchor: dict[str, Any]) -> Iterator[Fault]:
    kind = anchor["type"]
    if kind == "lines":
        if anchor["side"] not in ("new", "old") or not 1 <= anchor["start"] <= anchor["end"]:
            yield Fault("bad_anchor", "Lines are on the side new or old, from a first to a last.")
    elif not anchor.get("exact", "words"):
        yield Fault("bad_anchor", "An anchor quotes at least one character.")
    elif kind == "span" and not 0 < anchor["end"] - anchor["start"] <= MOST_QUOTED:
        yield Fault("bad_anchor", f"A span is of 1 to {MOST_QUOTED:,} characters.")
    elif kind == "span" and len(anchor.get("exact", "")) not in (
        0,
        anchor["end"] - anchor["start"],
    ):
        yield Fault("bad_anchor", "A quotation is as long as from its start to its end.")
