"""What a brief quotes, checked against the documents of the item: on the desk when it is asked for, or as a page of its own."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from feedback import access
from feedback.access import ProjectPlace
from feedback.actions.citing import Text, texts_in
from feedback.briefs import set_brief
from feedback.law.quotations import Quotation, check_quotations
from feedback.law.words import words_of
from feedback.queries.desk import DeskItem, Slot, desk_item
from feedback.unseen import visible

from .desk_door import door


@dataclass(frozen=True, slots=True)
class Source:
    """A document with its title."""

    title: str
    text: Text


@dataclass(frozen=True, slots=True)
class Quoted:
    """One quotation as its reviewer sees it; `there` is the passage of the source with what differs marked."""

    state: str
    paragraph: int
    anchor: str
    here: SafeString
    there: SafeString | None
    title: str


@dataclass(frozen=True, slots=True)
class Checked:
    """The quotations of one response; those that need a look come first."""

    letter: str
    first: Sequence[Quoted]
    found: Sequence[Quoted]


@door("GET", "HEAD")
def quotations(request: HttpRequest, place: ProjectPlace, assignment: uuid.UUID) -> HttpResponse:
    """The quotations of the responses of one's own item. The desk's script asks for the list alone."""
    row = access.assignment(place, assignment)
    item = desk_item(row)
    fragment = bool(request.headers.get("HX-Request"))
    desk = reverse("desk", args=[place.workspace.slug, place.project.slug, assignment])
    context = {
        "workspace": place.workspace,
        "project": place.project,
        "desk": desk,
        "base": "" if fragment else desk,
        "checked": _check(item),
        "several": len(item.slots) > 1,
    }
    page = "feedback/desk_quotations.html"
    return render(request, f"{page}#list" if fragment else page, context)


def _check(item: DeskItem) -> list[Checked]:
    sources = [
        Source(document["title"] or "Source", (part["text"], part["format"]))
        for document in item.context
        for part in document["parts"]
    ]
    return [_of(slot, sources) for slot in item.slots]


def _of(slot: Slot, sources: Sequence[Source]) -> Checked:
    rows: list[Quoted] = []
    first = 1
    for part, text in enumerate(texts_in(slot.messages)):
        if text[1] == "diff":
            continue
        brief = set_brief(*text, letter=slot.letter, part=part, first=first, cites=())
        for each in check_quotations(text, [source.text for source in sources]):
            paragraph = brief.paragraph(each.start)
            rows.append(_quoted(each, text, sources, paragraph, f"{slot.letter}-p{paragraph}"))
        first += len(brief.starts)
    doubtful = [row for row in rows if row.state in ("near", "absent")]
    return Checked(slot.letter, doubtful, [row for row in rows if row not in doubtful])


def _quoted(
    found: Quotation, text: Text, sources: Sequence[Source], paragraph: int, anchor: str
) -> Quoted:
    here = _flat(text[0][found.start : found.end], text[1])
    if found.passage is None:
        return Quoted(found.state, paragraph, anchor, visible(here), None, "")
    source = sources[found.passage.source]
    there = _flat(source.text[0][found.passage.start : found.passage.end], source.text[1])
    if found.state != "near":
        return Quoted(found.state, paragraph, anchor, visible(here), visible(there), source.title)
    mine, theirs = _differences(here, there)
    return Quoted(found.state, paragraph, anchor, mine, theirs, source.title)


def _flat(text: str, format: str) -> str:
    return " ".join(words_of(text, format).text.split())


def _differences(here: str, there: str) -> tuple[SafeString, SafeString]:
    """Both texts with the words marked that the other has not."""
    mine, theirs = here.split(), there.split()
    blocks = SequenceMatcher(None, mine, theirs, False).get_matching_blocks()
    return (
        _marked(mine, [(block.a, block.size) for block in blocks], "del"),
        _marked(theirs, [(block.b, block.size) for block in blocks], "ins"),
    )


def _marked(words: Sequence[str], same: Sequence[tuple[int, int]], tag: str) -> SafeString:
    html, at = [], 0
    for start, size in same:
        if start > at:
            inside = visible(" ".join(words[at:start]))
            html.append(format_html(f"<{tag}>{{}}</{tag}>", inside))
        if size:
            html.append(visible(" ".join(words[start : start + size])))
        at = start + size
    return mark_safe(" ".join(html))  # noqa: S308  (each piece is escaped)
