"""The table of authorities of one response: each authority once over all of its texts, with the places where it is cited."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from .authorities import Authority, Found, in_words


@dataclass(frozen=True, slots=True)
class Cited:
    """One citation: its text part, its span in it, its form, and its number among all citations of the response."""

    part: int
    start: int
    end: int
    how: str
    number: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the table. What is `untied` is a short form whose authority the text does not say."""

    id: str
    kind: str
    name: str
    cite: str
    year: str
    places: tuple[Cited, ...]


def table(texts: Sequence[tuple[str, str]], found: Sequence[Iterable[Found]]) -> list[Entry]:
    """The authorities in the order of first use; what is tied to none comes last. `texts` are text and format."""
    entries: dict[str, Entry] = {}
    for part, (text, format) in enumerate(texts):
        for each in found[part]:
            _add(entries, in_words(each, text, format), part)
    ordered = sorted(entries.values(), key=lambda entry: (entry.kind == "untied", _first(entry)))
    return _numbered(ordered)


def _add(entries: dict[str, Entry], authority: Authority, part: int) -> None:
    places = tuple(Cited(part, place.start, place.end, place.how, 0) for place in authority.places)
    before = entries.get(authority.id)
    if before is None:
        fields = (authority.id, authority.kind, authority.name, authority.cite, authority.year)
        entries[authority.id] = Entry(*fields, places)
    else:
        name = max(before.name, authority.name, key=len)
        year = before.year or authority.year
        entries[authority.id] = replace(before, name=name, year=year, places=before.places + places)


def _first(entry: Entry) -> tuple[int, int]:
    return min((place.part, place.start) for place in entry.places)


def _numbered(entries: list[Entry]) -> list[Entry]:
    """Every citation with its number in the order of the text."""
    places = sorted((p.part, p.start, p.end) for entry in entries for p in entry.places)
    numbers = {place: number for number, place in enumerate(places, start=1)}
    return [
        replace(
            entry,
            places=tuple(
                replace(p, number=numbers[p.part, p.start, p.end])
                for p in sorted(entry.places, key=lambda p: (p.part, p.start))
            ),
        )
        for entry in entries
    ]
