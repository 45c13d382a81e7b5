"""“Find similar”: the items of a project whose vectors are most like one item's, exactly, from a matrix that the process keeps."""

from __future__ import annotations

import datetime as dt
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from curation.models import Encoding
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
class Found:
    """Who answered, and the most alike items, the nearest first; none when the item has no vector yet."""

    encoding: Encoding | None
    rows: list[Alike]
    waiting: bool


@dataclass(frozen=True, slots=True)
class _Held:
    encoded_at: dt.datetime | None
    items: list[int]
    place: dict[int, int]
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
    from curation.encoders.base import nearest

    encoding = current_encoding(project)
    held = _matrix(encoding) if encoding else None
    at = held.place.get(item.pk) if held else None
    if held is None or at is None or not held.matrix[at].any():
        return Found(encoding, [], waiting=at is None)
    places, scores = nearest(held.matrix, held.matrix[at], count + 1)
    by_id = Item.objects.select_related("revision", "record").in_bulk(
        [held.items[place] for place in places]
    )
    rows = [
        Alike(found, prompt_line(found), round(score, 4))
        for place, score in zip(places, scores, strict=True)
        if place != at and (found := by_id.get(held.items[place]))
    ]
    return Found(encoding, rows[:count], waiting=False)


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
            place = {item: at for at, item in enumerate(items)}
            held = _Held(encoding.encoded_at, items, place, matrix)
            _held[encoding.pk] = held
        _held.move_to_end(encoding.pk)
        while len(_held) > KEPT:
            _held.popitem(last=False)
        return held
