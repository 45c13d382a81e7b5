"""What a run reports beside its pairs: how far people agree, on votes and on ratings. Frames in, plain figures out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from curation.late import np, pd
from curation.methods.agreement import (
    Estimate,
    coefficients,
    rater_pairs,
)
from curation.methods.arrays import Floats, Ints
from curation.methods.lookup import places_in
from curation.stages.base import voted_rows


def agreement(
    pairs: pd.DataFrame, votes: pd.DataFrame, ratings: pd.DataFrame, *, seed: int
) -> list[dict[str, Any]]:
    """One entry a question: coefficients with intervals, and κ of every two raters with enough in common.

    Votes: as imported, and with both orientations pooled (which response was imported first is chance). Intervals are
    bootstrapped over prompt clusters. Each rater's first vote on a pair counts, and of ratings likewise.
    """
    return [*_of_votes(pairs, votes, seed), *_of_ratings(pairs, ratings, seed)]


def _of_votes(pairs: pd.DataFrame, votes: pd.DataFrame, seed: int) -> list[dict[str, Any]]:
    row = voted_rows(pairs, votes)
    codes, names = pd.factorize(votes["rater"], sort=True)
    cast = np.unique(row * max(len(names), 1) + codes, return_index=True)[1]
    cast = np.sort(cast[row[cast] >= 0])  # a rater's first vote on each pair, in the order of votes
    asked, questions = pd.factorize(pairs["question"], sort=True)
    outcomes = np.where(votes["both_unacceptable"], 0, votes["outcome"]).astype(np.float64)
    of_pair = pairs["prompt_cluster"].to_numpy(dtype=np.int64)
    entries = []
    for number, question in enumerate(questions):
        part = cast[asked[row[cast]] == number]
        if not len(part):
            continue
        units, distinct = pd.factorize(row[part])
        outcome, clusters = outcomes[part], of_pair[row[part]]
        entry = _entry(str(question), "votes", len(part), len(distinct))
        found = coefficients(units, outcome, clusters=clusters, signed=True, seed=seed)
        entry["as_imported"], entry["pooled"] = map(_figures, found)
        entry["raters"] = _matrix(
            units, codes[part].astype(np.int64), list(names), np.sign(outcome), clusters, seed
        )
        entries.append(entry)
    return entries


def _of_ratings(pairs: pd.DataFrame, ratings: pd.DataFrame, seed: int) -> list[dict[str, Any]]:
    """Ratings of responses; a question that only one person rated has nothing to agree on and no figures."""
    if not len(ratings):
        return []
    known = pairs[["item", "prompt_cluster"]].drop_duplicates("item")
    clusters = known.set_index("item")["prompt_cluster"]
    table = ratings.drop_duplicates(["item", "response_hash", "rater", "question"])
    table = table[places_in(clusters.index.to_series(), table["item"]) >= 0]
    entries = []
    for question, part in table.groupby("question", sort=True):
        units, names = pd.factorize(part["item"] + part["response_hash"])
        values = part["value"].to_numpy(dtype=np.float64)
        if not values.any():  # critiques that were asked for, and nobody made one
            continue
        cluster = clusters.loc[part["item"]].to_numpy(dtype=np.int64)
        entry = _entry(str(question), "ratings", len(part), len(names))
        found = coefficients(units, values, clusters=cluster, seed=seed)
        entry["as_imported"] = _figures(found[0])
        entry["raters"] = _matrix(units, *_coded(part["rater"]), values, cluster, seed)
        entries.append(entry)
    return entries


def _entry(question: str, of: str, values: int, units: int) -> dict[str, Any]:
    return {"question": question, "of": of, "units": units, "values": values}


def _coded(raters: pd.Series) -> tuple[Ints, Sequence[str]]:
    codes, names = pd.factorize(raters, sort=True)
    return codes.astype(np.int64), list(names)


def _figures(found: dict[str, Estimate]) -> dict[str, Any]:
    return {name: _plain(estimate) for name, estimate in found.items()}


def _matrix(
    units: Ints, codes: Ints, names: Sequence[str], values: Floats, clusters: Ints, seed: int
) -> list[dict[str, Any]]:
    found = rater_pairs(units, codes, values, clusters=clusters, seed=seed)
    return [
        {
            "first": str(names[each.first]),
            "second": str(names[each.second]),
            "kappa": _plain(each.kappa),
            "percent": _plain(each.percent),
        }
        for each in found
    ]


def _plain(estimate: Estimate) -> dict[str, Any]:
    return {
        "value": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
        "units": estimate.units,
        "clusters": estimate.clusters,
    }
