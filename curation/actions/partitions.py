"""Near texts of a large run, looked for in partitions: band rows are sorted by hash, joined by DuckDB, and what is found checked exactly.

Each function does one chunk and writes Parquet under a folder of its own, from nothing but what the phases before it left; so
it may be done twice, anywhere, and is the same. `Found` hands the near texts to the decision, which makes of them what it
makes of those that are found in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings

from curation import parts
from curation.late import np, pa
from curation.methods import band_join
from curation.methods.arrays import Floats, Ints
from curation.methods.band_join import Names, band_rows, names_from, names_of
from curation.methods.jaccard import components
from curation.methods.lookup import places_in
from curation.methods.shingles import Kind as Shingle
from curation.methods.templates import LEAST_PROMPTS, SHARED_BY, compared
from curation.models import Run, RunChunk

from .clusters import (
    Banded,
    Edges,
    Said,
    TextsOf,
    banded_of,
    checked,
    compared_words,
    known_paragraphs,
    paragraph_hash,
    under,
)
from .phases import READS_PER_SORT, Kind
from .reading import PARAGRAPH
from .recipes import recipe_of
from .texts import NEAR, PROMPT, RESPONSE, code_view_of, shingle_of, viewed

PAIRS_AT_ONCE = 500_000  # whose texts are held together while they are checked
EDGES = (("label", "int64"), ("left", "string"), ("right", "string"), ("similarity", "float64"))
SORTED = {Kind.JOIN_PROMPTS: Kind.SORT_PROMPTS, Kind.JOIN_RESPONSES: Kind.SORT_RESPONSES}
CANDIDATES = {Kind.CHECK_PROMPTS: Kind.JOIN_PROMPTS, Kind.CHECK_RESPONSES: Kind.JOIN_RESPONSES}


class Gone(Exception):
    """What earlier phases left is not there (or cannot be read): no wonder when the run has ended meanwhile."""


def do(chunk: RunChunk, output: str) -> None:
    """Do a chunk of a phase between reading and deciding. Raises Gone."""
    import duckdb

    scratch = parts.scratch(f"{output}/scratch")
    database = band_join.opened(scratch, settings.JOIN_MEGABYTES)
    try:
        _DOES[Kind(chunk.kind)](chunk, output, database)
    except (OSError, duckdb.IOException) as error:
        raise Gone from error
    finally:
        database.close()
        parts.forget(f"{output}/scratch")


def _find_shared(chunk: RunChunk, output: str, database: Any) -> None:
    """Hashes of the paragraphs that many prompts share: known from an earlier run, or counted over all."""
    hashes = chunk.run.frozen.get("shared")
    if hashes is None:
        hashes = sorted(map(paragraph_hash, _widely_shared(_files(chunk.run, "prompts"), database)))
    parts.save(pa.table({"hash": pa.array(hashes, pa.string())}), f"{output}/shared")


_PROMPTS = (
    "CREATE TEMP TABLE prompts AS SELECT DISTINCT ON (key) key, text FROM read_parquet($files)"
)
_SHARED = """
SELECT paragraph FROM (SELECT unnest(list_distinct(string_split(text, $between))) AS paragraph FROM prompts)
GROUP BY paragraph HAVING count(*) > $least
"""


def _widely_shared(files: Sequence[str], database: Any) -> list[str]:
    """As `templates.widely_shared`, over more prompts than fit into memory."""
    database.execute(_PROMPTS, {"files": list(files)})
    [(count,)] = database.execute("SELECT count(*) FROM prompts").fetchall()
    if count < LEAST_PROMPTS:
        return []
    asked = {"between": PARAGRAPH, "least": SHARED_BY * count}
    return [row[0] for row in database.execute(_SHARED, asked).fetchall()]


def _sort_prompts(chunk: RunChunk, output: str, _database: Any) -> None:
    """Band rows of the prompts of some chunks, as they are compared."""
    kind, shared = shingle_of(chunk.run.project, PROMPT), shared_of(chunk.run)

    def rows() -> Iterator[pa.Table]:
        for folder in _folders(chunk):
            of = compared_words(parts.load(f"{folder}/prompts"), kind, shared)
            yield band_rows(
                names_of(of.keys), of.hashes, np.zeros(len(of.keys), np.int64), of.present
            )

    _sorted(chunk, rows(), output)


def _sort_responses(chunk: RunChunk, output: str, _database: Any) -> None:
    """Band rows of the responses of some chunks under the clusters of the prompts that they answer."""
    labels = parts.load(f"{_output_of(chunk.run, Kind.LABELS)}/labels")
    prompts = names_from(labels["hi"].to_numpy(), labels["lo"].to_numpy())
    label = labels["label"].to_numpy()

    def rows() -> Iterator[pa.Table]:
        for folder in _folders(chunk):
            pairs = parts.load(f"{folder}/pairs", ["prompt_key", "first_hash", "second_hash"])
            asked = pairs["prompt_key"].to_pylist()
            theirs = label[np.searchsorted(prompts, names_of(asked))]
            of = banded_of(parts.load(f"{folder}/responses", ["key", "bands"]))
            sides = [places_in(of.keys, pairs[side]) for side in _SIDES]
            count = max(len(of.keys), 1)
            group, text = np.divmod(
                np.unique(np.tile(theirs, 2) * count + np.concatenate(sides)), count
            )
            hashes = under(of.hashes[text], group)
            yield band_rows(names_of(of.keys)[text], hashes, group, of.present[text])

    _sorted(chunk, rows(), output)


_SIDES = ("first_hash", "second_hash")


def _sorted(chunk: RunChunk, tables: Iterator[pa.Table], output: str) -> None:
    """Write rows into one file for each partition."""
    table = pa.concat_tables(tables)
    count = _partitions(chunk.run)
    by = band_join.split(table, table["h"].to_numpy(), count)
    for number, part in enumerate(by, start=1):
        parts.save(part, f"{output}/{number:05d}")


def _join(chunk: RunChunk, output: str, database: Any) -> None:
    """Candidates of one partition, shared out by pair, so that the same pair of several partitions is checked once."""
    folders = _outputs(chunk.run, SORTED[Kind(chunk.kind)])
    files = [parts.path_of(f"{folder}/{chunk.number:05d}") for folder in folders]
    found = band_join.joined(database, files)
    by = band_join.split(found.pairs, band_join.pair_hash(found.pairs), _partitions(chunk.run))
    for number, part in enumerate(by, start=1):
        parts.save(part, f"{output}/{number:05d}")
    parts.save(pa.table({"crowded": [found.crowded]}), f"{output}/crowded")


def _check_prompts(chunk: RunChunk, output: str, database: Any) -> None:
    shared = shared_of(chunk.run)

    def words(texts: Mapping[str, str]) -> dict[str, str]:
        asked = [text.split(PARAGRAPH) for text in texts.values()]
        known = known_paragraphs(asked, shared)
        return {key: compared(said, known) for key, said in zip(texts, asked, strict=True)}

    _check(chunk, output, _Texts(_files(chunk.run, "prompts"), PROMPT, words, database))


def _check_responses(chunk: RunChunk, output: str, database: Any) -> None:
    view = code_view_of(recipe_of(chunk.run.recipe_version))
    texts = _files(chunk.run, "responses")
    _check(chunk, output, _Texts(texts, RESPONSE, lambda said: viewed(said, view), database))


@dataclass(frozen=True)
class _Texts:
    """Texts in Parquet files, and as what they are compared."""

    files: list[str]
    what: str
    compared: Callable[[Mapping[str, str]], dict[str, str]]
    database: Any

    def of(self, names: Names) -> dict[str, str]:
        """Key → what is compared, for these names, rising."""
        wanted = pa.table({"name": [name.ljust(band_join.NAME, b"\0").hex() for name in names]})
        self.database.register("wanted", wanted)
        rows = self.database.execute(_TEXTS, {"files": self.files}).fetchall()
        self.database.unregister("wanted")
        return self.compared(dict(sorted(rows)))


_TEXTS = """
SELECT DISTINCT ON (key) key, text FROM read_parquet($files)
WHERE left(key, 32) IN (SELECT name FROM wanted)
"""


def _check(chunk: RunChunk, output: str, texts: _Texts) -> None:
    """The exact similarity of candidates, a slice at a time; those that are near are edges."""
    files = [
        parts.path_of(f"{folder}/{chunk.number:05d}")
        for folder in _outputs(chunk.run, CANDIDATES[Kind(chunk.kind)])
    ]
    ordered = f"SELECT DISTINCT * FROM read_parquet($files) ORDER BY {', '.join(_BY_PAIR)}"  # noqa: S608
    pairs = texts.database.sql(ordered, params={"files": files}).to_arrow_table()
    kind = shingle_of(chunk.run.project, texts.what)
    edges = [
        _near(pairs.slice(start, PAIRS_AT_ONCE), texts, kind)
        for start in range(0, len(pairs), PAIRS_AT_ONCE)
    ]
    parts.save(pa.concat_tables([pa.schema(EDGES).empty_table(), *edges]), f"{output}/edges")


_BY_PAIR = ("left_hi", "left_lo", "right_hi", "right_lo", "label")


def _near(pairs: pa.Table, texts: _Texts, kind: Shingle) -> pa.Table:
    columns = {name: pairs[name].to_numpy() for name in band_join.PAIR}
    left = names_from(columns["left_hi"], columns["left_lo"])
    right = names_from(columns["right_hi"], columns["right_lo"])
    names, place = np.unique(np.concatenate([left, right]), return_inverse=True)
    said = texts.of(names)
    keys, words = list(said), list(said.values())
    a, b = place[: len(left)], place[len(left) :]
    exact = checked(a, b, lambda places: [words[i] for i in places.tolist()], kind)
    close = exact >= NEAR[texts.what]
    named = np.array(keys, dtype=object)
    edges = {
        "label": columns["label"][close],
        "left": named[a[close]],
        "right": named[b[close]],
        "similarity": exact[close],
    }
    return pa.table(edges, schema=pa.schema(EDGES))


_KEYS = """
SELECT DISTINCT ('0x' || key[1:16])::UBIGINT AS hi, ('0x' || key[17:32])::UBIGINT AS lo
FROM read_parquet($files) ORDER BY hi, lo
"""


def _name_clusters(chunk: RunChunk, output: str, database: Any) -> None:
    """Each prompt's cluster: the place of its first prompt among all, as the decision numbers them."""
    found = database.execute(_KEYS, {"files": _files(chunk.run, "prompts")}).fetchnumpy()
    hi, lo = (np.asarray(found[name], dtype=np.uint64) for name in ("hi", "lo"))
    names, edges = names_from(hi, lo), _edges(chunk.run, Kind.CHECK_PROMPTS)
    ends = (np.searchsorted(names, names_of(edges[side].to_pylist())) for side in _ENDS)
    label = components(len(names), *ends)
    parts.save(pa.table({"hi": hi, "lo": lo, "label": label}), f"{output}/labels")


_ENDS = ("left", "right")
_DOES: dict[Kind, Callable[[RunChunk, str, Any], None]] = {
    Kind.SHARED: _find_shared,
    Kind.SORT_PROMPTS: _sort_prompts,
    Kind.JOIN_PROMPTS: _join,
    Kind.CHECK_PROMPTS: _check_prompts,
    Kind.LABELS: _name_clusters,
    Kind.SORT_RESPONSES: _sort_responses,
    Kind.JOIN_RESPONSES: _join,
    Kind.CHECK_RESPONSES: _check_responses,
}


class Found:
    """The finder of a run whose near texts were looked for in partitions."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def prompts(self, banded: Banded, _texts_of: TextsOf, _kind: Shingle, /) -> Edges:
        edges = _edges(self._run, Kind.CHECK_PROMPTS)
        left, right = (places_in(banded.keys, edges[side]) for side in _ENDS)
        return self._edges(left, right, edges, Kind.JOIN_PROMPTS)

    def responses(
        self, responses: pa.Table, label: Ints, text: Ints, _said: Said, _kind: Shingle, /
    ) -> Edges:
        edges = _edges(self._run, Kind.CHECK_RESPONSES)
        keys, count = responses["key"], max(len(responses), 1)
        codes, under_label = label * count + text, edges["label"].to_numpy() * count
        left, right = (
            np.searchsorted(codes, under_label + places_in(keys, edges[side])) for side in _ENDS
        )
        return self._edges(left, right, edges, Kind.JOIN_RESPONSES)

    def _edges(self, left: Ints, right: Ints, edges: pa.Table, joins: Kind) -> Edges:
        order = np.lexsort((right, left))
        similarity: Floats = edges["similarity"].to_numpy()
        crowded = [parts.load(f"{folder}/crowded") for folder in _outputs(self._run, joins)]
        total = sum(table["crowded"][0].as_py() for table in crowded)
        return Edges(left[order], right[order], similarity[order], total)

    @cached_property
    def shared(self) -> list[str]:
        """Hashes of the paragraphs that many prompts share."""
        return shared_of(self._run)


def found_in(run: Run) -> Found | None:
    """What was found in partitions; None for a run that is not so large."""
    return Found(run) if RunChunk.objects.filter(run=run, kind=Kind.LABELS).exists() else None


def shared_of(run: Run) -> list[str]:
    """Hashes of the paragraphs that many of a run's prompts share."""
    hashes: list[str] = parts.load(f"{_output_of(run, Kind.SHARED)}/shared")["hash"].to_pylist()
    return hashes


def _edges(run: Run, checks: Kind) -> pa.Table:
    return pa.concat_tables(parts.load(f"{folder}/edges") for folder in _outputs(run, checks))


def _outputs(run: Run, kind: Kind) -> list[str]:
    """Where the chunks of a phase have left what they made."""
    rows = RunChunk.objects.filter(run=run, kind=kind).order_by("number")
    return list(rows.values_list("output", flat=True))


def _output_of(run: Run, kind: Kind) -> str:
    [folder] = _outputs(run, kind)
    return folder


def _folders(chunk: RunChunk) -> list[str]:
    """What the chunks that this one sorts have read."""
    start = (chunk.number - 1) * READS_PER_SORT
    return _outputs(chunk.run, Kind.READ)[start : start + READS_PER_SORT]


def _files(run: Run, part: str) -> list[str]:
    return [parts.path_of(f"{folder}/{part}") for folder in _outputs(run, Kind.READ)]


def _partitions(run: Run) -> int:
    return RunChunk.objects.filter(run=run, kind=Kind.JOIN_PROMPTS).count()
