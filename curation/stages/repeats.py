"""Finds pairs that repeat another pair, pools their votes into one, and holds the others.

Two pairs repeat each other when they ask the same question in one prompt cluster and both
responses are near-equal, in either order. The pair with the smallest hash stays, and later
stages give it the votes of all.
"""

from __future__ import annotations

from curation.late import np, pd
from curation.methods.arrays import Bools, Ints
from curation.methods.code import VIEWS
from curation.methods.lookup import ranks
from curation.methods.majority import FIRST, SECOND, class_counts, class_of, plurality
from curation.stages.base import (
    RELEASE,
    Facts,
    Param,
    Params,
    Stage,
    hold,
    outcomes,
    still_in,
    texts,
    voted_rows,
)


def run(pairs: pd.DataFrame, facts: Facts, params: Params) -> pd.DataFrame:
    del params
    group, turned = _groups(pairs, facts.unconfirmed)
    heads = _heads(pairs, group)
    winner = _winners(pairs, facts.votes, turned)
    conflict = _conflicts(group, winner, still_in(pairs))
    repeat = (heads >= 0) & (heads != np.arange(len(pairs))) & ~conflict
    moved = repeat & ~facts.decided(pairs, RELEASE)  # who is released keeps the votes
    into = texts(None, pairs).mask(moved, texts(pairs["pair"].to_numpy()[heads], pairs))
    pairs = pairs.assign(
        pooled_into=into.astype("str"),
        pooled_turned=moved & (turned != turned[heads]),
    )
    pairs = hold(pairs, conflict, "conflict", "Near-equal pairs have opposite winners.")
    short = into.str.slice(0, 12)
    detail = "Repeats pair " + short + ": one prompt, both responses near-equal."
    return hold(pairs, repeat, "repeat_pair", detail)


def _groups(pairs: pd.DataFrame, unconfirmed: frozenset[str]) -> tuple[Ints, Bools]:
    """A code for each set of repeated pairs, and which of them lie the other way round."""
    frame = pd.DataFrame(index=pairs.index)
    a, b = _sides(pairs)
    turned = (a > b).to_numpy(dtype=bool)
    frame["question"] = pairs["question"].to_numpy()
    frame["cluster"] = pairs["prompt_cluster"].to_numpy()
    waits = pairs["cluster_key"].isin(unconfirmed)
    frame["prompt"] = texts("", pairs).mask(waits, pairs["prompt"])
    frame["one"], frame["other"] = a.mask(turned, b), b.mask(turned, a)
    group = frame.groupby(list(frame.columns), sort=False).ngroup()
    return group.to_numpy().astype(np.int64), turned


def _sides(pairs: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """What each response counts as: its near-equal group, or itself where both share one group.

    Where a pair's own responses are near-equal (one changed citation), nearness cannot tell
    which is which; such pairs repeat each other only with the very same two texts.
    """
    own = (pairs["response_group_first"] == pairs["response_group_second"]).to_numpy(dtype=bool)
    first = "g" + pairs["response_group_first"].astype("str")
    second = "g" + pairs["response_group_second"].astype("str")
    return (
        first.mask(own, "h" + pairs["first_hash"].astype("str")),
        second.mask(own, "h" + pairs["second_hash"].astype("str")),
    )


def _heads(pairs: pd.DataFrame, group: Ints) -> Ints:
    """For each row still in, the place of its group's smallest pair hash; −1 for held rows."""
    rows = np.flatnonzero(still_in(pairs))
    order = rows[np.argsort(ranks(pairs["pair"])[rows], kind="stable")]
    heads = np.full(len(pairs), -1, dtype=np.int64)
    _, first, place = np.unique(group[order], return_index=True, return_inverse=True)
    heads[order] = order[first][place]
    return heads


def _winners(pairs: pd.DataFrame, votes: pd.DataFrame, turned: Bools) -> Ints:
    """+1 or −1 for the side of its group that each pair's plurality prefers, else 0."""
    row = voted_rows(pairs, votes)
    known = row >= 0
    classes = class_of(outcomes(votes)[known])
    won = plurality(class_counts(row[known], classes, len(pairs)))
    side = np.where(won == FIRST, 1, np.where(won == SECOND, -1, 0))
    return np.where(turned, -side, side).astype(np.int64)


def _conflicts(group: Ints, winner: Ints, counted: Bools) -> Bools:
    """Rows of groups in which one pair was won by one side and another by the other."""
    number = int(group.max(initial=-1)) + 1
    ours = np.bincount(group[counted & (winner > 0)], minlength=number) > 0
    theirs = np.bincount(group[counted & (winner < 0)], minlength=number) > 0
    found: Bools = (ours & theirs)[group]
    return found & counted


REPEATS = Stage(
    name="repeats",
    title="Repeated pairs",
    says=(
        "Pools the votes of pairs that repeat each other (one prompt cluster, both responses "
        "near-equal) into the one with the smallest hash, and holds the others."
    ),
    run=run,
    adds=("pooled_into", "pooled_turned"),
    reasons={
        "repeat_pair": "Repeats another pair, which has taken its votes.",
        "conflict": "Near-equal pairs have opposite winners; a person decides.",
    },
    # Read where the run groups near-equal responses, before the stages.
    params=(
        Param(name="code", title="Code is compared", kind="choice", default="raw", choices=VIEWS),
    ),
)
