"""Briefs on the desk: their texts in type, and the table of the authorities that each one cites."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count

import orjson

from feedback.actions.citing import (
    Text,
    asks_for_authorities,
    citations,
    citations_by_now,
    texts_in,
)
from feedback.briefs import Brief, Cite, Heading, set_brief
from feedback.law.authorities import Found
from feedback.law.table import Cited, Entry, table
from feedback.models import Assignment
from feedback.queries.desk import DeskItem, Slot, desk_item
from feedback.text import count_words, render_text

from .desk_texts import SIDES, Part, Shown, as_turn

FIRST_SHOWN = 7  # places of an authority before the list is folded


@dataclass(frozen=True, slots=True)
class Where:
    """One place where an authority is cited: its paragraph, its link, and the anchor of a mark that stands there."""

    paragraph: int
    link: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Line:
    """One authority of a brief as its reviewer sees it."""

    entry: Entry
    where: Sequence[Where]

    @property
    def first(self) -> Sequence[Where]:
        """Where it is cited, each paragraph once, as far as a line shows it."""
        return self._each_once[:FIRST_SHOWN]

    @property
    def more(self) -> Sequence[Where]:
        return self._each_once[FIRST_SHOWN:]

    @property
    def _each_once(self) -> list[Where]:
        return list({where.paragraph: where for where in reversed(self.where)}.values())[::-1]


@dataclass(frozen=True, slots=True)
class Briefs:
    """The responses of an item as briefs, and their tables by letter; no tables where the form asks for none.

    `finding`: a worker is still finding the citations of long ones, and there are neither links nor tables.
    """

    shown: list[Shown]
    tables: dict[str, list[Line]]
    finding: bool


def briefs(
    item: DeskItem, workspace_id: int, revision_id: int | None, *, now: dt.datetime
) -> Briefs:
    """The responses of an item in type. Citations are found here if no worker has found them yet and that is soon done.

    Without a revision (a preview) they are found here in any case.
    """
    found = _entries(item, workspace_id, revision_id, now=now)
    entries = found or {}
    shown, tables = [], {}
    for slot in item.slots:
        set_parts = _set(slot, entries.get(slot.letter, []))
        shown.append(_shown(slot, set_parts))
        if slot.letter in entries:
            tables[slot.letter] = _lines(slot, entries[slot.letter], set_parts)
    return Briefs(shown, tables, found is None)


def are_found(assignment: Assignment, *, now: dt.datetime) -> bool:
    """Whether the authorities of an assignment's responses can be shown by now."""
    item = desk_item(assignment)
    found = _entries(item, assignment.workspace_id, assignment.revision_id, now=now)
    return found is not None


def _entries(
    item: DeskItem, workspace_id: int, revision_id: int | None, *, now: dt.datetime
) -> dict[str, list[Entry]] | None:
    """The authorities of each response by its letter; None while they are being found."""
    if not asks_for_authorities(item.form):
        return {}
    texts: list[tuple[str, list[Text]]] = [
        (slot.letter, texts_in(slot.messages)) for slot in item.slots
    ]
    every = [each for _, some in texts for each in some]
    if revision_id is None:
        cited: list[list[Found]] | None = citations(workspace_id, every, now=now)
    else:
        cited = citations_by_now(workspace_id, revision_id, every, now=now)
    if cited is None:
        return None
    found = iter(cited)
    return {letter: table(some, [next(found) for _ in some]) for letter, some in texts}


def _set(slot: Slot, entries: Sequence[Entry]) -> dict[int, Brief]:
    """The text parts in type by number, paragraphs numbered through; a diff is none."""
    done: dict[int, Brief] = {}
    first = 1
    for number, (text, format) in enumerate(texts_in(slot.messages)):
        if format == "diff":
            continue
        cites = tuple(_cites(entries, number, slot.letter))
        done[number] = set_brief(
            text, format, letter=slot.letter, part=number, first=first, cites=cites
        )
        first += len(done[number].starts)
    return done


def _cites(entries: Iterable[Entry], part: int, letter: str) -> Iterable[Cite]:
    """The citations of a part in order; of two that overlap the first counts."""
    places = sorted(
        (place.start, place.end, place.number, entry.id)
        for entry in entries
        for place in entry.places
        if place.part == part
    )
    end = 0
    for start, stop, number, authority in places:
        # What lies inside another link has its place there.
        if stop > max(start, end):
            yield Cite(max(start, end), stop, f"{letter}-c{number}", authority)
            end = stop


def _shown(slot: Slot, set_parts: dict[int, Brief]) -> Shown:
    number = count()
    turns = []
    for place, message in enumerate(slot.messages, start=1):
        parts = [_part(part, set_parts, next(number)) for part in message["parts"]]
        turns.append(as_turn(message, parts, place, len(slot.messages)))
    outline: list[Heading] = [h for brief in set_parts.values() for h in brief.outline]
    return Shown(
        letter=slot.letter,
        side=SIDES.get(slot.letter, ""),
        turns=turns,
        words=sum(count_words(text) for text, _ in texts_in(slot.messages)),
        files=(),
        counts=None,
        outline=outline,
        paragraphs=sum(len(brief.starts) for brief in set_parts.values()),
    )


def _part(part: dict[str, str], set_parts: dict[int, Brief], place: int) -> Part:
    brief = set_parts.get(place)
    if brief is None:
        return Part("patch", render_text(part["text"], part["format"]), place=place)
    return Part("brief", brief.html, place=place)


def _lines(slot: Slot, entries: Sequence[Entry], set_parts: dict[int, Brief]) -> list[Line]:
    texts = texts_in(slot.messages)
    linked = {
        part: [(cite.start, cite.end, cite.anchor) for cite in _cites(entries, part, slot.letter)]
        for part in set_parts
    }
    return [
        Line(entry, [_where(place, texts, linked, set_parts) for place in entry.places])
        for entry in entries
    ]


def _where(
    place: Cited,
    texts: Sequence[Text],
    linked: dict[int, list[tuple[int, int, str]]],
    set_parts: dict[int, Brief],
) -> Where:
    links = linked[place.part]
    at = bisect_right(links, (place.start, len(texts[place.part][0]) + 1, "")) - 1
    anchor = {
        "type": "span",
        "part": place.part,
        "start": place.start,
        "end": place.end,
        "exact": texts[place.part][0][place.start : place.end],
    }
    return Where(
        paragraph=set_parts[place.part].paragraph(place.start),
        link=links[max(0, at)][2],
        anchor=orjson.dumps(anchor).decode(),
    )
