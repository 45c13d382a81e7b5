"""What must hold of every stage, on any frame."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.stages import STAGES
from curation.stages.base import BOOKS, Facts
from curation.stages.recipes import CHAT, curate
from curation.stages.waterfall import waterfall
from tests.stages.samples import pairs_of, runs, votes_of

# Each example runs whole recipes; and a busy machine is no defect.
few = settings(deadline=None, max_examples=25)

# Settings under which each stage has something to do on a small frame.
SETTINGS = {
    "votes": {"method": "one_coin"},
    "min_votes": {"min_votes": 1},
    "cap_per_prompt": {"cap": 1},
    "personal_data": {"when_found": "hold"},
    "secrets": {"when_found": "hold"},
    "licences": {"prompts": "stated", "responses": "open", "terms": "unrestricted"},
    "language": {"when_found": "hold"},
    "wording": {"when_refusal": "hold", "when_names_model": "hold"},
    "soundness": {"when_found": "hold"},
    "splits": {"validation": 0.2, "test": 0.2},
}

every_stage = pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)


def up_to(stage, pairs, facts):
    """The pairs as `stage` meets them in a recipe."""
    for earlier in STAGES[: STAGES.index(stage)]:
        pairs = earlier(pairs, facts, SETTINGS.get(earlier.name))
    return pairs


def done(stage, pairs, facts):
    return stage(pairs, facts, SETTINGS.get(stage.name))


@every_stage
@few
@given(runs())
def test_rows_are_left_as_they_were_and_held_exactly_with_a_reason(stage, run):
    pairs, facts = run
    before = up_to(stage, pairs, facts)
    kept = before.copy(deep=True)
    after = done(stage, before, facts)
    pd.testing.assert_frame_equal(before, kept)
    came = [name for name in before.columns if name not in BOOKS]
    pd.testing.assert_frame_equal(after[came], before[came])
    assert set(after.columns) == {*before.columns, *BOOKS, *stage.adds}
    for column in ("reason", "stage", "detail"):
        assert (after[column].notna() == after["held"]).all()
    if "held" in before.columns:
        was = before["held"].to_numpy()
        pd.testing.assert_frame_equal(after[list(BOOKS)][was], before[list(BOOKS)][was])
    fresh = after[after["stage"] == stage.name]
    assert set(fresh["reason"]) <= set(stage.reasons)
    pd.testing.assert_frame_equal(done(stage, before, facts), after)


@every_stage
@few
@given(runs(), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_the_numbers_of_groups_do_not_matter(stage, run, random):
    pairs, facts = run
    straight = done(stage, up_to(stage, pairs, facts), facts)
    rows, cast = list(range(len(pairs))), list(range(len(facts.votes)))
    random.shuffle(rows)
    random.shuffle(cast)
    shuffled = pairs.iloc[rows].assign(
        prompt_cluster=lambda frame: 90 - 7 * frame["prompt_cluster"],
        response_group_first=lambda frame: 50 - frame["response_group_first"],
        response_group_second=lambda frame: 50 - frame["response_group_second"],
    )
    other = replace(facts, votes=facts.votes.iloc[cast])
    found = done(stage, up_to(stage, shuffled, other), other)
    numbers = ["prompt_cluster", "response_group_first", "response_group_second"]
    pd.testing.assert_frame_equal(
        found.sort_index().drop(columns=numbers), straight.sort_index().drop(columns=numbers)
    )


@every_stage
def test_an_empty_frame_passes_and_keeps_its_types(stage):
    pairs, nobody = pairs_of([]), Facts(votes=votes_of([]))
    found = done(stage, up_to(stage, pairs, nobody), nobody)
    one = pairs_of([{}])
    usual = done(stage, up_to(stage, one, nobody), nobody)
    assert len(found) == 0
    assert found.dtypes.to_dict() == usual.dtypes.to_dict()


@every_stage
@few
@given(runs())
def test_pairs_without_a_single_vote_pass(stage, run):
    pairs, facts = run
    nobody = Facts(votes=votes_of([]), ledger=facts.ledger, salt=facts.salt)
    found = done(stage, up_to(stage, pairs, nobody), nobody)
    assert len(found) == len(pairs)
    if "margin" in found.columns:
        assert found["margin"].eq(0).all()
        assert found["chosen"].isna().all()
        assert found[["p_next", "p_true", "vote_share"]].isna().all(axis=None)


@few
@given(runs())
def test_an_index_of_any_kind_comes_back(run):
    pairs, facts = run
    named = pairs.set_index(pd.Index([f"row {i % 3}" for i in range(len(pairs))], dtype="object"))
    assert curate(CHAT, named, facts).pairs.index.equals(named.index)


@few
@given(runs(most=12))
def test_turning_a_pair_round_turns_its_result_and_nothing_else(run):
    pairs, facts = run
    turned = pairs["pair"].str.startswith(tuple("02468ace")).to_numpy()
    sides = ["", "_hash"]
    swapped = pairs.copy()
    for end in sides:
        a, b = f"first{end}", f"second{end}"
        swapped[a], swapped[b] = pairs[a].mask(turned, pairs[b]), pairs[b].mask(turned, pairs[a])
    a, b = "response_group_first", "response_group_second"
    swapped[a], swapped[b] = pairs[a].mask(turned, pairs[b]), pairs[b].mask(turned, pairs[a])
    votes = facts.votes
    other = votes["pair"].isin(set(pairs["pair"][turned])).to_numpy()
    mirrored = replace(
        facts, votes=votes.assign(outcome=votes["outcome"].mask(other, -votes["outcome"]))
    )
    straight, back = curate(CHAT, pairs, facts).pairs, curate(CHAT, swapped, mirrored).pairs
    for column in ("held", "reason", "n_votes", "n_tie", "strength", "weight", "split", "n_eff"):
        pd.testing.assert_series_equal(back[column], straight[column])
    assert back["n_first"].mask(turned, back["n_second"]).eq(straight["n_first"]).all()
    won = straight["chosen"].notna().to_numpy()
    names = {"first": "second", "second": "first"}
    flipped = straight["chosen"].mask(turned & won, straight["chosen"].map(names))
    assert back["chosen"].fillna("-").eq(flipped.fillna("-")).all()
    for column in ("margin", "vote_share", "vote_share_lo", "p_next", "p_true", "entropy"):
        pd.testing.assert_series_equal(back[column][won], straight[column][won], atol=2e-6)


@few
@given(runs(most=12))
def test_the_waterfall_adds_up(run):
    pairs, facts = run
    found = waterfall(curate(CHAT, pairs, facts).pairs, STAGES)
    assert found.pairs == len(pairs) == found.kept + found.held
    came = len(pairs)
    for fall in found.falls:
        assert fall.came == came
        assert fall.went == came - fall.held
        assert sum(fall.reasons.values()) == fall.held
        came = fall.went
    assert came == found.kept
    assert [fall["stage"] for fall in found.document()["falls"]] == [s.name for s in STAGES]
