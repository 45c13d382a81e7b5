"""What the votes stage writes beside each pair."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from curation.methods.majority import fit_strength
from curation.stages.base import Facts
from curation.stages.judged import RATER_COLUMNS
from curation.stages.judging import judge
from curation.stages.purpose import PURPOSE
from curation.stages.votes import VOTES
from tests.stages.samples import ballot, pairs_of, pandalm, votes_of

NULLABLE = ["p_next", "p_true", "entropy"]


def raters(pairs, facts):
    return judge(pairs, facts, VOTES.defaults).raters


def voted(*lines, params=None, **row):
    pairs = pairs_of([row] * len(lines))
    return VOTES(pairs, ballot(pairs, *lines), params)


def test_counts_shares_and_strengths_are_read_off_the_votes():
    found = voted([3, 1, 0], [-2, -2, 1], [0, 0], [2])
    assert found["n_votes"].tolist() == [3, 3, 2, 1]
    assert found["n_first"].tolist() == [2, 1, 0, 1]
    assert found["n_tie"].tolist() == [1, 0, 2, 0]
    assert found["n_second"].tolist() == [0, 2, 0, 0]
    assert found["chosen"].fillna("-").tolist() == ["first", "second", "-", "first"]
    assert found["vote_share"].tolist() == [0.833333, 0.666667, 0.5, 1.0]
    assert found["margin"].tolist() == [1.333333, 1.0, 0.0, 2.0]
    assert found["strength"].tolist() == [1.333333, 1.666667, 0.0, 2.0]


def test_every_chance_points_to_the_chosen_response():
    found = voted([1, 1, -1], [-1, -1, 1], [1, 1, 1], [-1, -1, -1])
    for column in ("vote_share", "vote_share_lo", "vote_share_hi", "p_next", "p_true", "margin"):
        assert found[column][0] == pytest.approx(found[column][1], abs=2e-6)
        assert found[column][2] == pytest.approx(found[column][3], abs=2e-6)
    assert (found["vote_share_lo"] < found["vote_share"]).all()
    assert 0.5 < found["p_next"][0] < found["p_next"][2] < 1


def test_p_next_is_the_smoothed_share_with_the_fitted_strength():
    found = voted([1, 1, 1], [1, 1, 0], [1, -1, 1], [0, 0, -1])
    counts = found[["n_first", "n_tie", "n_second"]].to_numpy()
    strength = fit_strength(counts).strength
    expected = (strength + found["vote_share"] * 3) / (2 * strength + 3)
    assert found["p_next"].tolist() == pytest.approx(expected.tolist(), abs=2e-6)


def test_below_two_votes_a_chance_is_unknown_and_the_basis_says_so():
    found = voted([1], [], [1, 1])
    assert found[NULLABLE].isna().all(axis=1).tolist() == [True, True, False]
    assert found["p_basis"].tolist() == ["prior", "prior", "votes"]
    assert found["chosen"].fillna("-").tolist() == ["first", "-", "first"]
    assert found["margin"].tolist() == [1, 0, 1]
    assert found["n_eff"].tolist() == [1, 0, 2]
    assert math.isnan(found["vote_share"][1])


def test_a_pair_of_held_items_keeps_its_counts_but_enters_no_fit():
    rows = [{"purpose": "gold"}] + [{}] * 4
    pairs = pairs_of(rows)
    facts = ballot(pairs, [1, -1, 1], [1, 1], [1, 1], [-1, -1], [1, 1])
    found = VOTES(PURPOSE(pairs, facts), facts)
    assert found["n_votes"].tolist()[0] == 3
    assert found[NULLABLE].iloc[0].isna().all()
    assert found["p_basis"].tolist()[0] == "prior"
    alone = VOTES(pairs.iloc[1:], facts)
    pd.testing.assert_frame_equal(found[NULLABLE].iloc[1:], alone[NULLABLE])


def test_each_question_has_its_own_fit():
    rows = [{"question": "easy"}] * 6 + [{"question": "taste"}] * 6
    pairs = pairs_of(rows)
    facts = ballot(pairs, *[[1, 1, 1]] * 6, *[[1, 1, -1], [-1, -1, 1]] * 3)
    together = VOTES(pairs, facts)
    apart = VOTES(pairs.iloc[:6], facts)
    assert together["p_next"].tolist()[:6] == apart["p_next"].tolist()
    table = raters(pairs, facts)
    assert tuple(table.columns) == RATER_COLUMNS
    assert table["question"].tolist() == ["easy"] * 3 + ["taste"] * 3
    assert table["accuracy"].iloc[2] > table["accuracy"].iloc[5]
    assert table["votes"].tolist() == [6] * 6


def test_one_coin_lets_a_reliable_rater_outweigh_two_who_contradict_everybody():
    rng = np.random.default_rng(1)
    truth = rng.choice([1, -1], size=80)
    lines = [[t, t, t, int(rng.choice([1, -1])), int(rng.choice([1, -1]))] for t in truth]
    pairs = pairs_of([{}] * 81)
    # On the last pair one good rater stands against the two who vote at random.
    facts = ballot(pairs, *lines)
    last = pairs["pair"].iloc[80]
    votes = votes_of([(last, "rater0", 1), (last, "rater3", -1), (last, "rater4", -1)])
    facts = Facts(votes=pd.concat([facts.votes, votes], ignore_index=True))
    plain = VOTES(pairs, facts, {"method": "majority"})
    weighed = VOTES(pairs, facts, {"method": "one_coin"})
    assert plain["chosen"].iloc[80] == "second"
    assert weighed["chosen"].iloc[80] == "first"
    assert weighed["p_true"].iloc[80] > 0.8
    assert weighed["n_eff"].iloc[80] < 2 < plain["n_eff"].iloc[80]


def test_both_kinds_of_chance_are_there_whoever_decides():
    for method in ("majority", "one_coin"):
        found = voted([1, 1], [1, 0], [-1, -1], params={"method": method})
        assert found[["p_next", "p_true"]].notna().all(axis=None)


def test_a_two_to_one_split_of_taste_is_no_certainty_for_p_next():
    pairs, facts = pandalm()
    found = VOTES(pairs, facts)
    split = found[(found["n_first"] == 2) & (found["n_second"] == 1)]
    assert 0.6 < split["p_next"].max() < 0.7
    assert split["p_true"].max() > 0.95


def test_ties_count_as_ties_with_full_weight_and_votes_elsewhere_do_not_count():
    pairs = pairs_of([{}])
    facts = Facts(votes=votes_of([("elsewhere", "ann", 3), (pairs["pair"][0], "ben", 0)]))
    found = VOTES(pairs, facts)
    assert found[["n_votes", "n_tie"]].iloc[0].tolist() == [1, 1]
    assert found["chosen"].isna().all()


def test_a_raters_shared_votes_are_those_somebody_else_can_contradict():
    pairs = pairs_of([{}] * 3)
    table = raters(pairs, ballot(pairs, [1, 1], [1], [0, 1, 1]))
    assert table["votes"].tolist() == [3, 2, 1]
    assert table["shared"].tolist() == [2, 2, 1]


def test_nobody_voting_gives_an_empty_table_of_raters():
    pairs = pairs_of([{}])
    assert len(raters(pairs, Facts(votes=votes_of([])))) == 0
    assert len(raters(pairs.iloc[:0], Facts(votes=votes_of([])))) == 0


def contrary(pairs):
    """Two who are nearly always right, two who nearly always say the opposite, one who guesses."""
    rng = np.random.default_rng(4)
    truth = rng.choice([1, -1], size=len(pairs))

    def said(rate):
        return np.where(rng.random(len(pairs)) < rate, truth, -truth)

    columns = [said(rate) for rate in (0.97, 0.95, 0.9, 0.1, 0.5)]
    return ballot(pairs, *np.column_stack(columns).tolist()), truth


def test_left_to_itself_it_takes_the_method_that_foretells_votes_best():
    pairs = pairs_of([{}] * 120)
    facts, truth = contrary(pairs)
    found = VOTES(pairs, facts)
    named = VOTES(pairs, facts, {"method": found["method"].iloc[0].split("/")[0]})
    assert set(found["method"]) <= {"one_coin/2", "dawid_skene/2"}
    pd.testing.assert_frame_equal(found, named)
    right = np.where(truth > 0, "first", "second")
    plain = VOTES(pairs, facts, {"method": "majority"})
    assert (found["chosen"] == right).mean() > (plain["chosen"] == right).mean()


def test_where_nothing_beats_majority_it_decides_and_the_report_says_so():
    pairs, facts = pandalm()
    (report,) = judge(pairs, facts, VOTES.defaults).reports(VOTES.defaults)
    assert (report["used"], report["why"]) == ("majority", "none_better")
    assert report["held_out"] == 2997
    assert set(VOTES(pairs, facts)["method"]) == {"majority/1"}
    assert [score["method"] for score in report["scores"]] == [
        *("majority", "one_coin", "dawid_skene"),
    ]


def test_with_few_pairs_majority_decides():
    pairs = pairs_of([{}] * 10)
    facts, _ = contrary(pairs)
    (report,) = judge(pairs, facts, VOTES.defaults).reports(VOTES.defaults)
    assert (report["used"], report["why"]) == ("majority", "too_few")


def test_dawid_skene_decides_where_a_recipe_names_it():
    pairs = pairs_of([{}] * 60)
    facts, _ = contrary(pairs)
    found = VOTES(pairs, facts, {"method": "dawid_skene"})
    assert set(found["method"]) == {"dawid_skene/2"}
    assert (found["n_eff"] < found["n_votes"]).all()
    table = judge(pairs, facts, {**VOTES.defaults, "method": "dawid_skene"}).raters
    assert set(table["method"]) == {"dawid_skene"}
    assert table["accuracy"].iloc[3] < 0.3 < 0.8 < table["accuracy"].iloc[0]


def test_pairs_with_a_known_answer_are_compared_on_though_they_are_held():
    pairs = pairs_of([{"purpose": "gold"}] * 20 + [{}] * 60)
    facts, truth = contrary(pairs)
    known = dict(zip(pairs["pair"].iloc[:20], truth[:20].tolist(), strict=True))
    facts = Facts(votes=facts.votes, truth=known)
    held = PURPOSE(pairs, facts)
    (report,) = judge(held, facts, VOTES.defaults).reports(VOTES.defaults)
    gold = {score["method"]: score["gold"] for score in report["scores"]}
    assert {each["n"] for each in gold.values()} == {20}
    assert gold["dawid_skene"]["accuracy"] > gold["majority"]["accuracy"]
    # They teach the methods nothing that reaches a pair.
    pd.testing.assert_frame_equal(VOTES(held, facts), VOTES(held, Facts(votes=facts.votes)))
