"""How fast “find similar” answers, and how often it finds the source of an edit: `python -m benchmarks.alike [ITEMS]`.

Lexical vectors of real prompts and responses; the search is over as many vectors as a large project has.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from pathlib import Path

import numpy as np

from curation.encoders.base import nearest
from curation.encoders.lexical import SAMPLE, fit

from .likeness import FOLDER
from .planted import corpora, edit

ITEMS, ASKED, LIMIT_MS, LIMIT_FOUND = 100_000, 200, 100.0, 0.95


def main() -> None:
    items = int(sys.argv[1]) if len(sys.argv) > 1 else ITEMS
    texts = corpora(Path(FOLDER), {"prompts": 0, "responses": 0, "contracts": 0, "diffs": 0})
    for kind in ("prompts", "responses"):
        _planted(kind, texts[kind][:SAMPLE])
    _search(items)


def _planted(kind: str, texts: list[str]) -> None:
    chance = random.Random(11)
    start = time.perf_counter()
    fitted = fit(texts)
    fitting = time.perf_counter() - start
    start = time.perf_counter()
    matrix = fitted.encode(texts)
    encoding = time.perf_counter() - start
    asked = fitted.encode([edit(text, chance) for text in texts])
    found = np.mean([nearest(matrix, query, 1)[0][0] == at for at, query in enumerate(asked)])
    print(
        f"{len(texts):,} {kind}: fitted in {fitting:.1f} s ({fitted.explained:.0%} of the variance), encoded {len(texts) / encoding:,.0f}/s, "
        f"source of an edit first {found:.3f} (limit {LIMIT_FOUND}), file {len(fitted.packed()) / 1e6:.1f} MB"
    )


def _search(items: int) -> None:
    rng = np.random.default_rng(5)
    matrix = rng.normal(size=(items, 256)).astype(np.float32)
    spent = []
    for query in matrix[:ASKED]:
        start = time.perf_counter()
        nearest(matrix, query, 21)
        spent.append(1000 * (time.perf_counter() - start))
    ordered = sorted(spent)
    print(
        f"exact among {items:,} × 256: p50 {statistics.median(ordered):.1f} ms, p95 {ordered[int(0.95 * ASKED)]:.1f} ms (limit {LIMIT_MS:.0f} ms)"
    )


if __name__ == "__main__":
    main()
