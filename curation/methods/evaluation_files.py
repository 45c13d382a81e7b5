"""Reads the texts of an evaluation set out of an uploaded file: JSON Lines, or plain text in blocks; either may be gzipped."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MOST_BYTES = 20_000_000  # of a file as it comes, and unpacked
GZIP = b"\x1f\x8b"
MOST_TEXTS = 200_000
# Names under which published sets keep what must not be trained on; used where nobody names fields.
USUAL = (
    *("prompt", "question", "problem", "input", "instruction", "text", "content", "query"),
    *("canonical_solution", "solution", "answer", "target", "output", "reference"),
)
NAMES = ("task_id", "id", "name", "question_id", "idx")


@dataclass(frozen=True, kw_only=True)
class Texts:
    """The texts of a set, each with a name of its own."""

    names: list[str]
    texts: list[str]


class UnreadableSet(Exception):
    """The file gives no texts; the code and the sentence say why."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code, self.sentence = code, sentence


def read_texts(content: bytes, fields: Sequence[str] = ()) -> Texts:
    """The texts of a file. Of JSON Lines the named fields, or the usual ones that are there; each field is a text.

    Anything else is plain text: blocks between blank lines. Raises UnreadableSet.
    """
    if content.startswith(GZIP):
        content = _unpacked(content)
    if len(content) > MOST_BYTES:
        raise UnreadableSet("set_too_large", f"A set is at most {MOST_BYTES // 10**6} MB.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableSet("set_not_text", "The file is not text in UTF-8.") from error
    found = _lines(text, fields) if text.lstrip().startswith("{") else _blocks(text)
    rows = [(name, part) for name, part in found if part.strip()]
    if not rows:
        raise UnreadableSet("set_empty", "No text was found; name the fields that hold texts.")
    if len(rows) > MOST_TEXTS:
        raise UnreadableSet("set_too_large", f"A set has at most {MOST_TEXTS:,} texts.")
    return Texts(names=[name[:300] for name, _ in rows], texts=[part for _, part in rows])


def _unpacked(content: bytes) -> bytes:
    """What is in a gzip file, and one byte more than is allowed at most: a small file can hold gigabytes."""
    whole = b""
    while content.startswith(GZIP) and len(whole) <= MOST_BYTES:
        member = zlib.decompressobj(wbits=31)
        try:
            whole += member.decompress(content, MOST_BYTES + 1 - len(whole))
        except zlib.error as error:
            raise UnreadableSet("set_not_text", "The file is damaged gzip.") from error
        if not member.eof and len(whole) <= MOST_BYTES:
            raise UnreadableSet("set_not_text", "The gzip file is not whole.")
        content = member.unused_data
    return whole


def _lines(text: str, fields: Sequence[str]) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield from _row(number, line, fields or USUAL)


def _row(number: int, line: str, fields: Sequence[str]) -> Iterator[tuple[str, str]]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UnreadableSet("set_not_json", f"Line {number} is not JSON.") from error
    if not isinstance(row, dict):
        raise UnreadableSet("set_not_json", f"Line {number} is not a JSON object.")
    own = next((row[name] for name in NAMES if isinstance(row.get(name), str | int)), number)
    for name in fields:
        if isinstance(row.get(name), str):
            yield f"{own} {name}", row[name]


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    lines = text.replace("\r\n", "\n").split("\n")
    block: list[str] = []
    begins = 1
    for number, line in enumerate([*lines, ""], start=1):
        if line.strip():
            block.append(line)
        elif block:
            yield f"line {begins}", "\n".join(block)
            block = []
        if not block:
            begins = number + 1
