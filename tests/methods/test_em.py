"""Expectation–maximisation that leaps comes to rest where plain EM does, and sooner."""

from __future__ import annotations

import numpy as np
import pytest

from curation.methods import em
from curation.methods.dawid_skene import fit_dawid_skene
from curation.methods.labels import Labels, distinct
from curation.methods.one_coin import fit_one_coin

MIRROR = (2, 1, 0)


def planted(seed: int, *, units: int = 3_000, raters: int = 40, ties: float = 0.05) -> Labels:
    """Comparisons with few ties by raters who favour one side more or less: those on which EM creeps."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(3, units, p=[(1 - ties) / 2, ties, (1 - ties) / 2])
    unit = np.repeat(np.arange(units), 3)
    rater = rng.integers(0, raters, len(unit))
    right = rng.random(len(unit)) < rng.uniform(0.6, 0.95, raters)[rater]
    label = np.where(right, truth[unit], rng.integers(0, 3, len(unit)))
    return distinct(unit, rater, label, n_units=units, n_raters=raters, n_classes=3)


@pytest.mark.parametrize("mirror", [MIRROR, None], ids=["mirrored", "plain"])
@pytest.mark.parametrize("fit", [fit_dawid_skene, fit_one_coin])
def test_leaps_end_where_plain_steps_do_and_save_most_of_them(fit, mirror, monkeypatch):
    votes = planted(3)
    leapt = fit(votes, class_prior="empirical", mirror=mirror)
    monkeypatch.setattr(em, "_leap", lambda here, there, back: back)
    monkeypatch.setattr(em, "MOST_ITERATIONS", 20_000)
    plain = fit(votes, class_prior="empirical", mirror=mirror)
    assert leapt.converged
    assert plain.converged
    assert leapt.posterior == pytest.approx(plain.posterior, abs=2e-5)
    assert leapt.accuracy == pytest.approx(plain.accuracy, abs=2e-5)
    assert leapt.iterations < plain.iterations * (0.6 if fit is fit_dawid_skene else 1.0)


def test_a_leap_that_leads_away_is_taken_back(monkeypatch):
    votes = planted(5)
    found = fit_dawid_skene(votes, class_prior="empirical", mirror=MIRROR)
    rng = np.random.default_rng(1)

    def astray(here, there, back):
        return back * rng.uniform(0.2, 3.0, back.shape)

    monkeypatch.setattr(em, "_leap", astray)
    monkeypatch.setattr(em, "MOST_ITERATIONS", 20_000)
    other = fit_dawid_skene(votes, class_prior="empirical", mirror=MIRROR)
    assert other.converged
    assert other.posterior == pytest.approx(found.posterior, abs=2e-5)


def test_every_cell_keeps_the_votes_it_has_after_a_leap():
    rng = np.random.default_rng(2)
    votes = rng.uniform(0.0, 30.0, (12, 1))
    near, far = rng.dirichlet([1.0] * 3, 12), rng.dirichlet([0.2] * 3, 12)
    here, there, back = (votes * (far + (near - far) * rest) for rest in (1.0, 0.7, 0.52))
    found = em._leap(here, there, back)
    assert found.sum(axis=1) == pytest.approx(votes[:, 0], rel=1e-9)
    assert (found >= 0).all()
    assert not np.array_equal(found, back)
