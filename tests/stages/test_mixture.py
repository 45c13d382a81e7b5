"""A mixture follows n^(1/T) within rounding, keeps its caps, and draws by hash alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.methods.mixing import over_cap, shares_of, taken
from curation.stages import STAGES_BY_NAME
from curation.stages.mixture import MIXTURE, MOST_GROUPS, mixture_report
from curation.stages.recipes import DECIDED_ONLY, Step, curate
from curation.stages.weights import WEIGHTS
from tests.stages.samples import ballot, hexed, pairs_of, pandalm, votes_of

NOBODY = ballot(pairs_of([]))
quick = settings(deadline=None, max_examples=60)


def tagged(**sizes):
    """Pairs of so many of each tag, mixed up, all for training."""
    rows = [
        {"pair": hexed(tag, n), "tags": tag} for tag, size in sizes.items() for n in range(size)
    ]
    pairs = pairs_of([{"pair": row["pair"]} for row in rows])
    pairs = pairs.assign(tags=[row["tags"] for row in rows], split="train")
    return pairs.sample(frac=1, random_state=1).reset_index(drop=True)


def kept(pairs, column="tags"):
    return dict(Counter(pairs[column][~pairs["held"]]))


def mix(pairs, facts=NOBODY, **params):
    return MIXTURE(pairs, facts, params)


@quick
@given(
    st.dictionaries(st.text(max_size=3), st.integers(1, 100_000), max_size=8),
    st.floats(1, 100),
    st.integers(1, 100),
)
def test_groups_give_in_proportion_to_their_size_to_the_power_of_one_by_t(
    sizes, temperature, least
):
    shares = shares_of(sizes, temperature, least)
    gives = taken(sizes, shares)
    assert gives.keys() == sizes.keys()
    mixed = {group: n for group, n in sizes.items() if n >= least}
    assert all(gives[group] == n for group, n in sizes.items() if n < least)
    for group, n in mixed.items():
        smallest = min(mixed.values())
        wanted = smallest * (n / smallest) ** (1 / temperature)
        assert gives[group] == pytest.approx(wanted, abs=0.51)
        assert gives[group] <= n
    if shares:
        assert sum(shares.values()) == pytest.approx(1)


def test_the_smallest_group_gives_all_and_larger_ones_by_the_temperature():
    pairs = tagged(law=400, tax=100, rent=25, odd=3)
    found = mix(pairs, temperature=2)
    assert kept(found) == {"law": 100, "tax": 50, "rent": 25, "odd": 3}
    assert set(found["reason"].dropna()) == {"over_mixture"}
    law = found[found["held"] & (found["tags"] == "law")]
    assert set(law["detail"]) == {"“law” gives 100 of its 400 pairs to the mixture."}
    assert kept(mix(pairs, temperature=1)) == {"law": 400, "tax": 100, "rent": 25, "odd": 3}
    nearly = kept(mix(pairs, temperature=100))
    assert [nearly[tag] for tag in ("law", "tax", "rent")] == [26, 25, 25]
    assert kept(mix(pairs, temperature=2, least=1)) == {"law": 35, "tax": 17, "rent": 9, "odd": 3}


def test_a_cap_of_the_groups_counts_before_the_temperature():
    pairs = tagged(law=400, tax=100, rent=25)
    found = mix(pairs, temperature=2, most_of_group=100)
    assert kept(found) == {"law": 50, "tax": 50, "rent": 25}
    reasons = Counter(found["reason"].dropna())
    assert reasons == {"over_group_cap": 300, "over_mixture": 100}
    assert kept(mix(pairs, most_of_group=100)) == {"law": 100, "tax": 100, "rent": 25}


def test_weighing_holds_nothing_and_gives_each_group_its_share_of_the_weight():
    pairs = tagged(law=400, tax=100, rent=25, odd=3)
    pairs["prompt_cluster"] //= 3
    found = WEIGHTS(mix(pairs, temperature=2, how="weigh"), NOBODY)
    plain = WEIGHTS(pairs, NOBODY)
    assert not found["held"].any()
    weight = found.groupby("tags")["weight"].sum()
    assert weight["law"] / weight["tax"] == pytest.approx(2, abs=1e-4)
    assert weight["tax"] / weight["rent"] == pytest.approx(2, abs=1e-4)
    odd = pairs["tags"] == "odd"
    pd.testing.assert_series_equal(found["weight"][odd], plain["weight"][odd])
    assert weight.sum() == pytest.approx(plain["weight"].sum(), abs=1e-3)


def test_what_goes_on_is_drawn_by_hash_and_seed_and_not_by_the_order_of_pairs():
    pairs = tagged(law=200, tax=25)
    first = mix(pairs, temperature=3)
    turned = mix(pairs.iloc[::-1], temperature=3).sort_index()
    pd.testing.assert_frame_equal(turned, first)
    other = mix(pairs, replace(NOBODY, seed=1), temperature=3)
    assert kept(other) == kept(first)
    assert not other["held"].equals(first["held"])
    # A group's draw does not depend on what other groups there are.
    more = mix(tagged(law=200, tax=25, rent=25), temperature=3).set_index("pair")["held"]
    assert more.loc[first["pair"]].tolist() == first["held"].tolist()


def test_validation_and_test_stay_as_they_are():
    pairs = tagged(law=100, tax=20)
    pairs.loc[pairs.index[::2], "split"] = "test"
    found = mix(pairs, temperature=100, least=1)
    assert not found["held"][pairs["split"] == "test"].any()
    assert found["mixture"][pairs["split"] == "test"].isna().all()
    train = found[pairs["split"] == "train"]
    assert len(set(kept(train).values())) <= 2


def test_nobodys_votes_stand_behind_more_pairs_than_the_cap():
    rng = np.random.default_rng(3)
    pairs = tagged(law=60)
    raters = [f"r{n}" for n in range(6)]
    cast = [(p, r, 1) for p in pairs["pair"] for r in rng.choice(raters, 2, replace=False)]
    facts = replace(NOBODY, votes=votes_of(cast))
    found = mix(pairs, facts, most_of_rater=7)
    stands = found.set_index("pair")["held"]
    counts = Counter(rater for pair, rater, _ in cast if not stands[pair])
    assert max(counts.values()) == 7
    # No pair was left out in vain: each has a rater who is at the cap.
    for pair in found["pair"][found["held"]]:
        assert any(counts[rater] == 7 for one, rater, _ in cast if one == pair)


def test_sources_and_documents_are_capped():
    rows = pairs_of([{} for _ in range(12)])
    rows = rows.assign(source=["a"] * 8 + ["b"] * 4, source_key=["a:case 7"] * 5 + [""] * 7)
    found = mix(rows, most_of_source=6, most_of_document=2, by="source")
    assert Counter(found["source"][~found["held"]]) == {"a": 5, "b": 4}
    assert Counter(found["reason"].dropna()) == {"over_document_cap": 3}
    found = mix(rows, most_of_source=3)
    assert Counter(found["source"][~found["held"]]) == {"a": 3, "b": 3}


def test_groups_are_the_model_that_won_or_the_source():
    pairs = pairs_of([{}, {}, {}]).assign(first_model="alpha", second_model=["beta", "beta", ""])
    votes = STAGES_BY_NAME["votes"](pairs, ballot(pairs, [1], [-1], []))
    assert mix(votes, by="model")["mixture"].tolist() == ["alpha", "beta", ""]
    assert mix(pairs, by="source")["mixture"].tolist() == [""] * 3
    assert mix(pairs.assign(tags="law\x1ftax"))["mixture"].tolist() == ["law"] * 3


def test_a_released_pair_stays_and_counts():
    pairs = tagged(law=100, tax=20)
    held = mix(pairs, temperature=100)
    hers = held["pair"][held["held"]].iloc[0]
    after = mix(pairs, replace(NOBODY, by_hand={hers: "release"}), temperature=100)
    assert not after["held"][after["pair"] == hers].any()
    assert kept(after) == kept(held)


def test_the_report_says_what_each_group_had_and_has():
    pairs = tagged(law=400, tax=100, **{"": 30})
    settings = {**MIXTURE.defaults, "temperature": 2.0}
    found = WEIGHTS(mix(pairs, **settings), NOBODY)
    report = mixture_report(found, settings)
    assert [(line["group"], line["before"], line["after"]) for line in report["groups"]] == [
        ("law", 400, 110),
        ("tax", 100, 55),
        ("", 30, 30),
    ]
    assert report["groups"][0]["weight"] == pytest.approx(110)
    many = mixture_report(mix(tagged(**{f"t{n}": 1 + n % 2 for n in range(70)})), settings)
    assert len(many["groups"]) == MOST_GROUPS + 1
    assert many["groups"][-1] == {"group": None, "groups": 10, "before": 10, "after": 10, "weight": None}  # fmt: skip


def test_pandalm_is_mixed_evenly_over_its_winning_models():
    pairs, facts = pandalm()
    number = np.arange(len(pairs))
    pairs = pairs.assign(first_model=np.where(number % 10 < 7, "big", "mid"), second_model="small")
    steps = (*DECIDED_ONLY.steps, Step(stage="mixture", params={"by": "model", "temperature": 2}))
    found = curate(replace(DECIDED_ONLY, steps=steps), pairs, facts).pairs
    winners = np.where(found["chosen"] == "first", found["first_model"], "small")
    train = (found["split"] == "train").to_numpy()
    before = Counter(winners[train & (~found["held"] | (found["stage"] == "mixture")).to_numpy()])
    after = Counter(winners[train & ~found["held"].to_numpy()])
    assert sum(after.values()) < sum(before.values())
    least = min(before.values())
    for model, n in before.items():
        assert after[model] == pytest.approx((least * n) ** 0.5, abs=0.51)


def test_a_cap_goes_by_the_order_it_is_given():
    over = over_cap(np.array([2, 0, 1]), [("a",), ("a", "b"), ("b",)], 1)
    assert over.tolist() == [False, True, False]
