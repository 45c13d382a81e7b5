"""The texts of an item in type: who speaks, prose or patch, documents, and how long a response is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count, repeat
from typing import Any, Literal

from django.utils.safestring import SafeString

from feedback.briefs import Heading
from feedback.diffs import Changed, Counts, Files, is_diff, set_diff, set_file
from feedback.logs import Run, read_run
from feedback.models import Project
from feedback.queries.desk import Slot
from feedback.queries.projects import guideline_in_force
from feedback.text import count_words, render_markdown, render_text
from feedback.unseen import visible

from .desk_calls import Call, glance, tool_call

View = Literal["prose", "brief", "diff"]

ROLES = {"system": "System prompt", "user": "User", "assistant": "Assistant", "tool": "Tool result"}
KINDS = {
    "source": "Source",
    "statute": "Statute",
    "rubric": "Rubric",
    "issue": "Issue",
    "file": "File",
    "diff": "Diff",
    "test_run": "Test run",
    "note": "Note",
}
PATH = re.compile(r"(?!\w+://)(\S*[^\s/]\.\w+|\S+/\S+)")
SEVERAL = 2  # with more messages than that, each says which it is
SHORT = 400  # characters; a longer system prompt is folded
SIDES = {"A": "a", "B": "b"}  # two letters have hues; nothing else on the screen has them


@dataclass(frozen=True, slots=True)
class Part:
    """A text in type: prose, a brief, a patch with its files, or a file of code.

    `place` counts the texts of a response, for a critique to name one; None where none can be made.
    """

    kind: Literal["prose", "brief", "patch", "code"]
    html: SafeString
    files: Sequence[Changed] = ()
    place: int | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One message; `said_by` is empty where there is only one, `place` where the order is plain.

    What is not read first (instructions to the model, what a tool gave back) is `folded` under its beginning.
    """

    role: str
    said_by: str
    place: str
    parts: list[Part]
    calls: list[Call]
    tool: SafeString
    folded: bool
    glance: SafeString


@dataclass(frozen=True, slots=True)
class Source:
    """A document of the context; of a test run, the run."""

    title: SafeString
    kind: str
    parts: list[Part]
    run: Run | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A response by its letter; its size is counted in words, or in lines where it is a patch."""

    letter: str
    side: str
    turns: list[Turn]
    words: int
    files: Sequence[Changed]
    counts: Counts | None
    outline: Sequence[Heading] = ()
    paragraphs: int = 0


def turns(
    messages: Sequence[Mapping[str, Any]],
    view: View = "prose",
    *,
    at: str = "",
    files: Files | None = None,
    placed: bool = False,
) -> list[Turn]:
    """Messages in type; who speaks is said where there is more than one.

    With `diff`, what looks like a patch is one; its files have anchors that begin with `at`, and can be unfolded where
    `files` hold them whole. With `placed`, every text says where in it the words stand that one sees.
    """
    number, found = count(1), []
    places: Iterator[int | None] = count() if placed else repeat(None)
    for turn, message in enumerate(messages, start=1):
        parts = [
            _part(
                part,
                patches=view == "diff",
                at=f"{at}{next(number)}" if at else "",
                files=files,
                place=next(places),
            )
            for part in message["parts"]
        ]
        found.append(as_turn(message, parts, turn, len(messages)))
    return found


def as_turn(message: Mapping[str, Any], parts: list[Part], place: int, of: int) -> Turn:
    """A message with its parts in type, the one at `place` of so many."""
    role, text = str(message["role"]), "\n".join(part["text"] for part in message["parts"])
    aside = role == "tool" or (role == "system" and of > 1)
    return Turn(
        role=role,
        said_by=ROLES.get(role, "Message") if of > 1 or role == "tool" else "",
        place=f"{place} of {of}" if of > SEVERAL else "",
        parts=parts,
        calls=[tool_call(call) for call in message.get("tool_calls", ())],
        tool=visible(str(message.get("tool", ""))),
        folded=aside and len(text) > (0 if role == "tool" else SHORT),
        glance=glance(text) if aside else visible(""),
    )


def response(slot: Slot, view: View, files: Files | None = None, *, placed: bool = False) -> Shown:
    """A response in type; `placed` where passages of it can be criticised."""
    texts = [part["text"] for message in slot.messages for part in message["parts"]]
    shown = turns(slot.messages, view, at=f"patch-{slot.letter}", files=files, placed=placed)
    changed = [file for turn in shown for part in turn.parts for file in part.files]
    return Shown(
        letter=slot.letter,
        side=SIDES.get(slot.letter, ""),
        turns=shown,
        words=sum(count_words(text) for text in texts),
        files=changed,
        counts=_counts(changed),
    )


def _counts(files: Sequence[Changed]) -> Counts | None:
    if not files:
        return None
    added, removed = sum(file.added for file in files), sum(file.removed for file in files)
    return Counts(len(files), added, removed)


def whole_files(documents: Iterable[Mapping[str, Any]], view: View) -> dict[str, str]:
    """The documents that are files of code, by path: those that say so, and where patches are read those named like one."""
    return {
        _path(document): document["parts"][0]["text"]
        for document in documents
        if _is_file(document, view)
    }


def sources(documents: Iterable[Mapping[str, Any]], view: View = "prose") -> list[Source]:
    """The documents of the context in type."""
    return [_source(document, view) for document in documents]


def guideline(project: Project) -> tuple[int, SafeString]:
    """Version and text of the guideline in force."""
    version, text = guideline_in_force(project)
    return version, _set(text)


@lru_cache(maxsize=64)
def _set(text: str) -> SafeString:
    return render_markdown(text)


def _source(document: Mapping[str, Any], view: View) -> Source:
    title, kind = str(document["title"]), str(document["kind"])
    if _is_file(document, view):
        html = set_file(document["parts"][0]["text"], _path(document))
        return Source(visible(title), KINDS["file"], [Part("code", html)])
    if kind == "test_run":
        log = "\n".join(part["text"] for part in document["parts"])
        return Source(visible(title), KINDS[kind], [], read_run(log, title))
    parts = [_document_part(part, kind, title) for part in document["parts"]]
    return Source(visible(title), KINDS.get(kind, "Source"), parts)


def _is_file(document: Mapping[str, Any], view: View) -> bool:
    if len(document["parts"]) != 1:
        return False
    named = view == "diff" and document["kind"] == "source" and PATH.fullmatch(document["title"])
    return document["kind"] == "file" or bool(named)


def _path(document: Mapping[str, Any]) -> str:
    return str(document["title"]).strip().removeprefix("./")


def _document_part(part: Mapping[str, str], kind: str, title: str) -> Part:
    if kind == "diff":
        patch = set_diff(part["text"], title if "." in title else "")
        return Part("patch", patch.html, patch.files)
    return _part(part, patches=False)


def _part(
    part: Mapping[str, str],
    *,
    patches: bool,
    at: str = "",
    files: Files | None = None,
    place: int | None = None,
) -> Part:
    text, format = part["text"], part["format"]
    if format == "diff" or (patches and format == "plain" and is_diff(text)):
        patch = set_diff(text, at=at, files=files)
        return Part("patch", patch.html, patch.files, place)
    return Part("prose", render_text(text, format, placed=place is not None), place=place)
