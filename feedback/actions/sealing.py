"""Hourly seals: the Merkle root of each hour's new reviews, chained, so that an edit of history shows.

Each seal names the head of the chain before it; the head behind the last one, kept elsewhere, stands for all of them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Sequence

from django.db import IntegrityError, transaction

from feedback.models import Review, ReviewSeal
from feedback.readers.identity import body_hash

SETTLE = dt.timedelta(minutes=10)
HOUR = dt.timedelta(hours=1)
MOST_HOURS = 500
BEGINNING = b"\x00" * 32


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """The root of a binary hash tree over `leaves`, in order (RFC 9162 §2.1.1: leaf and node hashes are told apart)."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    level = [hashlib.sha256(b"\x00" + leaf).digest() for leaf in leaves]
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        above = [hashlib.sha256(b"\x01" + left + right).digest() for left, right in pairs]
        level = above + ([level[-1]] if len(level) % 2 else [])
    return level[0]


def hour_root(hour: dt.datetime) -> tuple[int, bytes]:
    """How many reviews were received in the hour that begins at `hour`, and the root over their names and bodies."""
    rows = (
        Review.objects.filter(received_at__gte=hour, received_at__lt=hour + HOUR)
        .order_by("public_id")
        .values_list("public_id", "body_sha256")
    )
    leaves = [public_id.bytes + bytes(sha) for public_id, sha in rows.iterator(chunk_size=5000)]
    return len(leaves), merkle_root(leaves)


def seal_reviews(*, now: dt.datetime) -> int:
    """Seal every whole hour with reviews that is not sealed yet, once all its transactions must have ended."""
    sealed = 0
    for _ in range(MOST_HOURS):
        last = ReviewSeal.objects.order_by("-hour").first()
        hour = _next_hour(last)
        if hour is None or hour + HOUR + SETTLE > now:
            break
        count, root = hour_root(hour)
        try:
            with transaction.atomic():
                ReviewSeal.objects.create(
                    hour=hour,
                    reviews=count,
                    root=root,
                    previous=head(last) if last else BEGINNING,
                    sealed_at=now,
                )
        except IntegrityError:
            break  # another worker seals; it will go on from here
        sealed += 1
    return sealed


def head(seal: ReviewSeal) -> bytes:
    """The head of the chain behind a seal: it stands for every hour up to this one."""
    return hashlib.sha256(bytes(seal.previous) + bytes(seal.root)).digest()


def broken_seals() -> list[dt.datetime]:
    """The hours whose reviews no longer give the root that was sealed, or whose chain is broken."""
    broken, previous = [], BEGINNING
    for seal in ReviewSeal.objects.order_by("hour"):
        count, root = hour_root(seal.hour)
        whole = root == bytes(seal.root) and count == seal.reviews
        if not whole or bytes(seal.previous) != previous:
            broken.append(seal.hour)
        previous = head(seal)
    return broken


def edited_bodies() -> list[uuid.UUID]:
    """The reviews, sealed or not, whose body is not what was hashed when it was sent. What was erased says so itself."""
    rows = (
        Review.objects.filter(body__erasure=None)
        .order_by("pk")
        .values_list("public_id", "body_sha256", "body__body")
    )
    return [
        public_id
        for public_id, sha, body in rows.iterator(chunk_size=2000)
        if body is None or bytes.fromhex(body_hash(body)) != bytes(sha)
    ]


def _next_hour(last: ReviewSeal | None) -> dt.datetime | None:
    """The next hour that holds reviews; empty hours need no seal."""
    later = Review.objects.order_by("received_at").values_list("received_at", flat=True)
    if last is not None:
        later = later.filter(received_at__gte=last.hour + HOUR)
    first = later.first()
    return first.replace(minute=0, second=0, microsecond=0) if first else None
