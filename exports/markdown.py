"""Small pieces of Markdown in which nothing that people typed can become markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

MARKUP = str.maketrans(
    {mark: f"\\{mark}" for mark in "\\`*_[]|#"} | {"<": "&lt;", ">": "&gt;", "&": "&amp;"}
)


def plain(text: str) -> str:
    """One line of text with every sign that Markdown or HTML would read made harmless."""
    return " ".join(text.split()).translate(MARKUP)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are Markdown already; a column whose header starts with `>` is set to the right."""
    names = [name.removeprefix(">") for name in header]
    rule = ["---:" if name.startswith(">") else "---" for name in header]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (names, rule, *rows))


def bullets(lines: Iterable[str]) -> str:
    """A list, one line an entry."""
    return "\n".join(f"- {line}" for line in lines)


def count(number: int, of: str, plural: str = "") -> str:
    """A number with its noun: `1 pair`, `2,385 reviews`."""
    return f"{number:,} {of if number == 1 else plural or of + 's'}"


def decimal(value: float | None) -> str:
    """Three decimals; a dash for what is not known."""
    return "–" if value is None else f"{value:.3f}"


def percent(share: float) -> str:
    """A share as a percentage with one decimal."""
    return f"{100 * share:.1f} %"
