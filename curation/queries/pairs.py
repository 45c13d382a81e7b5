"""Pairs as a run saw them: filtered lists for pages and API, and their names in a line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import F, Q, QuerySet

from curation.methods.templates import last_turn
from curation.models import Pair, Run, RunPair
from feedback.forms.schema import MOST_RESPONSES
from feedback.forms.slots import letters

_DIGITS = re.compile(r"[0-9a-fA-F]{1,64}")
SHORT = 12  # digits of a hash that people see


# Told by the votes themselves, since a recipe may have no stage that marks contested pairs.
UNANIMOUS = Q(n_first=F("n_votes")) | Q(n_tie=F("n_votes")) | Q(n_second=F("n_votes"))


def pairs_of(
    run: Run,
    *,
    held: bool | None = None,
    reason: str = "",
    contested: bool | None = None,
    flag: str = "",
    released: bool | None = None,
) -> QuerySet[RunPair]:
    """The run's pairs with prompt, item and both responses, to be paged by `pk`. Texts of context are left for later."""
    rows = (
        RunPair.objects.of(run)
        .select_related("pair__revision__item__record", "pair__response_lo", "pair__response_hi")
        .defer("pair__revision__context")
    )
    if reason:
        rows = rows.filter(held=True, reason=reason)
    if flag:
        rows = rows.filter(flags__contains=[flag])
    if held is not None:
        rows = rows.filter(held=held)
    if released is not None:
        rows = rows.exclude(overruled="") if released else rows.filter(overruled="")
    if contested is not None:
        rows = rows.exclude(UNANIMOUS) if contested else rows.filter(UNANIMOUS)
    return rows


def pair_like(run: Run, digits: str) -> RunPair | None:
    """The run's first pair whose hash begins with these hexadecimal digits."""
    if not _DIGITS.fullmatch(digits):
        return None
    least, most = (bytes.fromhex(digits.lower().ljust(64, filler)) for filler in "0f")
    found = Pair.objects.filter(project_id=run.project_id, pair_hash__range=(least, most))
    return pairs_of(run).filter(pair__in=found).order_by("pk").first()


def pooled_pairs(run_pair: RunPair) -> list[RunPair]:
    """Pairs that repeat this one and have given it their votes."""
    rows = pairs_of(run_pair.run, reason="repeat_pair")
    return list(rows.filter(pooled_into=run_pair.pair.pair_hash).order_by("pk"))


def is_unanimous(row: RunPair) -> bool:
    """Whether every vote of a pair says the same; a pair without votes is."""
    return row.n_votes in {row.n_first, row.n_tie, row.n_second}


def letters_of(pair: Pair) -> tuple[str, str]:
    """The letters of both responses: A is the first of the item that was imported."""
    names = letters(MOST_RESPONSES)
    lo = names[pair.response_lo.position - 1]
    if pair.response_hi.author_id is not None:
        return lo, f"{lo}′"  # somebody's rewrite of it
    return lo, names[pair.response_hi.position - 1]


def chosen_letters(row: RunPair) -> tuple[str, str] | None:
    """The letters of the chosen and the rejected response, None where neither was chosen."""
    lo, hi = letters_of(row.pair)
    if row.chosen is None:
        return None
    return (lo, hi) if row.chosen == RunPair.Chosen.FIRST else (hi, lo)


def short_hash(digest: bytes | memoryview) -> str:
    """The beginning of a hash, for people."""
    return bytes(digest).hex()[:SHORT]


def line_of(prompt: Sequence[Mapping[str, Any]], length: int = 160) -> str:
    """The beginning of a prompt's last user turn, on one line, for lists."""
    line = " ".join(last_turn(prompt, [])[: 4 * length].split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"
