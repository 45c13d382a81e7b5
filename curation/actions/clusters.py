"""Clusters of prompts, and groups of near-equal responses inside them: candidates by shared bands, then the exact check."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from curation import parts
from curation.methods.arrays import Bools, Floats, Ints
from curation.methods.jaccard import components, jaccard, large, smallest_members
from curation.methods.minhash import BANDS, candidates
from curation.methods.shingles import Kind, mixed, shingles
from curation.methods.templates import compared, widely_shared
from feedback.models import Project

from .reading import PARAGRAPH, banded_bytes
from .texts import NEAR, PROMPT, RESPONSE, shingle_of

BLOCK = 100_000  # responses whose bands are paired at once
TextsOf = Callable[[Ints], Sequence[str]]


@dataclass(frozen=True)
class Edges:
    """Places of near texts; how many pairs were looked at, and how many bands were too full to pair wholly."""

    left: Ints
    right: Ints
    candidates: int
    crowded: int


@dataclass(frozen=True)
class Banded:
    """Texts by their keys, rising, with their band hashes; `present` are those that have any."""

    keys: Sequence[str]
    hashes: Ints
    present: Bools


def clustered(
    project: Project, pairs: pd.DataFrame, folders: Sequence[str]
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The pairs with prompt clusters and groups of near-equal responses, and a report about them."""
    texts = parts.distinct(parts.gather(folders, "prompts", by=["key"]), "key")
    words = _words(texts, shingle_of(project, PROMPT))
    edges = near(
        words.banded,
        lambda places: [words.texts[i] for i in places.tolist()],
        shingle_of(project, PROMPT),
        NEAR[PROMPT],
    )
    groups = components(len(words.texts), edges.left, edges.right)
    place = pd.Index(words.banded.keys).get_indexer(pd.Index(pairs["prompt_key"]))
    labels = groups[place]
    keys = pd.Series(
        smallest_members(labels, pairs["item"].tolist()), index=pairs.index, dtype="str"
    )
    big = frozenset(keys[_large(labels, pairs)])
    first, second, close = _response_groups(project, pairs, labels, folders)
    pairs = pairs.assign(
        prompt=pd.Series(
            np.array(words.identities, dtype=object)[place], index=pairs.index, dtype="str"
        ),
        prompt_cluster=labels,
        cluster_key=keys,
        response_group_first=first,
        response_group_second=second,
    )
    report = {
        "prompts": len(set(words.identities)),
        "clusters": int(keys.nunique()),
        "near_prompts": len(edges.left),
        "near_responses": len(close.left),
        "crowded": edges.crowded + close.crowded,
        "waiting": sorted(big),
    }
    return pairs, {"unconfirmed": big, "report": report}


def near(of: Banded, texts_of: TextsOf, kind: Kind, threshold: float) -> Edges:
    """Every two texts whose exact Jaccard similarity reaches `threshold`, found by a shared band."""
    found = candidates(of.hashes, of.present)
    equal = checked(found.left, found.right, texts_of, kind) >= threshold
    return Edges(found.left[equal], found.right[equal], len(found.left), found.crowded)


def checked(left: Ints, right: Ints, texts_of: TextsOf, kind: Kind) -> Floats:
    """The exact similarity of each two texts; a text is fetched and cut into shingles once."""
    places, inverse = np.unique(np.concatenate([left, right]), return_inverse=True)
    sets = shingles(texts_of(places), kind)
    return jaccard(sets, inverse[: len(left)], inverse[len(left) :])


@dataclass(frozen=True)
class _Words:
    """The distinct prompts of a run as they are compared. Equal ones have one identity."""

    texts: list[str]
    identities: list[str]
    banded: Banded


def _words(table: pa.Table, kind: Kind) -> _Words:
    """Prompts without the paragraphs that many share; only prompts that hold one need new bands."""
    keys = table["key"].to_pylist()
    asked = [text.split(PARAGRAPH) for text in table["text"].to_pylist()]
    shared = widely_shared(asked)
    texts = [compared(paragraphs, shared) for paragraphs in asked]
    banded = banded_of(table)
    changed = [i for i, said in enumerate(asked) if shared and not shared.isdisjoint(said)]
    if changed:
        fresh = pa.array(banded_bytes([texts[i] for i in changed], kind), pa.binary(BANDS * 8))
        hashes, present = _unpacked(fresh)
        banded.hashes[changed], banded.present[changed] = hashes, present
    first_key: dict[str, str] = {}
    identities = [first_key.setdefault(text, key) for text, key in zip(texts, keys, strict=True)]
    return _Words(texts, identities, banded)


def banded_of(table: pa.Table) -> Banded:
    hashes, present = _unpacked(table["bands"].combine_chunks())
    return Banded(table["key"].to_pylist(), hashes, present)


def _unpacked(column: pa.Array | pa.ChunkedArray) -> tuple[Ints, Bools]:
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    present = column.is_valid().to_numpy(zero_copy_only=False)
    packed = column.fill_null(bytes(BANDS * 8)).buffers()[1]
    count, skip = len(column) * BANDS, column.offset * BANDS * 8
    hashes = np.frombuffer(packed, dtype="<i8", count=count, offset=skip)
    return hashes.reshape(-1, BANDS).astype(np.int64), present.copy()


def _large(labels: Ints, pairs: pd.DataFrame) -> Bools:
    """Which pairs lie in a cluster so large that a person must look first: counted in items, not in pairs."""
    items = pd.DataFrame({"item": pairs["item"], "label": labels}).drop_duplicates()
    marked = large(items["label"].to_numpy())
    return np.isin(labels, items["label"].to_numpy()[marked])


def _response_groups(
    project: Project, pairs: pd.DataFrame, labels: Ints, folders: Sequence[str]
) -> tuple[Ints, Ints, Edges]:
    """A group for each side of each pair: responses to one prompt cluster that hardly differ share it."""
    table = parts.gather(folders, "responses", ["key", "bands"], by=["key"])
    banded = banded_of(parts.distinct(table, "key"))
    index = pd.Index(banded.keys)
    text = np.concatenate(
        [index.get_indexer(pd.Index(pairs[side])) for side in ("first_hash", "second_hash")]
    )
    sides = np.tile(labels, 2) * len(banded.keys) + text
    distinct, place = np.unique(sides, return_inverse=True)
    label, text = np.divmod(distinct, max(len(banded.keys), 1))
    edges = _near_responses(project, banded, label, text, folders)
    group = components(len(distinct), edges.left, edges.right)[place]
    return group[: len(pairs)], group[len(pairs) :], edges


def _near_responses(
    project: Project, banded: Banded, label: Ints, text: Ints, folders: Sequence[str]
) -> Edges:
    """Places of near texts under one label. Bands are paired block by block, and the texts of all candidates read at once."""
    left, right, crowded = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], 0
    for start, stop in _blocks(label):
        part = text[start:stop]
        # The label goes into the hash: an answer given to a thousand prompts would crowd its bands.
        ours = mixed(label[start:stop].astype(np.uint64))[:, None]
        hashes = mixed(banded.hashes[part].view(np.uint64) ^ ours).view(np.int64)
        found = candidates(hashes, banded.present[part])
        left.append(found.left + start)
        right.append(found.right + start)
        crowded += found.crowded
    a, b = np.concatenate(left), np.concatenate(right)
    a, b = a[label[a] == label[b]], b[label[a] == label[b]]

    def texts_of(places: Ints) -> Sequence[str]:
        keys = [banded.keys[i] for i in text[places].tolist()]
        said = parts.looked_up(folders, "responses", "key", "text", set(keys))
        return [said[key] for key in keys]

    equal = checked(a, b, texts_of, shingle_of(project, RESPONSE)) >= NEAR[RESPONSE]
    return Edges(a[equal], b[equal], len(a), crowded)


def _blocks(label: Ints) -> Iterator[tuple[int, int]]:
    """About BLOCK places at a time of a rising label, none of which is cut."""
    start = 0
    while start < len(label):
        stop = min(start + BLOCK, len(label))
        if stop < len(label):
            stop = int(np.searchsorted(label, label[stop - 1], side="right"))
        yield start, stop
        start = stop
