"""The texts of a pair as they leave where a recipe hides places, with critiques on the same characters as before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from curation.actions.signals import stored_signals
from curation.frames import text_of
from curation.methods.places import Found, apart
from curation.methods.redaction import View, in_view, redacted
from curation.models import RunPair
from curation.queries.lineage import Lineage
from feedback.bodies import form_of
from feedback.forms.critiquing import critiques_of
from feedback.models import Response

BETWEEN = 2  # the blank line that `text_of` puts between parts


@dataclass(frozen=True, slots=True)
class Quoted:
    """A critique in the view: what it quotes there, its category and how grave it is."""

    quoted: str
    category: str
    severity: str


@dataclass(frozen=True, slots=True)
class Leaving:
    """A response with places hidden: its letter, the parts of its view, the critiques of it, how many places."""

    letter: str
    parts: list[str]
    critiques: list[Quoted]
    places: int


def leaving(row: RunPair, lineage: Lineage) -> list[Leaving]:
    """Those responses of a pair that hold personal data or secrets, as they leave; nothing is read anew for it."""
    if not {"personal", "secret"} & {*row.flags}:
        return []
    both = (row.pair.response_lo, row.pair.response_hi)
    known = stored_signals(row.run, [text_of(each.messages) for each in both])
    shown = []
    for letter, response, signals in zip(lineage.letters, both, known, strict=True):
        found = apart([*signals.personal, *signals.secrets])
        if found:
            views = _views(response, found)
            shown.append(
                Leaving(
                    letter=letter,
                    parts=[view.text for view in views],
                    critiques=_critiques(lineage, response, views),
                    places=len(found),
                )
            )
    return shown


def _views(response: Response, found: Sequence[Found]) -> list[View]:
    """A view of each part; the places count from the beginning of the whole text."""
    views = []
    start = 0
    for part in _parts(response):
        end = start + len(part)
        inside = [
            Found(kind=each.kind, start=each.start - start, end=each.end - start)
            for each in found
            if start <= each.start and each.end <= end
        ]
        views.append(redacted(part, inside))
        start = end + BETWEEN
    return views


def _parts(response: Response) -> list[str]:
    return [part["text"] for message in response.messages for part in message.get("parts", ())]


def _critiques(lineage: Lineage, response: Response, views: list[View]) -> list[Quoted]:
    """What reviewers behind the pair have criticised in this response."""
    found = []
    for voice in lineage.voices:
        review = voice.vote.review
        body: dict[str, Any] | None = review.body.body
        for question, each in critiques_of(form_of(review.form), body) if body else ():
            if each["on"] != response.position or each["anchor"].get("part", 0) >= len(views):
                continue
            moved = in_view(each["anchor"], views)
            titles = {option.value: option.title for option in question.categories}
            grave = {option.value: option.title for option in question.severities}
            category, severity = (str(each.get(name, "")) for name in ("category", "severity"))
            found.append(
                Quoted(
                    quoted=moved["exact"] or "",
                    category=titles.get(category, category),
                    severity=grave.get(severity, severity),
                )
            )
    return found
