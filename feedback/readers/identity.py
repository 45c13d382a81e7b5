"""The hashes that tell whether two texts, items, bodies or pairs are the same: SHA-256 of canonical JSON, in hex."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec
import orjson

from .rows import ItemRow, MessageRow


def canonical(value: Any) -> bytes:
    """The one way to write a JSON value or a row: sorted keys, no spaces, UTF-8."""
    return orjson.dumps(value, default=msgspec.to_builtins, option=orjson.OPT_SORT_KEYS)


def digest(value: Any) -> str:
    return hashlib.sha256(canonical(value)).hexdigest()


def response_hash(messages: Sequence[MessageRow | dict[str, Any]]) -> str:
    """Identity of a response's text, whoever wrote it; messages may also come as they are stored."""
    return digest(messages)


def content_hash(item: ItemRow) -> str:
    """Identity of an item without an external id: prompt, context, each response's text and its model."""
    responses = [{"messages": each.messages, "model": each.model} for each in item.responses]
    return digest({"prompt": item.prompt, "context": item.context, "responses": responses})


def text_hash(item: ItemRow) -> str:
    """The same without the models: items that share it are twins."""
    texts = [{"messages": each.messages} for each in item.responses]
    return digest({"prompt": item.prompt, "context": item.context, "responses": texts})


def body_hash(body: dict[str, Any]) -> str:
    """Hash of a review's body; with rater and item it identifies an imported review that has no id."""
    return digest(body)


def pair_hash(content: str, lo_response: str, hi_response: str, question: str) -> str:
    """Identity of a pair over all runs, from the hex hashes of its item and responses (lo: the smaller position)."""
    return digest([content, lo_response, hi_response, question])
