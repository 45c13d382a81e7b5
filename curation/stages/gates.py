"""What the gates share: the signals of a pair's three texts, and the flags that pairs come out with."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from curation.late import np, pd
from curation.methods.arrays import Bools, Ints
from curation.methods.places import Found
from curation.methods.signals import NOTHING, Signals
from curation.stages.base import Param, Params, hold, still_in, texts

if TYPE_CHECKING:
    from numpy.typing import NDArray

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
    "repeated_votes": "A review behind it gives nearly the same reason as another one by the same person on another item.",
    "one_sided_votes": "A rater behind it prefers one side of the screen more often than chance allows.",
}
EVERY_FLAG = {**FLAGS, **EVIDENCE}
DETAILS = (
    *("eval_match", "eval_where", "eval_share", "eval_own_share", "eval_in_a_row"),
    *("licence_prompt", "licence_context", "licence_first", "licence_second"),
    *("language_prompt", "language_first", "language_second", "length_ratio"),
)


def signals_column(side: str) -> str:
    """The column of pairs that holds a text's signals as JSON: of “prompt” with its documents, “first” or “second”."""
    return f"{side}_signals"


@dataclass(frozen=True, kw_only=True)
class Told:
    """What each row's text says: the places of its signals among the distinct ones, which are few."""

    codes: Ints
    known: list[Signals]

    def each(self, ask: Callable[[Signals], Any], kind: type = object) -> NDArray[Any]:
        """An answer for each row, asked once of each distinct text's signals."""
        answers: NDArray[Any] = np.empty(len(self.known), dtype=kind)
        answers[:] = [ask(signals) for signals in self.known]
        return answers[self.codes]


def signals_of(pairs: pd.DataFrame) -> dict[str, Told]:
    """For prompt, first and second: the signals of each row's text; those nobody has read say nothing."""
    return {side: _told(pairs, signals_column(side)) for side in SIDES}


def _told(pairs: pd.DataFrame, column: str) -> Told:
    if column not in pairs.columns:
        return Told(codes=np.zeros(len(pairs), dtype=np.int64), known=[NOTHING])
    codes, bodies = pd.factorize(pairs[column])
    known = [Signals.of(json.loads(body)) for body in bodies]
    return Told(
        codes=np.where(codes < 0, len(known), codes).astype(np.int64),
        known=[*(each if each != NOTHING else NOTHING for each in known), NOTHING],
    )


def together(told: Iterable[Told], say: Callable[..., Any]) -> NDArray[Any]:
    """What is said of each row's texts at once, worked out for each distinct combination; None for nothing."""
    several = list(told)
    keys = np.zeros(len(several[0].codes), dtype=np.int64)
    for each in several:  # named anew at each step, so that no number grows too large
        keys = np.unique(keys * len(each.known) + each.codes, return_inverse=True)[1]
    first = np.unique(keys, return_index=True)[1]
    answers = np.empty(len(first), dtype=object)
    answers[:] = [say(*(each.known[each.codes[at]] for each in several)) for at in first]
    return answers[keys]


def where(pairs: pd.DataFrame, found: Mapping[str, Bools]) -> tuple[Bools, pd.Series]:
    """Which rows have it in any text, and in which: “first”, “first and second”, null for none."""
    names, which = list(found), np.zeros(len(pairs), dtype=np.int64)
    for place, marks in enumerate(found.values()):
        which |= np.asarray(marks, dtype=np.int64) << place
    said = np.empty(1 << len(names), dtype=object)
    said[:] = [
        " and ".join(name for place, name in enumerate(names) if many >> place & 1) or None
        for many in range(len(said))
    ]
    return which > 0, texts(said[which], pairs)


def anywhere(
    pairs: pd.DataFrame, test: Callable[[Signals], bool], sides: Iterable[str] = SIDES
) -> tuple[Bools, pd.Series]:
    """`where`, by a test of each text's signals."""
    found = signals_of(pairs)
    return where(pairs, {side: found[side].each(test, bool) for side in sides})


def held_when(
    params: Params, pairs: pd.DataFrame, said: pd.Series, reason: str, opening: str
) -> pd.DataFrame:
    """The pairs, with those of which something is said held where the recipe holds what was found."""
    if params["when_found"] != HOLD:
        return pairs
    return hold(pairs, said.notna().to_numpy(dtype=bool), reason, opening + said + ".")


def kinds_in(pairs: pd.DataFrame, of: Callable[[Signals], Sequence[Found]]) -> pd.Series:
    """What was found where, like “email, phone in first; card in prompt”; null for rows without any."""

    def say(*of_sides: Signals) -> str | None:
        found = [
            f"{', '.join(sorted({place.kind for place in of(signals)}))} in {side}"
            for side, signals in zip(SIDES, of_sides, strict=True)
            if of(signals)
        ]
        return "; ".join(found) or None

    return texts(together(signals_of(pairs).values(), say), pairs)


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
