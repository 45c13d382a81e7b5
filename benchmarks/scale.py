"""What a run costs as it grows: `python -m benchmarks.scale --responses 100000 300000 1000000`, and how it goes on from there.

For each size the search for near texts in partitions, phase by phase, by the product's own code on a throw-away database, each
chunk in a process of its own whose processor seconds and peak memory are the kernel's; beside it the same search in one
process's memory, which must find the same. Then whole runs of two sizes for reading, deciding and PostgreSQL. At the end the
coefficients that `manage.py capacity` reckons with.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from .corpus import Corpus
from .house import servers
from .recipe import House

ITEMS_PER_CHUNK = 5_000  # 15,000 reviews, three an item
BYTES_PER_MIB = 1 << 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--responses", type=int, nargs="*", default=[100_000, 300_000, 1_000_000])
    parser.add_argument("--partition-texts", type=int, help="smaller partitions than the product's")
    parser.add_argument("--pairs", type=int, nargs="*", default=[10_000, 40_000])
    parser.add_argument("--reviews", type=int, default=3, help="of a pair of a whole run")
    options = parser.parse_args()
    with servers():
        import django

        django.setup()
        from django.conf import settings

        from curation.actions import phases

        if options.partition_texts:
            phases.PARTITION_TEXTS = options.partition_texts
        _warm()
        house, spent = House(), {}
        settings.JOIN_IN_MEMORY = 0
        for responses in options.responses:
            spent[responses] = _partitioned(house, responses)
        if spent:
            _slopes(spent)
        settings.JOIN_IN_MEMORY = 10**12
        if options.pairs:
            _whole_runs(house, options.pairs, options.reviews)


def _warm() -> None:
    """Load what every worker has loaded after its first chunk: children then begin with it."""
    import duckdb
    import numpy as np

    from curation.actions import work
    from curation.actions.clusters import checked
    from curation.methods.contamination import Index
    from curation.methods.minhash import candidates
    from curation.methods.signals import read_signals

    places = np.array([0]), np.array([1])
    bands = np.zeros((2, 21), np.int64)
    for kind in ("char5", "word3"):
        _banded({"a": "one", "b": "two"}, {"a": "one", "b": "two"}, kind)
        checked(*places, lambda _: ["one", "two"], kind)
    candidates(bands, bands[:, 0] == 0)
    # Something of everything that is looked for, so that every pattern and model is loaded.
    read_signals(
        ["Write to ann@example.org, token = ghp_0123456789abcdef0123456789abcdef0123"], Index.of([])
    )
    assert duckdb.__version__
    assert work


def _partitioned(house: House, responses: int) -> dict[str, float]:
    """Microseconds of the processor a response, phase by phase; printed with seconds, memory and disk."""
    from curation import parts
    from curation.actions.phases import JOINING

    run, filled = _read(house, responses)
    print(f"\n{responses:,} responses, {filled['prompts']:,} prompts", flush=True)
    found = {"kernels": filled["kernels"] / responses * 1e6}
    print(f"  {'kernels':16} {filled['kernels']:8.1f} s {found['kernels']:7.2f} µs a response")
    disk = {"texts": _bytes_in(run, "*/[pr]*.parquet")}
    for kind in JOINING:
        chunks = list(run.chunks.filter(kind=kind).order_by("number"))
        began = time.perf_counter()
        used = [in_child(lambda chunk=chunk: _work(chunk)) for chunk in chunks]
        seconds, most = sum(each["cpu"] for each in used), max(each["peak"] for each in used)
        found[kind] = seconds / responses * 1e6
        disk[kind] = _bytes_in(run, f"{kind}-*/*.parquet")
        print(
            f"  {kind:16} {seconds:8.1f} s {found[kind]:7.2f} µs a response, {len(chunks):3} chunks, peak {most:6,.0f} MiB, "
            f"{disk[kind] / responses:6.0f} bytes a response, {time.perf_counter() - began:.0f} s by the clock",
            flush=True,
        )
    whole = in_child(lambda: _in_memory(run))
    assert whole["edges"] == whole["found"], whole
    found["in memory"] = whole["search"] / responses * 1e6
    print(
        f"  {'in memory':16} {whole['search']:8.1f} s {found['in memory']:7.2f} µs a response, peak {whole['peak']:6,.0f} MiB; "
        f"both find {whole['edges'][0]:,} near prompts and {whole['edges'][1]:,} near responses",
        flush=True,
    )
    found["peak in memory, bytes"] = whole["peak"] * BYTES_PER_MIB / responses
    found["texts on disk, bytes"] = disk["texts"] / responses
    found["partitions on disk, bytes"] = (sum(disk.values()) - disk["texts"]) / responses
    parts.forget(parts.folder_of(run))
    run.chunks.all().delete()
    return found


def _read(house: House, responses: int) -> tuple[Any, dict[str, Any]]:
    """A run whose chunks have been read: only what near texts are looked for in, with kernels but without reviews."""
    from django.utils import timezone

    from curation import parts
    from curation.actions.phases import finish
    from curation.actions.recipes import first_recipe
    from curation.models import Run, RunChunk
    from feedback import jobs

    now = timezone.now()
    run = Run.objects.create(
        workspace=house.place.workspace,
        project=house.place.project,
        number=Run.objects.count() + 1,
        recipe_version=first_recipe(project=house.place.project, now=now),
        seed=0,
        frozen={},
    )
    folder = parts.folder_of(run)
    filled = in_child(lambda: _fill(folder, responses // 2))
    rows = RunChunk.objects.bulk_create(
        RunChunk(workspace=run.workspace, run=run, kind="read", number=number)
        for number in range(1, filled["chunks"] + 1)
    )
    RunChunk.objects.create(workspace=run.workspace, run=run, kind="decide", number=1)
    for row in rows:
        lease = jobs.take(RunChunk.objects.filter(pk=row.pk), now=now, minutes=5, state="running")
        finish(row, lease, f"{folder}/{row.number:05d}", n_texts=filled["texts"], now=now)
    return run, filled


def _fill(folder: str, items: int) -> dict[str, Any]:
    """Write the tables of all chunks. `kernels` are the processor seconds of shingles, signatures and bands."""
    import pyarrow as pa

    from curation import parts
    from curation.methods.templates import compared, paragraphs_of

    texts, kernels, prompts, number = Corpus(items).items(), 0.0, 0, 0
    for number, rows in enumerate(_batches(texts, items), start=1):
        said, asked, pairs = {}, {}, []
        for prompt, first, second in rows:
            words = paragraphs_of(prompt, ())
            keys = [_key("\n\n".join(words)), _key(first), _key(second)]
            asked[keys[0]], said[keys[1]], said[keys[2]] = words, first, second
            pairs.append(keys)
        began = time.process_time()
        compared_as = {key: compared(words, ()) for key, words in asked.items()}
        joined = {key: "\n\n".join(words) for key, words in asked.items()}
        tables = {
            "prompts": _banded(joined, compared_as, "char5"),
            "responses": _banded(said, said, "word3"),
        }
        kernels += time.process_time() - began
        columns = ("prompt_key", "first_hash", "second_hash")
        tables["pairs"] = pa.table(
            dict(zip(columns, map(list, zip(*pairs, strict=True)), strict=True))
        )
        for name, table in tables.items():
            parts.save(table, f"{folder}/{number:05d}/{name}")
        prompts += len(asked)
    return {"chunks": number, "kernels": kernels, "prompts": prompts, "texts": 3 * ITEMS_PER_CHUNK}


def _banded(texts: dict[str, str], compared_as: dict[str, str], kind: Any) -> Any:
    import pyarrow as pa

    from curation.actions.reading import BAND_BYTES, banded_bytes

    keys = sorted(texts)
    bands = banded_bytes([compared_as[key] for key in keys], kind)
    return pa.table(
        {
            "key": keys,
            "text": [texts[key] for key in keys],
            "bands": pa.array(bands, pa.binary(BAND_BYTES)),
        }
    )


def _batches(texts: Iterator[Any], items: int) -> Iterator[list[Any]]:
    for start in range(0, items, ITEMS_PER_CHUNK):
        yield [next(texts) for _ in range(min(ITEMS_PER_CHUNK, items - start))]


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _work(chunk: Any) -> dict[str, Any]:
    from django.utils import timezone

    from curation.actions.work import work_on_chunk

    work_on_chunk(workspace_id=chunk.workspace_id, chunk_id=chunk.pk, clock=timezone.now)
    chunk.refresh_from_db()
    assert chunk.state == "done"
    return {}


def _in_memory(run: Any) -> dict[str, Any]:
    """The search as a worker does it whose memory holds everything, and how many edges either way finds."""
    import numpy as np
    import pandas as pd

    from curation import parts
    from curation.actions.clusters import InMemory, banded_of
    from curation.actions.decide import texts_in
    from curation.actions.partitions import Found
    from curation.methods.jaccard import components

    folders = list(
        run.chunks.filter(kind="read").order_by("number").values_list("output", flat=True)
    )
    began = time.process_time()
    texts, memory = texts_in(folders), InMemory()
    prompts, words = banded_of(texts.prompts), texts.prompts["text"].to_pylist()
    near = memory.prompts(prompts, lambda places: [words[i] for i in places.tolist()], "char5")
    label_of = components(len(words), near.left, near.right)
    pairs = pd.concat(parts.load(f"{folder}/pairs").to_pandas() for folder in folders)
    labels = label_of[pd.Index(prompts.keys).get_indexer(pairs["prompt_key"])]
    index = pd.Index(texts.responses["key"].to_pylist())
    sides = [index.get_indexer(pairs[side]) for side in ("first_hash", "second_hash")]
    label, text = np.divmod(
        np.unique(np.tile(labels, 2) * len(index) + np.concatenate(sides)), len(index)
    )
    close = memory.responses(texts.responses, label, text, texts.said, "word3")
    search = time.process_time() - began
    found = Found(run)
    again = (
        found.prompts(prompts, lambda _: [], "char5"),
        found.responses(texts.responses, label, text, texts.said, "word3"),
    )
    return {
        "search": search,
        "edges": [len(near.left), len(close.left)],
        "found": [len(each.left) for each in again],
    }


def _slopes(spent: dict[int, dict[str, float]]) -> None:
    """How what a response costs changes from the smallest to the largest size: 1.0 is a straight line."""
    sizes = sorted(spent)
    print(f"\n{'a response':26} {'  '.join(f'{size:>11,}' for size in sizes)}   largest ÷ smallest")
    for name in spent[sizes[0]]:
        row = [spent[size][name] for size in sizes]
        print(
            f"{name:26} {'  '.join(f'{value:11.2f}' for value in row)}   {row[-1] / max(row[0], 1e-9):.2f}"
        )


def _whole_runs(house: House, pairs: list[int], reviews: int) -> None:
    """Reading and deciding by whole runs of two sizes, and what PostgreSQL holds then."""
    measured = []
    corpus = Corpus(sum(pairs))
    texts = corpus.items()
    done = 0
    for count in pairs:
        before = _database()
        house.grow(texts, corpus, count - done, reviews)
        after = _database()
        read, decision = house.by_hand(lambda chunk: in_child(lambda: _work(chunk)))
        done = count
        measured.append((count, read, decision, after, _database()))
        print(
            f"{count:,} pairs: reading {read['cpu']:.1f} s, peak {read['peak']:,.0f} MiB; "
            f"deciding {decision['cpu']:.1f} s, peak {decision['peak']:,.0f} MiB; "
            f"PostgreSQL {(after - before) / BYTES_PER_MIB:,.0f} MiB more for items and reviews, "
            f"{(_database() - after) / BYTES_PER_MIB:,.0f} for the run",
            flush=True,
        )
    (small, *one, _, _), (large, *two, _, _) = measured
    more = large - small
    print(
        f"a pair more: reading {(two[0]['cpu'] - one[0]['cpu']) / more * 1e6:,.0f} µs, "
        f"deciding {(two[1]['cpu'] - one[1]['cpu']) / more * 1e6:,.0f} µs and "
        f"{(two[1]['peak'] - one[1]['peak']) * BYTES_PER_MIB / more:,.0f} bytes of memory"
    )


def _database() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])


def _bytes_in(run: Any, pattern: str) -> int:
    from curation import parts

    folder = Path(parts.path_of(parts.folder_of(run))).with_suffix("")
    return sum(path.stat().st_size for path in folder.glob(pattern))


def in_child(do: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What `do` returns, done in a process of its own, with its processor seconds `cpu` and its peak memory `peak` in MiB."""
    from django.db import connections

    connections.close_all()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.write(writing, json.dumps(do()).encode())
            status = 0
        except BaseException:  # noqa: BLE001
            traceback.print_exc()
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading) as said:
        answer = said.read()
    _, status, usage = os.wait4(child, 0)
    assert status == 0, "a child has failed"
    found: dict[str, Any] = json.loads(answer)
    return {**found, "cpu": usage.ru_utime + usage.ru_stime, "peak": usage.ru_maxrss / 1024}


if __name__ == "__main__":
    main()
