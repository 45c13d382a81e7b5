"""“Find similar”: the items of a project whose vectors are most like one item's.

Exactly, from a matrix that the process keeps; among more than that is good for by pgvector's index, where there is one.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from curation.models import Encoding
from curation.queries.near import nearest_by_index
from feedback.models import Item, Project
from feedback.queries.items import prompt_line
from feedback.statements import run

if TYPE_CHECKING:
    from curation.encoders.base import Vectors

FOUND = 20
KEPT = 2  # matrices in a process: 100,000 items are 100 MB each
MOST = 300_000


@dataclass(frozen=True, slots=True)
class Alike:
    """An item and the cosine of its vector with the one that was asked about, −1 to 1."""

    item: Item
    line: str
    score: float


@dataclass(frozen=True, slots=True)
class NothingAlike:
    """Why no item is alike: a code that programs may rely on, and a sentence."""

    code: str
    sentence: str


MAKING = NothingAlike("vectors_in_making", "Vectors are being made. Ask again in a moment.")
NO_VECTOR = NothingAlike(
    "no_vector_yet",
    "This item has no vector yet. Vectors are made by a worker after every import, or when a manager asks for them on this item's page of similar items.",
)
ALONE = NothingAlike("nothing_to_compare", "The prompt is empty, or it is the only one.")


@dataclass(frozen=True, slots=True)
class Found:
    """Who answered, and the most alike items, the nearest first; where there are none, what is `missing`.

    `compared` vectors were looked through: all of them where `exact`, else by an index that may miss some.
    """

    encoding: Encoding | None
    rows: list[Alike]
    waiting: bool
    exact: bool = True
    compared: int = 0
    missing: NothingAlike | None = None

    @property
    def is_cut(self) -> bool:
        """Whether there are older items that were not compared."""
        return self.encoding is not None and 0 < self.compared < self.encoding.n_vectors


@dataclass(frozen=True, slots=True)
class _Held:
    encoded_at: dt.datetime | None
    items: list[int]
    matrix: Vectors


_held: OrderedDict[int, _Held] = OrderedDict()
_lock = threading.Lock()


def current_encoding(project: Project) -> Encoding | None:
    """The version that answers: the latest whose vectors were all there once; it goes on answering while it is kept up."""
    rows = Encoding.objects.filter(project=project, encoded_at__isnull=False)
    return rows.order_by("-version").first()


def latest_encoding(project: Project) -> Encoding | None:
    """The newest version, whatever became of it."""
    return Encoding.objects.filter(project=project).order_by("-version").first()


def sent_to(encoding: Encoding | None) -> str:
    """The host that texts would be sent to for these vectors; empty where they stay on this machine."""
    address = encoding.encoder.partition("#")[0] if encoding else ""
    return (urlsplit(address).hostname or "") if address.startswith("http") else ""


def alike(project: Project, item: Item, count: int = FOUND) -> Found:
    """The items most like this one."""
    found = _found(project, item, count)
    return found if found.rows else replace(found, missing=_missing(project, found))


def _missing(project: Project, found: Found) -> NothingAlike:
    """Why there is nothing, as far as the latest version knows."""
    latest = latest_encoding(project)
    if latest is not None and latest.state == Encoding.State.FAILED:
        return NothingAlike(latest.error_code, latest.error)
    if latest is not None and latest.state != Encoding.State.READY:
        return MAKING
    return NO_VECTOR if found.waiting else ALONE


def _found(project: Project, item: Item, count: int) -> Found:
    encoding = current_encoding(project)
    asked = _vector(encoding, item) if encoding else None
    if encoding is None or asked is None or not asked.any():
        return Found(encoding, [], waiting=asked is None)
    # One more, since the item itself is among them.
    indexed = nearest_by_index(encoding, asked, count + 1)
    if indexed is None:
        answer, compared = _nearest_of_all(encoding, asked, count + 1)
    else:
        answer, compared = indexed, encoding.n_vectors
        _let_go(encoding)
    by_id = Item.objects.select_related("revision", "record").in_bulk([each for each, _ in answer])
    rows = [
        Alike(found, prompt_line(found), round(score, 4))
        for each, score in answer
        if each != item.pk and (found := by_id.get(each))
    ]
    return Found(encoding, rows[:count], waiting=False, exact=indexed is None, compared=compared)


_VECTOR = """
SELECT vector FROM curation_itemvector WHERE encoding_id = %(encoding)s AND item_id = %(item)s
"""


def _vector(encoding: Encoding, item: Item) -> Vectors | None:
    """(dim,), or None where the item has none yet."""
    from curation.encoders.base import restored

    rows = run(_VECTOR, {"encoding": encoding.pk, "item": item.pk})
    return restored([bytes(rows[0][0])], encoding.dim)[0] if rows else None


def _nearest_of_all(
    encoding: Encoding, asked: Vectors, count: int
) -> tuple[list[tuple[int, float]], int]:
    """Items and cosines, exactly, and among how many."""
    from curation.encoders.base import nearest

    held = _matrix(encoding)
    places, scores = nearest(held.matrix, asked, count)
    items = [held.items[place] for place in places]
    return list(zip(items, scores, strict=True)), len(held.items)


_VECTORS = """
SELECT item_id, vector FROM curation_itemvector WHERE encoding_id = %(encoding)s ORDER BY item_id DESC LIMIT %(most)s
"""


def _matrix(encoding: Encoding) -> _Held:
    """All vectors of a version, read once in this process for as long as none are added."""
    from curation.encoders.base import restored

    with _lock:
        held = _held.get(encoding.pk)
        if held is None or held.encoded_at != encoding.encoded_at:
            rows = run(_VECTORS, {"encoding": encoding.pk, "most": MOST}, prepare=False)
            items = [row[0] for row in rows]
            matrix = restored([bytes(row[1]) for row in rows], encoding.dim)
            held = _Held(encoding.encoded_at, items, matrix)
            _held[encoding.pk] = held
        _held.move_to_end(encoding.pk)
        while len(_held) > KEPT:
            _held.popitem(last=False)
        return held


def _let_go(encoding: Encoding) -> None:
    """The matrix from before there was an index."""
    if encoding.pk in _held:
        with _lock:
            _held.pop(encoding.pk, None)
