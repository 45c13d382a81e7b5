"""Draws train, validation and test by whole prompt clusters, for good.

A cluster is placed by the hash of its key and the dataset's salt. Under 200 clusters chance would
make the sizes jump, so the clusters are ranked by that hash and cut. What the ledger has
frozen stays; a cluster that has grown together across splits is held.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import islice

import numpy as np
import pandas as pd
import xxhash

from curation.stages.base import Facts, Param, Params, Stage, hold, texts

TRAIN, VALIDATION, TEST = "train", "validation", "test"
TRAINS = "train"  # the purpose of items that may be trained on
LEAST_FOR_HASHING = 200


def run(pairs: pd.DataFrame, facts: Facts, params: Params) -> pd.DataFrame:
    frozen = _frozen(pairs, facts.ledger)
    torn = {key for key, splits in frozen.items() if len(splits) > 1}
    where = pairs["cluster_key"].isin(torn).to_numpy(dtype=bool)
    detail = "Its prompt cluster now joins rows frozen in different splits."
    pairs = hold(pairs, where, "split_conflict", detail)
    # Held pairs are placed too: their responses may be rows of KTO, and a pair that a person releases finds its place.
    placed = pairs["cluster_key"].where(~where & (pairs["purpose"] == TRAINS).to_numpy(dtype=bool))
    clusters = sorted({str(key) for key in placed.dropna()})
    known = {key: min(frozen[key]) for key in clusters if key in frozen}
    drawn = {**known, **_drawn(clusters, known, facts.salt, params)}
    return pairs.assign(split=texts(placed.map(drawn), pairs))


def new_entries(pairs: pd.DataFrame, ledger: Mapping[str, str]) -> dict[str, str]:
    """The ledger's new lines after a run: item hash → split, for placed items it does not have."""
    placed = pairs[["item", "split"]].dropna().drop_duplicates().sort_values("item")
    lines = zip(placed["item"].tolist(), placed["split"].tolist(), strict=True)
    return {item: split for item, split in lines if item not in ledger}


def _frozen(pairs: pd.DataFrame, ledger: Mapping[str, str]) -> dict[str, set[str]]:
    """The splits that the ledger names for the items of each cluster."""
    frozen: dict[str, set[str]] = {}
    members = pairs[["cluster_key", "item"]].drop_duplicates()
    for key, item in zip(members["cluster_key"], members["item"], strict=True):
        if item in ledger:
            frozen.setdefault(key, set()).add(ledger[item])
    return frozen


def _drawn(
    clusters: list[str], known: Mapping[str, str], salt: str, params: Params
) -> dict[str, str]:
    shares = {TEST: float(params["test"]), VALIDATION: float(params["validation"])}
    draws = {key: _draw(key, salt) for key in clusters if key not in known}
    if len(clusters) >= LEAST_FOR_HASHING:
        return {key: _by_hash(draw, shares) for key, draw in draws.items()}
    return _by_rank(draws, Counter(known.values()), len(clusters), shares)


def _draw(key: str, salt: str) -> float:
    """A number in [0, 1) that depends on the cluster and the salt alone."""
    return xxhash.xxh3_64_intdigest(f"{salt}:{key}".encode()) / 2**64


def _by_hash(draw: float, shares: Mapping[str, float]) -> str:
    edges = np.cumsum(list(shares.values()))
    return next((name for name, edge in zip(shares, edges, strict=True) if draw < edge), TRAIN)


def _by_rank(
    draws: Mapping[str, float], taken: Counter[str], total: int, shares: Mapping[str, float]
) -> dict[str, str]:
    """Test, then validation, filled up to their share of all clusters; the others train."""
    ranked = iter(sorted(draws, key=lambda key: (draws[key], key)))
    split: dict[str, str] = {}
    for name, share in shares.items():
        missing = max(int(total * share + 0.5) - taken[name], 0)
        split |= dict.fromkeys(islice(ranked, missing), name)
    return split | {key: TRAIN for key in draws if key not in split}


def _share(name: str, title: str) -> Param:
    return Param(name=name, title=title, kind="number", default=0.05, least=0, most=0.45)


SPLITS = Stage(
    name="splits",
    title="Splits",
    says="Puts whole prompt clusters into train, validation or test, by hash, for good.",
    run=run,
    adds=("split",),
    reasons={"split_conflict": "Its prompt cluster joins rows frozen in different splits."},
    params=(
        _share("validation", "Share of prompt clusters for validation"),
        _share("test", "Share of prompt clusters for testing"),
    ),
)
