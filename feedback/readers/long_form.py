"""Writes a row out in full: strings become messages, numbers become ids, times become UTC, nulls become defaults."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from .answers import tidy
from .rows import (
    CannotJudge,
    Document,
    ItemRow,
    MessageRow,
    Part,
    Provenance,
    ResponseRow,
    ReviewRow,
    Role,
    TextFormat,
)
from .written import (
    WrittenDocument,
    WrittenItem,
    WrittenMessage,
    WrittenPart,
    WrittenProvenance,
    WrittenResponse,
    WrittenReview,
)


def long_item(item: WrittenItem) -> ItemRow:
    """The item in full; its faults have been looked for before."""
    return ItemRow(
        id=as_key(item.id),
        prompt=long_prompt(item.prompt),
        context=[long_document(each) for each in item.context or ()],
        responses=[long_response(each) for each in item.responses or ()],
        tags=item.tags or [],
        purpose=item.purpose or "train",
        priority=item.priority or 0,
        group=as_key(item.group),
        concerns=item.concerns,
        key=item.key,
        prompt_provenance=long_provenance(item.prompt_provenance),
        context_provenance=long_provenance(item.context_provenance),
        reviews=[long_review(each) for each in item.reviews or ()],
    )


def as_key(key: str | float | None) -> str | None:
    """An id as text; 7.0, as tables write a whole number beside empty cells, is 7."""
    if isinstance(key, float):
        key = int(key)
    return None if key is None else str(key)


def as_moment(text: str | None) -> datetime | None:
    """ISO 8601 as a time in UTC, which is also assumed where no zone is named. Raises ValueError or OverflowError."""
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def long_prompt(prompt: str | list[WrittenMessage]) -> list[MessageRow]:
    if isinstance(prompt, str):
        return [one_message("user", prompt, "plain")]
    return [long_message(each) for each in prompt]


def one_message(role: Role, text: str, format: TextFormat | None) -> MessageRow:
    return MessageRow(role=role, parts=[Part("text", text, format or "plain")])


def long_message(message: WrittenMessage) -> MessageRow:
    return MessageRow(
        role=message.role,
        parts=long_parts(message.parts if message.content is None else message.content),
        tool_calls=message.tool_calls or None,
        tool_call_id=message.tool_call_id,
        name=message.name,
    )


def long_parts(
    parts: str | list[WrittenPart] | None, format: TextFormat | None = None
) -> list[Part]:
    if isinstance(parts, str):
        return [Part("text", parts, format or "plain")]
    return [Part("text", each.text, each.format or "plain") for each in parts or ()]


def long_document(document: str | WrittenDocument) -> Document:
    if isinstance(document, str):
        return Document("", "source", long_parts(document))
    parts = document.parts if document.text is None else document.text
    title, kind = document.title or "", document.kind or "source"
    return Document(title, kind, long_parts(parts, document.format))


def long_response(response: str | WrittenResponse) -> ResponseRow:
    if isinstance(response, str):
        return ResponseRow(messages=[one_message("assistant", response, "plain")])
    if response.text is not None:
        messages = [one_message("assistant", response.text, response.format)]
    else:
        messages = [long_message(each) for each in response.messages or ()]
    return ResponseRow(messages=messages, **provenance_fields(response))


def long_provenance(provenance: WrittenProvenance | None) -> Provenance | None:
    return Provenance(**provenance_fields(provenance)) if provenance else None


def provenance_fields(written: WrittenProvenance) -> dict[str, Any]:
    return {
        "origin": written.origin or "unknown",
        "model": written.model,
        "model_version": written.model_version,
        "parameters": written.parameters or None,
        "generated_at": as_moment(written.generated_at),
        "generation_depth": written.generation_depth,
        "provider_terms": written.provider_terms,
        "licence": written.licence,
        "source": written.source,
    }


def long_review(review: WrittenReview) -> ReviewRow:
    refusal = review.cannot_judge
    return ReviewRow(
        id=as_key(review.id),
        rater=as_key(review.rater),
        rater_kind=review.rater_kind or "imported",
        answers=tidy(review.answers or {}),
        cannot_judge=CannotJudge(refusal.reason, refusal.note or "") if refusal else None,
        order=review.order,
        submitted_at=as_moment(review.submitted_at),
        active_seconds=review.active_seconds,
    )
