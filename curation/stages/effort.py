"""Counts, for each pair, the votes behind which a review looks unusual. Evidence for a conversation: it holds nothing."""

from __future__ import annotations

from curation.late import np, pd
from curation.stages.base import Evidence, Facts, Params, Stage


def run(pairs: pd.DataFrame, facts: Facts, params: Params) -> pd.DataFrame:
    del params
    nothing = Evidence()
    found = [facts.evidence.get(pair, nothing) for pair in pairs["pair"].tolist()]
    return pairs.assign(
        hasty_votes=np.array([each.hasty for each in found], dtype=np.int64),
        pasted_votes=np.array([each.pasted for each in found], dtype=np.int64),
        repeated_votes=np.array([each.repeated for each in found], dtype=np.int64),
        one_sided_votes=np.array([each.one_sided for each in found], dtype=np.int64),
    )


def look(pairs: pd.DataFrame) -> pd.DataFrame:
    """The pairs with `prompt_size`: how many characters the prompt has, for how long it takes to read."""
    sizes = pairs["prompt"].str.len().fillna(0)
    return pairs.assign(prompt_size=sizes.to_numpy(dtype=np.int64))


EFFORT = Stage(
    name="effort",
    title="Effort behind the votes",
    says="Counts votes of reviews that were unusually fast, that paste their texts or give a reason again that they gave for another item, or whose rater prefers one side of the screen.",
    run=run,
    look=look,
    by_row=True,
    whole=True,
    adds=("hasty_votes", "pasted_votes", "repeated_votes", "one_sided_votes"),
)
