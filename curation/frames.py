"""The bridge between rows and frames: what a run reads of reviews, and what it writes of pairs. Nothing else crosses."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, groupby
from typing import Any, NamedTuple

import orjson
from django.db import connection

from curation.late import pd
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


# The ids are asked for of both tables, so that neither is read wholly; what a review showed is compared in `_order`.
_VOTES = """
SELECT v.question, v.outcome, v.both_unacceptable, v.response_lo_id, v.response_hi_id, r.item_revision_id, r.rater_id,
    r.occasion, encode(r.body_sha256, 'hex'), CASE WHEN r.order_known THEN r.order_shown::text ELSE '{}' END, v.review_id
FROM feedback_vote v JOIN feedback_review r ON r.id = v.review_id
WHERE v.review_id = ANY(%s::bigint[]) AND r.id = ANY(%s::bigint[]) AND v.question = ANY(%s)
"""

_RATINGS = """
SELECT a.question, a.number, a.response_id, r.item_revision_id, r.rater_id, r.occasion
FROM feedback_answer a JOIN feedback_review r ON r.id = a.review_id
WHERE a.review_id = ANY(%s::bigint[]) AND a.question = ANY(%s) AND a.number IS NOT NULL AND a.response_id IS NOT NULL
"""


def read_reviews(review_ids: Sequence[int], reading: Reading) -> Frames:
    """The votes on the questions of `reading` and every rating of some reviews, and the pairs they are about.

    The reviews of an item must all be there.
    """
    ids = written_ids(review_ids)
    scores = scores_of(review_ids, reading)
    voted = [
        *_graded(_rows(_VOTES, [ids, ids, list(reading.questions)]), reading),
        *_better(scores, reading),
    ]
    rated = [*_rows(_RATINGS, [ids, reading.ids("rating")]), *map(_rating, scores)]
    named = _Named(
        revisions=_revisions({row[5] for row in voted} | {row[3] for row in rated}),
        responses=_responses({row[i] for row in voted for i in (3, 4)} | {row[2] for row in rated}),
        raters=RaterKeys({row[6] for row in voted} | {row[4] for row in rated}),
    )
    pairs: dict[str, tuple[Any, ...]] = {}
    hashes: dict[tuple[Any, ...], str] = {}
    votes = []
    for vote in voted:
        # Question, both responses, revision: hashed once for all of its votes.
        place = vote[0], vote[3], vote[4], vote[5]
        pair = hashes.get(place)
        if pair is None:
            row = named.pair(vote, reading)
            hashes[place] = pair = row[0]
            # Two items may say the very same; they are one pair, kept with the older item.
            pairs[pair] = min(pairs.get(pair, row), row, key=lambda known: known[10])
        votes.append(named.vote(pair, vote))
    ratings = [named.rating(row) for row in rated]
    return Frames(_frame(PAIRS, pairs.values()), _frame(VOTES, votes), _frame(RATINGS, ratings))


def none_of(columns: Sequence[str]) -> pd.DataFrame:
    """An empty frame of these columns."""
    return _frame(columns, [])


def rows_of(frame: pd.DataFrame) -> Iterator[Any]:
    """The rows of a frame as named tuples of plain values; nothing there is None."""
    plain = frame.astype(object)
    return plain.where(plain.notna(), None).itertuples(index=False)


def _graded(rows: list[tuple[Any, ...]], reading: Reading) -> Iterator[tuple[Any, ...]]:
    """Votes as they were cast, in the order of reviews, each with its weight and without scores."""
    rows.sort(key=lambda row: (row[-1], row[0]))
    cast = Counter((row[-1], row[0]) for row in rows if reading.kinds.get(row[0]) in ORDERING)
    for *vote, review in rows:
        votes = cast.get((review, vote[0]))
        yield *vote, round(2 / (math.sqrt(8 * votes + 1) - 1), 6) if votes else 1.0, None, None


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
        _, outcome, both, lo, hi, _, rater_id, occasion, review, order, *more = vote
        if isinstance(order, str):
            order = _order(order, self.responses[lo].position, self.responses[hi].position)
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


@lru_cache(maxsize=1 << 16)
def _order(shown: str, lo: int, hi: int) -> int:
    """1 where the response at position `lo` was shown before the one at `hi`, −1 after it; 0 where nobody knows.

    `shown` are positions as PostgreSQL writes an array, few in all. A rewrite was never shown.
    """
    positions = [int(each) for each in shown.strip("{}").split(",") if each]
    if hi not in positions:
        return 0
    return 1 if lo in positions and positions.index(lo) < positions.index(hi) else -1


class _Revision(NamedTuple):
    item: str
    prompt: str
    prompt_hash: str
    purpose: str
    tags: str
    source_key: str
    source: str


class _Response(NamedTuple):
    hash: str
    position: int
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


# Row by row: the planner would rather read the tables of all items wholly, for every chunk.
_REVISIONS = """
SELECT v.id, encode(v.content_hash, 'hex'), v.prompt::text, v.context::text, i.purpose, r.tags,
    CASE WHEN r.group_key = '' THEN '' ELSE s.name || ':' || r.group_key END, s.name
FROM feedback_itemrevision v
CROSS JOIN LATERAL (SELECT purpose FROM feedback_item WHERE id = v.item_id OFFSET 0) i
CROSS JOIN LATERAL (SELECT tags, group_key, source_id FROM feedback_itemrecord WHERE item_id = v.item_id OFFSET 0) r
JOIN feedback_source s ON s.id = r.source_id
WHERE v.id = ANY(%s::bigint[])
"""
_REVIEWED = "SELECT DISTINCT item_revision_id FROM feedback_review WHERE item_id = ANY(%s)"
_RESPONSES = """
SELECT r.id, encode(r.text_hash, 'hex'), r.position, r.messages::text, p.model
FROM feedback_response r JOIN feedback_provenance p ON p.id = r.provenance_id WHERE r.id = ANY(%s::bigint[])
"""


def _revisions(ids: set[int]) -> dict[int, _Revision]:
    """`source_key` names the conversation or document that the item is a part of; empty for an item that stands alone."""
    found = {}
    for pk, item, asked, documents, purpose, tags, *sources in _rows(
        _REVISIONS, [written_ids(ids)]
    ):
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
    found = {}
    for pk, sha256, position, said, model in _rows(_RESPONSES, [written_ids(ids)]):
        text = text_of(orjson.loads(said))
        found[pk] = _Response(sha256, position, text, model, length(text), markdown(text))
    return found


def written_ids(ids: Iterable[int]) -> str:
    """Rising ids as PostgreSQL writes an array: by the ten thousand, they would cost more to be quoted one by one than to be found."""
    return f"{{{','.join(map(str, sorted(ids)))}}}"


def text_of(messages: list[dict[str, Any]]) -> str:
    """The words of a response, a blank line between parts; calls of tools are no words."""
    return "\n\n".join(part["text"] for message in messages for part in message.get("parts", ()))


def _rows(statement: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _frame(columns: Sequence[str], rows: Collection[Sequence[Any]]) -> pd.DataFrame:
    values = zip(*rows, strict=True) if rows else [()] * len(columns)
    return pd.DataFrame(
        {
            name: pd.Series(list(column), dtype=_kind(name))
            for name, column in zip(columns, values, strict=True)
        }
    )


def _kind(name: str) -> Any:
    if name in INTEGERS:
        return "int64"
    if name in NUMBERS:
        return "float64"
    return "bool" if name == "both_unacceptable" else "str"
