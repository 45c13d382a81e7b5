"""The votes behind a pair: who said what in which review, among the reviews that its run froze."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from django.db.models import QuerySet

from curation.models import RunPair
from curation.scored import SCORING, Reading, Score, reading_of, scores_of
from feedback.bodies import form_of
from feedback.forms.questions import Preference, Ranking, Rewrite
from feedback.models import ItemRecord, ItemRevision, Kind, Rater, Response, Review, Vote

from .frozen import standing_among
from .pairs import letters_of

LARGEST_OUTCOME = 3  # ratings further apart count as this


@dataclass(frozen=True, slots=True)
class Voice:
    """One vote: whose it is, what it says by the letters of the responses, which letter it prefers, which it saw first.

    `side` is empty for a tie, `first` where the order is not known.
    """

    vote: Vote
    rater: str
    words: str
    side: str
    first: str


def voices_of(row: RunPair) -> list[Voice]:
    """Every vote on this very pair that the run read, oldest first; those of repeated pairs stand with those pairs."""
    lo, hi = letters_of(row.pair)
    reading = reading_of(row.run)
    if reading.kinds.get(row.pair.question) in SCORING:
        return list(_scored_voices(row, reading, lo, hi))
    votes = list(_votes(row))
    frozen = standing_among(row.run, {vote.review_id for vote in votes})
    return [
        _voice(vote, lo, hi, _words(vote, lo, hi)) for vote in votes if vote.review_id in frozen
    ]


def _scored_voices(row: RunPair, reading: Reading, lo: str, hi: str) -> Iterator[Voice]:
    """The votes that scores are: they stand in no table, since the recipe decides what a score is made of."""
    revisions = _same_revisions(row.pair.revision)
    reviews = {
        review.pk: review
        for review in Review.objects.filter(item_revision__in=revisions, kind=Kind.PRIMARY)
        .select_related("rater__user", "form")
        .order_by("submitted_at", "pk")
    }
    frozen = sorted(standing_among(row.run, reviews))
    texts = {response.pk: response for response in Response.objects.filter(revision__in=revisions)}
    mine = [s for s in scores_of(frozen, reading) if s.question == row.pair.question]
    groups = groupby(mine, key=lambda score: score.review_id)
    for review_id, group in sorted(
        ((id, list(group)) for id, group in groups),
        key=lambda each: (reviews[each[0]].submitted_at, each[0]),
    ):
        by_text = {bytes(texts[s.response_id].text_hash): s for s in group}
        first = by_text.get(bytes(row.pair.response_lo.text_hash))
        second = by_text.get(bytes(row.pair.response_hi.text_hash))
        if first and second:
            vote = Vote(
                review=reviews[review_id],
                question=row.pair.question,
                response_lo=texts[first.response_id],
                response_hi=texts[second.response_id],
                outcome=reading.outcome(row.pair.question, first.value - second.value),
            )
            yield _voice(vote, lo, hi, f"{lo} {_figure(first)}, {hi} {_figure(second)}")


def _figure(score: Score) -> str:
    """A score in print: at most two decimals, and a true minus."""
    return f"{round(score.value, 2):g}".replace("-", "−")


def rater_name(rater: Rater) -> str:
    """A rater as managers know them: a member's name, or what an import called them."""
    return str(rater.user) if rater.user else rater.external_key or rater.get_rater_kind_display()


def _votes(row: RunPair) -> QuerySet[Vote]:
    """Votes on the pair's two texts: in its own item, and in items that say the very same."""
    pair = row.pair
    same = _same_revisions(pair.revision)
    return (
        Vote.objects.filter(
            review__item_id__in=same.values("item_id"),
            review__item_revision_id__in=same.values("pk"),
            question=pair.question,
            response_lo__text_hash=pair.response_lo.text_hash,
            response_hi__text_hash=pair.response_hi.text_hash,
        )
        .select_related("review__rater__user", "review__form", "response_lo", "response_hi")
        .order_by("review__submitted_at", "review_id")
    )


def _same_revisions(revision: ItemRevision) -> QuerySet[ItemRevision]:
    record = revision.item.record
    twins = ItemRecord.objects.filter(project_id=record.project_id, text_hash=record.text_hash)
    items = [record.item_id, *twins.values_list("item_id", flat=True)]
    return ItemRevision.objects.filter(item_id__in=items, content_hash=revision.content_hash)


def _voice(vote: Vote, lo: str, hi: str, words: str) -> Voice:
    rater = rater_name(vote.review.rater)
    return Voice(vote, rater, words, _side(vote, lo, hi), _first(vote, lo, hi))


def _side(vote: Vote, lo: str, hi: str) -> str:
    return lo if vote.outcome > 0 else hi if vote.outcome < 0 else ""


def _words(vote: Vote, lo: str, hi: str) -> str:
    side = _side(vote, lo, hi)
    question = form_of(vote.review.form).question(vote.question)
    if isinstance(question, Preference):
        entry = {"a": lo, "b": hi, "value": vote.outcome}
        return question.words({**entry, "both_unacceptable": vote.both_unacceptable})
    if isinstance(question, Rewrite):
        return f"Wrote {hi} in place of {lo}"
    if isinstance(question, Ranking):
        return f"{side} ranked higher" if side else "Ranked the same"
    if not side:
        return "Rated the same"
    more = " or more" if abs(vote.outcome) == LARGEST_OUTCOME else ""
    return f"{side} rated higher by {abs(vote.outcome)}{more}"


def _first(vote: Vote, lo: str, hi: str) -> str:
    """The letter of the response that the reviewer saw first, empty where nobody knows."""
    order = vote.review.order_shown if vote.review.order_known else []
    places = {vote.response_lo.position: lo, vote.response_hi.position: hi}
    if not places.keys() <= set(order):
        return ""
    return next((places[position] for position in order if position in places), "")
