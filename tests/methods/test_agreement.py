"""Agreement against published figures, against the package krippendorff, and against plain loops."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.methods import agreement
from curation.methods.agreement import (
    coefficients,
    krippendorff_alpha,
    percent_agreement,
    rater_pairs,
)

# A busy machine is no defect.
unhurried = settings(deadline=None)

DATA = Path("tests/data")
LEVELS = ("nominal", "ordinal", "interval")

tables = st.integers(1, 4).flatmap(
    lambda raters: st.lists(
        st.lists(st.one_of(st.none(), st.integers(-3, 3)), min_size=raters, max_size=raters),
        min_size=1,
        max_size=12,
    )
)


def ratings(table):
    """(units, values) of a table with one row per unit, None where a rater is silent."""
    cells = [(u, v) for u, row in enumerate(table) for v in row if v is not None]
    units, values = zip(*cells, strict=True) if cells else ((), ())
    return np.array(units, dtype=np.int64), np.array(values, dtype=np.int64)


def pandalm():
    with gzip.open(DATA / "pandalm_testset-v1.json.gz", "rt") as file:
        rows = json.load(file)
    labels = np.array([[row[f"annotator{k}"] for k in (1, 2, 3)] for row in rows])
    prompts = [(row["instruction"], row["input"]) for row in rows]
    return labels, np.array([sorted(set(prompts)).index(prompt) for prompt in prompts])


def kappas(labels):
    """Cohen's κ of every two columns, to four decimals."""
    units, raters = np.indices(labels.shape)
    found = rater_pairs(units.ravel(), raters.ravel(), labels.ravel(), least=1, resamples=0)
    values = [two.kappa.value for two in found]
    return [None if value is None else round(value, 4) for value in values]


def test_pandalm_gives_its_published_kappas_and_alpha():
    labels, _ = pandalm()
    assert kappas(labels) == [0.8520, 0.8789, 0.8617]
    alpha = krippendorff_alpha(np.repeat(np.arange(999), 3), labels.ravel(), "nominal")
    assert round(alpha.value, 4) == 0.8642
    assert alpha.units == 999


def test_evalicas_codings_give_its_published_alpha():
    with (DATA / "agreement/evalica_codings.csv").open() as file:
        table = [[float(cell) if cell else np.nan for cell in row] for row in csv.reader(file)]
    values = np.array(table).T
    alpha = krippendorff_alpha(np.repeat(np.arange(12), 4), values.ravel(), "nominal")
    assert alpha.value == 0.743421


def test_crscore_gives_its_published_ordinal_alphas():
    with gzip.open(DATA / "agreement/crscore_double_rated_py.jsonl.gz", "rt") as file:
        rows = [json.loads(line) for line in file]
    found = []
    for question in ("conciseness", "comprehensiveness", "relevance"):
        values = np.array([[float(r[question]) for r in row["ratings"]] for row in rows])
        units = np.repeat(np.arange(len(rows)), 2)
        found.append(round(krippendorff_alpha(units, values.ravel(), "ordinal").value, 4))
    assert found == [0.7518, 0.7155, 0.7291]


@unhurried
@given(tables, st.sampled_from(LEVELS))
def test_alpha_is_that_of_the_package_krippendorff(table, level):
    ours = krippendorff_alpha(*ratings(table), level).value
    paired = [v for row in table if sum(x is not None for x in row) > 1 for v in row]
    if len({v for v in paired if v is not None}) < 2:
        assert ours is None
        return
    data = np.array([[np.nan if v is None else v for v in row] for row in table], dtype=float).T
    theirs = krippendorff.alpha(reliability_data=data, level_of_measurement=level)
    assert ours == pytest.approx(theirs, abs=1e-6)


@unhurried
@given(tables, st.sampled_from(LEVELS), st.randoms(use_true_random=False))
def test_agreement_does_not_depend_on_the_order_of_rows(table, level, random):
    units, values = ratings(table)
    order = list(range(len(units)))
    random.shuffle(order)
    order = np.array(order, dtype=np.int64)
    clusters = units // 2
    straight = krippendorff_alpha(units, values, level, clusters=clusters, resamples=20)
    shuffled = krippendorff_alpha(
        units[order], values[order], level, clusters=clusters[order], resamples=20
    )
    assert straight == shuffled


@unhurried
@given(tables, st.data())
def test_pooled_agreement_does_not_depend_on_which_response_came_first(table, data):
    units, values = ratings(table)
    turned = np.array([data.draw(st.sampled_from([1, -1])) for _ in table], dtype=np.int64)
    straight, back = (
        coefficients(units, each, signed=True)[1] for each in (values, values * turned[units])
    )
    for name, estimate in straight.items():
        assert same(back[name].value, estimate.value)


def same(figure, other):
    return figure == pytest.approx(other, abs=1.1e-6)  # half of the last decimal may go either way


def mirrored(units, values):
    """Every unit as it is and, as a unit of its own, with its values turned round."""
    return np.concatenate([units, units + units.max(initial=0) + 1]), np.concatenate(
        [values, -values]
    )


@unhurried
@given(tables)
def test_pooled_figures_are_those_of_every_unit_beside_its_mirror_image(table):
    units, values = ratings(table)
    options = {"clusters": np.tile(units, 2), "resamples": 20}
    signs = mirrored(units, np.sign(values))
    by_hand = {
        f"alpha_{level}": krippendorff_alpha(*mirrored(units, values), level, **options)
        for level in LEVELS
    }
    by_hand["alpha_nominal"] = krippendorff_alpha(*signs, "nominal", **options)
    by_hand["percent"] = percent_agreement(*signs, **options)
    found = coefficients(units, values, clusters=units, signed=True, resamples=20)[1]
    assert found.keys() == by_hand.keys()
    for name, estimate in by_hand.items():
        assert all(
            same(getattr(found[name], part), getattr(estimate, part))
            for part in ("value", "low", "high", "units", "clusters")
        )


@unhurried
@given(tables, st.booleans())
def test_figures_as_imported_are_those_that_each_measure_gives_alone(table, signed):
    units, values = ratings(table)
    seen = np.sign(values) if (values < 0).any() else values
    found = coefficients(units, values, signed=signed)[0]
    assert same(found["percent"].value, percent_agreement(units, seen).value)
    for level in LEVELS:
        alone = krippendorff_alpha(units, seen if level == "nominal" else values, level)
        assert same(found[f"alpha_{level}"].value, alone.value)


def test_orientation_moves_the_figure_as_imported_but_not_the_pooled_one():
    labels, _ = pandalm()
    signed = np.array([0, 1, -1])[labels]
    winner_first = signed * np.where(signed.sum(axis=1) < 0, -1, 1)[:, None]
    units = np.repeat(np.arange(999), 3)
    as_imported = [
        krippendorff_alpha(units, v.ravel(), "nominal").value for v in (signed, winner_first)
    ]
    both = [
        coefficients(units, v.ravel(), signed=True)[1]["alpha_nominal"].value
        for v in (signed, winner_first)
    ]
    assert as_imported[0] - as_imported[1] > 0.15
    assert both[0] == both[1] == pytest.approx(as_imported[0], abs=0.001)


def test_percent_agreement_counts_equal_pairs_of_values():
    # Unit 0: one of three pairs equal; unit 1: its one pair equal; unit 2: nobody to agree with.
    units, values = np.array([0, 0, 0, 1, 1, 2]), np.array([1, 1, 2, 5, 5, 9])
    # Coincidences weigh a unit by its values: (3 · 1/3 + 2 · 1) / 5.
    assert percent_agreement(units, values).value == 0.6


def test_kappa_of_a_table_worked_by_hand():
    # Cohen's κ of the table [[20, 5], [10, 15]]: observed .7, by chance .5.
    first = np.repeat([0, 0, 1, 1], [20, 5, 10, 15])
    second = np.repeat([0, 1, 0, 1], [20, 5, 10, 15])
    assert kappas(np.stack([first, second], axis=1)) == [0.4]


def test_what_cannot_be_estimated_is_none():
    nothing = np.array([], dtype=np.int64)
    assert krippendorff_alpha(nothing, nothing, "ordinal").value is None
    assert percent_agreement(np.array([1, 2]), np.array([3, 3])).value is None
    alike = krippendorff_alpha(np.array([0, 0, 1, 1]), np.array([2, 2, 2, 2]), "nominal")
    assert alike.value is None
    assert kappas(np.ones((5, 2))) == [None]


def test_an_interval_needs_ten_clusters():
    units, values = np.repeat(np.arange(20), 2), np.tile([1, 1, 0, 1, 0, 0], 7)[:40]
    nine = krippendorff_alpha(units, values, "nominal", clusters=units % 9)
    ten = krippendorff_alpha(units, values, "nominal", clusters=units % 10)
    assert (nine.low, nine.high, nine.clusters) == (None, None, 9)
    assert ten.low <= ten.value <= ten.high
    assert krippendorff_alpha(units, values, "nominal").low is None


@pytest.mark.parametrize("level", LEVELS)
def test_the_bootstrap_is_that_of_drawing_whole_clusters_by_hand(level):
    rng = np.random.default_rng(5)
    units = np.sort(rng.integers(40, size=130))
    values = rng.integers(5, size=130)
    clusters = units % 12
    found = krippendorff_alpha(units, values, level, clusters=clusters, seed=7, resamples=60)
    by_hand = []
    for draw in np.random.default_rng(7).integers(12, size=(60, 12)):
        rows = [np.flatnonzero(clusters == cluster) for cluster in draw]
        fresh = np.concatenate([units[at] + 100 * k for k, at in enumerate(rows)])
        drawn = values[np.concatenate(rows)]
        by_hand.append(krippendorff_alpha(fresh, drawn, level).value)
    low, high = np.percentile(by_hand, [2.5, 97.5])
    assert (found.low, found.high) == pytest.approx((low, high), abs=2e-6)


def test_the_interval_repeats_with_its_seed_and_moves_with_another():
    labels, prompts = pandalm()
    args = (np.repeat(np.arange(999), 3), labels.ravel(), "nominal")
    once, again, other = (
        krippendorff_alpha(*args, clusters=np.repeat(prompts, 3), seed=seed) for seed in (1, 1, 2)
    )
    assert once == again
    assert (once.low, once.high) != (other.low, other.high)
    assert once.clusters == 170
    assert 0.81 < once.low < 0.84 < 0.88 < once.high < 0.92


def test_every_two_raters_with_enough_in_common_are_compared():
    labels, prompts = pandalm()
    units, raters = np.repeat(np.arange(999), 3), np.tile(np.array([30, 10, 20]), 999)
    found = rater_pairs(units, raters, labels.ravel(), clusters=np.repeat(prompts, 3))
    assert [(pair.first, pair.second) for pair in found] == [(10, 20), (10, 30), (20, 30)]
    assert [round(pair.kappa.value, 4) for pair in found] == [0.8617, 0.8520, 0.8789]
    assert found[0].percent.value == round(float((labels[:, 1] == labels[:, 2]).mean()), 6)
    assert found[0].kappa.low < found[0].kappa.value < found[0].kappa.high
    few = slice(0, 19 * 3)
    assert rater_pairs(units[few], raters[few], labels.ravel()[few]) == []


def test_values_between_the_whole_numbers_are_values_too():
    units, values = np.repeat([0, 1, 2], 2), np.array([1.5, 1.5, 2.25, 2.25, 1.5, 2.25])
    found = krippendorff_alpha(units, values, "interval").value
    data = values.reshape(3, 2).T
    theirs = krippendorff.alpha(reliability_data=data, level_of_measurement="interval")
    assert found == pytest.approx(theirs, abs=1e-6)


def test_where_no_resample_is_defined_there_is_no_interval():
    units = np.repeat(np.arange(20), 2)
    found = krippendorff_alpha(units, np.ones(40), "nominal", clusters=units)
    assert (found.value, found.low, found.high, found.clusters) == (None, None, None, 20)


def test_raters_who_never_meet_make_no_pair():
    alone = np.arange(30)
    assert rater_pairs(alone, alone % 2, alone % 3, least=1) == []


def test_an_interval_over_groups_of_clusters_is_as_wide_as_over_the_clusters_themselves(
    monkeypatch,
):
    rng = np.random.default_rng(5)
    units = np.repeat(np.arange(6000), 2)
    values = np.where(rng.random(12000) < 0.8, np.repeat(rng.integers(0, 2, 6000), 2), 0)
    dealt = krippendorff_alpha(units, values, "nominal", clusters=units // 2)
    monkeypatch.setattr(agreement, "MOST_CLUSTERS", 10_000)
    each = krippendorff_alpha(units, values, "nominal", clusters=units // 2)
    assert (dealt.value, dealt.clusters) == (each.value, each.clusters) == (each.value, 3000)
    assert dealt.high - dealt.low == pytest.approx(each.high - each.low, rel=0.08)
    assert dealt.low == pytest.approx(each.low, abs=0.004)


def test_of_many_pairs_of_raters_those_that_share_most_have_intervals(monkeypatch):
    monkeypatch.setattr(agreement, "MOST_INTERVALS", 1)
    units = np.concatenate([np.arange(40)] * 2 + [np.arange(30)])
    raters = np.repeat([0, 1, 2], [40, 40, 30])
    values = np.random.default_rng(1).integers(0, 2, len(units))
    found = rater_pairs(units, raters, values, clusters=units)
    wide = {(each.first, each.second): each.kappa.low is not None for each in found}
    assert wide == {(0, 1): True, (0, 2): False, (1, 2): False}
    assert all(each.percent.value is not None for each in found)
