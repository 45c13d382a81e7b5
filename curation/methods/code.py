"""Source code as comparisons see it: without comments, with names normalised; in diffs and in fences of Markdown too.

Lexed by Pygments. A literal string or number counts as one word. Names that a language gives its readers ("print", "String") stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any, Literal, get_args

import xxhash
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename
from pygments.token import Comment, Name, Number, String
from pygments.util import ClassNotFound

View = Literal["raw", "comments", "names"]
VIEWS: tuple[View, ...] = get_args(View)
OTHERWISE = "python"
# What Pygments takes for names although no program of the language is without them.
GIVEN = {"java": frozenset({"String", "System"})}
HUNK = re.compile(r"^@@ -\d", re.MULTILINE)
FENCE = re.compile(r"^(```+|~~~+)[ \t]*([\w.+#-]*)[^\n]*\n(.*?)^\1", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"^\+\+\+ (?:b/)?(\S+)", re.MULTILINE)
WORDS = re.compile(r"\w+|[^\w\s]")  # an import names a whole path
SIGNS = "+- "


def code_view(code: str, view: View, language: str = OTHERWISE) -> str:
    """The tokens of `code`, a space between them: `comments` leaves comments out, `names` also makes one of all names.

    `language` is a name or file name that Pygments knows; one that it does not know is read as Python.
    """
    if view == "raw":
        return code
    return " ".join(_tokens(_lexer(language), code, view == "names"))


def in_texts(texts: Sequence[str], view: View) -> list[str]:
    """Each text with `code_view` of the code in it: a unified diff wholly, else what stands in fences. Prose is left as it is."""
    return [text if view == "raw" else _in_text(text, view) for text in texts]


def _in_text(text: str, view: View) -> str:
    if HUNK.search(text):
        return _diff(text, view)

    def fenced(found: re.Match[str]) -> str:
        code, start, language = found[3], found.start(3) - found.start(), found[2]
        shown = code_view(code, view, language or OTHERWISE)
        return f"{found[0][:start]}{shown}\n{found[0][start + len(code) :]}"

    return FENCE.sub(fenced, text)


def _diff(diff: str, view: View) -> str:
    """Line by line, signs kept; names of files and places of hunks stay. The language is that of the first file named."""
    named = FILE.search(diff)
    lexer = _lexer(named[1] if named else OTHERWISE)
    return "\n".join(_line(lexer, line, view == "names") for line in diff.splitlines())


def _line(lexer: Lexer, line: str, names: bool) -> str:
    if not line or line[0] not in SIGNS or line.startswith(("+++ ", "--- ")):
        return line
    return line[0] + " ".join(_tokens(lexer, line[1:], names))


def _tokens(lexer: Lexer, code: str, names: bool) -> Iterator[str]:
    given = GIVEN.get(lexer.aliases[0], frozenset())
    kinds = ((_kind(kind), value) for kind, value in lexer.get_tokens(code) if value.strip())
    for kind, run in groupby(kinds, key=lambda token: token[0]):
        values = [value for _, value in run]
        if kind is String:
            yield (
                "literal"
                if names
                else f"literal{xxhash.xxh3_64_hexdigest(''.join(values).encode())}"
            )
        elif kind is Name and names:
            words = (word for value in values for word in WORDS.findall(value))
            yield from (
                word if word in given or not word.isidentifier() else "name" for word in words
            )
        elif kind is Number:
            yield from (re.sub(r"[\W_]", "x", value) for value in values)
        elif kind is not Comment:
            yield from values


def _kind(kind: Any) -> Any:
    """Comment (documentation too), String, Number, Name, or None for all that stays as it is."""
    if kind in Comment or kind in String.Doc:
        return Comment
    if kind in Name.Builtin:
        return None
    return next((each for each in (String, Number, Name) if kind in each), None)


@lru_cache(maxsize=64)
def _lexer(language: str) -> Lexer:
    try:
        found = get_lexer_for_filename if "." in language else get_lexer_by_name
        return found(language)
    except ClassNotFound:
        return get_lexer_by_name(OTHERWISE)
