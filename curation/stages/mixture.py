"""Mixes what trains out of its groups: a temperature evens their sizes out, and caps bound what one of them gives.

Either the smallest group gives all it has and the others what that allows, or every pair stays and weighs accordingly. Which
pairs of a group go on is decided by a hash of pair, seed and salt: neither the order of pairs nor what
else is in the run has a part in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import xxhash

from curation.late import np, pd
from curation.methods.arrays import Bools, Floats, Ints
from curation.methods.mixing import over_cap, shares_of, taken
from curation.stages.base import (
    RELEASE,
    Facts,
    Param,
    Params,
    Stage,
    hold,
    still_in,
    texts,
    voted_rows,
)
from curation.stages.splits import BETWEEN_TAGS, TRAIN

HOLD, WEIGH = "hold", "weigh"
MOST_GROUPS = 60  # in a report; the smaller ones are told of together

CAPS = {
    "most_of_rater": ("over_rater_cap", "One of its raters already has {:,} pairs."),
    "most_of_document": ("over_document_cap", "Its document already has {:,} pairs."),
    "most_of_source": ("over_source_cap", "Its source already has {:,} pairs."),
}


def run(pairs: pd.DataFrame, facts: Facts, params: Params) -> pd.DataFrame:
    groups = _groups(pairs, str(params["by"]))
    mixed = still_in(pairs) & _trains(pairs)
    order = _drawn(pairs, facts)
    pairs = pairs.assign(mixture=texts(groups, pairs).where(mixed))
    for name, (reason, detail) in CAPS.items():
        if cap := int(params[name]):
            rows = order[(mixed & still_in(pairs))[order]]
            over = over_cap(rows, _members(pairs, facts, name), cap)
            pairs = hold(pairs, over, reason, detail.format(cap))
    rows = order[(mixed & still_in(pairs))[order]]
    return _evened(pairs, rows, groups, params)


def _evened(pairs: pd.DataFrame, rows: Ints, groups: Sequence[str], params: Params) -> pd.DataFrame:
    """The groups' own cap on these rows, in their order; then what the temperature lets them give, or weigh."""
    sizes = Counter(groups[row] for row in rows.tolist())
    cap = int(params["most_of_group"]) or len(pairs)
    has = {group: min(n, cap) for group, n in sizes.items()}
    place = _places(rows, groups)
    pairs = hold(pairs, place >= cap, "over_group_cap", f"Its group already has {cap:,} pairs.")
    shares = shares_of(has, float(params["temperature"]), int(params["least"]))
    share = np.full(len(pairs), np.nan)
    if params["how"] == WEIGH:
        weighed = rows[place[rows] < cap]
        share[weighed] = [shares.get(groups[row], np.nan) for row in weighed.tolist()]
    else:
        gives = taken(has, shares)
        limit = np.array([gives.get(group, 0) for group in groups], dtype=np.int64)
        pairs = hold(pairs, place >= limit, "over_mixture", _said(pairs, groups, gives, has))
    return pairs.assign(mixture_share=share)


def _said(
    pairs: pd.DataFrame, groups: Sequence[str], gives: Mapping[str, int], has: Mapping[str, int]
) -> pd.Series:
    """For each pair what its group gives."""
    sentences = {
        group: f"“{group}” gives {gives[group]:,} of its {n:,} pairs to the mixture."
        if group
        else f"Pairs without a group give {gives[group]:,} of their {n:,} to the mixture."
        for group, n in has.items()
    }
    return texts([sentences.get(group) for group in groups], pairs)


def _trains(pairs: pd.DataFrame) -> Bools:
    """Validation and test stay as they are: they measure, and what they measure is what there is."""
    if "split" not in pairs.columns:
        return np.ones(len(pairs), dtype=bool)
    return (pairs["split"] == TRAIN).to_numpy(dtype=bool)


def _groups(pairs: pd.DataFrame, by: str) -> list[str]:
    """For each pair the name of its group; empty where there is none."""
    if by == "model":
        return _winners(pairs)
    column = {"tag": "tags", "source": "source", "question": "question"}[by]
    if column not in pairs.columns:
        return [""] * len(pairs)
    names = pairs[column].fillna("")
    return list(names.str.split(BETWEEN_TAGS, n=1).str[0] if by == "tag" else names)


def _winners(pairs: pd.DataFrame) -> list[str]:
    """The model behind each pair's chosen response."""
    if not {"chosen", "first_model", "second_model"} <= set(pairs.columns):
        return [""] * len(pairs)
    chosen = pairs["chosen"]
    model = pairs["first_model"].where(chosen == "first", pairs["second_model"])
    return list(model.where(chosen.notna()).fillna(""))


def _drawn(pairs: pd.DataFrame, facts: Facts) -> Ints:
    """The places of all pairs: first those that a person has released, then by the hash of the pair, the seed and the salt."""
    start = f"mixture:{facts.salt}:{facts.seed}:"
    named = [f"{start}{pair}".encode() for pair in pairs["pair"].tolist()]
    draws = [xxhash.xxh3_64_intdigest(name) for name in named]
    return np.lexsort((np.array(draws, dtype=np.uint64), ~facts.decided(pairs, RELEASE)))


def _places(rows: Ints, groups: Sequence[str]) -> Ints:
    """Each row's place inside its group, in the order of `rows`; −1 for all others."""
    places = np.full(len(groups), -1, dtype=np.int64)
    names = pd.Series([groups[row] for row in rows.tolist()], dtype="str")
    places[rows] = names.groupby(names).cumcount().to_numpy(dtype=np.int64)
    return places


def _members(pairs: pd.DataFrame, facts: Facts, cap: str) -> list[Collection[str]]:
    """What each pair counts against: all of its raters, its document, its source."""
    if cap == "most_of_rater":
        at = voted_rows(pairs, facts.votes)
        votes = facts.votes[["rater"]].assign(row=at).drop_duplicates()
        raters: dict[int, list[str]] = {}
        for row, rater in zip(votes["row"].tolist(), votes["rater"].tolist(), strict=True):
            raters.setdefault(row, []).append(rater)
        return [raters.get(row, ()) for row in range(len(pairs))]
    column = "source_key" if cap == "most_of_document" else "source"
    if column not in pairs.columns:
        return [()] * len(pairs)
    return [(name,) if name else () for name in pairs[column].fillna("").tolist()]


def evened_weights(pairs: pd.DataFrame, weights: Floats) -> Floats:
    """The weights, those of each group scaled to its share of them all; as they are without a mixture that weighs."""
    if "mixture_share" not in pairs.columns:
        return weights
    frame = pd.DataFrame(
        {
            "group": pairs["mixture"].to_numpy(),
            "share": pairs["mixture_share"].to_numpy(dtype=np.float64),
            "weight": weights,
        }
    ).dropna()
    own = frame.groupby("group")["weight"].transform("sum")
    whole = frame.groupby("group")["share"].first().sum()
    scaled = frame["weight"] / own * frame["share"] / whole * frame["weight"].sum()
    evened = weights.copy()
    evened[frame.index.to_numpy(dtype=np.int64)] = scaled.to_numpy(dtype=np.float64)
    return evened


def mixture_report(pairs: pd.DataFrame, params: Params) -> dict[str, Any]:
    """What each group had and has, the largest first: `before` and `after` in pairs, `weight` their sum after it, null where the recipe
    weighs nothing. Of more than MOST_GROUPS the others are one line without a name, `groups` of them.
    """
    mixed = pairs[pairs["mixture"].notna().to_numpy(dtype=bool)]
    kept = mixed[~mixed["held"].to_numpy(dtype=bool)]
    before, after = Counter(mixed["mixture"].tolist()), Counter(kept["mixture"].tolist())
    weight: dict[Any, float] | None = None
    if "weight" in kept.columns:
        weight = kept.groupby("mixture")["weight"].sum().to_dict()
    names = sorted(before, key=lambda name: (-before[name], name))
    shown, rest = names[:MOST_GROUPS], names[MOST_GROUPS:]
    lines = [{"group": name, **_line([name], before, after, weight)} for name in shown]
    if rest:
        lines.append({"group": None, "groups": len(rest), **_line(rest, before, after, weight)})
    return {"settings": dict(params), "groups": lines}


def _line(
    names: Iterable[str],
    before: Counter[str],
    after: Counter[str],
    weight: Mapping[str, float] | None,
) -> dict[str, Any]:
    known = list(names)
    summed = None if weight is None else round(sum(weight.get(name, 0.0) for name in known), 6)
    return {
        "before": sum(before[name] for name in known),
        "after": sum(after[name] for name in known),
        "weight": summed,
    }


def _cap(name: str, title: str) -> Param:
    return Param(
        name=name,
        title=title,
        kind="integer",
        default=0,
        least=0,
        most=100_000_000,
        help="0 is no limit",
    )


MIXTURE = Stage(
    name="mixture",
    title="Mixture",
    says=(
        "Evens out the groups that train, by a temperature, and bounds what one group, source, document or rater gives. "
        "Validation and test stay as they are."
    ),
    run=run,
    adds=("mixture", "mixture_share"),
    reasons={
        "over_rater_cap": "One of its raters has voted on as many pairs as the recipe takes.",
        "over_document_cap": "Its conversation or document has given as many pairs as the recipe takes.",
        "over_source_cap": "Its source has given as many pairs as the recipe takes.",
        "over_group_cap": "Its group has given as many pairs as the recipe takes.",
        "over_mixture": "Its group has more pairs than the mixture takes at this temperature.",
    },
    whole=True,
    params=(
        Param(
            name="by",
            title="Groups are made by",
            kind="choice",
            default="tag",
            choices=("tag", "source", "model", "question"),
            help="the item’s first tag, its source, the chosen response’s model, or the question",
        ),
        Param(
            name="temperature",
            title="Temperature",
            kind="number",
            default=1.0,
            least=1,
            most=100,
            help="a group of n pairs gives n^(1/T): as they come at 1, nearly alike at 100",
        ),
        Param(
            name="how",
            title="What is too much",
            kind="choice",
            default=HOLD,
            choices=(HOLD, WEIGH),
            help="hold it, or keep it and weigh it less",
        ),
        Param(
            name="least",
            title="Groups below this size stay whole",
            kind="integer",
            default=20,
            least=1,
            most=1_000_000,
            help="or one small group would leave little of the others",
        ),
        _cap("most_of_group", "Most pairs of one group"),
        _cap("most_of_source", "Most pairs of one source"),
        _cap("most_of_document", "Most pairs of one conversation or document"),
        _cap("most_of_rater", "Most pairs of one rater’s votes"),
    ),
)
