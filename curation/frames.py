"""The bridge between rows and frames: what a run reads of reviews, and what it writes of pairs. Nothing else crosses."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, groupby
from typing import Any

import orjson
import pandas as pd
from django.db import connection

from curation.methods.style import length, markdown
from curation.methods.templates import last_turn
from curation.scored import ORDERING, SCORING, THUMBS, Reading, Score, scores_of
from feedback.models import Rater
from feedback.readers.identity import digest, pair_hash

PAIRS = (
    *("pair", "item", "question", "purpose", "group_id", "prompt", "first", "second"),
    *("first_hash", "second_hash", "revision_id", "lo_id", "hi_id"),
    *("tags", "first_model", "second_model", "first_length", "second_length"),
    *("first_markdown", "second_markdown", "source_key", "source"),
)
VOTES = (
    *("pair", "rater", "outcome", "both_unacceptable", "order", "review"),
    *("weight", "score_first", "score_second"),
)
RATINGS = (
    *("item", "prompt_hash", "response_hash", "rater", "question", "value", "tags", "model"),
    "revision_id",
)
BETWEEN_TAGS = "\x1f"
INTEGERS = {
    *("revision_id", "lo_id", "hi_id", "outcome", "order"),
    *("first_length", "second_length", "first_markdown", "second_markdown"),
}
NUMBERS = {"value", "weight", "score_first", "score_second"}


@dataclass(frozen=True)
class Frames:
    """What some reviews say. Votes name their pair, ratings their item and response; texts stand with the pairs.

    Ratings are every number that one response was given: on a scale, by a checklist, by critiques (0 is faultless, each
    takes away), or 1 and 0 for a choice that means good or bad. A vote weighs 1 / (K − 1) where it is one of those of an
    order of K responses. `tags` are joined by BETWEEN_TAGS.
    """

    pairs: pd.DataFrame
    votes: pd.DataFrame
    ratings: pd.DataFrame


_VOTES = """
SELECT v.question, v.outcome, v.both_unacceptable, v.response_lo_id, v.response_hi_id, r.item_revision_id, r.rater_id,
    r.occasion, encode(r.body_sha256, 'hex'),
    CASE WHEN NOT r.order_known OR cardinality(r.order_shown) = 0 THEN 0
         WHEN hi.position <> ALL (r.order_shown) THEN 0  -- a rewrite was never shown
         WHEN array_position(r.order_shown, lo.position) < array_position(r.order_shown, hi.position) THEN 1 ELSE -1 END,
    count(*) OVER (PARTITION BY v.review_id, v.question)
FROM feedback_vote v
JOIN feedback_review r ON r.id = v.review_id
JOIN feedback_response lo ON lo.id = v.response_lo_id
JOIN feedback_response hi ON hi.id = v.response_hi_id
WHERE v.review_id = ANY(%s) AND v.question = ANY(%s)
"""

_RATINGS = """
SELECT a.question, a.number, a.response_id, r.item_revision_id, r.rater_id, r.occasion
FROM feedback_answer a JOIN feedback_review r ON r.id = a.review_id
WHERE a.review_id = ANY(%s) AND a.question = ANY(%s) AND a.number IS NOT NULL AND a.response_id IS NOT NULL
"""


def read_reviews(review_ids: Sequence[int], reading: Reading) -> Frames:
    """The votes on the questions of `reading` and every rating of some reviews, and the pairs they are about.

    The reviews of an item must all be there.
    """
    scores = scores_of(review_ids, reading)
    voted = [
        *_graded(_rows(_VOTES, [list(review_ids), list(reading.questions)]), reading),
        *_better(scores, reading),
    ]
    rated = [*_rows(_RATINGS, [list(review_ids), reading.ids("rating")]), *map(_rating, scores)]
    named = _Named(
        revisions=_revisions({row[5] for row in voted} | {row[3] for row in rated}),
        responses=_responses({row[i] for row in voted for i in (3, 4)} | {row[2] for row in rated}),
        raters=RaterKeys({row[6] for row in voted} | {row[4] for row in rated}),
    )
    pairs: dict[str, tuple[Any, ...]] = {}
    hashes: dict[tuple[Any, ...], str] = {}
    votes = []
    for vote in voted:
        place = (
            vote[0],
            *vote[3:6],
        )  # question, both responses, revision: hashed once for all of its votes
        if place not in hashes:
            row = named.pair(vote, reading)
            hashes[place] = pair = row[0]
            # Two items may say the very same; they are one pair, kept with the older item.
            pairs[pair] = min(pairs.get(pair, row), row, key=lambda known: known[10])
        votes.append(named.vote(hashes[place], vote))
    ratings = [named.rating(row) for row in rated]
    return Frames(_frame(PAIRS, pairs.values()), _frame(VOTES, votes), _frame(RATINGS, ratings))


def none_of(columns: Sequence[str]) -> pd.DataFrame:
    """An empty frame of these columns."""
    return _frame(columns, [])


def rows_of(frame: pd.DataFrame) -> Iterator[Any]:
    """The rows of a frame as named tuples of plain values; nothing there is None."""
    plain = frame.astype(object)
    return plain.where(plain.notna(), None).itertuples(index=False)


def _graded(rows: Iterable[tuple[Any, ...]], reading: Reading) -> Iterator[tuple[Any, ...]]:
    """Votes as they were cast, each with its weight and without scores."""
    for question, *vote, cast in rows:
        ordered = reading.kinds.get(question) in ORDERING
        weight = round(2 / (math.sqrt(8 * cast + 1) - 1), 6) if ordered else 1.0
        yield question, *vote, weight, None, None


def _better(scores: Sequence[Score], reading: Reading) -> Iterator[tuple[Any, ...]]:
    """The votes that scores are: of every two scores of one answer the better one wins, by as much as it is better."""
    asked = {id for id in reading.questions if reading.kinds.get(id) in SCORING}
    for (_, question), group in groupby(scores, key=lambda each: (each.review_id, each.question)):
        if question not in asked:
            continue
        given = list(group)
        for lo, hi in combinations(given, 2):
            outcome = reading.outcome(question, lo.value - hi.value)
            neither = reading.kinds[question] == THUMBS and lo.value == hi.value == 0
            known = lo.place > 0 and hi.place > 0
            order = 0 if not known else 1 if lo.place < hi.place else -1
            yield (
                *(question, outcome, neither, lo.response_id, hi.response_id, lo.revision_id),
                *(lo.rater_id, lo.occasion, lo.sha256, order),
                *(round(1 / (len(given) - 1), 6), lo.value, hi.value),
            )


def _rating(score: Score) -> tuple[Any, ...]:
    who = (score.revision_id, score.rater_id, score.occasion)
    return score.question, score.value, score.response_id, *who


@dataclass(frozen=True)
class _Named:
    """What the ids in rows of votes and ratings stand for."""

    revisions: dict[int, _Revision]
    responses: dict[int, _Response]
    raters: RaterKeys

    def pair(self, vote: tuple[Any, ...], reading: Reading) -> tuple[Any, ...]:
        """The row of PAIRS that a vote is about."""
        question, _, _, lo, hi, revision_id, *_ = vote
        revision, first, second = (
            self.revisions[revision_id],
            self.responses[lo],
            self.responses[hi],
        )
        ordered = reading.kinds.get(question) in ORDERING
        return (
            pair_hash(revision.item, first.hash, second.hash, question),
            *(revision.item, question, revision.purpose),
            *(digest([revision.item, question]) if ordered else "", revision.prompt),
            *(first.text, second.text, first.hash, second.hash, revision_id, lo, hi),
            *(revision.tags, first.model, second.model, first.length, second.length),
            *(first.markdown, second.markdown, revision.source_key, revision.source),
        )

    def vote(self, pair: str, vote: tuple[Any, ...]) -> tuple[Any, ...]:
        """A row of VOTES."""
        _, outcome, both, _, _, _, rater_id, occasion, review, order, *more = vote
        return (pair, self.raters[rater_id, occasion], outcome, both, order, review, *more)

    def rating(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        """A row of RATINGS."""
        question, number, response_id, revision_id, rater_id, occasion = row
        revision, response = self.revisions[revision_id], self.responses[response_id]
        return (
            *(revision.item, revision.prompt_hash, response.hash),
            *(self.raters[rater_id, occasion], question, number),
            *(revision.tags, response.model, revision_id),
        )


@dataclass(frozen=True, slots=True)
class _Revision:
    item: str
    prompt: str
    prompt_hash: str
    purpose: str
    tags: str
    source_key: str
    source: str


@dataclass(frozen=True, slots=True)
class _Response:
    hash: str
    text: str
    model: str
    length: int
    markdown: int


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


_REVISIONS = """
SELECT v.id, encode(v.content_hash, 'hex'), v.prompt::text, v.context::text, i.purpose, r.tags,
    CASE WHEN r.group_key = '' THEN '' ELSE s.name || ':' || r.group_key END, s.name
FROM feedback_itemrevision v JOIN feedback_item i ON i.id = v.item_id
JOIN feedback_itemrecord r ON r.item_id = i.id JOIN feedback_source s ON s.id = r.source_id
WHERE v.id = ANY(%s)
"""
_REVIEWED = "SELECT DISTINCT item_revision_id FROM feedback_review WHERE item_id = ANY(%s)"
_RESPONSES = """
SELECT r.id, encode(r.text_hash, 'hex'), r.messages::text, p.model
FROM feedback_response r JOIN feedback_provenance p ON p.id = r.provenance_id WHERE r.id = ANY(%s)
"""


def _revisions(ids: set[int]) -> dict[int, _Revision]:
    """`source_key` names the conversation or document that the item is a part of; empty for an item that stands alone."""
    found = {}
    for pk, item, asked, documents, purpose, tags, *sources in _rows(_REVISIONS, [list(ids)]):
        prompt, context = orjson.loads(asked), orjson.loads(documents)
        words, sha256 = last_turn(prompt, context), digest([prompt, context])
        joined = BETWEEN_TAGS.join(sorted(set(tags)))
        found[pk] = _Revision(item, words, sha256, purpose, joined, *sources)
    return found


def asked_of(items: Iterable[int]) -> tuple[set[str], set[str]]:
    """What every revision of some items that anybody has reviewed asks, and the sources that those items are parts of."""
    revisions = _revisions({row[0] for row in _rows(_REVIEWED, [list(items)])}).values()
    return {each.prompt for each in revisions}, {each.source_key for each in revisions} - {""}


def _responses(ids: set[int]) -> dict[int, _Response]:
    rows = _rows(_RESPONSES, [list(ids)])
    return {pk: _response(sha, text_of(orjson.loads(said)), model) for pk, sha, said, model in rows}


def _response(sha256: str, text: str, model: str) -> _Response:
    return _Response(sha256, text, model, length(text), markdown(text))


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
    if name in NUMBERS:
        return "float64"
    return "bool" if name == "both_unacceptable" else "str"
