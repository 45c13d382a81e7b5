"""How fast “find similar” answers, and how often it finds the source of an edit: `python -m benchmarks.alike [ITEMS]`.

Lexical vectors of real prompts and responses; the search is over as many as a large project has, made of the beginning of one response and the
end of another: exactly in the process, exactly in PostgreSQL, and by pgvector's index, all on one throw-away server.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from curation.encoders.base import Vectors, nearest, stored
from curation.encoders.lexical import SAMPLE, fit

from .house import servers
from .likeness import FOLDER
from .planted import corpora, edit

ITEMS, ASKED, WALKED, LIMIT_MS, LIMIT_FOUND = 100_000, 1_000, 100, 100.0, 0.95
SAME = 5e-4


def main() -> None:
    items = int(sys.argv[1]) if len(sys.argv) > 1 else ITEMS
    texts = corpora(Path(FOLDER), {"prompts": 0, "responses": 0, "contracts": 0, "diffs": 0})
    for kind in ("prompts", "responses"):
        _planted(kind, texts[kind][:SAMPLE])
    with servers():
        _search(_mixed(texts["responses"], items))


def _mixed(texts: list[str], count: int) -> Vectors:
    """Vectors of so many texts, each the beginning of one and the end of another."""
    chance = random.Random(3)
    halves = [text.split(" ") for text in texts]
    made = []
    for _ in range(count):
        one, other = chance.choice(halves), chance.choice(halves)
        words = one[: chance.randrange(len(one) + 1)] + other[chance.randrange(len(other)) :]
        made.append(" ".join(words))
    return fit(texts[:SAMPLE]).encode(made)


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


def _search(matrix: Vectors) -> None:
    import django

    django.setup()
    from curation.queries import near, vectors

    near.BEYOND = 0
    encoding = _kept(matrix)
    resident, start = _resident(), time.perf_counter()
    vectors._matrix(encoding)
    print(
        f"{len(matrix):,} × {encoding.dim} read into a process in {time.perf_counter() - start:.2f} s, which grows by {_resident() - resident} MB"
    )
    _index(encoding)
    places = np.random.default_rng(1).choice(len(matrix), ASKED, replace=False)
    asked = [matrix[at].astype("<f2").astype(np.float32) for at in places if matrix[at].any()]
    truth, exact = _timed(lambda one: vectors._nearest_of_all(encoding, one, 21)[0], asked)
    print(f"exact, in the process: {_told(exact)} (limit p95 {LIMIT_MS:.0f} ms)")
    _, walked = _timed(lambda one: _walk(encoding, one), asked[:WALKED])
    print(f"exact, PostgreSQL walking its table: {_told(walked)}, {_ratio(walked, exact)}")
    found, quick = _timed(lambda one: near.nearest_by_index(encoding, one, 21), asked)
    # By score: of many with the same vector any will do.
    recall = [
        float(np.mean([score >= other[-1][1] - SAME for _, score in one]))
        for one, other in zip(found, truth, strict=True)
    ]
    print(
        f"by the index: {_told(quick)}, {_ratio(quick, exact)}; of the 21 nearest it finds {np.mean(recall):.4f}, at worst {min(recall):.2f}, less than half for {sum(each < 0.5 for each in recall)} of {len(recall)}"
    )


def _kept(matrix: Vectors) -> Any:
    """A version whose vectors are these, without the items: keys are not looked at."""
    from django.db import connection
    from django.utils import timezone

    from curation.models import Encoding

    connection.ensure_connection()
    raw = connection.connection
    raw.execute("SET session_replication_role = replica")
    encoding = Encoding.objects.create(
        workspace_id=1,
        project_id=1,
        version=1,
        encoder="lexical",
        dim=matrix.shape[1],
        n_vectors=len(matrix),
        encoded_at=timezone.now(),
    )
    copied = "COPY curation_itemvector (workspace_id, encoding_id, item_id, revision_id, vector) FROM STDIN (FORMAT BINARY)"
    with raw.cursor() as cursor, cursor.copy(copied) as copy:
        copy.set_types(["int8", "int8", "int8", "int8", "bytea"])
        for at, vector in enumerate(stored(matrix), 1):
            copy.write_row((1, encoding.pk, at, at, vector))
    raw.execute("ANALYZE curation_itemvector")
    return encoding


def _index(encoding: Any) -> None:
    from curation.actions.near import follow
    from curation.queries.near import index
    from feedback.statements import run

    start = time.perf_counter()
    follow(encoding, lambda **_: None)
    spent = time.perf_counter() - start
    size = "SELECT pg_relation_size(to_regclass(%(name)s)), (SELECT extversion FROM pg_extension WHERE extname = 'vector')"
    size, version = run(size, {"name": index(encoding.pk).as_string()})[0]
    print(f"copied and indexed by pgvector {version} in {spent:.1f} s, {size / 1e6:.0f} MB")


def _walk(encoding: Any, asked: Vectors) -> list[tuple[int, float]]:
    from django.db import transaction
    from psycopg import sql

    from curation.queries import near
    from feedback.statements import run

    statement = sql.SQL(near._NEAREST).format(table=near.table(encoding.pk))
    with transaction.atomic():
        run("SET LOCAL enable_indexscan = off", {})
        return run(statement, {"asked": near.literal(asked), "count": 21}, prepare=False)


def _timed(ask: Callable[[Vectors], Any], asked: list[Vectors]) -> tuple[list[Any], list[float]]:
    """Answers, and milliseconds in rising order."""
    found, spent = [], []
    for one in asked:
        start = time.perf_counter()
        found.append(ask(one))
        spent.append(1000 * (time.perf_counter() - start))
    return found, sorted(spent)


def _told(spent: list[float]) -> str:
    return f"p50 {statistics.median(spent):.1f} ms, p95 {spent[int(0.95 * len(spent))]:.1f} ms"


def _ratio(spent: list[float], exact: list[float]) -> str:
    return f"{statistics.median(spent) / statistics.median(exact):.2f} × the process's"


def _resident() -> int:
    """Memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 10**6


if __name__ == "__main__":
    main()
