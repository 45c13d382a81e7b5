"""The texts of an item in type: who speaks, prose or patch, documents, and how long a response is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from django.utils.safestring import SafeString

from feedback.diffs import Counts, count_diff, is_diff, render_diff
from feedback.models import Guideline, Project
from feedback.queries.desk import Slot
from feedback.text import count_words, render_markdown, render_text
from feedback.unseen import visible

View = Literal["prose", "diff"]

ROLES = {"system": "System", "user": "User", "assistant": "Assistant", "tool": "Tool result"}
KINDS = {
    "source": "Source",
    "statute": "Statute",
    "issue": "Issue",
    "diff": "Diff",
    "test_run": "Test run",
    "note": "Note",
}
SIDES = {"A": "a", "B": "b"}  # two letters have hues; nothing else on the screen has them


@dataclass(frozen=True, slots=True)
class Part:
    """A text in type: prose, a patch, or a log."""

    kind: Literal["prose", "patch", "log"]
    html: SafeString


@dataclass(frozen=True, slots=True)
class Call:
    """A tool that a message calls, with its arguments."""

    name: SafeString
    arguments: SafeString


@dataclass(frozen=True, slots=True)
class Turn:
    """One message; `said_by` is empty where there is only one."""

    role: str
    said_by: str
    parts: list[Part]
    calls: list[Call]


@dataclass(frozen=True, slots=True)
class Source:
    """A document of the context."""

    title: SafeString
    kind: str
    parts: list[Part]


@dataclass(frozen=True, slots=True)
class Shown:
    """A response by its letter; its size is counted in words, or in lines where it is a patch."""

    letter: str
    side: str
    turns: list[Turn]
    words: int
    counts: Counts | None


def turns(messages: Sequence[Mapping[str, Any]], view: View = "prose") -> list[Turn]:
    """Messages in type; who speaks is said where there is more than one. With `diff`, what looks like a patch is one."""
    several = len(messages) > 1
    return [
        Turn(
            role=str(message["role"]),
            said_by=ROLES.get(str(message["role"]), "Message") if several else "",
            parts=[_part(part, patches=view == "diff") for part in message["parts"]],
            calls=[
                Call(visible(str(call["name"])), visible(str(call["arguments"])))
                for call in message.get("tool_calls", ())
            ],
        )
        for message in messages
    ]


def response(slot: Slot, view: View) -> Shown:
    """A response in type."""
    texts = [part["text"] for message in slot.messages for part in message["parts"]]
    shown = turns(slot.messages, view)
    patches = any(part.kind == "patch" for turn in shown for part in turn.parts)
    return Shown(
        letter=slot.letter,
        side=SIDES.get(slot.letter, ""),
        turns=shown,
        words=sum(count_words(text) for text in texts),
        counts=count_diff("\n".join(texts)) if patches else None,
    )


def sources(documents: Iterable[Mapping[str, Any]]) -> list[Source]:
    """The documents of the context in type."""
    return [_source(document) for document in documents]


def guideline(project: Project) -> tuple[int, SafeString]:
    """Version and text of the guideline in force."""
    latest: Guideline = project.guidelines.latest("version")
    return latest.version, _set(latest.text)


@lru_cache(maxsize=64)
def _set(text: str) -> SafeString:
    return render_markdown(text)


def _source(document: Mapping[str, Any]) -> Source:
    title, kind = str(document["title"]), str(document["kind"])
    parts = [_document_part(part, kind, title) for part in document["parts"]]
    return Source(visible(title), KINDS.get(kind, "Source"), parts)


def _document_part(part: Mapping[str, str], kind: str, title: str) -> Part:
    if kind == "test_run":
        return Part("log", visible(part["text"]))
    if kind == "diff":
        return Part("patch", render_diff(part["text"], title if "." in title else ""))
    return _part(part, patches=False)


def _part(part: Mapping[str, str], *, patches: bool) -> Part:
    text, format = part["text"], part["format"]
    if format == "diff" or (patches and format == "plain" and is_diff(text)):
        return Part("patch", render_diff(text))
    return Part("prose", render_text(text, format))
