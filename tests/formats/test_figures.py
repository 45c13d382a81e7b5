"""What is measured on the rows of a version."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.figures import Epsilon, Figures, Lengths, Part, Provenance, epsilon, lengths, measure
from exports.formats import FORMATS, Sources
from tests.formats.samples import crscore, frames, pair_row, pandalm, response_row, stored, turn

ASK = stored(turn("user", "q"))
GOOD, BAD = stored(turn("assistant", "good!")), stored(turn("assistant", "bad"))


def figures_of(sources: Sources, soft_label: str = "p_next") -> Figures:
    return measure(sources, {format.name: format.build(sources) for format in FORMATS}, soft_label)


def test_epsilon_is_the_mean_doubt_over_all_rows():
    assert epsilon([0.8, 0.9, 1.0]) == Epsilon(value=0.1, over_known=0.1, known=3, rows=3)


def test_epsilon_is_not_estimable_where_a_row_has_no_probability():
    assert epsilon([0.8, None, 0.6]) == Epsilon(value=None, over_known=0.3, known=2, rows=3)
    assert epsilon([None, None]) == Epsilon(value=None, over_known=None, known=0, rows=2)


@given(st.lists(st.floats(0, 1), min_size=1))
def test_epsilon_does_not_depend_on_the_order_of_rows(chances):
    assert epsilon(chances) == epsilon(sorted(chances))
    assert 0 <= epsilon(chances).value <= 1


def test_epsilon_follows_the_probability_the_project_trusts():
    sources = pandalm()
    for label in ("p_next", "p_true"):
        mean = (1 - sources.pairs[label]).mean()
        assert figures_of(sources, label).epsilon.value == pytest.approx(mean, abs=1e-6)
    assert figures_of(crscore()).epsilon == Epsilon(None, None, 0, 64)


def test_lengths_compare_medians_and_count_longer_sides():
    assert lengths([10, 20, 30], [10, 10, 40]) == Lengths(20, 10, 2.0, round(1 / 3, 6))
    assert lengths([4], [0]).ratio is None
    assert figures_of(frames([pair_row(ASK, GOOD, BAD)])).lengths == Lengths(5, 3, 1.666667, 1.0)


def test_splits_count_their_rows_and_clusters():
    configs = figures_of(pandalm()).configs
    assert {name: part.clusters for name, part in configs["trl_dpo"].items()} == {
        "train": 6,
        "validation": 1,
        "test": 1,
    }
    assert sum(part.rows for part in configs["trl_dpo"].values()) == 39
    assert configs["trl_reward"]["test"] == Part(configs["trl_dpo"]["test"].rows, None)
    assert figures_of(crscore()).configs["trl_kto"] == {}


def test_a_cluster_in_two_splits_is_counted():
    other = stored(turn("user", "q?"))
    pairs = [
        pair_row(ASK, GOOD, BAD, cluster="c"),
        pair_row(other, GOOD, BAD, cluster="c", split="test"),
        pair_row(other, BAD, GOOD, cluster="d", split="test"),
    ]
    assert figures_of(frames(pairs)).shared_clusters == 1
    assert figures_of(pandalm()).shared_clusters == 0


def test_votes_contests_and_labels_are_counted():
    measured = figures_of(pandalm())
    assert (measured.pairs, measured.votes, measured.contested) == (39, {"3": 39}, 9)
    assert measured.labels == {"false": 13, "true": 13}
    assert measured.left_out["trl_kto"] == {"undecided": 7}
    assert figures_of(frames([pair_row(ASK, GOOD, BAD, n_votes=None)])).votes == {"unknown": 1}


def test_pairs_are_those_that_reach_a_file():
    using = stored(turn("assistant", tool_calls=[{"name": "f"}]), turn("assistant", "x"))
    measured = figures_of(frames([pair_row(ASK, GOOD, BAD), pair_row(ASK, using, BAD)]))
    assert (measured.pairs, measured.votes) == (1, {"3": 1})


def test_provenance_counts_each_text_and_shows_what_is_unknown():
    context = '[{"title":"","kind":"note","parts":[]}]'
    pairs = [
        pair_row(ASK, GOOD, BAD, prompt_origin="human", prompt_licence="MIT", chosen_licence=""),
        pair_row(ASK, BAD, GOOD, context=context, context_licence="CC BY 4.0"),
    ]
    counted = figures_of(
        frames(pairs, [response_row(ASK, GOOD, response_origin="model")])
    ).provenance
    assert counted == (
        Provenance("pairs", "prompt", None, None, 1),
        Provenance("pairs", "prompt", "human", "MIT", 1),
        Provenance("pairs", "context", None, "CC BY 4.0", 1),
        Provenance("pairs", "chosen", None, None, 2),
        Provenance("pairs", "rejected", None, None, 2),
        Provenance("responses", "prompt", None, None, 1),
        Provenance("responses", "response", "model", None, 1),
    )
