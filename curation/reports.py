"""What a run reports beside its pairs: how far people agree, on votes and on ratings. Frames in, plain figures out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from curation.methods.agreement import (
    Estimate,
    Level,
    krippendorff_alpha,
    percent_agreement,
    pooled,
    rater_pairs,
)
from curation.methods.arrays import Floats, Ints

LEVELS: tuple[Level, ...] = ("nominal", "ordinal", "interval")


def agreement(
    pairs: pd.DataFrame, votes: pd.DataFrame, ratings: pd.DataFrame, *, seed: int
) -> list[dict[str, Any]]:
    """One entry a question: coefficients with intervals, and κ of every two raters with enough in common.

    Votes: as imported, and with both orientations pooled (which response was imported first is chance). Intervals are
    bootstrapped over prompt clusters. Each rater's first vote on a pair counts, and of ratings likewise.
    """
    return [*_of_votes(pairs, votes, seed), *_of_ratings(pairs, ratings, seed)]


def _of_votes(pairs: pd.DataFrame, votes: pd.DataFrame, seed: int) -> list[dict[str, Any]]:
    table = votes.drop_duplicates(["pair", "rater"]).merge(
        pairs[["pair", "question", "prompt_cluster"]], on="pair"
    )
    entries = []
    for question, part in table.groupby("question", sort=True):
        units, names = pd.factorize(part["pair"])
        outcome = np.where(part["both_unacceptable"], 0, part["outcome"]).astype(np.float64)
        clusters = part["prompt_cluster"].to_numpy(dtype=np.int64)
        entry = _entry(str(question), "votes", part, len(names))
        entry["as_imported"] = _coefficients(units, outcome, clusters, seed)
        doubled, mirrored = pooled(units, outcome)
        entry["pooled"] = _coefficients(doubled, mirrored, np.tile(clusters, 2), seed)
        entry["raters"] = _matrix(units, part["rater"], np.sign(outcome), clusters, seed)
        entries.append(entry)
    return entries


def _of_ratings(pairs: pd.DataFrame, ratings: pd.DataFrame, seed: int) -> list[dict[str, Any]]:
    """Ratings of responses; a question that only one person rated has nothing to agree on and no figures."""
    clusters = pairs.drop_duplicates("item").set_index("item")["prompt_cluster"]
    table = ratings.drop_duplicates(["item", "response_hash", "rater", "question"])
    table = table[table["item"].isin(clusters.index)]
    entries = []
    for question, part in table.groupby("question", sort=True):
        units, names = pd.factorize(part["item"] + part["response_hash"])
        values = part["value"].to_numpy(dtype=np.float64)
        if not values.any():  # critiques that were asked for, and nobody made one
            continue
        cluster = clusters.loc[part["item"]].to_numpy(dtype=np.int64)
        entry = _entry(str(question), "ratings", part, len(names))
        entry["as_imported"] = _coefficients(units, values, cluster, seed)
        entry["raters"] = _matrix(units, part["rater"], values, cluster, seed)
        entries.append(entry)
    return entries


def _entry(question: str, of: str, part: pd.DataFrame, units: int) -> dict[str, Any]:
    return {"question": question, "of": of, "units": units, "values": len(part)}


def _coefficients(units: Ints, values: Floats, clusters: Ints, seed: int) -> dict[str, Any]:
    """α at three levels and percent agreement; nominal α and percent see the direction only."""
    direction = np.sign(values) if (values < 0).any() else values
    known: dict[str, Any] = {
        f"alpha_{level}": _plain(
            krippendorff_alpha(
                units,
                direction if level == "nominal" else values,
                level,
                clusters=clusters,
                seed=seed,
            )
        )
        for level in LEVELS
    }
    known["percent"] = _plain(percent_agreement(units, direction, clusters=clusters, seed=seed))
    return known


def _matrix(
    units: Ints, raters: pd.Series, values: Floats, clusters: Ints, seed: int
) -> list[dict[str, Any]]:
    codes, names = pd.factorize(raters, sort=True)
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
