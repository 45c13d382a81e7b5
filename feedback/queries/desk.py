"""What a reviewer may see of an item, and nothing else: built field by field, never by leaving something out.

Slot letters, roles, texts and the form go out. External ids, model names, metadata, positions, other reviews, tags and the
purpose of the item do not: hiding on the screen would not be hiding.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from feedback.bodies import form_of
from feedback.forms.rubrics import with_rubric
from feedback.forms.schema import Form
from feedback.forms.slots import letters, to_slots
from feedback.models import Assignment, Draft, Item, Review
from feedback.statements import run

from .concerns import check_disclosed


@dataclass(frozen=True, slots=True)
class Slot:
    """A response by its letter."""

    letter: str
    messages: list[dict[str, Any]]

    @property
    def text(self) -> str:
        """Its words, a blank line between parts; calls of tools are no words."""
        return "\n\n".join(part["text"] for message in self.messages for part in message["parts"])


@dataclass(frozen=True, slots=True)
class DeskItem:
    """One assignment as its reviewer sees it. `draft` is a body by letters, `draft_revision` 0 when there is none."""

    assignment: uuid.UUID
    state: str
    form: Form
    form_version: int
    prompt: list[dict[str, Any]]
    context: list[dict[str, Any]]
    slots: list[Slot]
    draft: dict[str, Any]
    draft_revision: int
    draft_saved_at: dt.datetime | None
    leased_until: dt.datetime


# What a preview shows where a project has no item yet.
SAMPLE = "The text that a reviewer reads stands here."

# Each text once, whatever the number of responses.
_TEXTS = """
SELECT r.prompt, r.context,
    (SELECT jsonb_object_agg(p.position, p.messages) FROM feedback_response p
     WHERE p.revision_id = r.id AND p.position = ANY(%(positions)s))
FROM feedback_itemrevision r WHERE r.id = %(revision)s
"""


def desk_item(assignment: Assignment) -> DeskItem:
    """The payload of an assignment (with its form and draft fetched): one more query, a prepared one.

    Raises NotDisclosed while its texts are withheld from its reviewer.
    """
    check_disclosed(assignment)
    order = assignment.order_shown
    form = form_of(assignment.form)
    draft: Draft | None = getattr(assignment, "draft", None)
    texts = _texts_of(assignment.revision_id, order)
    return DeskItem(
        assignment=assignment.public_id,
        state=assignment.state,
        form=with_rubric(form, lambda: texts.rubrics),
        form_version=assignment.form.version,
        prompt=texts.prompt,
        context=texts.context,
        slots=texts.slots,
        draft=to_slots(form, draft.body, order) if draft else {"answers": {}, "cannot_judge": None},
        draft_revision=draft.revision if draft else 0,
        draft_saved_at=draft.saved_at if draft else None,
        leased_until=assignment.leased_until,
    )


def previewed(item: Item | None, form: Form, *, now: dt.datetime) -> DeskItem:
    """An item (or, without one, sample texts) as a form would show it to somebody who has not answered, in the order of import."""
    if item is not None and item.revision_id is not None:
        texts = _texts_of(item.revision_id, range(1, item.responses + 1))
    else:
        texts = _sample(min(max(form.responses.min, 2), form.responses.max))
    return DeskItem(
        assignment=item.public_id if item else uuid.UUID(int=0),
        state=Assignment.State.OPEN,
        form=with_rubric(form, lambda: texts.rubrics),
        form_version=0,
        prompt=texts.prompt,
        context=texts.context,
        slots=texts.slots,
        draft={"answers": {}, "cannot_judge": None},
        draft_revision=0,
        draft_saved_at=None,
        leased_until=now,
    )


def sent_answer(review: Review) -> dict[str, Any]:
    """A sent review's body by letters, as its writer saw the responses; empty when it was erased."""
    body = review.body.body
    empty: dict[str, Any] = {"answers": {}, "cannot_judge": None}
    return to_slots(form_of(review.form), body, review.order_shown) if body else empty


@dataclass(frozen=True, slots=True)
class _Texts:
    """What is read: prompt, context, and responses by letter."""

    prompt: list[dict[str, Any]]
    context: list[dict[str, Any]]
    slots: list[Slot]
    rubrics: list[dict[str, Any]]


def _texts_of(revision: int, order: Sequence[int]) -> _Texts:
    texts = run(_TEXTS, {"revision": revision, "positions": list(order)})[0]
    prompt, context, responses = (orjson.loads(text) if text else {} for text in texts)
    return _Texts(
        prompt=_messages(prompt),
        # A rubric is read criterion by criterion, and its weights stay here.
        context=[_document(document) for document in context if document.get("kind") != "rubric"],
        slots=[
            Slot(letter, _messages(responses[str(position)]))
            for letter, position in zip(letters(len(order)), order, strict=True)
        ],
        rubrics=[document for document in context if document.get("kind") == "rubric"],
    )


def _sample(count: int) -> _Texts:
    says = [{"role": "assistant", "parts": [{"text": SAMPLE, "format": "plain"}]}]
    asks = [{"role": "user", "parts": [{"text": "What was asked stands here.", "format": "plain"}]}]
    return _Texts(asks, [], [Slot(letter, says) for letter in letters(count)], [])


def _messages(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Messages as they are shown. A tool's result names its tool; the ids of calls stay behind: their look tells whose."""
    names = {
        call["id"]: str(_called(call).get("name", ""))
        for message in messages
        for call in message.get("tool_calls") or ()
        if isinstance(call.get("id"), str)
    }
    return [_message(message, names.get(message.get("tool_call_id", ""))) for message in messages]


def _message(message: dict[str, Any], tool: str | None) -> dict[str, Any]:
    """Role, texts and tool calls. A message's `name` stays behind: it may be the model's."""
    shown: dict[str, Any] = {
        "role": message["role"],
        "parts": [_part(part) for part in message.get("parts", ())],
    }
    if tool:
        shown["tool"] = tool
    calls = message.get("tool_calls")
    if calls:
        shown["tool_calls"] = [
            {"name": _called(call).get("name", ""), "arguments": _called(call).get("arguments", "")}
            for call in calls
        ]
    return shown


def _called(call: dict[str, Any]) -> dict[str, Any]:
    function: dict[str, Any] = call.get("function", call)
    return function


def _part(part: dict[str, Any]) -> dict[str, str]:
    return {"text": part["text"], "format": part.get("format", "plain")}


def _document(document: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": document.get("title", ""),
        "kind": document.get("kind", "source"),
        "parts": [_part(part) for part in document.get("parts", ())],
    }
