"""Ties to an authority what eyecite leaves open: a short form between two cases of one volume, and the ids after it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eyecite.models import CitationBase

Group = list["CitationBase"]
FIGURE = re.compile(r"\d+")
LONGEST = 400  # pages of one opinion; an id further on is of something else


def tied(citations: Sequence[CitationBase], groups: list[Group]) -> list[Group]:
    """The groups with every citation in exactly one; what nothing ties stands in a group of its own."""
    home = {id(each): group for group in groups for each in group}
    before: Group | None = None
    for each in citations:
        group = home.get(id(each)) or _tie(each, groups, before)
        if group is None:
            group = []
            groups.append(group)
        if id(each) not in home:
            group.append(each)
            home[id(each)] = group
        before = group
    return groups


def _tie(citation: CitationBase, groups: Sequence[Group], before: Group | None) -> Group | None:
    kind = type(citation).__name__
    if kind == "ShortCaseCitation":
        return _by_page(citation, groups)
    # Only an authority can be meant: what stands alone is none.
    if (
        kind == "IdCitation"
        and before
        and _first_page(before) is not None
        and _plausible(citation, before)
    ):
        return before
    return None


def _by_page(citation: CitationBase, groups: Sequence[Group]) -> Group | None:
    """The case of the same volume that begins last before the page that is pinned."""
    page, wanted = _page(citation), _volume(citation)
    best: tuple[int, Group] | None = None
    for group in groups:
        first = _first_page(group)
        if first is None or _volume(group[0]) != wanted or page is None or first > page:
            continue
        if best is None or first > best[0]:
            best = (first, group)
    return best[1] if best else None


def _plausible(citation: CitationBase, group: Group) -> bool:
    page, first = _figure(citation.metadata.pin_cite), _first_page(group)
    return page is None or (first is not None and first <= page <= first + LONGEST)


def _first_page(group: Group) -> int | None:
    if type(group[0]).__name__ != "FullCaseCitation":
        return None
    return _figure(group[0].groups.get("page"))


def _page(citation: CitationBase) -> int | None:
    return _figure(citation.groups.get("page") or citation.metadata.pin_cite)


def _volume(citation: CitationBase) -> tuple[str | None, str]:
    corrected = getattr(citation, "corrected_reporter", None)
    return citation.groups.get("volume"), corrected() if corrected else ""


def _figure(text: str | None) -> int | None:
    found = FIGURE.search(text or "")
    return int(found[0]) if found else None
