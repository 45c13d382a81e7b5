"""Bradley–Terry: one strength for each entity, from who beat whom; with covariates, what else moved the choice.

P(first beats second) = σ(θ_first − θ_second + x·β). Bradley and Terry 1952; a tie is half a win for
either side. Fitted by Newton's method, whose matrix gives the standard errors too. Strengths are
centred: their mean is 0. Where not everybody is linked to everybody by wins both ways the maximum
lies at infinity; then a normal prior of precision PULL holds the strengths, and the result says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from curation.late import csgraph, np, sparse, special
from curation.methods.arrays import Floats, Ints, rounded

PULL = 0.01
EFFECT_PULL = 0.01
TOLERANCE = 1e-10
MOST_STEPS = 100


@dataclass(frozen=True, kw_only=True)
class Strengths:
    """`theta` (n,) in log-odds with mean 0; `covariance` (n + k, n + k) of strengths and then effects.

    `effects` (k,) are the covariates' β, NaN for one that never varies. `prior` is the precision
    that was needed, 0 where the comparisons alone tell. `compared` (n,) is each entity's weight of comparisons.
    """

    theta: Floats
    effects: Floats
    covariance: Floats
    compared: Floats
    prior: float
    iterations: int
    converged: bool

    @property
    def errors(self) -> Floats:
        """The standard error of each strength against the mean of all."""
        n = len(self.theta)
        return rounded(np.sqrt(np.maximum(np.diag(self.covariance)[:n], 0)))

    @property
    def effect_errors(self) -> Floats:
        """The standard error of each effect."""
        n = len(self.theta)
        return rounded(np.sqrt(np.maximum(np.diag(self.covariance)[n:], 0)))

    @property
    def scores(self) -> Floats:
        """e^θ, with geometric mean 1: the scale on which Bradley–Terry scores are usually published."""
        return rounded(np.exp(self.theta))

    @property
    def chances(self) -> Floats:
        """P(row beats column), all covariates at 0: (n, n)."""
        return rounded(special.expit(self.theta[:, None] - self.theta[None, :]))


def tally(first: Ints, second: Ints, won: Floats, n: int, weights: Floats | None = None) -> Floats:
    """Wins of row over column, (n, n); `won` is first's share of each comparison: 1, ½ for a tie, 0."""
    won = np.asarray(won, dtype=np.float64)
    cells = np.asarray(first, dtype=np.int64) * n + second
    there = np.bincount(cells, won if weights is None else won * weights, n * n)
    back = np.bincount(cells, weights, n * n) - there
    wins: Floats = there.reshape(n, n) + back.reshape(n, n).T
    return wins


def bradley_terry(wins: Floats, prior: float | None = None) -> Strengths:
    """Strengths from a table of wins. `prior`: the precision to use instead of the one that is needed."""
    wins = wins - np.diag(np.diag(wins))  # nobody is compared with themselves
    games = wins + wins.T
    pull = _prior(wins) if prior is None else prior
    theta, information = np.zeros(len(wins)), _information(np.zeros(len(wins)), games, pull)
    value = _fit_of(theta, wins, pull)
    steps, moved = 0, np.inf if len(wins) else 0.0
    while moved > TOLERANCE and steps < MOST_STEPS:
        expected = games * special.expit(theta[:, None] - theta[None, :])
        slope = (wins - expected).sum(axis=1) - pull * theta
        step = _solved(information, slope)
        theta, value, moved = _climbed(theta, step, value, lambda at: _fit_of(at, wins, pull))
        information = _information(theta, games, pull)
        steps += 1
    return _strengths(theta, np.zeros(0), information, games.sum(axis=1), pull, steps, moved)


def bradley_terry_with(
    first: Ints,
    second: Ints,
    won: Floats,
    covariates: Floats,
    n: int,
    *,
    weights: Floats | None = None,
    prior: float | None = None,
) -> Strengths:
    """Strengths beside the effects of `covariates` (m, k), each given as first minus second, of the order of 1.

    For example +1 where first was shown first and −1 where second was (0: nobody knows), and
    relative differences of length. Effects have a normal prior of precision EFFECT_PULL.
    """
    games = _Games.of(first, second, won, covariates, n, weights)
    pull = _prior(tally(first, second, games.won, n, games.weights)) if prior is None else prior
    return games.fit(pull)


@dataclass(frozen=True, kw_only=True)
class _Games:
    """Comparisons one by one; of the covariates only those that vary."""

    first: Ints
    second: Ints
    won: Floats
    weights: Floats
    covariates: Floats
    varying: Ints
    n: int
    k: int

    @classmethod
    def of(
        cls,
        first: Ints,
        second: Ints,
        won: Floats,
        covariates: Floats,
        n: int,
        weights: Floats | None,
    ) -> _Games:
        given = np.asarray(covariates, dtype=np.float64)
        varying = np.flatnonzero(np.ptp(given, axis=0) > 0) if len(given) else np.zeros(0, np.int64)
        return cls(
            first=np.asarray(first, dtype=np.int64),
            second=np.asarray(second, dtype=np.int64),
            won=np.asarray(won, dtype=np.float64),
            weights=np.ones(len(first)) if weights is None else np.asarray(weights, np.float64),
            covariates=np.ascontiguousarray(given[:, varying]),
            varying=varying.astype(np.int64),
            n=n,
            k=given.shape[1],
        )

    def fit(self, pull: float) -> Strengths:
        pulls = np.concatenate([np.full(self.n, pull), np.full(len(self.varying), EFFECT_PULL)])
        at = np.zeros(len(pulls))
        value = self._fit_of(at, pulls)
        slope, information = self._derivatives(at, pulls)
        steps, moved = 0, np.inf if len(at) else 0.0
        while moved > TOLERANCE and steps < MOST_STEPS:
            step = _solved(information, slope)
            at, value, moved = _climbed(at, step, value, lambda to: self._fit_of(to, pulls))
            slope, information = self._derivatives(at, pulls)
            steps += 1
        compared = _summed(self.first, self.weights, self.n)
        compared = compared + _summed(self.second, self.weights, self.n)
        found = at[: self.n], at[self.n :]
        return _spread_out(self, _strengths(*found, information, compared, pull, steps, moved))

    def _odds(self, at: Floats) -> Floats:
        theta, beta = at[: self.n], at[self.n :]
        odds: Floats = theta[self.first] - theta[self.second] + self.covariates @ beta
        return odds

    def _fit_of(self, at: Floats, pulls: Floats) -> float:
        odds = self._odds(at)
        gained = self.won * odds - np.logaddexp(0, odds)
        return float(self.weights @ gained - (pulls * at * at).sum() / 2)

    def _derivatives(self, at: Floats, pulls: Floats) -> tuple[Floats, Floats]:
        """Slope and negative second derivative, with the gauge that keeps strengths centred."""
        n = self.n
        p = special.expit(self._odds(at))
        left = self.weights * (self.won - p)
        spread = self.weights * p * (1 - p)
        ours = _summed(self.first, left, n) - _summed(self.second, left, n)
        slope = np.concatenate([ours, left @ self.covariates]) - pulls * at
        table = _summed(self.first * n + self.second, spread, n * n).reshape(n, n)
        information = np.zeros((len(at), len(at)))
        information[:n, :n] = _laplacian(table + table.T)
        weighed = self.covariates * spread[:, None]
        for number, column in enumerate(weighed.T):
            both = _summed(self.first, column, n) - _summed(self.second, column, n)
            information[:n, n + number] = information[n + number, :n] = both
        information[n:, n:] = weighed.T @ self.covariates
        return slope, information + np.diag(pulls)


def _prior(wins: Floats) -> float:
    """0 where everybody is linked to everybody by wins both ways (Ford 1957), else PULL."""
    groups, _ = csgraph.connected_components(
        sparse.csr_array((wins > 0).astype(np.int8)), directed=True, connection="strong"
    )
    return 0.0 if groups <= 1 else PULL


def _laplacian(table: Floats) -> Floats:
    """Information of strengths whose pairs weigh `table`; the constant makes centred strengths the only answer."""
    n = len(table)
    own = table - np.diag(np.diag(table))
    laplacian: Floats = np.diag(own.sum(axis=1)) - own + 1 / max(n, 1)
    return laplacian


def _information(theta: Floats, games: Floats, pull: float) -> Floats:
    p = special.expit(theta[:, None] - theta[None, :])
    information: Floats = _laplacian(games * p * (1 - p)) + pull * np.eye(len(theta))
    return information


def _fit_of(theta: Floats, wins: Floats, pull: float) -> float:
    losses = np.logaddexp(0, theta[None, :] - theta[:, None])
    return float(-(wins * losses).sum() - pull * (theta @ theta) / 2)


def _summed(places: Ints, values: Floats, n: int) -> Floats:
    """`values` added up by place."""
    return np.bincount(places, values, n).astype(np.float64)


def _solved(information: Floats, slope: Floats) -> Floats:
    """The Newton step."""
    return np.linalg.solve(information, slope).astype(np.float64)


def _climbed(
    at: Floats, step: Floats, value: float, fit_of: Callable[[Floats], float]
) -> tuple[Floats, float, float]:
    """Where a step leads, the fit there and how far it is; halved for as long as the fit would fall."""
    size = 1.0
    while size > TOLERANCE:
        to = at + size * step
        reached = fit_of(to)
        if reached >= value - 1e-12 * abs(value):
            return to, reached, float(np.abs(size * step).max(initial=0.0))
        size /= 2
    return at, value, 0.0


def _strengths(
    theta: Floats,
    effects: Floats,
    information: Floats,
    compared: Floats,
    pull: float,
    steps: int,
    moved: float,
) -> Strengths:
    n = len(theta)
    covariance: Floats = np.linalg.inv(information).astype(np.float64)
    covariance[:n, :n] -= 1 / max(n, 1)  # the gauge's own share
    return Strengths(
        theta=rounded(theta - theta.mean() if n else theta),
        effects=rounded(effects),
        covariance=covariance,
        compared=rounded(compared),
        prior=pull,
        iterations=steps,
        converged=moved <= TOLERANCE,
    )


def _spread_out(games: _Games, found: Strengths) -> Strengths:
    """The result with a place for every covariate given; NaN for those that never vary."""
    effects = np.full(games.k, np.nan)
    effects[games.varying] = found.effects
    covariance = np.full((games.n + games.k, games.n + games.k), np.nan)
    places = np.concatenate([np.arange(games.n), games.n + games.varying])
    covariance[np.ix_(places, places)] = found.covariance
    return replace(found, effects=effects, covariance=covariance)
