"""Small words of the legal desk's templates: the table of authorities with what was marked, verdicts and their tones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from feedback.forms.questions import VERDICTS, Authorities, Verdict, by_authority
from feedback.web.desk_briefs import Line

register = template.Library()

BY_VALUE = {verdict.value: verdict for verdict in VERDICTS}
TO_CHECK = Verdict("", "To check", "", "none")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table with its mark, if there is one."""

    line: Line
    verdict: Verdict
    note: str


@dataclass(frozen=True, slots=True)
class Table:
    """The authorities of one response, and how many of them are marked."""

    letter: str
    rows: Sequence[Row]
    checked: int


@register.simple_tag
def authority_tables(
    question: Authorities, held: str, lines: Mapping[str, Sequence[Line]], letters: Sequence[str]
) -> list[Table]:
    """The tables of the responses in the order of their letters, with the marks that a field holds."""
    made = by_authority(question.from_fields({question.id: [held]}, letters))
    tables = []
    for letter in letters:
        rows = [_row(line, made.get((letter, line.entry.id), {})) for line in lines.get(letter, ())]
        tables.append(Table(letter, rows, sum(bool(row.verdict.value) for row in rows)))
    return tables


def _row(line: Line, mark: Mapping[str, Any]) -> Row:
    verdict = BY_VALUE.get(str(mark.get("category", "")), TO_CHECK)
    return Row(line, verdict, str(mark.get("comment", "")))


@register.simple_tag
def verdicts() -> tuple[Verdict, ...]:
    """What can be found of an authority."""
    return VERDICTS


@register.simple_tag
def verdict_options(chosen: str) -> SafeString:
    """The options of a list of verdicts; a brief has hundreds of such lists."""
    return _options(chosen)


@lru_cache(maxsize=len(VERDICTS) + 1)
def _options(chosen: str) -> SafeString:
    every = [(TO_CHECK.value, TO_CHECK.title), *((each.value, each.title) for each in VERDICTS)]
    rows = [
        (value, " selected" if value == chosen and value else "", title) for value, title in every
    ]
    return format_html_join("", '<option value="{}"{}>{}</option>', rows)
