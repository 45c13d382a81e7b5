"""Near-duplicates: how many are found, how fast, and how fast rensa and datasketch are on the same texts in the same run.

`python -m benchmarks.neardup [FOLDER]`: texts of FOLDER (default: those committed for the tests), with planted edits. All figures are
CPU seconds of one thread. The peers get our exact check; what they are timed with is written beside each.
"""

from __future__ import annotations

import argparse
import functools
import os
import re
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xxhash
from datasketch import MinHash, MinHashLSH
from numpy.typing import NDArray

from curation.methods.jaccard import jaccard
from curation.methods.minhash import BANDS, ROWS, Signatures, bands, candidates, signatures
from curation.methods.neardup import THRESHOLD, near_pairs
from curation.methods.shingles import Kind, Shingles, normalised, shingles

from .planted import KINDS, corpora, near

os.environ.setdefault("RAYON_NUM_THREADS", "1")  # rensa reads it when it first computes
from rensa import RMinHash, RMinHashLSH

COPIES = {"prompts": 4, "responses": 1, "contracts": 12, "diffs": 20}
ROUNDS = 5
WORDS = re.compile(r"\w+|[^\w\s]")
PERMUTATIONS = BANDS * ROWS  # the peers need no more
Pairs = set[tuple[int, int]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("tests/data"))
    for name, texts in corpora(parser.parse_args().folder, COPIES).items():
        print(f"\n{name}: {len(texts):,} texts, median {_median_words(texts)} words")
        for label, figure in _measured(texts, KINDS[name]):
            print(f"  {label:<52}{figure:>16}")


def _measured(texts: list[str], kind: Kind) -> Iterator[tuple[str, str]]:
    _ours(texts[:50], kind)  # compiles
    sets = shingles(texts, kind)
    left, right, _ = near(sets, THRESHOLD)
    truth = set(zip(left.tolist(), right.tolist(), strict=True))
    yield "near pairs, all pairs compared exactly", f"{len(truth):,}"
    yield from _signatures(texts, sets, kind)
    ways: dict[str, Callable[[list[str], Kind], Pairs]] = {
        "ours": _ours,
        "rensa, its own sets and index": _rensa,
        "rensa's signatures, all else ours": _rensa_in_ours,
        "datasketch": _datasketch,
    }
    seconds = {}
    for name, way in ways.items():
        seconds[name], found = _timed(
            functools.partial(way, texts, kind), 1 if way is _datasketch else ROUNDS
        )
        share, precision = len(found & truth) / len(truth), len(found & truth) / len(found)
        yield f"{name}: texts/s end to end", f"{len(texts) / seconds[name]:,.0f}"
        yield f"{name}: recall, precision", f"{share:.4f}, {precision:.4f}"
    fastest = min(value for name, value in seconds.items() if name != "ours")
    yield "ours ÷ fastest peer, end to end", f"{fastest / seconds['ours']:.1f}"


def _signatures(texts: list[str], sets: Shingles, kind: Kind) -> Iterator[tuple[str, str]]:
    shingled, _ = _timed(lambda: shingles(texts, kind))
    signed, _ = _timed(lambda: signatures(sets))
    theirs, _ = _timed(lambda: _rensa_rows(sets))
    yield "ours: shingles alone, texts/s", f"{len(texts) / shingled:,.0f}"
    yield "ours: signatures alone, texts/s", f"{len(texts) / signed:,.0f}"
    yield "rensa: signatures alone, as NumPy, texts/s", f"{len(texts) / theirs:,.0f}"
    yield "ours ÷ rensa, signatures", f"{theirs / signed:.1f}"


def _ours(texts: list[str], kind: Kind) -> Pairs:
    found = near_pairs(texts, kind)
    return set(zip(found.left.tolist(), found.right.tolist(), strict=True))


def _rensa(texts: list[str], kind: Kind) -> Pairs:
    """As its manual has it: sets of strings, signatures and index in Rust, candidates by query; sets compared exactly."""
    sets = [_strings(text, kind) for text in texts]
    signed = RMinHash.from_token_sets([list(each) for each in sets], PERMUTATIONS, 42)
    index = RMinHashLSH(THRESHOLD, PERMUTATIONS, BANDS)
    index.insert_many(signed)
    return _checked(sets, index.query_all(signed))


def _rensa_in_ours(texts: list[str], kind: Kind) -> Pairs:
    sets = shingles(texts, kind)
    minima = np.zeros((len(sets), 128), dtype=np.uint32)
    minima[:, :PERMUTATIONS] = _rensa_rows(sets)
    present = sets.sizes > 0
    found = candidates(bands(Signatures(minima=minima, present=present)), present)
    kept = jaccard(sets, found.left, found.right) >= THRESHOLD
    return set(zip(found.left[kept].tolist(), found.right[kept].tolist(), strict=True))


def _rensa_rows(sets: Shingles) -> NDArray[np.uint32]:
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(
        sets.hashes, sets.offsets.astype(np.uint64), PERMUTATIONS, 42
    )
    return np.array(matrix.to_rows(), dtype=np.uint32)


def _datasketch(texts: list[str], kind: Kind) -> Pairs:
    """With its fastest hash, in bulk; sets compared exactly."""
    sets = [_strings(text, kind) for text in texts]
    tokens = [[token.encode("utf-8", "surrogatepass") for token in each] for each in sets]
    signed = MinHash.bulk(tokens, num_perm=PERMUTATIONS, hashfunc=xxhash.xxh32_intdigest)
    index = MinHashLSH(num_perm=PERMUTATIONS, params=(BANDS, ROWS))
    for place, each in enumerate(signed):
        index.insert(place, each)
    return _checked(sets, (index.query(each) for each in signed))


def _checked(sets: list[set[str]], found: Iterable[Iterable[int]]) -> Pairs:
    pairs = {(min(i, j), max(i, j)) for i, near_i in enumerate(found) for j in near_i if i != j}
    return {(i, j) for i, j in pairs if sets[i] and _jaccard(sets[i], sets[j]) >= THRESHOLD}


def _jaccard(one: set[str], other: set[str]) -> float:
    shared = len(one & other)
    return round(shared / (len(one) + len(other) - shared), 6)


def _strings(text: str, kind: Kind) -> set[str]:
    width, text = int(kind[4:]), normalised(text)
    units: Sequence[str] = text if kind.startswith("char") else WORDS.findall(text)
    if len(units) < width:
        return {" ".join(units)} if units else set()
    return {" ".join(units[i : i + width]) for i in range(len(units) - width + 1)}


def _timed(work: Callable[[], Any], rounds: int = ROUNDS) -> tuple[float, Any]:
    """Median CPU seconds of all threads, and what came of it."""
    seconds, result = [], None
    for _ in range(rounds):
        start = time.process_time()
        result = work()
        seconds.append(time.process_time() - start)
    return statistics.median(seconds), result


def _median_words(texts: list[str]) -> int:
    return int(statistics.median(len(text.split()) for text in texts))


if __name__ == "__main__":
    main()
