"""What a program wrote to a terminal, as HTML: its colours as classes, its end first, and how it came out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe

from .unseen import visible

TAIL = 40  # lines that are shown at once
MOST_LINE = 20_000  # characters of a line whose colours are looked at

# Select Graphic Rendition; other control sequences and titles of windows say nothing on paper.
_CONTROL = re.compile(
    r"\x1b\[([0-9;:]*)m|\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-Z\\-_]"
)
_COLOURS = ("dim", "red", "green", "yellow", "blue", "magenta", "cyan", "")
_EXTENDED = 38  # then 5 and a number, or 2 and three numbers
_EXIT = re.compile(
    r"\W*(?:process )?exit(?:ed)?(?: with)?(?: code| status)?[:=]?\s*(-?\d{1,10})(?:\W+(?:in |after )?(\d+(?:\.\d+)?)\s*s(?:econds)?)?\W*",
    re.IGNORECASE,
)
_COMMAND = re.compile(r"\$ (.+)")
# What pytest, unittest and compilers say of failures, where they were not allowed to use colours.
_BAD = re.compile(
    r"E  |FAILED|ERROR|FAIL:|Traceback \(|.*\b[1-9]\d* (?:failed|errors?)\b|.*\berror: "
)
_RULE = re.compile(r"[=\-_]{4,}.*[=\-_]{4,}$|\$ ")


@dataclass(frozen=True, slots=True)
class Run:
    """A command that was run: how it ended (None where the log does not say), and its log, the end apart."""

    command: SafeString
    exit: int | None
    seconds: str
    before: SafeString
    lines_before: int
    tail: SafeString

    @property
    def failed(self) -> bool:
        return bool(self.exit)


def read_run(text: str, title: str = "") -> Run:
    """A log with its command (the title, or a first line that begins with “$ ”) and its exit code (a last line “exit 1 in 4.1 s”)."""
    lines = text.replace("\r\n", "\n").rstrip("\n").split("\n")
    ended = _EXIT.fullmatch(_CONTROL.sub("", lines[-1])[:MOST_LINE])
    if ended:
        lines.pop()
    command = _COMMAND.fullmatch(lines[0]) if lines else None
    html = list(_set(lines))
    return Run(
        command=visible(title or (command[1] if command else "A run without a name")),
        exit=int(ended[1]) if ended else None,
        seconds=(ended[2] or "") if ended else "",
        before=_join(html[:-TAIL]),
        lines_before=max(0, len(html) - TAIL),
        tail=_join(html[-TAIL:]),
    )


def _join(lines: list[str]) -> SafeString:
    return mark_safe("\n".join(lines))  # noqa: S308  (each is HTML)


def _set(lines: list[str]) -> Iterator[str]:
    """Each line as HTML; a colour lasts until it is changed, over the ends of lines."""
    coloured = any("\x1b[" in line for line in lines)
    styles: frozenset[str] = frozenset()
    for line in lines:
        if len(line) > MOST_LINE:
            yield str(visible(line))
        elif coloured:
            html, styles = _line(_overwritten(line), styles)
            yield html
        else:
            yield _plain(_overwritten(line))


def _overwritten(line: str) -> str:
    """What a terminal would show of a line that was written over itself, as progress is."""
    return line.rstrip("\r").rpartition("\r")[2]


def _plain(line: str) -> str:
    kind = "red" if _BAD.match(line) else "dim" if _RULE.match(line) else ""
    return f'<span class="{kind}">{visible(line)}</span>' if kind else str(visible(line))


def _line(line: str, styles: frozenset[str]) -> tuple[str, frozenset[str]]:
    html, at = "", 0
    for found in _CONTROL.finditer(line):
        html += _piece(line[at : found.start()], styles)
        at = found.end()
        if found[1] is not None:
            styles = _changed(styles, found[1])
    return html + _piece(line[at:], styles), styles


def _piece(text: str, styles: frozenset[str]) -> str:
    if not text or not styles:
        return str(visible(text))
    return f'<span class="{" ".join(sorted(styles))}">{visible(text)}</span>'


def _changed(styles: frozenset[str], codes: str) -> frozenset[str]:
    """The styles after a sequence of codes. Backgrounds, and colours beyond the sixteen, are not shown."""
    numbers = iter([int(code or 0) for code in re.split("[;:]", codes[:MOST_LINE])])
    for number in numbers:
        if number == 0:
            styles = frozenset()
        elif number in {1, 2, 4}:
            styles |= {{1: "bold", 2: "dim", 4: "under"}[number]}
        elif number in {22, 24}:
            styles -= {"bold", "dim"} if number == 22 else {"under"}
        elif 30 <= number <= 37 or 90 <= number <= 97:
            styles = styles - set(_COLOURS) | ({_COLOURS[number % 10]} - {""})
        elif number == 39:
            styles -= set(_COLOURS)
        elif number in {_EXTENDED, _EXTENDED + 10}:
            styles = styles - set(_COLOURS) | _extended(numbers, shown=number == _EXTENDED)
    return styles


def _extended(numbers: Iterator[int], *, shown: bool) -> set[str]:
    kind = next(numbers, 0)
    values = [next(numbers, 0) for _ in range(3 if kind == 2 else 1)]
    basic = kind == 5 and values[0] < 16 and shown
    return {_COLOURS[values[0] % 8]} - {""} if basic else set()
