"""Candidates that DuckDB joins out of partitions are those that are found in memory."""

from __future__ import annotations

from hashlib import sha256

import numpy as np
import pyarrow.parquet as pq
import pytest

from curation.methods.band_join import (
    band_rows,
    halves,
    joined,
    names_from,
    names_of,
    opened,
    pair_hash,
    split,
)
from curation.methods.minhash import candidates
from curation.methods.shingles import mixed

TEXTS = 600
KEYS = sorted(sha256(str(n).encode()).hexdigest() for n in range(TEXTS))
NAMES = names_of(KEYS)


@pytest.fixture
def hashes():
    """Bands that some two texts share, one that half of them share, and texts without any."""
    rng = np.random.default_rng(5)
    near = rng.integers(0, 700, (TEXTS, 21)).astype(np.uint64) * np.uint64(21)
    found = mixed(near + np.arange(21, dtype=np.uint64)).view(np.int64)
    found[::2, 3] = 7
    return found


def by_partition(folder, hashes, label, present, parts, largest):
    rows = band_rows(NAMES, hashes, label, present)
    found, crowded = set(), 0
    for number, part in enumerate(split(rows, rows["h"].to_numpy(), parts)):
        file = str(folder / f"{number}.parquet")
        pq.write_table(part, file)
        database = opened(folder / "scratch", 64)
        one = joined(database, [file, file], largest)
        database.close()
        columns = {name: one.pairs[name].to_numpy() for name in one.pairs.column_names}
        left = names_from(columns["left_hi"], columns["left_lo"])
        right = names_from(columns["right_hi"], columns["right_lo"])
        places = (np.searchsorted(NAMES, each).tolist() for each in (left, right))
        pairs = list(zip(*places, strict=True))
        assert len(set(pairs)) == len(pairs)
        found |= set(pairs)
        crowded += one.crowded
    return found, crowded


@pytest.mark.parametrize("parts", [1, 2, 16])
@pytest.mark.parametrize("largest", [200, 2])
def test_partitions_hold_the_pairs_of_the_whole(tmp_path, hashes, parts, largest):
    present = np.arange(TEXTS) % 11 > 0
    whole = candidates(hashes, present, largest)
    expected = set(zip(whole.left.tolist(), whole.right.tolist(), strict=True))
    label = np.zeros(TEXTS, np.int64)
    found = by_partition(tmp_path, hashes, label, present, parts, largest)
    assert found == (expected, whole.crowded)
    assert len(expected) > 1_000
    assert whole.crowded > 0


def test_texts_of_two_labels_are_no_pair(tmp_path, hashes):
    label = np.arange(TEXTS, dtype=np.int64) % 2
    present = np.ones(TEXTS, np.bool_)
    found, _ = by_partition(tmp_path, hashes, label, present, 4, 10_000)
    assert found
    assert all(left % 2 == right % 2 for left, right in found)


def test_names_order_texts_as_their_keys_do_and_come_apart_and_together_again():
    odd = [f"{'00' * n}{key}"[:64] for n, key in enumerate(KEYS[:9])]
    odd += [f"{key[:20]}{'00' * 22}" for key in KEYS[:9]]
    names = names_of(sorted(odd))
    assert (np.sort(names) == names).all()
    assert (names_from(*halves(names)) == names).all()


def test_a_pair_is_checked_in_one_place_whatever_its_label(hashes, tmp_path):
    import pyarrow as pa

    hi, lo = halves(NAMES[:50])
    pairs = pa.table(
        {"label": np.arange(50), "left_hi": hi, "left_lo": lo, "right_hi": hi, "right_lo": lo[::-1]}
    )
    again = pairs.set_column(0, "label", pa.array(np.zeros(50, np.int64)))
    assert (pair_hash(pairs) == pair_hash(again)).all()
    assert len(set(pair_hash(pairs).tolist())) > 40
