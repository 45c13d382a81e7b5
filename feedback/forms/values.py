"""Small looks at untrusted JSON values: can this text be stored, is this a whole number, how is it quoted."""

from __future__ import annotations

from .problems import TextCode

QUOTED = 40  # characters of a foreign value that a sentence repeats

UNSTORABLE: dict[TextCode, str] = {
    "nul_byte": "The text holds a NUL character, which cannot be stored. Remove it.",
    "lone_surrogate": "The text holds half of a surrogate pair, which is no character. Remove it.",
}


def unstorable(text: str) -> TextCode | None:
    """Why PostgreSQL or UTF-8 would refuse this text, or None."""
    if "\0" in text:
        return "nul_byte"
    try:
        text.encode()
    except UnicodeEncodeError:
        return "lone_surrogate"
    return None


def whole(value: object) -> int | None:
    """The whole number a JSON value stands for (4.0 is one, as in JSON Schema; true is not), or None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, float) and value.is_integer() else None


def quote(value: object) -> str:
    """A foreign value as a sentence may show it: short, printable, encodable."""
    if not isinstance(value, str):
        return f"a value of type {type(value).__name__}"
    short = value[:QUOTED] + ("…" if len(value) > QUOTED else "")
    printable = "".join(
        char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in short
    )
    return f"“{printable}”"
