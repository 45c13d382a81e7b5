"""Whole files beside a patch: which of them is a file of the patch, and whether it is the file before or after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from django.utils.safestring import SafeString, mark_safe
from unidiff.patch import PatchedFile

from feedback.syntax import lexer_by_file, lines

from .intraline import compose
from .names import in_attribute
from .reading import text_of

MOST_IN_BODY = 100  # lines in a <tbody>: a browser leaves out those that are far from the screen

Side = Literal["old", "new"]


@dataclass(frozen=True, slots=True)
class Whole:
    """A file whose lines are known: as it is before the patch or after it, and how many lines it has."""

    side: Side
    length: int


def whole_of(file: PatchedFile, files: Mapping[str, str]) -> Whole | None:
    """The whole file of this path, if what the patch says of its lines is true of it on one side; else None."""
    text = files.get(file.path)
    if text is None or not len(file):
        return None
    rows = _rows(text)
    sides: tuple[Side, Side] = ("old", "new")
    side = next((each for each in sides if _agrees(file, rows, each)), None)
    return Whole(side, len(rows)) if side else None


def set_file(text: str, path: str) -> SafeString:
    """A file of code as a table of numbered lines, from which a patch beside it shows what it leaves out."""
    coloured = lines("\n".join(_rows(text)), lexer_by_file(path) if path else None)
    rows = [
        f'<tr><td class="ln">{number}</td><td class="c">{compose(pieces, ())}</td></tr>'
        for number, pieces in enumerate(coloured, start=1)
    ]
    bodies = "".join(
        f"<tbody>{''.join(rows[at : at + MOST_IN_BODY])}</tbody>"
        for at in range(0, len(rows), MOST_IN_BODY)
    )
    return mark_safe(  # noqa: S308  (each line is HTML)
        f'<table class="diff" data-lines-of="{in_attribute(path)}">{bodies}</table>'
    )


def _rows(text: str) -> list[str]:
    return text.replace("\r\n", "\n").removesuffix("\n").split("\n")


def _agrees(file: PatchedFile, rows: list[str], side: Side) -> bool:
    for hunk in file:
        for line in hunk:
            number = line.source_line_no if side == "old" else line.target_line_no
            if number and (number > len(rows) or rows[number - 1] != text_of(line)):
                return False
    return True
