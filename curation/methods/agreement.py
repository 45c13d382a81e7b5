"""How far raters agree: percent agreement, Cohen's κ and Krippendorff's α, with bootstrap intervals.

Everything is a function of one K × K table of value pairs, and tables of disjoint groups of units
add up. So a bootstrap over clusters is one matrix product: resampled weights times the clusters'
tables.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from curation.late import np, sparse
from curation.methods.arrays import DECIMALS, Floats, Ints, coded, spread

Level = Literal["nominal", "ordinal", "interval"]
Statistic = Callable[[Floats], Floats]

RESAMPLES = 2_000
LEAST_CLUSTERS = 10
LEAST_SHARED_UNITS = 20
MOST_CLUSTERS = 1_000
MOST_INTERVALS = 100
CHUNK = 64
UNITS_AT_ONCE = 20_000


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval; None where it is not defined or not estimable."""

    value: float | None
    low: float | None
    high: float | None
    units: int
    clusters: int


@dataclass(frozen=True, kw_only=True)
class RaterPair:
    """Two raters, lower code first, over the units that both judged."""

    first: int
    second: int
    kappa: Estimate
    percent: Estimate


@dataclass(frozen=True, kw_only=True)
class Tables:
    """One K × K table of value pairs for each cluster of units, flattened to rows.

    `pooled`: every unit counts once as it is and once with its values turned round, for which levels must be symmetric.
    """

    levels: Floats
    rows: sparse.csr_array
    units: int
    clusters: int
    pooled: bool = False


def krippendorff_alpha(
    units: Ints,
    values: Floats | Ints,
    level: Level,
    *,
    clusters: Ints | None = None,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> Estimate:
    """Krippendorff's α (Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability").

    One entry per rating: the unit it is about, its value, and (for an interval) the unit's
    cluster. NaN is a missing value. None when no unit has two values, or all are the same.
    """
    tables = coincidences(units, values, clusters)
    return _estimate(tables, _alpha(tables.levels, level), seed, resamples)


def percent_agreement(
    units: Ints,
    values: Floats | Ints,
    *,
    clusters: Ints | None = None,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> Estimate:
    """The share of pairs of values, within units, that are equal (0–1)."""
    return _estimate(coincidences(units, values, clusters), _observed, seed, resamples)


def coefficients(
    units: Ints,
    values: Floats,
    *,
    clusters: Ints | None = None,
    signed: bool = False,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> list[dict[str, Estimate]]:
    """α at three levels and percent agreement. Nominal α and percent see the direction only, where values have one.

    Of `signed` comparisons a second time, with both orientations pooled: every unit once as it is and once mirrored. Which
    response of a comparison was imported first is chance; without this it moves α.
    """
    whole = coincidences(units, values, clusters, symmetric=signed)
    turns = bool((values < 0).any())
    signs = (
        coincidences(units, np.sign(values), clusters, symmetric=signed)
        if turns or signed
        else whole
    )
    found = [_coefficients(whole, signs if turns else whole, seed, resamples)]
    if signed:
        both = [replace(each, pooled=True) for each in (whole, signs)]
        found.append(_coefficients(both[0], both[1], seed, resamples))
    return found


def _coefficients(
    values: Tables, directions: Tables, seed: int, resamples: int
) -> dict[str, Estimate]:
    plain = (_alpha(directions.levels, "nominal"), _observed)
    nominal, percent = _estimates(directions, plain, seed, resamples)
    graded = (_alpha(values.levels, "ordinal"), _alpha(values.levels, "interval"))
    ordinal, interval = _estimates(values, graded, seed, resamples)
    return {
        "alpha_nominal": nominal,
        "alpha_ordinal": ordinal,
        "alpha_interval": interval,
        "percent": percent,
    }


def rater_pairs(
    units: Ints,
    raters: Ints,
    values: Floats | Ints,
    *,
    clusters: Ints | None = None,
    least: int = LEAST_SHARED_UNITS,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> list[RaterPair]:
    """Cohen's κ, unweighted (Cohen 1960), and percent agreement of every two raters who share at least `least` units.

    The MOST_INTERVALS that share most have intervals; of the others the figures alone are told.
    """
    order = np.lexsort((np.asarray(values), raters, units))
    left, right = _pairs_within(np.asarray(units)[order])
    left, right = order[left], order[right]
    apart = raters[left] < raters[right]
    left, right = left[apart], right[apart]
    found = []
    groups = _groups(raters[left], raters[right], least)
    sizes = np.array([len(at) for at in groups], dtype=np.int64)
    most = set(np.argsort(-sizes, kind="stable")[:MOST_INTERVALS].tolist())
    for number, at in enumerate(groups):
        a, b = left[at], right[at]
        grouped = None if clusters is None else clusters[a]
        tables = confusions(values[a], values[b], grouped)
        times = resamples if number in most else 0
        kappa, percent = _estimates(tables, (_kappa, _observed), seed, times)
        found.append(
            RaterPair(
                first=int(raters[a[0]]), second=int(raters[b[0]]), kappa=kappa, percent=percent
            )
        )
    return found


def coincidences(
    units: Ints, values: Floats | Ints, clusters: Ints | None, *, symmetric: bool = False
) -> Tables:
    """Tables of ordered value pairs within units, each unit of m values weighing m in all.

    `symmetric`: with every level its opposite is one too, whether anybody gave it or not.
    """
    values = np.asarray(values, dtype=np.float64)
    known = ~np.isnan(values)
    levels, codes = coded(values[known])
    if symmetric:
        given, levels = levels, np.union1d(levels, -levels) + 0.0
        codes = np.searchsorted(levels, given)[codes]
    names, unit = coded(np.asarray(units)[known])
    width = max(len(levels), 1)
    counts = sparse.csr_array((np.ones(len(codes)), (unit, codes)), shape=(len(names), width))
    sizes = np.bincount(unit, minlength=len(names))
    kept = sizes > 1
    share = np.zeros(len(names))
    np.divide(1.0, sizes - 1, out=share, where=kept)
    if clusters is None:
        rows = _one_table(counts, share)
    else:
        groups = np.zeros(len(names), dtype=np.int64)
        groups[unit] = np.asarray(clusters)[known]
        rows = _table_per_cluster(counts[kept], share[kept], groups[kept])
    return _tables(levels, rows, int(kept.sum()), clusters)


def confusions(first: Floats | Ints, second: Floats | Ints, clusters: Ints | None) -> Tables:
    """Tables of (first rater's value, second rater's value), one count for each unit."""
    levels, codes = coded(np.concatenate([first, second]))
    count = len(first)
    groups = np.zeros(count, dtype=np.int64)
    if clusters is not None:
        _, groups = coded(clusters)
    cells = codes[:count] * len(levels) + codes[count:]
    shape = (int(groups.max()) + 1 if count else 1, max(len(levels), 1) ** 2)
    rows = sparse.coo_array((np.ones(count), (groups, cells)), shape=shape).tocsr()
    return _tables(levels, rows, count, clusters)


def _tables(levels: Floats, rows: sparse.csr_array, units: int, clusters: Ints | None) -> Tables:
    count = 0 if clusters is None or not len(clusters) else rows.shape[0]
    return Tables(levels=levels, rows=rows, units=units, clusters=count)


def _one_table(counts: sparse.csr_array, share: Floats) -> sparse.csr_array:
    weighted = counts.multiply(share[:, None])
    table = (counts.T @ weighted).toarray() - np.diag(np.asarray(weighted.sum(axis=0)))
    return sparse.csr_array(table.reshape(1, -1))


def _table_per_cluster(counts: sparse.csr_array, share: Floats, clusters: Ints) -> sparse.csr_array:
    """A row for each cluster, some thousand units at a time: what lies between is many times their size."""
    _, group = coded(clusters)
    order = np.argsort(group, kind="stable")
    ranked = group[order]
    rows, start = [], 0
    while start < len(order):
        last = ranked[min(start + UNITS_AT_ONCE, len(order)) - 1]
        stop = int(np.searchsorted(ranked, last, side="right"))
        at = order[start:stop]
        rows.append(_rows_of(counts[at], share[at], ranked[start:stop] - ranked[start]))
        start = stop
    return (
        sparse.csr_array(sparse.vstack(rows))
        if rows
        else sparse.csr_array((1, counts.shape[1] ** 2))
    )


def _rows_of(counts: sparse.csr_array, share: Floats, group: Ints) -> sparse.csr_array:
    """A row for each of some successive clusters, numbered from 0."""
    width = counts.shape[1]
    lengths = np.diff(counts.indptr).astype(np.int64)
    unit, _ = spread(lengths)
    entry, partner = spread(lengths[unit])
    other = counts.indptr[unit[entry]] + partner
    level, level_too = counts.indices[entry], counts.indices[other]
    weight = counts.data[entry] * (counts.data[other] - (level == level_too))
    place = (group[unit[entry]], level.astype(np.int64) * width + level_too)
    shape = (int(group[-1]) + 1, width * width)
    return sparse.coo_array((weight * share[unit[entry]], place), shape=shape).tocsr()


def _estimate(tables: Tables, statistic: Statistic, seed: int, resamples: int) -> Estimate:
    return _estimates(tables, (statistic,), seed, resamples)[0]


def _estimates(
    tables: Tables, statistics: Sequence[Statistic], seed: int, resamples: int
) -> list[Estimate]:
    """Several figures of the same tables, with intervals from the same resamples; none of 0 resamples."""
    width = max(len(tables.levels), 1)
    whole = np.asarray(tables.rows.sum(axis=0), dtype=np.float64).reshape(1, width, width)
    drawn = _resampled(tables, seed, resamples)
    if tables.pooled:
        whole, drawn = _turned_too(whole), [_turned_too(each) for each in drawn]
    return [
        Estimate(
            _known(float(statistic(whole)[0])),
            *_interval([statistic(each) for each in drawn]),
            tables.units * (2 if tables.pooled else 1),
            tables.clusters,
        )
        for statistic in statistics
    ]


def _turned_too(tables: Floats) -> Floats:
    """Tables with those of the same units turned round added to them."""
    return tables + tables[:, ::-1, ::-1]


def _resampled(tables: Tables, seed: int, resamples: int) -> list[Floats]:
    """Tables summed over resampled clusters, (CHUNK, K, K) at a time; too few clusters tell nothing.

    More than MOST_CLUSTERS are dealt at random into so many groups, which are resampled instead: sums of independent
    clusters are as independent, and the interval's width is then itself uncertain by 1/√(2·1,000) = 2 %.
    """
    if tables.clusters < LEAST_CLUSTERS:
        return []
    rng = np.random.default_rng(seed)
    rows = _dealt(tables.rows, rng)
    clusters, width = rows.shape[0], len(tables.levels)
    columns = rows.T.tocsr()
    sums = []
    for start in range(0, resamples, CHUNK):
        draws = rng.integers(clusters, size=(min(CHUNK, resamples - start), clusters))
        weights = np.stack([np.bincount(d, minlength=clusters) for d in draws], axis=1)
        drawn = np.asarray(columns @ weights.astype(np.float64)).T
        sums.append(drawn.reshape(-1, width, width))
    return sums


def _dealt(rows: sparse.csr_array, rng: np.random.Generator) -> sparse.csr_array:
    count = rows.shape[0]
    if count <= MOST_CLUSTERS:
        return rows
    group = rng.permutation(count) % MOST_CLUSTERS
    dealing = sparse.coo_array(
        (np.ones(count), (group, np.arange(count))), shape=(MOST_CLUSTERS, count)
    )
    return sparse.csr_array(dealing.tocsr() @ rows)


def _interval(figures: list[Floats]) -> tuple[float | None, float | None]:
    """The 95 % percentile interval."""
    defined = np.concatenate(figures) if figures else np.zeros(0)
    defined = defined[~np.isnan(defined)]
    if not len(defined):
        return None, None
    low, high = np.percentile(defined, [2.5, 97.5])
    return _known(float(low)), _known(float(high))


def _observed(tables: Floats) -> Floats:
    same = np.trace(tables, axis1=1, axis2=2)
    return _ratio(same, tables.sum(axis=(1, 2)))


def _kappa(tables: Floats) -> Floats:
    n = tables.sum(axis=(1, 2))
    by_chance = _ratio((tables.sum(axis=2) * tables.sum(axis=1)).sum(axis=1), n * n)
    return _ratio(_observed(tables) - by_chance, 1 - by_chance)


def _alpha(levels: Floats, level: Level) -> Statistic:
    def alpha(tables: Floats) -> Floats:
        totals = tables.sum(axis=2)
        n = totals.sum(axis=1)
        distance = _distances(totals, levels, level)
        observed = (tables * distance).sum(axis=(1, 2))
        expected = np.einsum("rc,rk,rck->r", totals, totals, distance)
        return 1 - _ratio(observed * (n - 1), expected)

    return alpha


def _distances(totals: Floats, levels: Floats, level: Level) -> Floats:
    """δ² between every two values, (resamples, K, K) or broadcastable to it."""
    if level == "nominal":
        return 1.0 - np.eye(len(levels) or 1)[None]
    if level == "ordinal":
        # Krippendorff's ordinal metric is the squared difference of mid-ranks.
        places = totals.cumsum(axis=1) - totals / 2
    else:
        places = (levels if len(levels) else np.zeros(1))[None]
    return (places[:, :, None] - places[:, None, :]) ** 2


def _ratio(part: Floats, whole: Floats) -> Floats:
    """part / whole, NaN where the whole is (up to rounding) nothing."""
    answer = np.full(np.shape(whole), np.nan)
    np.divide(part, whole, out=answer, where=np.abs(whole) > 1e-12)
    return answer


def _known(value: float) -> float | None:
    return None if np.isnan(value) else round(value, DECIMALS) + 0.0


def _pairs_within(units: Ints) -> tuple[Ints, Ints]:
    """All i < j with the same unit, for sorted units."""
    _, start, size = np.unique(units, return_index=True, return_counts=True)
    run, place = spread(size.astype(np.int64))
    entry, ahead = spread(size[run] - place - 1)
    return (start[run] + place)[entry], (start[run] + place)[entry] + ahead + 1


def _groups(first: Ints, second: Ints, least: int) -> list[Ints]:
    """Positions of each (first, second) that occurs at least `least` times."""
    if not len(first):
        return []
    order = np.lexsort((second, first))
    a, b = first[order], second[order]
    edges = np.flatnonzero((a[1:] != a[:-1]) | (b[1:] != b[:-1])) + 1
    return [group for group in np.split(order, edges) if len(group) >= least]
