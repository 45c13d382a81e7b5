"""Flags of a run's pairs in the words of a page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from curation.models import RunPair
from curation.queries.pairs import letters_of
from curation.stages.gates import EVERY_FLAG

SIDE = re.compile(r"\b(?:first|second)\b")
FLAG = "flag:"  # before a flag's code in the address, since a reason may have the same


@dataclass(frozen=True, slots=True)
class Flag:
    """A flag of a run: its code, as words, what it means, how many pairs have it and how many of them were kept."""

    code: str
    words: str
    sentence: str
    pairs: int
    kept: int

    @property
    def asked(self) -> str:
        return FLAG + self.code


@dataclass(frozen=True, slots=True)
class Mark:
    """A flag of one pair: what it means, and what was found where."""

    sentence: str
    said: str


def marks_of(row: RunPair) -> list[Mark]:
    """The flags of a pair as sentences; its responses by the letters that people see."""
    letters = dict(zip(("first", "second"), letters_of(row.pair), strict=True))
    found = [
        (EVERY_FLAG[code], _said(code, row.signals)) for code in EVERY_FLAG if code in row.flags
    ]
    return [
        Mark(sentence, SIDE.sub(lambda side: letters[side[0]], said)) for sentence, said in found
    ]


def _said(code: str, signals: Mapping[str, Any]) -> str:
    if code == "contaminated":
        share = f"{100 * signals.get('eval_share', 0):.0f} %"
        words = signals.get("eval_in_a_row", 0)
        return (
            f"{signals['eval_match']}, in {signals['eval_where']}: {share} of its words, "
            f"{words} of them in a row."
        )
    value = signals.get(code)
    return f"{value[:1].upper()}{value[1:]}." if isinstance(value, str) else ""


def flags_in(reports: Mapping[str, Any]) -> list[Flag]:
    """The flags that any pair of a run has, in the order of the gates; runs from before there were gates have none."""
    counted = reports.get("flags", {})
    return [
        Flag(code, code.replace("_", " "), sentence, counted[code]["pairs"], counted[code]["kept"])
        for code, sentence in EVERY_FLAG.items()
        if code in counted
    ]
