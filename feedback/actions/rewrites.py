"""What a reviewer wrote anew becomes a response of the item: it names its parent and its author, and beats its parent.

Its position is behind those that came with the item, which alone are shown to reviewers and counted by the queue.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from feedback.bodies import Stored
from feedback.forms.derive import WRITTEN
from feedback.forms.questions import Written
from feedback.models import ItemRevision, Provenance, Response
from feedback.readers import rows as read
from feedback.readers.identity import response_hash

from .importing.raters import Provenances

BETTER = -1  # the higher position wins, without a grade


@dataclass(frozen=True, slots=True)
class Desk:
    """Whose review of which revision's texts is being stored."""

    workspace_id: int
    revision_id: int
    rater_id: int


def keep_rewrites(whole: Stored, desk: Desk, *, now: dt.datetime) -> Stored:
    """Store the rewrites of a body as responses, and add the votes and answers that speak of them.

    To be called inside the transaction that stores the review. The same text from the same parent by the same person is
    the row that is there; a text that says the same as its parent is no rewrite.
    """
    if not whole.written:
        return whole
    # Positions are given out one at a time.
    ItemRevision.objects.select_for_update(no_key=True).get(pk=desk.revision_id)
    votes = {name: list(column) for name, column in whole.votes.items()}
    answers = {name: list(column) for name, column in whole.answers.items()}
    for each in whole.written:
        parent = _parent(desk, each)
        if parent and _text(parent.messages).strip() == each.text.strip():
            continue
        position = _kept(desk, each.text, parent, now).position
        if parent:
            _add(votes, each.question, parent.position, position, BETTER, False)
        _add(answers, each.question, position, None, WRITTEN)
    return replace(whole, votes=votes, answers=answers)


def _add(columns: dict[str, list[Any]], *row: Any) -> None:
    for column, value in zip(columns.values(), row, strict=True):
        column.append(value)


def _parent(desk: Desk, written: Written) -> Response | None:
    if written.source is None:
        return None
    rows = Response.objects.select_related("provenance")
    return rows.get(revision_id=desk.revision_id, position=written.source)


def _kept(desk: Desk, text: str, parent: Response | None, now: dt.datetime) -> Response:
    part = {"type": "text", "text": text, "format": _format(parent)}
    messages = [{"role": "assistant", "parts": [part]}]
    digest = bytes.fromhex(response_hash(messages))
    rows = Response.objects.filter(revision_id=desk.revision_id)
    same = rows.filter(author_id=desk.rater_id, parent=parent, text_hash=digest).exclude(
        messages=[]
    )
    return same.first() or Response.objects.create(
        workspace_id=desk.workspace_id,
        revision_id=desk.revision_id,
        position=rows.latest("position").position + 1 if rows.exists() else 1,
        messages=messages,
        text_hash=digest,
        provenance_id=_provenance(desk, parent),
        parent=parent,
        author_id=desk.rater_id,
        created_at=now,
    )


def _provenance(desk: Desk, parent: Response | None) -> int:
    """A person's own where it began from nothing; both where a model's text, or one of unknown origin, was changed."""
    was = parent.provenance if parent else None
    if was is None or was.origin == Provenance.Origin.HUMAN:
        origin: read.Origin = "human"
    else:
        origin = "mixed"
    said = read.Provenance(
        origin=origin,
        provider_terms=was.provider_terms or None if was else None,
        licence=was.licence or None if was else None,
    )
    provenances = Provenances(desk.workspace_id)
    provenances.learn([said])
    return provenances.id(said)


def _format(parent: Response | None) -> str:
    parts = [part for message in parent.messages for part in message["parts"]] if parent else []
    return str(parts[-1].get("format", "plain")) if parts else "markdown"


def _text(messages: list[dict[str, Any]]) -> str:
    return "\n\n".join(part["text"] for message in messages for part in message["parts"])
