"""Holds pairs that cannot teach a preference: a response is empty, or both are the same."""

from __future__ import annotations

import unicodedata

from curation.late import np, pd
from curation.stages.base import Facts, Params, Stage, hold

LOOKS = ("first_empty", "second_empty", "same_text")


def run(pairs: pd.DataFrame, facts: Facts, params: Params) -> pd.DataFrame:
    del facts, params
    seen = pairs if set(LOOKS) <= set(pairs.columns) else look(pairs)
    first, second, same = (seen[name].to_numpy(dtype=bool) for name in LOOKS)
    which = np.where(first & second, "Both responses are", "One response is")
    detail = pd.Series(which, index=pairs.index, dtype="str") + " empty."
    pairs = hold(pairs, first | second, "empty_response", detail)
    return hold(pairs, same, "identical_responses", "Both responses have the same text.")


def look(pairs: pd.DataFrame) -> pd.DataFrame:
    """The pairs with LOOKS: whether a response is empty, and whether a reader sees the same text twice."""
    first, second = pairs["first"].fillna("").tolist(), pairs["second"].fillna("").tolist()
    same = [as_seen(a) == as_seen(b) for a, b in zip(first, second, strict=True)]
    return pairs.assign(
        first_empty=np.array([is_empty(text) for text in first], dtype=bool),
        second_empty=np.array([is_empty(text) for text in second], dtype=bool),
        same_text=np.array(same, dtype=bool),
    )


def is_empty(text: str) -> bool:
    """Whether a reader would see nothing: only spaces and invisible characters."""
    return not any(character.isprintable() and not character.isspace() for character in text)


def as_seen(text: str) -> str:
    """`text` in NFC, without space at the ends of lines and of the whole.

    Case and indentation stay: in a patch or a citation they can be the whole difference, and
    such pairs are the most valuable there are.
    """
    lines = unicodedata.normalize("NFC", text).splitlines()
    return "\n".join(line.rstrip() for line in lines).strip("\n")


DEGENERATE = Stage(
    name="degenerate",
    title="Empty or identical",
    says="Holds pairs with an empty response, and pairs whose two responses have the same text.",
    run=run,
    look=look,
    by_row=True,
    reasons={
        "empty_response": "A response has no visible character.",
        "identical_responses": "Both responses are the same but for line ends and trailing space.",
    },
)
