"""The rows that every reader gives: Touchstone's own format in its long form, as msgspec structs.

An `ItemRow` written as JSON is itself a row of the native format, so reading it again gives the same row.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

MAX_RESPONSES = 16

Scope = Literal["item", "response", "review"]
Role = Literal["system", "user", "assistant", "tool"]
TextFormat = Literal["plain", "markdown", "diff"]
DocumentKind = Literal["source", "statute", "issue", "file", "diff", "test_run", "note", "rubric"]
Origin = Literal["human", "model", "mixed", "unknown"]
Purpose = Literal["train", "evaluation", "gold", "practice"]
RaterKind = Literal["imported", "model", "unknown"]
CannotJudgeReason = Literal[
    "missing_context", "outside_expertise", "conflict_of_interest", "bad_task"
]

Key = Annotated[str, Meta(min_length=1, max_length=300)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Terms = Annotated[str, Meta(max_length=500)]
Note = Annotated[str, Meta(max_length=2000)]
Tag = Annotated[str, Meta(min_length=1, max_length=80)]
Tags = Annotated[list[Tag], Meta(max_length=50)]
Priority = Annotated[int, Meta(ge=-100, le=100)]
Depth = Annotated[int, Meta(ge=0, le=1000)]
Seconds = Annotated[float, Meta(ge=0, le=2_000_000)]


class Part(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A piece of text; `format` says how it is shown."""

    type: Literal["text"]
    text: str
    format: TextFormat = "plain"


class MessageRow(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One turn of a prompt or of a response."""

    role: Role
    parts: list[Part]
    tool_calls: list[dict[str, Any]] | None = None
    tool_call_id: Key | None = None
    name: Name | None = None


class Document(Struct, forbid_unknown_fields=True):
    """A document that the reviewer reads beside the prompt."""

    title: Note
    kind: DocumentKind
    parts: list[Part]


class Provenance(Struct, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """Where a text comes from, as far as the file says."""

    origin: Origin = "unknown"
    model: Name | None = None
    model_version: Name | None = None
    parameters: dict[str, Any] | None = None
    generated_at: datetime | None = None
    generation_depth: Depth | None = None
    provider_terms: Terms | None = None
    licence: Name | None = None
    source: Terms | None = None


class ResponseRow(Provenance, kw_only=True):
    """A candidate output; its place in the list, from 1, is its position."""

    messages: list[MessageRow]


class CannotJudge(Struct, forbid_unknown_fields=True):
    reason: CannotJudgeReason
    note: Note = ""


class ReviewRow(Struct, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """What one rater answered about one item; answers name responses by position."""

    id: Key | None = None
    rater: Key | None = None
    rater_kind: RaterKind = "imported"
    answers: dict[str, Any] = {}
    cannot_judge: CannotJudge | None = None
    order: list[int] | None = None
    submitted_at: datetime | None = None
    active_seconds: Seconds | None = None

    def body(self) -> dict[str, Any]:
        """The review body as it is stored and hashed."""
        refusal = self.cannot_judge
        reason = {"reason": refusal.reason, "note": refusal.note} if refusal else None
        return {"answers": self.answers, "cannot_judge": reason}


class Concerns(Struct, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """Whom and what an item concerns, told to a reviewer before they read it. Nothing else of an item is."""

    parties: Annotated[list[Name], Meta(max_length=50)] = []
    source: Terms = ""
    author: Name | None = None


class AnswerKey(Struct, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """What is expected of who practises on the item; answers name responses by position. Never shown before they answer."""

    answers: dict[str, Any] = {}
    explanation: Annotated[str, Meta(max_length=10_000)] = ""


class ItemRow(Struct, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """A prompt with its context, its responses and the reviews it already has."""

    id: Key | None = None
    prompt: list[MessageRow]
    context: list[Document] = []
    responses: list[ResponseRow] = []
    tags: Tags = []
    purpose: Purpose = "train"
    priority: Priority = 0
    group: Key | None = None
    concerns: Concerns | None = None
    key: AnswerKey | None = None
    prompt_provenance: Provenance | None = None
    context_provenance: Provenance | None = None
    reviews: list[ReviewRow] = []


class Problem(Struct, omit_defaults=True, frozen=True):
    """One thing wrong with a row.

    `index` is the response's or review's number in the row, from 1; without it the problem concerns the item, or
    all of its responses or reviews. `path` is in the notation of a mapping (`responses.0.text`).
    """

    scope: Scope
    index: int | None
    code: str
    sentence: str
    path: str = ""


class Row(Struct, omit_defaults=True):
    """One row of a file: the item it gives, or why it gives none.

    `content` is the row as the file has it. `responses` and `reviews` count what the row holds, so that accepted and
    rejected add up: a rejected item takes all of them with it.
    """

    number: int
    content: bytes
    item: ItemRow | None
    problems: list[Problem] = []
    responses: int = 0
    reviews: int = 0

    @property
    def raw(self) -> str:
        """The row's own text; bytes that are no text, and NUL, stand in it as \\xNN."""
        return self.content.decode("utf-8", "backslashreplace").replace("\0", "\\x00")

    @property
    def rejected_responses(self) -> int:
        return 0 if self.item else self.responses

    @property
    def rejected_reviews(self) -> int:
        return self.reviews - (len(self.item.reviews) if self.item else 0)
