"""Bradley–Terry on published comparisons and on planted ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from curation.methods.bradley_terry import PULL, bradley_terry, bradley_terry_with, tally

FOLDER = Path("tests/data/comparisons")
WON = {"left": 1.0, "tie": 0.5, "right": 0.0}
# A busy machine is no defect.
unhurried = settings(deadline=None)

games = st.lists(
    st.tuples(st.integers(0, 4), st.integers(1, 4), st.sampled_from([0.0, 0.5, 1.0])), max_size=30
).map(lambda rows: [(a, (a + d) % 5, won) for a, d, won in rows])


def columns_of(rows):
    return (
        np.array([row[0] for row in rows], dtype=np.int64),
        np.array([row[1] for row in rows], dtype=np.int64),
        np.array([row[2] for row in rows], dtype=float),
    )


def published(name):
    rows = pd.read_csv(FOLDER / name)
    names = sorted({*rows["left"], *rows["right"]})
    codes = pd.Index(names)
    first, second = codes.get_indexer(rows["left"]), codes.get_indexer(rows["right"])
    return first, second, rows["winner"].map(WON).to_numpy(), names


def planted(m=60_000, n=30, seed=1):
    rng = np.random.default_rng(seed)
    theta = rng.normal(size=n)
    theta -= theta.mean()
    first = rng.integers(n, size=m)
    second = (first + rng.integers(1, n, size=m)) % n
    better = theta[first] - theta[second]
    position = rng.choice([-1.0, 1.0], size=m)
    length = 0.3 * better + rng.normal(size=m)  # the stronger write longer
    markdown = rng.normal(size=m)
    odds = better + 0.2 * position + 0.35 * length + 0.05 * markdown
    won = (rng.random(m) < expit(odds)).astype(float)
    return first, second, won, np.column_stack([position, length, markdown]), theta


def test_the_scores_of_food_are_the_published_ones():
    first, second, won, names = published("evalica_food.csv")
    found = bradley_terry(tally(first, second, won, len(names)))
    assert dict(zip(names, found.scores.tolist(), strict=True)) == pytest.approx(
        {"Tacos": 2.5090, "Sushi": 1.1012, "Burger": 0.8549, "Pasta": 0.7404, "Pizza": 0.5717},
        abs=1e-3,
    )
    assert found.converged
    assert found.prior == 0


def test_the_models_of_llmfao_are_ranked():
    first, second, won, names = published("evalica_llmfao.csv.gz")
    assert len(names) == 59
    found = bradley_terry(tally(first, second, won, len(names)))
    assert names[found.theta.argmax()] == "GPT 4"
    assert found.compared.sum() == 2 * 8931
    assert (found.errors < 0.3).all()


def test_planted_effects_are_found_within_two_hundredths():
    first, second, won, covariates, theta = planted(m=200_000)
    found = bradley_terry_with(first, second, won, covariates, len(theta))
    assert found.effects == pytest.approx([0.2, 0.35, 0.05], abs=0.02)
    assert np.corrcoef(found.theta, theta)[0, 1] > 0.999
    plain = bradley_terry(tally(first, second, won, len(theta)))
    there, back = np.abs(found.theta - theta).mean(), np.abs(plain.theta - theta).mean()
    assert there < back / 2  # uncontrolled, length passes for strength


def test_standard_errors_are_as_wide_as_the_errors():
    first, second, won, covariates, theta = planted(m=20_000)
    found = bradley_terry_with(first, second, won, covariates, len(theta))
    assert ((found.theta - theta) / found.errors).std() == pytest.approx(1, abs=0.35)
    off = (found.effects - [0.2, 0.35, 0.05]) / found.effect_errors
    assert np.abs(off).max() < 3.5


def test_an_effect_that_never_varies_is_unknown_and_moves_nothing():
    first, second, won, covariates, theta = planted(m=5_000)
    still = np.column_stack([np.zeros(len(first)), covariates[:, 1]])
    found = bradley_terry_with(first, second, won, still, len(theta))
    alone = bradley_terry_with(first, second, won, covariates[:, [1]], len(theta))
    assert np.isnan(found.effects[0])
    assert np.isnan(found.effect_errors[0])
    assert found.effects[1] == alone.effects[0]
    assert (found.theta == alone.theta).all()
    assert (found.errors == alone.errors).all()


def test_who_never_loses_gets_a_finite_strength_from_a_stated_prior():
    found = bradley_terry(np.array([[0, 3.0, 2.0], [0, 0, 2.0], [0, 0, 0]]))
    assert found.prior == PULL
    assert found.converged
    assert np.isfinite(found.theta).all()
    assert found.theta[0] > found.theta[1] > found.theta[2]
    assert (found.errors > 2).all()


def test_nobody_compared_is_nobody_ranked():
    assert bradley_terry(np.zeros((0, 0))).theta.tolist() == []
    found = bradley_terry(np.zeros((3, 3)))
    assert found.theta.tolist() == [0, 0, 0]
    assert (found.errors > 5).all()


@unhurried
@given(games)
def test_with_no_covariate_one_by_one_is_the_same_as_added_up(rows):
    first, second, won = columns_of(rows)
    added = bradley_terry(tally(first, second, won, 5))
    each = bradley_terry_with(first, second, won, np.zeros((len(rows), 0)), 5)
    assert each.theta == pytest.approx(added.theta, abs=1e-5)
    assert each.errors == pytest.approx(added.errors, rel=1e-4)
    assert each.compared.tolist() == added.compared.tolist()


@unhurried
@given(games)
def test_chances_and_strengths_fit_what_was_seen(rows):
    first, second, won = columns_of(rows)
    wins = tally(first, second, won, 5)
    found = bradley_terry(wins)
    assert found.converged
    assert found.theta.sum() == pytest.approx(0, abs=1e-5)
    assert found.chances + found.chances.T == pytest.approx(np.ones((5, 5)), abs=2e-6)
    if found.prior == 0:  # at the maximum each wins as often as expected
        expected = ((wins + wins.T) * found.chances).sum(axis=1)
        assert expected == pytest.approx(wins.sum(axis=1), abs=1e-3)


@unhurried
@given(games)
def test_a_vote_of_weight_two_is_two_votes(rows):
    first, second, won = columns_of(rows)
    twice = tally(*columns_of(rows + rows), 5)
    assert tally(first, second, won, 5, np.full(len(rows), 2.0)) == pytest.approx(twice)
