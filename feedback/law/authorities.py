"""The authorities that a text cites, found by eyecite: each once, with every place where it is cited.

What is found is kept as places in the text and never as words of it, so that an erased text leaves nothing behind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .names import best_name, name_of, span_of
from .ties import tied
from .words import Words, words_of

if TYPE_CHECKING:
    from eyecite.models import CitationBase

VERSION = 1  # of what is found; a higher one finds anew
Span = tuple[int, int]

HOW = {
    "FullCaseCitation": "full",
    "FullLawCitation": "full",
    "FullJournalCitation": "full",
    "ShortCaseCitation": "short",
    "SupraCitation": "supra",
    "IdCitation": "id",
    "ReferenceCitation": "name",
    "UnknownCitation": "unknown",
}
KINDS = {"FullCaseCitation": "case", "FullLawCitation": "statute", "FullJournalCitation": "article"}
YEAR = re.compile(r"[^()]{0,60}\((?:[^()]{0,40}\s)?((?:1[6-9]|20)\d\d)\)")
SLUG = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Place:
    """One citation: its span in the source, and its form (full, short, supra, id, name, unknown)."""

    start: int
    end: int
    how: str


@dataclass(frozen=True, slots=True)
class Found:
    """One authority by places: its name and its citation where it is first given in full; empty spans where it is not."""

    kind: str  # case | statute | article | untied
    name: Span
    cite: Span
    reporter: str  # as it is usually written ("U.S."), of our tables and not of the text
    year: Span
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Authority:
    """One authority in words. `id` says which it is in any text: the same citation has the same id."""

    id: str
    kind: str
    name: str
    cite: str
    year: str
    places: tuple[Place, ...]


def find_authorities(text: str, format: str) -> list[Found]:
    """Every citation that eyecite finds, by authority in the order of first use; what cannot be tied to one stands alone."""
    from eyecite import get_citations, resolve_citations

    words = words_of(text, format)
    if not words.text:
        return []  # eyecite takes no empty text
    citations = get_citations(words.text, remove_ambiguous=False)
    groups = tied(citations, [list(group) for group in resolve_citations(citations).values()])
    found = [_found(group, words) for group in groups]
    return sorted(found, key=lambda each: each.places[0].start)


def _found(group: Sequence[CitationBase], words: Words) -> Found:
    first = group[0]
    places = tuple(_place(each, words) for each in sorted(group, key=span_of))
    kind = KINDS.get(type(first).__name__, "untied")
    nothing = (0, 0)
    if kind == "untied":
        return Found(kind, nothing, words.span(*span_of(first)), "", nothing, places)
    name = best_name([each for each in group if type(each) is type(first)], words.text)
    corrected = first.corrected_reporter() if hasattr(first, "corrected_reporter") else ""
    return Found(
        kind=kind,
        name=words.span(name.start, name.stop) if len(name) else nothing,
        cite=words.span(*span_of(first)),
        reporter=corrected,
        year=next((year for each in group if (year := _year(each, words))), nothing),
        places=places,
    )


def _place(citation: CitationBase, words: Words) -> Place:
    """From the name, if it stands before the citation, to the page it pins."""
    start, end = citation.span_with_pincite()
    name = name_of(citation, words.text)
    if len(name):
        start = min(start, name.start)
    while end > start + 1 and words.text[end - 1] in " ,;\n":
        end -= 1
    return Place(*words.span(start, end), HOW.get(type(citation).__name__, "unknown"))


def _year(citation: CitationBase, words: Words) -> Span | None:
    if type(citation).__name__ not in KINDS:
        return None
    end = span_of(citation)[1]
    found = YEAR.match(words.text[end : end + 110])
    return words.span(end + found.start(1), end + found.end(1)) if found else None


def in_words(found: Found, text: str, format: str) -> Authority:
    """An authority as the text it was found in names it."""
    cite = _flat(text[slice(*found.cite)], format)
    volume, _, rest = cite.partition(" ")
    page = rest.rpartition(" ")[2]
    if found.reporter and found.kind != "statute" and volume and page:
        cite = f"{volume} {found.reporter} {page}"
    slug = SLUG.sub("-", cite.casefold()).strip("-")
    if found.kind == "untied":
        slug = f"{slug}-at-{found.cite[0]}"
    name, year = _flat(text[slice(*found.name)], format), text[slice(*found.year)]
    return Authority(slug[-80:], found.kind, name, cite, year, found.places)


def _flat(text: str, format: str) -> str:
    return words_of(text, format).text.replace("\n", " ").strip()


def as_json(found: Sequence[Found]) -> list[dict[str, Any]]:
    """What was found, to be kept: places, kinds and names of reporters."""
    return [
        {
            "kind": each.kind,
            "name": each.name,
            "cite": each.cite,
            "reporter": each.reporter,
            "year": each.year,
            "places": [(place.start, place.end, place.how) for place in each.places],
        }
        for each in found
    ]


def from_json(kept: Sequence[dict[str, Any]]) -> Iterator[Found]:
    for each in kept:
        yield Found(
            kind=each["kind"],
            name=tuple(each["name"]),
            cite=tuple(each["cite"]),
            reporter=each["reporter"],
            year=tuple(each["year"]),
            places=tuple(Place(*place) for place in each["places"]),
        )
