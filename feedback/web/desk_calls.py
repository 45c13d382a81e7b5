"""Tool calls as the desk shows them: which tool, a glance at what it was given, and the whole of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from django.utils.safestring import SafeString, mark_safe

from feedback.pieces import LONG, in_pieces
from feedback.syntax import coloured, lexer_by_name
from feedback.unseen import marked, visible

GLANCE = 90
DEEP = 20  # levels that are indented
LINE = 60  # arguments that are no longer stay on one line
_SIGN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


@dataclass(frozen=True, slots=True)
class Call:
    """A tool that a message calls, with its arguments and their beginning on one line."""

    name: SafeString
    glance: SafeString
    arguments: SafeString


def tool_call(call: Mapping[str, Any]) -> Call:
    """A call in type. Arguments that are JSON are laid out, character for character what they were but for white space."""
    given = call["arguments"]
    text = given if isinstance(given, str) else orjson.dumps(given).decode()
    return Call(visible(str(call["name"])), glance(text), _arguments(text))


def glance(text: str) -> SafeString:
    """The beginning of a text, on one line."""
    line = " ".join(text[: 4 * GLANCE].split())
    return visible(line if len(line) <= GLANCE else line[: GLANCE - 1].rstrip() + "…")


def _arguments(text: str) -> SafeString:
    if len(text) > LONG or not _is_json(text):
        return in_pieces(text)
    laid_out = text if len(text) <= LINE or "\n" in text.strip() else lay_out(text)
    rows = coloured(laid_out, lexer_by_name("json"))
    return marked(mark_safe("\n".join(rows)))  # noqa: S308  (escaped there)


def _is_json(text: str) -> bool:
    try:
        return isinstance(orjson.loads(text), dict | list)
    except orjson.JSONDecodeError:
        return False


def lay_out(text: str) -> str:
    """JSON with one member a line: its signs as they were written, the space between them ours."""
    out: list[str] = []
    depth, before = 0, ""
    for sign in _SIGN.findall(text):
        if sign in ("}", "]"):
            depth -= 1
            out.append("" if before in ("{", "[") else _line(depth))
        elif before in ("{", "[", ","):
            out.append(_line(depth))
        elif before == ":":
            out.append(" ")
        out.append(sign)
        depth += sign in ("{", "[")
        before = sign
    return "".join(out)


def _line(depth: int) -> str:
    return "\n" + "  " * min(depth, DEEP)
