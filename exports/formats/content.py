"""Stored conversations as trainers read them: parts joined, context documents in the prompt, sides cut at the answer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import orjson

Message = dict[str, Any]
Conversation = list[Message]

BETWEEN_PARTS = "\n\n"
SPOKEN_TO = ("user", "tool")  # after such a turn it is the assistant's turn to speak
ANSWERING = ("assistant", "tool")  # the only turns one side of a pair may hold


class FormatError(ValueError):
    """A frame or a text that no format can carry; `code` is stable, the sentence says what to mend."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class LeftOut(Exception):
    """Why one row has no place in a format; `code` is a key of `REASONS`."""

    def __init__(self, code: str) -> None:
        super().__init__(REASONS[code])
        self.code = code


REASONS = {
    "no_prompt": "nothing in the prompt is addressed to the assistant",
    "no_answer": "a response holds no turn of the assistant",
    "same_answer": "both responses are the same, word for word",
    "further_turns": "a response holds turns that are not the assistant's, so the two sides do not share one prompt",
    "uses_tools": "a tool is called and this dataset is published without tool fields",
    "several_turns": "the prompt is a conversation, which trainers of process reward models do not read",
    "undecided": "the judgements on the response point neither clearly up nor clearly down",
    "not_acceptable": "the response was not judged acceptable",
}


def joined(parts: Iterable[dict[str, Any]]) -> str:
    """The text of parts as one string, a blank line between two; raises FormatError for a part that is not text."""
    texts = []
    for part in parts:
        if part["type"] != "text":
            raise FormatError(
                "unsupported_part",
                f"A message holds a part of type “{part['type']}”; datasets carry text parts only.",
            )
        texts.append(part["text"])
    return BETWEEN_PARTS.join(texts)


def conversation(stored: str, *, tools: bool = False) -> Conversation:
    """Stored messages (JSON) as `{role, content}`; with `tools` also tool_calls, tool_call_id and name.

    Raises LeftOut("uses_tools") where a tool is used and `tools` is off: nobody should learn from a call cut away.
    """
    messages = orjson.loads(stored)
    if not tools and any(map(uses_tools, messages)):
        raise LeftOut("uses_tools")
    return [_message(message, tools=tools) for message in messages]


def uses_tools(message: Message) -> bool:
    """Whether a stored message calls a tool or reports a tool's answer."""
    return message["role"] == "tool" or bool(message.get("tool_calls"))


def _message(stored: Message, *, tools: bool) -> Message:
    message: Message = {"role": stored["role"], "content": joined(stored.get("parts") or ())}
    if tools:
        calls = stored.get("tool_calls")
        message["tool_calls"] = [_tool_call(call) for call in calls] if calls else None
        message["tool_call_id"] = stored.get("tool_call_id")
        message["name"] = stored.get("name")
    return message


def _tool_call(stored: dict[str, Any]) -> dict[str, Any]:
    """One call as chat templates read it; arguments as a JSON string, since Arrow wants one type for all of them."""
    function = stored.get("function") or stored
    arguments = function.get("arguments") or {}
    if not isinstance(arguments, str):
        arguments = orjson.dumps(arguments, option=orjson.OPT_SORT_KEYS).decode()
    return {
        "id": stored.get("id"),
        "type": "function",
        "function": {"name": function["name"], "arguments": arguments},
    }


def with_context(prompt: Conversation, stored_documents: str) -> Conversation:
    """The prompt with its context documents (JSON) set before the words of its last user turn.

    A document becomes `## Kind: Title`, a blank line, its text; the turn's own words follow under `## Request`. A
    prompt without a user turn gets one at its end. Without documents the prompt comes back as it is.
    """
    documents = orjson.loads(stored_documents)
    if not documents:
        return prompt
    place = next((n for n in reversed(range(len(prompt))) if prompt[n]["role"] == "user"), None)
    if place is None:
        return [*prompt, {"role": "user", "content": _briefing(documents, "")}]
    asked = {**prompt[place], "content": _briefing(documents, prompt[place]["content"])}
    return [*prompt[:place], asked, *prompt[place + 1 :]]


def _briefing(documents: list[dict[str, Any]], words: str) -> str:
    sections = [f"## {_title(document)}\n\n{joined(document['parts'])}" for document in documents]
    if words:
        sections.append(f"## Request\n\n{words}")
    return "\n\n".join(sections)


def _title(document: dict[str, Any]) -> str:
    kind = str(document.get("kind") or "source").replace("_", " ").capitalize()
    title = " ".join(str(document.get("title") or "").split())
    return f"{kind}: {title}" if title else kind


def cut_pair(
    prompt: Conversation, chosen: Conversation, rejected: Conversation
) -> tuple[Conversation, Conversation, Conversation]:
    """Prompt, chosen, rejected: everything both sides share, up to the last turn that speaks to the assistant, is prompt.

    So responses of several turns share their whole prefix, and a prompt that ends in words of the assistant gives them
    to both sides. Raises LeftOut where the rest is not the assistant's alone, is empty or is the same on both sides.
    """
    if chosen == rejected:
        raise LeftOut("same_answer")
    first, second = [*prompt, *chosen], [*prompt, *rejected]
    place = _place_to_answer(_common(first, second), first, second)
    return first[:place], _answer(first[place:]), _answer(second[place:])


def cut_answer(prompt: Conversation, response: Conversation) -> tuple[Conversation, Conversation]:
    """Prompt and response in the same way; the response stays whole. Raises LeftOut like `cut_pair`."""
    whole = [*prompt, *response]
    place = _place_to_answer(len(prompt), whole)
    return whole[:place], _answer(whole[place:])


def _common(first: Conversation, second: Conversation) -> int:
    """How many leading messages two conversations share."""
    pairs = enumerate(zip(first, second, strict=False))
    return next((n for n, (one, other) in pairs if one != other), min(len(first), len(second)))


def _place_to_answer(at_most: int, *wholes: Conversation) -> int:
    """How many turns in, `at_most` at best, the assistant is last spoken to and answers in every conversation."""
    for count in range(at_most, 0, -1):
        spoken_to = wholes[0][count - 1]["role"] in SPOKEN_TO
        if spoken_to and all(_answered(whole, count) for whole in wholes):
            return count
    raise LeftOut("no_prompt")


def _answered(whole: Conversation, count: int) -> bool:
    return count == len(whole) or whole[count]["role"] == "assistant"


def _answer(turns: Conversation) -> Conversation:
    """The turns, if nobody but the assistant and its tools speaks and the assistant has the last word."""
    if any(turn["role"] not in ANSWERING for turn in turns):
        raise LeftOut("further_turns")
    if not turns or turns[-1]["role"] != "assistant":
        raise LeftOut("no_answer")
    return turns


def row_hash(*stored: str) -> str:
    """SHA-256 (hex) over the canonical form of stored JSON texts: what a row of one response is known by."""
    values = [orjson.loads(text) for text in stored]
    return hashlib.sha256(orjson.dumps(values, option=orjson.OPT_SORT_KEYS)).hexdigest()
