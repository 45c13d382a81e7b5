"""Models ranked by votes: strengths that were planted come back, and intervals are those of resampled prompts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from curation.methods.bradley_terry import bradley_terry_with
from curation.methods.standings import Games, means, standings

TRUE = np.array([0.8, 0.3, -0.2, -0.9])
POSITION, LENGTH, MARKDOWN = 0.2, 0.7, 0.0


def planted(m: int = 80_000, clusters: int = 500) -> Games:
    rng = np.random.default_rng(5)
    first = rng.integers(0, 4, m)
    second = (first + rng.integers(1, 4, m)) % 4
    # The worst model writes the longest, as models do that are tuned to please.
    longer = np.clip(
        rng.normal(0.2 * (second < first) - 0.1, 0.3, m) + 0.15 * (first - second), -1, 1
    )
    style = np.column_stack([rng.choice([-1, 0, 1], m), longer, rng.uniform(-1, 1, m)])
    odds = TRUE[first] - TRUE[second] + style @ [POSITION, LENGTH, MARKDOWN]
    won = (rng.random(m) < expit(odds)).astype(float)
    return Games(
        n=4,
        first=first,
        second=second,
        won=won,
        weight=np.ones(m),
        cluster=rng.permutation(np.arange(m) % clusters),
        style=style,
    )


def test_strengths_and_effects_of_style_that_were_planted_are_found_within_their_intervals() -> (
    None
):
    found = standings(planted(), seed=1)
    assert found.strength.value == pytest.approx(TRUE - TRUE.mean(), abs=0.06)
    assert found.effects.value == pytest.approx([POSITION, LENGTH, MARKDOWN], abs=0.06)
    assert (found.strength.low < TRUE - TRUE.mean()).all()
    assert (TRUE - TRUE.mean() < found.strength.high).all()
    assert np.abs(found.plain - TRUE + TRUE.mean()).max() > 0.15  # style left in misleads
    assert (found.best.tolist(), found.worst.tolist()) == ([1, 2, 3, 4], [1, 2, 3, 4])
    assert found.converged
    assert found.votes.sum() == 160_000


def test_the_intervals_are_those_of_fitting_every_resample() -> None:
    games = planted(m=3_000, clusters=60)
    found = standings(games, seed=2)
    rng = np.random.default_rng(3)
    fits = []
    for times in rng.multinomial(60, np.full(60, 1 / 60), size=300):
        weight = times[games.cluster].astype(float)
        args = (games.first, games.second, games.won, games.style, 4)
        fits.append(bradley_terry_with(*args, weights=weight).theta)
    low, high = np.quantile(fits, [0.025, 0.975], axis=0)
    width = found.strength.high - found.strength.low
    assert width == pytest.approx(high - low, rel=0.15)
    assert found.strength.low == pytest.approx(low, abs=0.06)


def test_the_order_of_the_votes_changes_nothing() -> None:
    games = planted(m=2_000, clusters=40)
    turned = np.arange(2_000)[::-1]
    columns = {
        name: getattr(games, name)[turned]
        for name in ("first", "second", "won", "weight", "cluster", "style")
    }
    there, back = standings(games, seed=4), standings(Games(n=4, **columns), seed=4)
    for name in ("value", "low", "high"):
        assert getattr(there.strength, name).tolist() == getattr(back.strength, name).tolist()


def test_below_ten_prompts_there_is_no_interval_and_any_place_is_possible() -> None:
    found = standings(planted(m=500, clusters=9), seed=1)
    assert np.isnan(found.strength.low).all()
    assert found.best.tolist() == [1] * 4
    assert found.worst.tolist() == [4] * 4


def test_nobody_and_a_model_that_always_wins_can_be_ranked() -> None:
    nothing, none = np.zeros(0, dtype=np.int64), np.zeros(0)
    empty = Games(
        n=0,
        first=nothing,
        second=nothing,
        won=none,
        weight=none,
        cluster=nothing,
        style=none.reshape(0, 3),
    )
    assert standings(empty, seed=0).votes.tolist() == []
    one = np.ones(12, dtype=np.int64)
    sure = Games(
        n=2,
        first=0 * one,
        second=one,
        won=np.ones(12),
        weight=np.ones(12),
        cluster=np.arange(12),
        style=np.zeros((12, 3)),
    )
    found = standings(sure, seed=0)
    assert found.prior > 0
    assert found.strength.value[0] > found.strength.value[1]


def test_a_mean_has_an_interval_where_ten_prompts_are_behind_it() -> None:
    cells = np.repeat([0, 1], [200, 9])
    clusters = np.concatenate([np.arange(200), np.arange(9)])
    values = np.concatenate([np.arange(200) % 2, np.ones(9)]).astype(float)
    found = means(values, np.ones(209), cells, 3, clusters, seed=1)
    assert found.value[:2].tolist() == [0.5, 1.0]
    assert np.isnan(found.value[2])
    assert found.high[0] - found.low[0] == pytest.approx(2 * 1.96 * 0.5 / np.sqrt(200), rel=0.1)
    assert np.isnan(found.low[1:]).all()
