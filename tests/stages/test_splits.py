"""Splits by whole clusters: their sizes, and that nothing once published ever moves."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from curation.stages.base import Facts
from curation.stages.degenerate import DEGENERATE
from curation.stages.purpose import PURPOSE
from curation.stages.splits import SPLITS, new_entries
from tests.stages.samples import hexed, pairs_of, votes_of

# A busy machine is no defect.
unhurried = settings(deadline=None)


def facts(ledger=None, salt="salt"):
    return Facts(votes=votes_of([]), ledger=ledger or {}, salt=salt)


def clusters(count, start=0):
    return pairs_of([{"prompt_cluster": c, "item": hexed(c)} for c in range(start, start + count)])


def split_of(pairs, ledger=None, salt="salt"):
    found = SPLITS(pairs, facts(ledger, salt))
    return dict(zip(found["prompt_cluster"], found["split"], strict=True))


@unhurried
@given(st.integers(0, 199))
def test_under_200_clusters_the_sizes_are_exact(count):
    found = Counter(split_of(clusters(count)).values())
    few = int(count * 0.05 + 0.5)
    assert found == Counter(
        {
            name: n
            for name, n in (("test", few), ("validation", few), ("train", count - 2 * few))
            if n
        }
    )


def test_from_200_clusters_on_each_is_placed_by_its_own_hash():
    found = split_of(clusters(2_000))
    sizes = Counter(found.values())
    assert 70 < sizes["test"] < 130
    assert 70 < sizes["validation"] < 130
    some = split_of(clusters(500))
    assert some.items() <= found.items()


def test_a_cluster_is_never_parted():
    pairs = pairs_of([{"prompt_cluster": n % 30} for n in range(300)])
    found = SPLITS(pairs, facts())
    assert found.groupby("prompt_cluster")["split"].nunique().eq(1).all()


def test_another_salt_draws_another_split():
    assert split_of(clusters(100), salt="a") != split_of(clusters(100), salt="b")


def test_the_ledger_wins_and_new_clusters_fill_up_what_is_missing():
    before = SPLITS(clusters(100), facts())
    ledger = new_entries(before, {})
    assert Counter(ledger.values()) == {"train": 90, "validation": 5, "test": 5}
    grown = SPLITS(clusters(140), facts(ledger))
    assert grown["split"].iloc[:100].tolist() == before["split"].tolist()
    assert Counter(grown["split"]) == {"train": 126, "validation": 7, "test": 7}
    fresh = new_entries(grown, ledger)
    assert set(fresh) == set(grown["item"].iloc[100:])


def test_the_ledger_holds_when_a_project_grows_past_200_clusters():
    ledger = new_entries(SPLITS(clusters(150), facts()), {})
    grown = split_of(clusters(400), ledger)
    assert {hexed(c): grown[c] for c in range(150)} == ledger


def test_a_new_item_joins_the_split_of_its_cluster():
    ledger = {hexed("old"): "test"}
    pairs = pairs_of(
        [{"item": hexed("old"), "prompt_cluster": 1}, {"item": hexed("new"), "prompt_cluster": 1}]
    )
    found = SPLITS(pairs, facts(ledger))
    assert found["split"].tolist() == ["test", "test"]
    assert new_entries(found, ledger) == {hexed("new"): "test"}


def test_a_cluster_grown_together_across_splits_is_held_and_never_trains():
    rows = [{"item": hexed(name), "prompt_cluster": 1} for name in ("a", "b", "c")]
    pairs = pairs_of([*rows, {"prompt_cluster": 2}])
    found = SPLITS(pairs, facts({hexed("a"): "train", hexed("b"): "test"}))
    assert found["reason"].fillna("-").tolist() == ["split_conflict"] * 3 + ["-"]
    assert found["split"].tolist()[:3] == ["quarantine"] * 3
    assert found["split"].iloc[3] == "train"
    assert new_entries(found, {hexed("a"): "train", hexed("b"): "test"})[hexed("c")] == "quarantine"


def test_what_is_once_in_quarantine_takes_its_cluster_along():
    rows = [{"item": hexed(name), "prompt_cluster": 1} for name in ("c", "d")]
    found = SPLITS(pairs_of(rows), facts({hexed("c"): "quarantine"}))
    assert found["split"].tolist() == ["quarantine"] * 2
    assert found["held"].all()


def test_items_of_one_source_are_never_parted_however_different_their_prompts():
    pairs = clusters(300).assign(
        source_key=[f"case {n % 40}" if n < 200 else "" for n in range(300)]
    )
    pairs = pairs.astype({"source_key": "str"})
    found = SPLITS(pairs, facts())
    assert found[:200].groupby("source_key")["split"].nunique().eq(1).all()
    assert found[200:]["split"].nunique() > 1
    torn = SPLITS(pairs, facts({hexed(0): "train", hexed(40): "test"}))
    assert torn["held"].sum() == 5
    assert set(torn["source_key"][torn["held"]]) == {"case 0"}


def test_each_tag_gives_its_own_share_exactly():
    pairs = clusters(400).assign(tags=["law\x1fuk" if n % 4 == 0 else "code" for n in range(400)])
    found = SPLITS(pairs.astype({"tags": "str"}), facts(), {"strata": "tag"})
    law = found[found["tags"] == "law\x1fuk"]
    assert Counter(law["split"]) == {"train": 90, "validation": 5, "test": 5}


def test_items_that_are_not_for_training_get_no_split_and_no_line_in_the_ledger():
    pairs = pairs_of([{"purpose": "gold"}, {}])
    found = SPLITS(PURPOSE(pairs, facts()), facts())
    assert found["split"].isna().tolist() == [True, False]
    assert list(new_entries(found, {})) == [pairs["item"].iloc[1]]


def test_a_held_pair_has_its_split_too_since_its_responses_may_train_by_themselves():
    pairs = DEGENERATE(pairs_of([{"first": ""}, {}]), facts())
    assert pairs["held"].tolist() == [True, False]
    found = SPLITS(pairs, facts())
    assert found["split"].notna().all()
    assert set(new_entries(found, {})) == set(pairs["item"])


def test_shares_of_nothing_leave_everything_to_training():
    found = SPLITS(clusters(50), facts(), {"validation": 0, "test": 0})
    assert set(found["split"]) == {"train"}
