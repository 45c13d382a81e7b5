"""Clusters of prompts, and groups of near-equal responses inside them: candidates by shared bands, then the exact check."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, overload

from curation.late import np, pa, pd
from curation.methods.arrays import Bools, Floats, Ints
from curation.methods.code import View
from curation.methods.digests import in_one
from curation.methods.jaccard import components, jaccard, large, smallest_members
from curation.methods.lookup import places_in
from curation.methods.minhash import BANDS, candidates
from curation.methods.shingles import Kind, mixed, shingles
from curation.methods.templates import compared, widely_shared
from curation.methods.verdicts import Verdicts
from feedback.models import Project

from .reading import PARAGRAPH, banded_bytes
from .texts import NEAR, PROMPT, RESPONSE, shingle_of, viewed
from .waiting import Asked, edges_of, may_join, responses_to_ask, waiting_prompts

BLOCK = 40_000  # responses whose bands are paired at once
TextsOf = Callable[[Ints], Sequence[str]]
Said = Callable[[Collection[str]], dict[str, str]]


@dataclass(frozen=True)
class Texts:
    """The distinct texts of a run by their keys: of prompts all, of responses the bands, and `said` reads some of them."""

    prompts: pa.Table
    responses: pa.Table
    said: Said

    def without_bands(self) -> Texts:
        """The same when near texts are found, and their bands have served."""
        prompts, responses = (
            table.drop_columns("bands") if "bands" in table.column_names else table
            for table in (self.prompts, self.responses)
        )
        return Texts(prompts, responses, self.said)


@dataclass(frozen=True)
class Elsewhere:
    """What is known from an earlier run: which paragraphs are shared widely (by hash); and, to a part, how many items the whole has."""

    shared: Collection[str]
    items: int | None


@dataclass(frozen=True)
class Clustered:
    """Pairs with clusters; `prompts` names each prompt's cluster beside its bands. `shared` are hashes of paragraphs."""

    pairs: pd.DataFrame
    unconfirmed: frozenset[str]
    prompts: pa.Table
    shared: list[str]
    report: dict[str, Any]
    asked: list[Asked]

    def without_prompts(self) -> Clustered:
        """The same when the prompts are kept."""
        return replace(self, prompts=self.prompts.schema.empty_table())


@dataclass(frozen=True)
class Edges:
    """Places of near texts, rising, and how near; and how many bands were too full to pair wholly."""

    left: Ints
    right: Ints
    similarity: Floats
    crowded: int


class Finder(Protocol):
    """How near texts are found: here in memory, or beforehand in partitions (`partitions`). Both find the same."""

    def prompts(self, banded: Banded, texts_of: TextsOf, kind: Kind, /) -> Edges:
        """Places of near prompts among `banded`."""

    def responses(
        self, responses: pa.Table, label: Ints, text: Ints, said: Said, kind: Kind, /
    ) -> Edges:
        """Of places with a rising label, and texts rising under it, those of near texts under one label.

        `text` are rows of `responses`.
        """


@dataclass(frozen=True)
class Banded:
    """Texts by their keys, rising, with their band hashes; `present` are those that have any."""

    keys: Sequence[str]
    hashes: Ints
    present: Bools


def clustered(
    project: Project,
    pairs: pd.DataFrame,
    texts: Texts,
    elsewhere: Elsewhere | None,
    verdicts: Sequence[Sequence[str]],
    view: View,
    finder: Finder | None = None,
) -> Clustered:
    """The pairs with prompt clusters and groups of near-equal responses. `elsewhere` is what an earlier run knew.

    `verdicts` are what people have said of near texts, as `queries.near_pairs.verdicts` gives them; `view` is
    how code in responses is compared, by their bands too. Without a `finder` near texts are looked for in memory.
    """
    finder = finder or InMemory()
    kind = shingle_of(project, PROMPT)
    words = _words(texts.prompts, kind, elsewhere)
    edges = finder.prompts(
        words.banded, lambda places: [words.texts[i] for i in places.tolist()], kind
    )
    groups = components(len(words.texts), edges.left, edges.right)
    place = places_in(texts.prompts["key"], pairs["prompt_key"])
    labels = groups[place]
    keys = _texts(smallest_members(labels, pairs["item"].tolist()), pairs)
    big = frozenset(keys[_large(labels, pairs, elsewhere)])
    identities = _texts(np.array(words.identities, dtype=object)[place], pairs)
    pairs = pairs.assign(prompt=identities, prompt_cluster=labels, cluster_key=keys)
    near_prompts = edges_of(words.identities, edges.left, edges.right, edges.similarity)
    people = waiting_prompts(project, pairs, near_prompts, big, verdicts)
    seen = replace(texts, said=lambda keys: viewed(texts.said(keys), view))
    responses = _response_groups(project, pairs, seen, verdicts, finder)
    close = responses.edges
    pairs = pairs.assign(
        prompt=people.prompts,
        response_group_first=responses.first,
        response_group_second=responses.second,
    )
    report = {
        "prompts": len(set(words.identities)),
        "clusters": int(keys.nunique()),
        "near_prompts": len(edges.left),
        "near_responses": len(close.left),
        "crowded": edges.crowded + close.crowded,
        "waiting": sorted(big),
        "asked": len(people.asked) + len(responses.asked),
    }
    banded_keys = pa.array(words.banded.keys, pa.string())
    banded = {"key": banded_keys, "bands": packed(words.banded), "label": groups}
    asked = [*people.asked, *responses.asked]
    return Clustered(pairs, people.unconfirmed, pa.table(banded), words.shared, report, asked)


class InMemory:
    """The finder of a run whose texts fit into one worker's memory."""

    def prompts(self, banded: Banded, texts_of: TextsOf, kind: Kind, /) -> Edges:
        found = candidates(banded.hashes, banded.present)
        exact = checked(found.left, found.right, texts_of, kind)
        close = exact >= NEAR[PROMPT]
        pairs = found.left[close], found.right[close], exact[close]
        return Edges(*pairs, found.crowded)

    def responses(
        self, responses: pa.Table, label: Ints, text: Ints, said: Said, kind: Kind, /
    ) -> Edges:
        return _near_responses(responses, label, text, said, kind)


def checked(left: Ints, right: Ints, texts_of: TextsOf, kind: Kind) -> Floats:
    """The exact similarity of each two texts; a text is fetched and cut into shingles once."""
    places, inverse = np.unique(np.concatenate([left, right]), return_inverse=True)
    sets = shingles(texts_of(places), kind)
    return jaccard(sets, inverse[: len(left)], inverse[len(left) :])


def banded_of(table: pa.Table) -> Banded:
    """Keys and band hashes of a table of texts."""
    hashes, present = bands_of(table)
    return Banded(table["key"].to_pylist(), hashes.astype(np.int64), present.copy())


def bands_of(table: pa.Table) -> tuple[Ints, Bools]:
    """Band hashes of a table of texts where they lie, not to be written to, and which texts have any."""
    column = in_one(table["bands"])
    if isinstance(column, pa.ChunkedArray):
        column = (
            pa.concat_arrays(column.chunks) if column.num_chunks else column.type.wrap_array([])
        )
    present = column.is_valid().to_numpy(zero_copy_only=False)
    filled = column.fill_null(bytes(BANDS * 8)) if column.null_count else column
    skip, count = filled.offset * BANDS * 8, len(filled) * BANDS
    buffer = filled.buffers()[1] if len(filled) else b""
    hashes = np.frombuffer(buffer, dtype="<i8", count=count, offset=skip)
    return hashes.reshape(-1, BANDS), present


def packed(banded: Banded) -> pa.Array:
    """Band hashes as a table keeps them."""
    rows = banded.hashes.astype("<i8")
    each = [
        row.tobytes() if there else None for row, there in zip(rows, banded.present, strict=True)
    ]
    return pa.array(each, pa.binary(BANDS * 8))


class ComparedWords(Sequence[str]):
    """What prompts are compared as, when it is known which paragraphs are shared (by hash): put together where it is asked for."""

    def __init__(self, said: pa.ChunkedArray, shared: Collection[str]) -> None:
        self._said = said
        self._shared = frozenset(shared)

    def __len__(self) -> int:
        return len(self._said)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> list[str]: ...
    def __getitem__(self, at: int | slice) -> str | list[str]:
        if isinstance(at, int):
            return self[at : at + 1][0]
        asked = [text.split(PARAGRAPH) for text in self._said[at].to_pylist()]
        shared = known_paragraphs(asked, self._shared)
        return [compared(paragraphs, shared) for paragraphs in asked]


def compared_words(table: pa.Table, kind: Kind, shared: Collection[str]) -> Banded:
    """Prompts with the bands of what they are compared as, when it is known which paragraphs are shared."""
    return _words(table, kind, Elsewhere(shared, None)).banded


def paragraph_hash(paragraph: str) -> str:
    """What is kept of a paragraph that many prompts share."""
    return hashlib.sha256(paragraph.encode()).hexdigest()


@dataclass(frozen=True)
class _Words:
    """The distinct prompts of a run as they are compared. Equal ones have one identity."""

    texts: list[str]
    identities: list[str]
    banded: Banded
    shared: list[str]


def _words(table: pa.Table, kind: Kind, elsewhere: Elsewhere | None) -> _Words:
    """Prompts without the paragraphs that many share; only prompts that hold one need new bands."""
    asked = [text.split(PARAGRAPH) for text in table["text"].to_pylist()]
    shared = (
        widely_shared(asked) if elsewhere is None else known_paragraphs(asked, elsewhere.shared)
    )
    texts = [compared(paragraphs, shared) for paragraphs in asked]
    banded = banded_of(table)
    changed = [i for i, said in enumerate(asked) if shared and not shared.isdisjoint(said)]
    if changed:
        fresh = banded_bytes([texts[i] for i in changed], kind)
        again = banded_of(
            pa.table({"key": [""] * len(fresh), "bands": pa.array(fresh, pa.binary(BANDS * 8))})
        )
        banded.hashes[changed], banded.present[changed] = again.hashes, again.present
    first: dict[str, str] = {}
    keys = zip(texts, banded.keys, strict=True)
    identities = [first.setdefault(text, key) for text, key in keys]
    hashes = sorted(map(paragraph_hash, shared)) if elsewhere is None else sorted(elsewhere.shared)
    return _Words(texts, identities, banded, hashes)


def known_paragraphs(asked: Iterable[Sequence[str]], shared: Collection[str]) -> set[str]:
    """Of the paragraphs of some prompts those whose hashes are among the shared ones."""
    if not shared:
        return set()
    wanted = set(shared)
    return {
        each for each in {each for said in asked for each in said} if paragraph_hash(each) in wanted
    }


def _large(labels: Ints, pairs: pd.DataFrame, elsewhere: Elsewhere | None) -> Bools:
    """Which pairs lie in a cluster so large that a person must look first: counted in items, not in pairs."""
    items = pd.DataFrame({"item": pairs["item"], "label": labels}).drop_duplicates()
    total = elsewhere.items if elsewhere else None
    marked = large(items["label"].to_numpy(), total=total)
    return np.isin(labels, items["label"].to_numpy()[marked])


@dataclass(frozen=True)
class _Responses:
    """A group for each side of each pair, the near responses, and those that a person must look at."""

    first: Ints
    second: Ints
    edges: Edges
    asked: list[Asked]


def _response_groups(
    project: Project,
    pairs: pd.DataFrame,
    texts: Texts,
    verdicts: Sequence[Sequence[str]],
    finder: Finder,
) -> _Responses:
    """Responses to one prompt cluster that hardly differ share a group, unless a person must say so, or said otherwise."""
    labels = pairs["prompt_cluster"].to_numpy(dtype=np.int64)
    known = texts.responses["key"]
    sides = [places_in(known, pairs[side]) for side in ("first_hash", "second_hash")]
    count = max(len(known), 1)
    distinct, place = np.unique(
        np.tile(labels, 2) * count + np.concatenate(sides), return_inverse=True
    )
    label, text = np.divmod(distinct, count)
    kind = shingle_of(project, RESPONSE)
    edges = finder.responses(texts.responses, label, text, texts.said, kind)
    near, at = np.unique(np.concatenate([text[edges.left], text[edges.right]]), return_inverse=True)
    left, right = np.split(at, [len(edges.left)])
    keys = known.take(pa.array(near)).to_pylist()
    said = Verdicts.of(verdicts, RESPONSE)
    joins = may_join(project, keys, left, right, said)
    group = components(len(distinct), edges.left[joins], edges.right[joins])[place]
    asked = responses_to_ask(project, pairs, edges_of(keys, left, right, edges.similarity), said)
    return _Responses(group[: len(pairs)], group[len(pairs) :], edges, asked)


def _near_responses(responses: pa.Table, label: Ints, text: Ints, said: Said, kind: Kind) -> Edges:
    """Places of near texts under one label. Bands are paired block by block, and the texts of all candidates read at once."""
    hashes, present = bands_of(responses)
    left, right, crowded = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], 0
    for start, stop in _blocks(label):
        part = text[start:stop]
        found = candidates(under(hashes[part], label[start:stop]), present[part])
        left.append(found.left + start)
        right.append(found.right + start)
        crowded += found.crowded
    a, b = np.concatenate(left), np.concatenate(right)
    a, b = a[label[a] == label[b]], b[label[a] == label[b]]

    def texts_of(places: Ints) -> Sequence[str]:
        keys = responses["key"].take(pa.array(text[places])).to_pylist()
        words = said(set(keys))
        return [words[key] for key in keys]

    exact = checked(a, b, texts_of, kind)
    close = exact >= NEAR[RESPONSE]
    return Edges(a[close], b[close], exact[close], crowded)


def under(hashes: Ints, label: Ints) -> Ints:
    """Band hashes (n, 21) that are equal only under one label: an answer given to a thousand prompts would crowd its bands."""
    ours = mixed(label.astype(np.uint64))[:, None]
    return mixed(hashes.view(np.uint64) ^ ours).view(np.int64)


def _blocks(label: Ints) -> Iterator[tuple[int, int]]:
    """About BLOCK places at a time of a rising label, none of which is cut."""
    start = 0
    while start < len(label):
        stop = min(start + BLOCK, len(label))
        if stop < len(label):
            stop = int(np.searchsorted(label, label[stop - 1], side="right"))
        yield start, stop
        start = stop


def _texts(values: Any, pairs: pd.DataFrame) -> pd.Series:
    return pd.Series(values, index=pairs.index, dtype="str")
