r"""LaTeX in Markdown stays the text it is: no `_`, `*` or `\(` of a formula is taken for Markdown, and none is typeset.

A formula is `$…$`, `$$…$$`, `\(…\)`, `\[…\]` or `\begin{name}…\end{name}`; a delimiter that nothing closes is text as well.
All rules are linear in the length of the text.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

# As Pandoc reads dollars: no space inside them, and no digit behind, so that "$5 and $10" are prices.
_CLOSERS = re.compile(r"\\\)|\\\]|\\end\{[\w*]{1,40}\}|\$\$|(?<!\s)\$(?![\d$])|\\.", re.DOTALL)
_OPENER = re.compile(r"\$\$|\$(?=[^\s$])|\\\(|\\\[|\\begin\{([\w*]{1,40})\}")
_BRACKETS = {"\\(": "\\)", "\\[": "\\]", "$": "$", "$$": "$$"}
_KEPT = ("\\(", "\\)", "\\[", "\\]")  # Markdown would take the backslash away


@dataclass(slots=True)
class _Known:
    """What one rendering has found: where formulas may end in each inline text, and the blocks that nothing closes."""

    ends: dict[str, dict[str, list[int]]] = field(default_factory=dict)
    unclosed: dict[str, tuple[int, int]] = field(default_factory=dict)


def keep_mathematics(parser: MarkdownIt) -> None:
    """Teach a parser to leave formulas alone."""
    parser.inline.ruler.before("escape", "mathematics", _inline)
    interrupts = ["paragraph", "reference", "blockquote", "list"]
    parser.block.ruler.before("fence", "mathematics", _block, {"alt": interrupts})


def _inline(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] not in "$\\":
        return False
    found = _OPENER.match(state.src, state.pos)
    end = _end(state, found) if found else None
    if found is not None and end is not None:
        if not silent:
            _put(state, found, end)
        state.pos = end
        return True
    if not state.src.startswith(_KEPT, state.pos):
        return False
    if not silent:
        state.append_pending(state.src[state.pos : state.pos + 2])
    state.pos += 2
    return True


def _put(state: StateInline, found: re.Match[str], end: int) -> None:
    own_line = found.group() not in ("$", "\\(")
    css = "math own-line" if own_line else "math"
    state.push("math_open", "span", 1).attrs = {"class": css}
    state.push("text", "", 0).content = state.src[state.pos : end]
    state.push("math_close", "span", -1)


def _end(state: StateInline, found: re.Match[str]) -> int | None:
    """Where the formula that begins here ends; None: it is none."""
    ends = _known(state).ends.get(state.src)
    if ends is None:
        ends = _known(state).ends[state.src] = _ends(state.src)
    closer = _closer(found)
    places = ends.get(closer, [])
    at = bisect_left(places, found.end())
    if at == len(places) or places[at] + len(closer) > state.posMax:
        return None
    return places[at] + len(closer)


def _ends(text: str) -> dict[str, list[int]]:
    """Where each closing delimiter stands in a text, in order."""
    ends: dict[str, list[int]] = {}
    for found in _CLOSERS.finditer(text):
        ends.setdefault(found.group(), []).append(found.start())
    return ends


def _block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A formula over several lines, whose lines would else be headings and lists; blank lines may stand in it."""
    if state.is_code_block(start):
        return False
    at = state.bMarks[start] + state.tShift[start]
    found = _OPENER.match(state.src, at)
    if found is None or found.group() in ("$", "\\("):
        return False
    last = _last_line(state, start, end, found)
    if last is None:
        return False
    if not silent:
        state.line = last + 1
        state.push("paragraph_open", "p", 1).map = [start, state.line]
        token = state.push("inline", "", 0)
        token.content = state.getLines(start, state.line, state.blkIndent, False).strip()
        token.map, token.children = [start, state.line], []
        state.push("paragraph_close", "p", -1)
    return True


def _last_line(state: StateBlock, start: int, end: int, found: re.Match[str]) -> int | None:
    """The line that closes a formula; None if it closes where it opens (any paragraph can hold it), or never."""
    closer = _closer(found)
    if state.src.find(closer, found.end(), state.eMarks[start]) >= 0:
        return None
    first, stop = _known(state).unclosed.get(closer, (0, -1))
    if first <= start <= stop:
        return None
    line = start + 1
    while line < end and (state.isEmpty(line) or state.sCount[line] >= state.blkIndent):
        if state.src.find(closer, state.bMarks[line], state.eMarks[line]) >= 0:
            return line
        line += 1
    _known(state).unclosed[closer] = (start, line - 1)
    return None


def _closer(found: re.Match[str]) -> str:
    name = found.group(1)
    return f"\\end{{{name}}}" if name else _BRACKETS[found.group()]


def _known(state: StateInline | StateBlock) -> _Known:
    known: _Known = state.env.setdefault("mathematics", _Known())
    return known
