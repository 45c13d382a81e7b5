"""What must hold of every stage, on any frame.

Properties are checked at every stage of one walk through all of them, so that a frame comes to each as it does in a recipe; a
failure's notes name the stage.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from curation.stages import STAGES
from curation.stages.base import BOOKS, Facts
from curation.stages.recipes import CHAT, curate
from curation.stages.waterfall import waterfall
from tests.stages.samples import hexed, pairs_of, runs, settings_of, votes_of

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
    "mixture": {"temperature": 2.0, "least": 1, "most_of_rater": 2, "most_of_document": 1},
}

every_stage = pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)


def up_to(stage, pairs, facts):
    """The pairs as `stage` meets them in a recipe."""
    for earlier in STAGES[: STAGES.index(stage)]:
        pairs = earlier(pairs, facts, SETTINGS.get(earlier.name))
    return pairs


def walk(pairs, facts):
    """Every stage with the pairs as it meets them in a recipe, and as it leaves them."""
    for stage in STAGES:
        note(f"at the stage {stage.name}")
        after = done(stage, pairs, facts)
        yield stage, pairs, after
        pairs = after


def done(stage, pairs, facts, params=None):
    return stage(pairs, facts, SETTINGS.get(stage.name) if params is None else params)


@few
@given(st.data(), runs())
def test_rows_are_left_as_they_were_and_held_exactly_with_a_reason(data, run):
    for stage, before, _ in walk(*run):
        _leaves_rows_and_gives_reasons(stage, before, run[1], data.draw(settings_of(stage)))


def _leaves_rows_and_gives_reasons(stage, before, facts, params):
    kept, cast = before.copy(deep=True), facts.votes.copy(deep=True)
    after = done(stage, before, facts, params)
    pd.testing.assert_frame_equal(before, kept)
    pd.testing.assert_frame_equal(facts.votes, cast)
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
    pd.testing.assert_frame_equal(done(stage, before, facts, params), after)


@few
@given(runs())
def test_a_vote_may_say_the_place_of_its_pair_instead_of_its_name(run):
    pairs, facts = run
    placed = replace(facts, votes=without_names(pairs, facts.votes))
    by_place, by_name = (
        done(STAGES[-1], up_to(STAGES[-1], pairs, said), said) for said in (placed, facts)
    )
    pd.testing.assert_frame_equal(by_place, by_name)


def without_names(pairs, votes):
    known = {pair: row for row, pair in enumerate(pairs["pair"])}
    row = [known.get(pair, -1) for pair in votes["pair"]]
    return votes.drop(columns="pair").assign(row=np.array(row, dtype=np.int64))


@few
@given(runs(), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_the_numbers_of_groups_do_not_matter(run, random):
    pairs, facts = run
    rows, cast = list(range(len(pairs))), list(range(len(facts.votes)))
    random.shuffle(rows)
    random.shuffle(cast)
    shuffled = pairs.iloc[rows].assign(
        prompt_cluster=lambda frame: 90 - 7 * frame["prompt_cluster"],
        response_group_first=lambda frame: 50 - frame["response_group_first"],
        response_group_second=lambda frame: 50 - frame["response_group_second"],
    )
    other = replace(facts, votes=facts.votes.iloc[cast])
    numbers = ["prompt_cluster", "response_group_first", "response_group_second"]
    walks = zip(walk(pairs, facts), walk(shuffled, other), strict=True)
    for (_, _, straight), (_, _, found) in walks:
        pd.testing.assert_frame_equal(
            found.sort_index().drop(columns=numbers), straight.sort_index().drop(columns=numbers)
        )


@few
@given(st.data(), runs(most=9))
def test_a_stage_that_judges_each_pair_alone_judges_it_so_in_any_batch(data, run):
    pairs, facts = run
    places = st.lists(st.integers(0, 2), min_size=len(pairs), max_size=len(pairs))
    for stage, before, _ in walk(pairs, facts):
        if stage.by_row:
            params, batch = data.draw(settings_of(stage)), np.array(data.draw(places), dtype=int)
            whole = done(stage, before, facts, params)
            parts = [done(stage, before[batch == number], facts, params) for number in range(3)]
            pd.testing.assert_frame_equal(
                pd.concat(parts).sort_index(), whole, check_dtype=len(pairs) > 0
            )


@few
@given(runs())
def test_a_persons_word_is_the_last_one(run):
    pairs, facts = run
    final = {reason for each in STAGES for reason in each.final}
    heard = False
    for stage, _, found in walk(pairs, facts):
        heard = heard or stage.name == "by_hand"
        words = found["pair"].map(facts.by_hand).to_numpy()
        released = found[words == "release"]
        assert set(released["reason"].dropna()) <= final
        assert not released["overruled"].isin(final).any()
        assert found["overruled"][words != "release"].isna().all()
        if "pooled_into" in found.columns:
            assert released["pooled_into"].isna().all()
        if heard:
            assert found["held"][words == "hold"].all()


# What identifies a pair and what runs compute of it; everything else may be missing.
KNOWN = ("pair", "item", "question", "prompt_cluster", "cluster_key", "response_group_first")
KNOWN += ("response_group_second",)


@every_stage
@pytest.mark.parametrize("purpose", ["train", None])
def test_pairs_of_which_nothing_is_known_pass(stage, purpose):
    rows = pairs_of([{"prompt_cluster": number % 2} for number in range(4)])
    bare = [name for name in rows.columns if name not in KNOWN]
    nothing = pd.Series(None, index=rows.index, dtype="str")
    rows = rows.assign(**dict.fromkeys(bare, nothing))
    rows["purpose"] = pd.Series([purpose] * 4, index=rows.index, dtype="str")
    votes = votes_of([(rows["pair"][0], "ann", 1), (hexed("elsewhere"), "ben", -1)])
    facts = Facts(votes=votes, salt="salt")
    found = done(stage, up_to(stage, rows, facts), facts)
    assert len(found) == 4
    assert (found["reason"].notna() == found["held"]).all()


@every_stage
def test_an_empty_frame_passes_and_keeps_its_types(stage):
    pairs, nobody = pairs_of([]), Facts(votes=votes_of([]))
    found = done(stage, up_to(stage, pairs, nobody), nobody)
    one = pairs_of([{}])
    usual = done(stage, up_to(stage, one, nobody), nobody)
    assert len(found) == 0
    assert found.dtypes.to_dict() == usual.dtypes.to_dict()


@few
@given(runs())
def test_pairs_without_a_single_vote_pass(run):
    pairs, facts = run
    for _, _, found in walk(pairs, replace(facts, votes=votes_of([]))):
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
