"""Votes and comparisons by the million: `python -m benchmarks.votes`. One core, beside crowd-kit and evalica in the same run.

Seconds are of the processor, all on one thread, so that other work on the machine does not count. Peers run on columns in
the form they ask for; making those is not timed. crowd-kit runs with its own defaults, which stop early, and again for as
many iterations as ours. Ours is timed from integer codes to the rounded result, without the first call, which loads the kernels.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from curation.methods.bradley_terry import bradley_terry, bradley_terry_with, tally
from curation.methods.dawid_skene import dawid_skene
from curation.methods.labels import distinct, shares
from curation.methods.one_coin import one_coin

CLASSES, SPAMMERS, MODELS = 3, 0.1, 200
EFFECTS = {"position": 0.2, "length": 0.35, "Markdown": 0.05}


@dataclass
class Row:
    """One measured thing; `limit` is the aim in seconds. A peer's row names ours, by whose time its own is divided."""

    what: str
    seconds: float
    found: str
    limit: float | None = None
    ours: Row | None = None

    def __str__(self) -> str:
        limit = f"{self.limit:g}" if self.limit else ""
        ratio = f"{self.seconds / self.ours.seconds:.1f} ×" if self.ours else ""
        return f"| {self.what} | {self.seconds:.3f} | {limit} | {ratio} | {self.found} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--votes", type=int, default=1_000_000)
    parser.add_argument("--raters", type=int, default=500)
    parser.add_argument("--comparisons", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=5, help="ours is the median of so many")
    options = parser.parse_args()
    print(about())
    with threadpool_limits(1):
        show(
            f"{options.votes:,} votes of {options.raters} people, {SPAMMERS:.0%} of whom guess",
            votes(options.votes, options.raters, options.repeat),
        )
        show(
            f"{options.comparisons:,} comparisons of {MODELS} models",
            comparisons(options.comparisons, options.repeat),
        )


def votes(count: int, people: int, repeat: int) -> list[Row]:
    """One-coin and Dawid–Skene beside crowd-kit's."""
    from crowdkit.aggregation import DawidSkene, OneCoinDawidSkene

    columns, truth = planted_votes(count, people)
    sizes = {"n_units": len(truth), "n_raters": people, "n_classes": CLASSES}
    rows = [
        Row(
            "majority",
            *timed(lambda: shares(distinct(*columns, **sizes)), repeat, right_of(truth)),
        )
    ]
    table = crowdkit_table(columns)
    for name, ours, theirs, limit in (
        ("one-coin", one_coin, OneCoinDawidSkene, 0.5),
        ("Dawid–Skene", dawid_skene, DawidSkene, 1.0),
    ):
        run = timed(lambda ours=ours: ours(*columns, **sizes), repeat, told_of(truth))
        iterations = ours(*columns, **sizes).iterations
        early = theirs()
        late = theirs(n_iter=iterations, tol=-np.inf)
        rows.append(Row(name, *run, limit=limit))
        for title, peer in (("", early), (", as many iterations", late)):
            seconds, found = timed(lambda peer=peer: peer.fit_predict(table), 1, right_named(truth))
            found = f"{found}, {len(peer.loss_history_)} iterations"
            rows.append(
                Row(f"crowd-kit, {name}{title}", seconds, found, ours=rows[-1].ours or rows[-1])
            )
    return rows


def comparisons(count: int, repeat: int) -> list[Row]:
    """Bradley–Terry added up and with covariates beside evalica's."""
    import evalica

    first, second, won, covariates, theta = planted_comparisons(count)
    names = [f"model {number}" for number in range(MODELS)]
    xs, ys = [names[code] for code in first], [names[code] for code in second]
    winners = [evalica.Winner.X if each else evalica.Winner.Y for each in won]
    peer = timed(lambda: evalica.bradley_terry(xs, ys, winners), 1, correlated(theta, names))
    added = timed(
        lambda: bradley_terry(tally(first, second, won, MODELS)),
        repeat,
        lambda found: f"r = {np.corrcoef(found.theta, theta)[0, 1]:.4f}, {found.iterations} steps",
    )
    controlled = timed(
        lambda: bradley_terry_with(first, second, won, covariates, MODELS),
        repeat,
        lambda found: f"r = {np.corrcoef(found.theta, theta)[0, 1]:.4f}, {effects_of(found)}",
    )
    row = Row("Bradley–Terry, added up", *added, limit=0.1)
    return [
        row,
        Row("evalica, Bradley–Terry", *peer, ours=row),
        Row("Bradley–Terry, with covariates", *controlled, limit=6.0),
    ]


def planted_votes(count: int, people: int) -> tuple[tuple[Any, Any, Any], Any]:
    """Ten votes a unit in no order; raters are right in 60 to 95 % of cases, spammers in a third."""
    rng = np.random.default_rng(0)
    units = np.repeat(np.arange(count // 10), 10)
    truth = rng.integers(CLASSES, size=count // 10)
    guess = np.arange(people) < SPAMMERS * people
    accuracy = np.where(guess, 1 / CLASSES, rng.uniform(0.6, 0.95, people))
    raters = rng.integers(people, size=len(units))
    right = rng.random(len(units)) < accuracy[raters]
    wrong = (truth[units] + rng.integers(1, CLASSES, size=len(units))) % CLASSES
    labels = np.where(right, truth[units], wrong)
    mixed = rng.permutation(len(units))
    return (units[mixed], raters[mixed], labels[mixed]), truth


def planted_comparisons(count: int) -> tuple[Any, Any, Any, Any, Any]:
    """Models whose stronger ones write longer; position, length and Markdown move the choice too."""
    rng = np.random.default_rng(0)
    theta = rng.normal(size=MODELS)
    theta -= theta.mean()
    first = rng.integers(MODELS, size=count)
    second = (first + rng.integers(1, MODELS, size=count)) % MODELS
    better = theta[first] - theta[second]
    covariates = np.column_stack(
        [
            rng.choice([-1.0, 1.0], count),
            0.3 * better + rng.normal(size=count) / 2,
            rng.normal(size=count),
        ]
    )
    odds = better + covariates @ np.array(list(EFFECTS.values()))
    won = (rng.random(count) < 1 / (1 + np.exp(-odds))).astype(np.float64)
    return first, second, won, covariates, theta


def timed(work: Callable[[], Any], repeat: int, tell: Callable[[Any], str]) -> tuple[float, str]:
    """The median of `repeat` runs after one that does not count, and what the last one found; once is once."""
    found = work() if repeat > 1 else None
    seconds = []
    for _ in range(repeat):
        began = time.process_time()
        found = work()
        seconds.append(time.process_time() - began)
    return float(np.median(seconds)), tell(found)


def crowdkit_table(columns: tuple[Any, Any, Any]) -> Any:
    import pandas as pd

    return pd.DataFrame(dict(zip(("task", "worker", "label"), columns, strict=True)))


def right_of(truth: Any) -> Callable[[Any], str]:
    return lambda posterior: f"{(posterior.argmax(axis=1) == truth).mean():.4f} right"


def told_of(truth: Any) -> Callable[[Any], str]:
    return lambda found: f"{right_of(truth)(found.posterior)}, {found.iterations} iterations"


def right_named(truth: Any) -> Callable[[Any], str]:
    return lambda named: f"{(named.sort_index().to_numpy() == truth).mean():.4f} right"


def correlated(theta: Any, names: list[str]) -> Callable[[Any], str]:
    def tell(found: Any) -> str:
        logs = np.log(found.scores.loc[names].to_numpy())
        return f"r = {np.corrcoef(logs, theta)[0, 1]:.4f}"

    return tell


def effects_of(found: Any) -> str:
    pairs = zip(EFFECTS.items(), found.effects, strict=True)
    return ", ".join(f"{name} {effect:.3f} (planted {true:g})" for (name, true), effect in pairs)


def about() -> str:
    versions = ", ".join(
        f"{name} {importlib.metadata.version(name)}"
        for name in ("numpy", "scipy", "numba", "crowd-kit", "evalica")
    )
    return f"Python {platform.python_version()}, {versions}; one core"


def show(title: str, rows: list[Row]) -> None:
    print(f"\n{title}\n\n| | seconds | aim | times ours | found |\n|---|---|---|---|---|")
    for row in rows:
        print(row)


if __name__ == "__main__":
    main()
