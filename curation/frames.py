"""The bridge between rows and frames: what a run reads of reviews, and what it writes of pairs. Nothing else crosses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from django.db import connection

from curation.methods.templates import last_turn
from feedback.models import ItemRevision, Rater, Response
from feedback.readers.identity import digest, pair_hash

PAIRS = (
    *("pair", "item", "question", "purpose", "group_id", "prompt", "first", "second"),
    *("first_hash", "second_hash", "revision_id", "lo_id", "hi_id"),
)
VOTES = ("pair", "rater", "outcome", "both_unacceptable", "order", "review")
RATINGS = ("item", "prompt_hash", "response_hash", "rater", "question", "value")
INTEGERS = {"revision_id", "lo_id", "hi_id", "outcome", "order"}


@dataclass(frozen=True)
class Frames:
    """What some reviews say. Votes name their pair, ratings their item and response; texts stand with the pairs."""

    pairs: pd.DataFrame
    votes: pd.DataFrame
    ratings: pd.DataFrame


_VOTES = """
SELECT v.question, v.outcome, v.both_unacceptable, v.response_lo_id, v.response_hi_id, r.item_revision_id, r.rater_id,
    r.occasion, encode(r.body_sha256, 'hex'),
    CASE WHEN NOT r.order_known OR cardinality(r.order_shown) = 0 THEN 0
         WHEN hi.position <> ALL (r.order_shown) THEN 0  -- a rewrite was never shown
         WHEN array_position(r.order_shown, lo.position) < array_position(r.order_shown, hi.position) THEN 1 ELSE -1 END
FROM feedback_vote v
JOIN feedback_review r ON r.id = v.review_id
JOIN feedback_response lo ON lo.id = v.response_lo_id
JOIN feedback_response hi ON hi.id = v.response_hi_id
WHERE v.review_id = ANY(%s) AND v.question = ANY(%s)
"""

_RATINGS = """
SELECT a.question, a.number, a.response_id, r.item_revision_id, r.rater_id, r.occasion
FROM feedback_answer a JOIN feedback_review r ON r.id = a.review_id
WHERE a.review_id = ANY(%s) AND a.number IS NOT NULL AND a.response_id IS NOT NULL
"""


def read_reviews(review_ids: Sequence[int], questions: Sequence[str]) -> Frames:
    """The votes on `questions` and every rating of some reviews, and the pairs they are about."""
    voted = _rows(_VOTES, [list(review_ids), list(questions)])
    rated = _rows(_RATINGS, [list(review_ids)])
    revisions = _revisions({row[5] for row in voted} | {row[3] for row in rated})
    responses = _responses({row[i] for row in voted for i in (3, 4)} | {row[2] for row in rated})
    raters = RaterKeys({row[6] for row in voted} | {row[4] for row in rated})
    pairs: dict[str, tuple[Any, ...]] = {}
    votes = []
    for question, outcome, both, lo, hi, revision_id, rater_id, occasion, review, order in voted:
        revision, first, second = revisions[revision_id], responses[lo], responses[hi]
        pair = pair_hash(revision.item, first.hash, second.hash, question)
        row = (
            *(pair, revision.item, question, revision.purpose, "", revision.prompt),
            *(first.text, second.text, first.hash, second.hash, revision_id, lo, hi),
        )
        # Two items may say the very same; they are one pair, kept with the older item.
        pairs[pair] = min(pairs.get(pair, row), row, key=lambda known: known[10])
        votes.append((pair, raters[rater_id, occasion], outcome, both, order, review))
    ratings = [
        (
            *(revisions[revision_id].item, revisions[revision_id].prompt_hash),
            *(responses[response_id].hash, raters[rater_id, occasion], question, number),
        )
        for question, number, response_id, revision_id, rater_id, occasion in rated
    ]
    return Frames(_frame(PAIRS, pairs.values()), _frame(VOTES, votes), _frame(RATINGS, ratings))


def rows_of(frame: pd.DataFrame) -> Iterator[Any]:
    """The rows of a frame as named tuples of plain values; nothing there is None."""
    plain = frame.astype(object)
    return plain.where(plain.notna(), None).itertuples(index=False)


@dataclass(frozen=True, slots=True)
class _Revision:
    item: str
    prompt: str
    prompt_hash: str
    purpose: str


@dataclass(frozen=True, slots=True)
class _Response:
    hash: str
    text: str


class RaterKeys:
    """(rater, occasion) → key. People without a name are told apart by occasion, else their equal votes count once."""

    def __init__(self, rater_ids: Iterable[int]) -> None:
        rows = Rater.objects.filter(pk__in=list(rater_ids)).select_related("source")
        self._names = {rater.pk: self._name(rater) for rater in rows}
        self._unknown = {rater.pk for rater in rows if rater.rater_kind == Rater.Kind.UNKNOWN}

    def __getitem__(self, rater: tuple[int, int]) -> str:
        pk, occasion = rater
        name = self._names[pk]
        return f"{name}:{occasion}" if pk in self._unknown else name

    @staticmethod
    def _name(rater: Rater) -> str:
        if rater.rater_kind == Rater.Kind.MEMBER:
            return f"member:{rater.public_id}"
        return (
            f"{rater.rater_kind}:{rater.source.name if rater.source else ''}:{rater.external_key}"
        )


def _revisions(ids: set[int]) -> dict[int, _Revision]:
    rows = ItemRevision.objects.filter(pk__in=ids).select_related("item")
    return {
        row.pk: _Revision(
            bytes(row.content_hash).hex(),
            last_turn(row.prompt, row.context),
            digest([row.prompt, row.context]),
            row.item.purpose,
        )
        for row in rows.iterator(chunk_size=2000)
    }


def _responses(ids: set[int]) -> dict[int, _Response]:
    rows = Response.objects.filter(pk__in=ids).values_list("pk", "text_hash", "messages")
    return {
        pk: _Response(bytes(sha).hex(), text_of(messages))
        for pk, sha, messages in rows.iterator(chunk_size=2000)
    }


def text_of(messages: list[dict[str, Any]]) -> str:
    """The words of a response, a blank line between parts; calls of tools are no words."""
    return "\n\n".join(part["text"] for message in messages for part in message.get("parts", ()))


def _rows(statement: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _frame(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=list(columns))
    for name in columns:
        frame[name] = frame[name].astype(_kind(name))
    return frame


def _kind(name: str) -> Any:
    if name in INTEGERS:
        return "int64"
    return {"both_unacceptable": "bool", "value": "float64"}.get(name, "str")
