"""Models ranked by the votes on their responses, what style had to do with it taken out, and how sure the ranking is.

Strengths are Bradley–Terry's; beside the models stand the covariates of style, so that a strength is
that of a response of equal length and markup, shown at the same place (LMSYS 2024, "Does style
matter?"). Intervals resample whole prompt clusters, since votes on one prompt are not independent;
each resample is one Newton step from the fit (the score bootstrap of Kline and Santos 2012).
"""

from __future__ import annotations

from dataclasses import dataclass

from curation.late import np, sparse, special
from curation.methods.arrays import Floats, Ints, rounded
from curation.methods.bradley_terry import Strengths, bradley_terry, bradley_terry_with, tally

RESAMPLES = 500
BLOCK = 20  # resamples at once: with 100,000 clusters 16 MB
LEAST_CLUSTERS = 10
LEVEL = 0.95


@dataclass(frozen=True, kw_only=True)
class Games:
    """Comparisons of `n` models: codes of both, the first one's share won (1, ½, 0), weight, prompt cluster, style.

    `style` (m, k) is first minus second, each column within −1 … 1. Clusters are codes from 0, each with a comparison.
    """

    n: int
    first: Ints
    second: Ints
    won: Floats
    weight: Floats
    cluster: Ints
    style: Floats


@dataclass(frozen=True, kw_only=True)
class Interval:
    """Values with the ends of their 95 % intervals, NaN with fewer than LEAST_CLUSTERS clusters."""

    value: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, kw_only=True)
class Standings:
    """`strength` has style taken out, `plain` has not; both in log-odds with mean 0. `effects` are those of style.

    By its interval a model may stand at any place from `best` to `worst`, 1 being the first.
    `prior` is the precision that held strengths which the votes alone leave open, else 0.
    """

    strength: Interval
    plain: Floats
    effects: Interval
    best: Ints
    worst: Ints
    votes: Ints
    share: Floats
    clusters: int
    prior: float
    converged: bool


def standings(games: Games, *, seed: int, resamples: int = RESAMPLES) -> Standings:
    """The ranking of all models; the share is of votes won, ties ½."""
    n = games.n
    wins = tally(games.first, games.second, games.won, n, games.weight)
    plain = bradley_terry(wins)
    fitted = bradley_terry_with(
        games.first, games.second, games.won, games.style, n, weights=games.weight
    )
    moved = _moved(games, fitted, seed, resamples)
    strength = _interval(fitted.theta, moved[:, :n])
    best, worst = _places(strength)
    played = (wins + wins.T).sum(axis=1)
    both = np.concatenate([games.first, games.second])
    return Standings(
        strength=strength,
        plain=plain.theta,
        effects=_interval(fitted.effects, moved[:, n:]),
        best=best,
        worst=worst,
        votes=np.bincount(both, minlength=n).astype(np.int64),
        share=rounded(_ratio(wins.sum(axis=1), played)),
        clusters=_count(games.cluster),
        prior=fitted.prior,
        converged=plain.converged and fitted.converged,
    )


def means(
    values: Floats,
    weights: Floats,
    cells: Ints,
    n: int,
    clusters: Ints,
    *,
    seed: int,
    resamples: int = RESAMPLES,
) -> Interval:
    """The weighted mean in each of `n` cells, NaN in an empty one; an interval where LEAST_CLUSTERS clusters are in it."""
    at, shape = (clusters, cells), (_count(clusters), n)
    both = sparse.csr_array(
        (np.concatenate([values * weights, weights]), _beside(at, n)), (shape[0], 2 * n)
    )
    whole = np.asarray(both.sum(axis=0), dtype=np.float64).ravel()
    mean = _ratio(whole[:n], whole[n:])
    drawn = _resampled(both, seed, resamples)
    found = _interval(mean, _ratio(drawn[:, :n], drawn[:, n:]))
    reached = np.unique(clusters * n + cells) % n
    few = np.bincount(reached, minlength=n) < LEAST_CLUSTERS
    return Interval(
        value=found.value,
        low=np.where(few, np.nan, found.low),
        high=np.where(few, np.nan, found.high),
    )


def _moved(games: Games, fitted: Strengths, seed: int, resamples: int) -> Floats:
    """Strengths and effects of every resample: (resamples, n + k)."""
    n, k = games.n, games.style.shape[1]
    at = np.concatenate([fitted.theta, fitted.effects])
    known = np.nan_to_num(at)
    odds = known[games.first] - known[games.second] + games.style @ known[n:]
    left = games.weight * (games.won - special.expit(odds))
    columns = [games.first, games.second, *(np.full(len(left), n + each) for each in range(k))]
    slopes = [left, -left, *(left * games.style[:, each] for each in range(k))]
    where = (np.tile(games.cluster, 2 + k), np.concatenate(columns))
    scores = sparse.csr_array((np.concatenate(slopes), where), (_count(games.cluster), n + k))
    shift = _resampled(scores, seed, resamples) - np.asarray(scores.sum(axis=0)).ravel()
    moved: Floats = at + shift @ np.nan_to_num(fitted.covariance)
    return moved


def _resampled(columns: sparse.csr_array, seed: int, resamples: int) -> Floats:
    """The sums of each column over as many clusters as there are, drawn with replacement: (resamples, columns)."""
    count = columns.shape[0]
    if count < LEAST_CLUSTERS:
        return np.zeros((0, columns.shape[1]))
    rng = np.random.default_rng(seed)
    chances = np.full(count, 1 / count)
    blocks = [min(BLOCK, resamples - start) for start in range(0, resamples, BLOCK)]
    drawn = [rng.multinomial(count, chances, size=size) @ columns for size in blocks]
    return np.concatenate(drawn).astype(np.float64)


def _beside(at: tuple[Ints, Ints], n: int) -> tuple[Ints, Ints]:
    """The places of two tables of `n` columns that lie side by side."""
    rows, cells = at
    return np.tile(rows, 2), np.concatenate([cells, cells + n])


def _interval(value: Floats, resampled: Floats) -> Interval:
    low, high = np.full(len(value), np.nan), np.full(len(value), np.nan)
    known = np.flatnonzero((~np.isnan(resampled)).any(axis=0))  # no row: none is
    if len(known):
        tail = (1 - LEVEL) / 2
        low[known], high[known] = np.nanquantile(resampled[:, known], [tail, 1 - tail], axis=0)
    return Interval(value=rounded(value), low=rounded(low), high=rounded(high))


def _places(strength: Interval) -> tuple[Ints, Ints]:
    """Behind those who are surely better, before those who are surely worse; without intervals any place."""
    better = (strength.low[None, :] > strength.high[:, None]).sum(axis=1)
    worse = (strength.high[None, :] < strength.low[:, None]).sum(axis=1)
    return (1 + better).astype(np.int64), (len(better) - worse).astype(np.int64)


def _ratio(part: Floats, whole: Floats) -> Floats:
    found = np.full(part.shape, np.nan)
    np.divide(part, whole, out=found, where=whole > 0)
    return found


def _count(codes: Ints) -> int:
    return int(codes.max(initial=-1)) + 1
