"""Draws train, validation and test by whole clusters, for good.

A cluster is what must not be torn: prompts that are near each other, and items of one conversation or source document. It
is placed by the hash of its key and the dataset's salt; under 200 clusters in a stratum chance would make the sizes
jump, so there they are ranked by that hash and cut. What the ledger has frozen stays. A cluster that has grown together
across splits goes to quarantine: it is held, never to be trained on, and its new items stay there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import islice

import xxhash

from curation.late import np, pd
from curation.methods.arrays import Ints
from curation.methods.jaccard import components, smallest_members
from curation.stages.base import Facts, Param, Params, Stage, hold, texts

TRAIN, VALIDATION, TEST, QUARANTINE = "train", "validation", "test", "quarantine"
TRAINS = "train"  # the purpose of items that may be trained on
LEAST_FOR_HASHING = 200
BETWEEN_TAGS = "\x1f"


def run(pairs: pd.DataFrame, facts: Facts, params: Params) -> pd.DataFrame:
    keys = pd.Series(_clusters(pairs), index=pairs.index, dtype="str")
    frozen = _frozen(keys, pairs["item"], facts.ledger)
    torn = {key for key, splits in frozen.items() if len(splits) > 1 or QUARANTINE in splits}
    where = keys.isin(torn).to_numpy(dtype=bool)
    detail = "Its cluster joins rows frozen in different splits; it is in quarantine."
    pairs = hold(pairs, where, "split_conflict", detail)
    # Held pairs are placed too: their responses may be rows of KTO, and a pair that a person releases finds its place.
    placed = keys.where((pairs["purpose"] == TRAINS).to_numpy(dtype=bool))
    strata = _strata(placed, pairs, params)
    drawn = dict.fromkeys(torn, QUARANTINE)
    for name in sorted(set(strata.values())):
        clusters = [key for key, stratum in strata.items() if stratum == name and key not in torn]
        known = {key: min(frozen[key]) for key in clusters if key in frozen}
        taken = Counter(known.values()) + Counter(facts.elsewhere.get(name, {}))
        total = len(clusters) + sum(facts.elsewhere.get(name, {}).values())
        fresh = {key: _draw(key, facts.salt) for key in clusters if key not in known}
        drawn |= {**known, **_drawn(fresh, taken, total, params)}
    return pairs.assign(split=texts(placed.map(drawn), pairs))


def _clusters(pairs: pd.DataFrame) -> list[str]:
    """For each pair the smallest item hash among those that prompts or a common source tie together."""
    if "source_key" not in pairs.columns:
        return list(pairs["cluster_key"])
    prompts, _ = pd.factorize(pairs["cluster_key"])
    sources = pairs["source_key"].mask(pairs["source_key"] == "")
    left, right = _ties(prompts.astype(np.int64), sources)
    labels = components(int(prompts.max(initial=-1)) + 1, left, right)
    return smallest_members(labels[prompts], list(pairs["item"]))


def _ties(prompts: Ints, sources: pd.Series) -> tuple[Ints, Ints]:
    """Each source's first prompt cluster beside each of its prompt clusters."""
    frame = pd.DataFrame({"prompt": prompts, "source": sources.to_numpy()}).dropna()
    first = frame.groupby("source")["prompt"].transform("min")
    return first.to_numpy(dtype=np.int64), frame["prompt"].to_numpy(dtype=np.int64)


def _strata(placed: pd.Series, pairs: pd.DataFrame, params: Params) -> dict[str, str]:
    """Each placed cluster's stratum: without strata one for all, by tag the first tag of its items."""
    frame = pd.DataFrame({"key": placed, "tag": ""})
    if params["strata"] == "tag" and "tags" in pairs.columns:
        frame["tag"] = pairs["tags"].str.split(BETWEEN_TAGS, n=1).str[0].fillna("")
    least = frame.dropna().groupby("key")["tag"].min()
    return {str(key): str(tag) for key, tag in least.items()}


def placed_clusters(pairs: pd.DataFrame, params: Params) -> dict[str, dict[str, int]]:
    """How many clusters of each stratum are in each split, quarantine left out: what a part of a run is told of the rest."""
    keys = pd.Series(_clusters(pairs), index=pairs.index, dtype="str")
    placed = keys.where(pairs["split"].isin([TRAIN, VALIDATION, TEST]))
    split = dict(zip(keys, pairs["split"], strict=True))
    counts: dict[str, Counter[str]] = {}
    for key, stratum in _strata(placed, pairs, params).items():
        counts.setdefault(stratum, Counter())[split[key]] += 1
    return {stratum: dict(count) for stratum, count in counts.items()}


def new_entries(pairs: pd.DataFrame, ledger: Mapping[str, str]) -> dict[str, str]:
    """The ledger's new lines after a run: item hash → split, for placed items it does not have."""
    placed = pairs[["item", "split"]].dropna().drop_duplicates().sort_values("item")
    lines = zip(placed["item"].tolist(), placed["split"].tolist(), strict=True)
    return {item: split for item, split in lines if item not in ledger}


def _frozen(
    keys: Iterable[str], items: Iterable[str], ledger: Mapping[str, str]
) -> dict[str, set[str]]:
    """The splits that the ledger names for the items of each cluster."""
    frozen: dict[str, set[str]] = {}
    if ledger:
        for key, item in set(zip(keys, items, strict=True)):
            if item in ledger:
                frozen.setdefault(key, set()).add(ledger[item])
    return frozen


def _drawn(
    draws: Mapping[str, float], taken: Counter[str], total: int, params: Params
) -> dict[str, str]:
    """A split for each new cluster of a stratum that has `total`, of which each split has `taken` some."""
    shares = {TEST: float(params["test"]), VALIDATION: float(params["validation"])}
    if total >= LEAST_FOR_HASHING:
        edges = dict(zip(shares, np.cumsum(list(shares.values())).tolist(), strict=True))
        return {key: _by_hash(draw, edges) for key, draw in draws.items()}
    return _by_rank(draws, taken, total, shares)


def _draw(key: str, salt: str) -> float:
    """A number in [0, 1) that depends on the cluster and the salt alone."""
    return xxhash.xxh3_64_intdigest(f"{salt}:{key}".encode()) / 2**64


def _by_hash(draw: float, edges: Mapping[str, float]) -> str:
    return next((name for name, edge in edges.items() if draw < edge), TRAIN)


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
    says="Puts whole clusters of near prompts and common sources into train, validation or test, by hash, for good.",
    run=run,
    adds=("split",),
    reasons={"split_conflict": "Its cluster joins rows frozen in different splits: quarantine."},
    final=frozenset({"split_conflict"}),
    params=(
        _share("validation", "Share of clusters for validation"),
        _share("test", "Share of clusters for testing"),
        Param(
            name="strata",
            title="Each share is taken from",
            kind="choice",
            default="all",
            choices=("all", "tag"),
        ),
    ),
)
