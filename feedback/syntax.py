"""Syntax colours in four classes (words, texts, names, notes): code as pieces that the page colours with tokens of its own."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from html import escape

from pygments import token
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename
from pygments.util import ClassNotFound

MOST_CHARACTERS = 60_000  # about 0.1 s; some lexers are slower than linear on hostile input
MOST_LINE = 2_000

Piece = tuple[str, str]  # class (or empty) and text

_CLASSES = {
    token.Comment: "sy-c",
    token.Keyword: "sy-w",
    token.Operator.Word: "sy-w",
    token.String: "sy-s",
    token.Number: "sy-s",
    token.Name.Function: "sy-n",
    token.Name.Class: "sy-n",
    token.Name.Decorator: "sy-n",
    token.Name.Tag: "sy-n",
    token.Name.Builtin: "sy-n",
}


def lexer_by_name(name: str) -> Lexer | None:
    """The lexer of a language's name, as after the three backticks of a code block."""
    try:
        return get_lexer_by_name(name, stripnl=False, ensurenl=False)
    except (ClassNotFound, ValueError):
        return None


def lexer_by_file(path: str) -> Lexer | None:
    """The lexer of a file by its name; its text is not looked at."""
    try:
        return get_lexer_for_filename(path, stripnl=False, ensurenl=False)
    except (ClassNotFound, ValueError):
        return None


def lines(code: str, lexer: Lexer | None) -> list[list[Piece]]:
    """The code line by line (split at LF), each as its pieces in order; their texts together are the line, exactly.

    Code that is long or has a very long line, or that its lexer does not give back as it was, stays uncoloured.
    """
    plain = code.split("\n")
    if lexer is None or len(code) > MOST_CHARACTERS or max(map(len, plain)) > MOST_LINE:
        return [[("", line)] for line in plain]
    coloured: list[list[Piece]] = [[]]
    for kind, text in lexer.get_tokens(code):
        first, *rest = text.split("\n")
        css = _class(kind)
        coloured[-1].append((css, first))
        coloured.extend([(css, line)] for line in rest)
    exact = ["".join(text for _, text in line) for line in coloured] == plain
    return coloured if exact else [[("", line)] for line in plain]


def coloured(code: str, lexer: Lexer | None) -> list[str]:
    """The same as HTML, escaped."""
    return [
        "".join(
            f'<span class="{css}">{escape(text)}</span>' if css else escape(text)
            for css, text in row
        )
        for row in lines(code, lexer)
    ]


@lru_cache(maxsize=512)
def _class(kind: object) -> str:
    return next((_CLASSES[each] for each in _lineage(kind) if each in _CLASSES), "")


def _lineage(kind: object) -> Iterator[object]:
    """A token type and those it is a kind of, nearest first."""
    while kind is not None:
        yield kind
        kind = getattr(kind, "parent", None)
