"""Where the words of set Markdown stand in its source: each run of text carries the offset of its first character.

The mark is `data-at`: the text inside that element is the source from there on, character for character (code points).
An element with `data-n` stands for so many characters of the source, whatever it shows: an entity, an escape, an
invisible character. Text outside is ours, or could not be placed, and no critique can begin or end in it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from django.utils.html import escape
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

_LINE_END = re.compile(r"\r\n|\n|\r")
_BREAK = re.compile(r"[ \\]*\n[ \t]*")
_LINK_SPACE = re.compile(r"[ \t\n]*")
_CELLS = ("th_open", "td_open")

Run = tuple[str, int | None]  # a text and the offset of its first character, if it is known


class Line(NamedTuple):
    """A line of the source without its end, and where it begins."""

    start: int
    text: str


class SourcedRenderer(RendererHTML):
    """Sets texts with their places where `place` has found them."""

    def text(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        del options, env
        return _set(tokens[at])

    def text_special(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        """An entity or an escape: one thing on the page, several characters in the source."""
        del options, env
        token = tokens[at]
        start = token.meta.get("at")
        if start is None:
            return escape(token.content)
        shown: str = escape(token.content)
        if token.content != token.markup:
            shown = f'<span data-n="{len(token.markup)}">{shown}</span>'
        return f'<span data-at="{start}">{shown}</span>'

    def code_inline(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        del options, env
        return f"<code>{_set(tokens[at])}</code>"


def _set(token: Token) -> str:
    runs: Sequence[Run] = token.meta.get("runs") or ((token.content, None),)
    return "".join(
        escape(text) if at is None else f'<span data-at="{at}">{escape(text)}</span>'
        for text, at in runs
    )


def set_lines(rows: Sequence[str], starts: Sequence[int | None]) -> str:
    """The lines of a block of code, already HTML, each with its place; without places they are joined as they are."""
    if not any(start is not None for start in starts):
        return "\n".join(rows)
    return "\n".join(
        row if start is None else f'<span data-at="{start}">{row}</span>'
        for row, start in zip(rows, starts, strict=True)
    )


def place(tokens: Sequence[Token], text: str, parser: MarkdownIt) -> None:
    """Note in the `meta` of parsed tokens where their texts stand: `runs`, `at`, and `lines` for blocks of code."""
    lines = list(_lines(text))
    cells: dict[int, int] = {}
    for before, token in zip([None, *tokens], tokens, strict=False):
        if token.map is None:
            continue
        if token.type in ("fence", "code_block"):
            first = token.map[0] + (token.type == "fence")
            token.meta["lines"] = [
                _ends(lines[number], row) if number < len(lines) else None
                for number, row in enumerate(token.content.removesuffix("\n").split("\n"), first)
            ]
        elif token.type == "inline":
            if before is not None and before.type in _CELLS:
                starts = [_cell(lines[token.map[0]], token.content, cells)]
                # Every bar inside a cell is an escaped one, and its content has lost the escape.
                bars = [at for at, sign in enumerate(token.content) if sign == "|"]
            else:
                starts, bars = _starts(lines[token.map[0] : token.map[1]], token.content), []
            _Inline(token, starts, parser, bars).place()


def _lines(text: str) -> Iterator[Line]:
    at = 0
    for found in _LINE_END.finditer(text):
        yield Line(at, text[at : found.start()])
        at = found.end()
    yield Line(at, text[at:])


def _starts(lines: Sequence[Line], content: str) -> list[int | None]:
    """Where each line of a block's content begins in the source: behind its indentation, `>` and `#`."""
    rows = content.split("\n")
    return [_ends(line, row) for line, row in zip(lines, rows, strict=False)] + [None] * max(
        0, len(rows) - len(lines)
    )


def _ends(line: Line, row: str) -> int | None:
    """Where a line's content begins: it is what the line ends with, but for space and closing `#`."""
    found = line.text.rfind(row) if row else -1
    rest = line.text[found + len(row) :]
    return line.start + found if found >= 0 and not rest.strip(" \t#") else None


def _cell(line: Line, content: str, cells: dict[int, int]) -> int | None:
    """Where a cell's content begins in its row; `cells` knows where the cell before ended."""
    written = content.replace("|", r"\|")
    found = line.text.find(written, cells.get(line.start, 0)) if content else -1
    if found < 0:
        return None
    cells[line.start] = found + len(written)
    return line.start + found


class _Inline:
    """Walks the tokens of one block along its content; the cursor stands behind what has been understood.

    `bars` are the places of the content before which the source has a character more: the escape of a bar in a table.
    """

    def __init__(
        self,
        token: Token,
        starts: Sequence[int | None],
        parser: MarkdownIt,
        bars: Sequence[int] = (),
    ) -> None:
        self.tokens = token.children or []
        self.content = token.content
        self.parser = parser
        self.starts = starts
        self.bars = bars
        rows = self.content.split("\n")
        self.begins = [0]
        for row in rows[:-1]:
            self.begins.append(self.begins[-1] + len(row) + 1)
        self.at = 0

    def place(self) -> None:
        for token in self.tokens:
            match token.type:
                case "text":
                    self._text(token)
                case "text_special":
                    self._special(token)
                case "code_inline":
                    self._code(token)
                case "softbreak" | "hardbreak":
                    found = _BREAK.match(self.content, self.at)
                    self.at = found.end() if found else self.at
                case "link_open":
                    self._skip("<" if token.markup == "autolink" else "[")
                case "link_close":
                    self._link_end(token)
                case "image":
                    self._skip("![" + token.content)
                    self._link_end(token)
                case _:
                    self._skip(token.markup)

    def _skip(self, markup: str) -> None:
        if markup and self.content.startswith(markup, self.at):
            self.at += len(markup)

    def _text(self, token: Token) -> None:
        """Text stands where the cursor is, or else further on behind what was not understood."""
        found = self.content.find(token.content, self.at) if token.content else -1
        if found >= 0:
            token.meta["runs"] = list(self._runs(token.content, found))
            self.at = found + len(token.content)

    def _special(self, token: Token) -> None:
        if self.content.startswith(token.markup, self.at):
            token.meta["at"] = self._source(self.at)
            self.at += len(token.markup)

    def _code(self, token: Token) -> None:
        start = self.content.find(token.markup, self.at) + len(token.markup)
        padded = not self.content.replace("\n", " ").startswith(token.content + token.markup, start)
        start += padded
        token.meta["runs"] = list(self._runs(token.content, start))
        self.at = start + len(token.content) + padded + len(token.markup)

    def _link_end(self, token: Token) -> None:
        if token.markup == "autolink":
            self._skip(">")
            return
        self._skip("]")
        if not self.content.startswith("(", self.at):
            return
        helpers, most = self.parser.helpers, len(self.content)
        at = self._spaced(self.at + 1)
        target = helpers.parseLinkDestination(self.content, at, most)
        at = self._spaced(target.pos if target.ok else at)
        title = helpers.parseLinkTitle(self.content, at, most)
        at = self._spaced(title.pos if title.ok else at)
        self.at = at + self.content.startswith(")", at)

    def _spaced(self, at: int) -> int:
        found = _LINK_SPACE.match(self.content, at)
        return found.end() if found else at

    def _runs(self, shown: str, at: int) -> Iterator[Run]:
        """What is shown of the content from `at` on, line by line, each with its place; line ends have none."""
        while shown:
            row = bisect_right(self.begins, at) - 1
            end = self.begins[row + 1] - 1 if row + 1 < len(self.begins) else len(self.content)
            bar = next((each for each in self.bars if each > at), end)
            count = max(1, min(len(shown), end - at, bar - at))
            yield shown[:count], self._source(at) if at < end else None
            shown, at = shown[count:], at + count

    def _source(self, at: int) -> int | None:
        row = bisect_right(self.begins, at) - 1
        start = self.starts[row] if row < len(self.starts) else None
        if start is None:
            return None
        return start + at - self.begins[row] + bisect_right(self.bars, at)
