"""The native row as people may write it: a string where one message is meant, a number as an id, null for nothing."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from .rows import (
    MAX_RESPONSES,
    AnswerKey,
    CannotJudgeReason,
    Concerns,
    Depth,
    DocumentKind,
    Key,
    Name,
    Note,
    Origin,
    Priority,
    Purpose,
    RaterKind,
    Role,
    Seconds,
    Tags,
    Terms,
    TextFormat,
)

WrittenKey = Key | int | float
Moment = Annotated[str, Meta(max_length=40)]


class WrittenPart(Struct, forbid_unknown_fields=True):
    type: Literal["text"]
    text: str
    format: TextFormat | None = None


class WrittenMessage(Struct, forbid_unknown_fields=True):
    """`content` is the usual way of chat files; it stands for `parts`."""

    role: Role
    parts: list[WrittenPart] | None = None
    content: str | list[WrittenPart] | None = None
    tool_calls: list[dict[str, Any]] | None = None
    tool_call_id: Key | None = None
    name: Name | None = None


Messages = Annotated[list[WrittenMessage], Meta(max_length=1000)]


class WrittenDocument(Struct, forbid_unknown_fields=True):
    title: Note | None = None
    kind: DocumentKind | None = None
    text: str | None = None
    format: TextFormat | None = None
    parts: list[WrittenPart] | None = None


class WrittenProvenance(Struct, forbid_unknown_fields=True, kw_only=True):
    origin: Origin | None = None
    model: Name | None = None
    model_version: Name | None = None
    parameters: dict[str, Any] | None = None
    generated_at: Moment | None = None
    generation_depth: Depth | None = None
    provider_terms: Terms | None = None
    licence: Name | None = None
    source: Terms | None = None


class WrittenResponse(WrittenProvenance, kw_only=True, forbid_unknown_fields=True):
    text: str | None = None
    format: TextFormat | None = None
    messages: Messages | None = None


class WrittenCannotJudge(Struct, forbid_unknown_fields=True):
    reason: CannotJudgeReason
    note: Note | None = None


class WrittenReview(Struct, forbid_unknown_fields=True, kw_only=True):
    id: WrittenKey | None = None
    rater: WrittenKey | None = None
    rater_kind: RaterKind | None = None
    answers: dict[str, Any] | None = None
    cannot_judge: WrittenCannotJudge | None = None
    order: list[int] | None = None
    submitted_at: Moment | None = None
    active_seconds: Seconds | None = None


class WrittenItem(Struct, forbid_unknown_fields=True, kw_only=True):
    id: WrittenKey | None = None
    prompt: str | Messages
    context: Annotated[list[str | WrittenDocument], Meta(max_length=1000)] | None = None
    responses: Annotated[list[str | WrittenResponse], Meta(max_length=MAX_RESPONSES)] | None = None
    tags: Tags | None = None
    purpose: Purpose | None = None
    priority: Priority | None = None
    group: WrittenKey | None = None
    concerns: Concerns | None = None
    key: AnswerKey | None = None
    prompt_provenance: WrittenProvenance | None = None
    context_provenance: WrittenProvenance | None = None
    reviews: Annotated[list[WrittenReview], Meta(max_length=10_000)] | None = None
