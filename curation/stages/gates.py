"""What the gates share: the signals of a pair's three texts, and the flags that pairs come out with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from curation.methods.arrays import Bools
from curation.methods.places import Found
from curation.methods.signals import NOTHING, Signals
from curation.stages.base import Facts, Param, Params, hold, still_in, texts

FLAG, HOLD, REDACT = "flag", "hold", "redact"
SIDES = ("prompt", "first", "second")
# The stages that read signals of texts.
GATES = frozenset({"contamination", "personal_data", "secrets", "language", "wording", "soundness"})

# A column that is true or says something where its flag is set, and what the flag means.
FLAGS: dict[str, str] = {
    "contaminated": "Holds part of a text of a registered evaluation set.",
    "personal": "Holds personal data.",
    "secret": "Holds a key, a token or a password.",
    "licence_refused": "Holds a text that the recipe’s policy does not let leave.",
    "other_language": "A response is in another language than expected.",
    "refusal": "A response refuses what was asked.",
    "canned": "A response opens or closes with a phrase that goes with anything.",
    "names_model": "A response says which model it is.",
    "broken": "A response is cut off, repeats itself, or holds what nobody wrote.",
    "length_outlier": "Far longer, or far more unequal in length, than is usual in this run.",
    "margin_outlier": "Preferred far more strongly than is usual in this run.",
}
# Flags out of what a run knows of people: left out of its hash, since effort is forgotten on its date.
EVIDENCE: dict[str, str] = {
    "hasty_votes": "A review behind it was far faster than is usual for texts of its length.",
    "pasted_votes": "A review behind it has texts that were pasted in.",
    "one_sided_votes": "A rater behind it prefers one side of the screen more often than chance allows.",
}
EVERY_FLAG = {**FLAGS, **EVIDENCE}
DETAILS = (
    *("eval_match", "eval_where", "eval_share", "eval_own_share", "eval_in_a_row"),
    *("licence_prompt", "licence_context", "licence_first", "licence_second"),
    *("language_prompt", "language_first", "language_second", "length_ratio"),
)


def signals_of(pairs: pd.DataFrame, facts: Facts) -> dict[str, list[Signals]]:
    """For prompt, first and second: the signals of each row's text; those nobody has read say nothing."""
    prompts, known = facts.prompts, facts.signals
    return {
        "prompt": [prompts.get(item, NOTHING) for item in pairs["item"].tolist()],
        "first": [known.get(text, NOTHING) for text in pairs["first"].tolist()],
        "second": [known.get(text, NOTHING) for text in pairs["second"].tolist()],
    }


def where(pairs: pd.DataFrame, found: Mapping[str, Iterable[bool]]) -> tuple[Bools, pd.Series]:
    """Which rows have it in any text, and in which: “first”, “first and second”, null for none."""
    marks = np.array([list(found[side]) for side in found], dtype=bool).reshape(
        len(found), len(pairs)
    )
    names = np.array(list(found), dtype=object)
    said = [" and ".join(names[column]) or None for column in marks.T]
    either: Bools = np.logical_or.reduce(marks, axis=0)
    return either, texts(said, pairs)


def anywhere(
    pairs: pd.DataFrame, facts: Facts, test: Callable[[Signals], bool], sides: Iterable[str] = SIDES
) -> tuple[Bools, pd.Series]:
    """`where`, by a test of each text's signals; most texts say nothing and are not asked."""
    found = signals_of(pairs, facts)
    return where(
        pairs,
        {side: [each is not NOTHING and test(each) for each in found[side]] for side in sides},
    )


def held_when(
    params: Params, pairs: pd.DataFrame, said: pd.Series, reason: str, opening: str
) -> pd.DataFrame:
    """The pairs, with those of which something is said held where the recipe holds what was found."""
    if params["when_found"] != HOLD:
        return pairs
    return hold(pairs, said.notna().to_numpy(dtype=bool), reason, opening + said + ".")


def kinds_in(
    pairs: pd.DataFrame, facts: Facts, of: Callable[[Signals], Sequence[Found]]
) -> pd.Series:
    """What was found where, like “email, phone in first; card in prompt”; null for rows without any."""
    found = signals_of(pairs, facts)
    said = [
        "; ".join(
            f"{', '.join(sorted({place.kind for place in of(signals)}))} in {side}"
            for side, signals in zip(SIDES, row, strict=True)
            if signals is not NOTHING and of(signals)
        )
        for row in zip(*(found[side] for side in SIDES), strict=True)
    ]
    return texts([each or None for each in said], pairs)


def when_found(title: str, default: str, *more: str) -> Param:
    """The setting that says what becomes of a pair that a gate finds something in."""
    return Param(
        name="when_found", title=title, kind="choice", default=default, choices=(FLAG, HOLD, *more)
    )


def flags_of(row: Any) -> list[str]:
    """The flags of one row of a run's frame, as `frames.rows_of` gives it."""
    return [name for name in EVERY_FLAG if getattr(row, name, None)]


def flag_counts(pairs: pd.DataFrame) -> dict[str, dict[str, int]]:
    """For each flag that any row has: how many have it, and how many of them are still in."""
    counted = {}
    for name in EVERY_FLAG:
        if name in pairs.columns:
            column = pairs[name]
            said = column.notna() if column.dtype == "str" else column > 0
            has = said.to_numpy(dtype=bool)
            if has.any():
                counted[name] = {
                    "pairs": int(has.sum()),
                    "kept": int((has & still_in(pairs)).sum()),
                }
    return counted


def details_of(row: Any) -> dict[str, Any]:
    """What the gates say of one row beyond true and false: the columns that say anything."""
    said = {name: getattr(row, name, None) for name in (*EVERY_FLAG, *DETAILS)}
    return {name: value for name, value in said.items() if value not in (None, False, 0, "")}
