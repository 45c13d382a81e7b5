"""Reviews of a chunk: checked against the project's form, told apart from what is there, and written with their votes."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q
from django.db.models.functions import Greatest

from feedback.actions.rewrites import Desk, keep_rewrites
from feedback.bodies import Stored, stored
from feedback.forms.body import check_body, says_nothing
from feedback.forms.schema import Form
from feedback.models import (
    Answer,
    FormVersion,
    ImportJob,
    ImportRejection,
    Item,
    Kind,
    Response,
    Review,
    ReviewBody,
    Vote,
)
from feedback.readers import rows as read

from .items import Arrived, asked_of
from .raters import Raters, key_of
from .rows import copy_rows, draw_ids


@dataclass(slots=True)
class Given:
    """A review on its way in: what it says, of which item, by whom, and its turn among that rater's reviews of it."""

    arrived: Arrived
    review: read.ReviewRow
    index: int
    whole: Stored
    rater_id: int
    occasion: int = 0
    id: int = 0


@dataclass(slots=True)
class Tally:
    """What became of a chunk's reviews."""

    created: int = 0
    duplicate: int = 0
    rejected: int = 0


def take_reviews(
    job: ImportJob,
    version: FormVersion,
    form: Form,
    here: list[Arrived],
    raters: Raters,
    now: dt.datetime,
) -> tuple[Tally, list[ImportRejection]]:
    """Check and write the reviews of rows whose items are there. Returns the counts and what was refused."""
    tally, refused = Tally(), []
    good = []
    known = raters.ids(review for each in here for review in each.item.reviews)
    for each in here:
        asked = asked_of(form, each.item)
        for index, review in zip(_numbers(each.row), each.item.reviews, strict=True):
            problem = _fault(asked, each, review)
            if problem is None:
                whole = stored(asked, review.body())
                good.append(Given(each, review, index, whole, known[key_of(review)]))
            else:
                refused.append(reject(job, each, index, *problem))
    fresh, conflicts = _tell_apart(job, good, tally)
    refused += [reject(job, g.arrived, g.index, "review_id_conflict", _CONFLICT) for g in conflicts]
    _write(job, version, fresh, now)
    tally.created, tally.rejected = len(fresh), len(refused)
    return tally, refused


_CONFLICT = "A review with this id is there already and says something else."


def reject(
    job: ImportJob, arrived: Arrived, index: int | None, code: str, sentence: str
) -> ImportRejection:
    """A rejection of one review of a row, or of its item when there is no index."""
    return ImportRejection(
        workspace_id=job.workspace_id,
        job=job,
        row=arrived.row.number,
        scope="item" if index is None else "review",
        number=index,
        code=code,
        sentence=sentence[:1000],
        raw=arrived.row.raw,
    )


def _numbers(row: read.Row) -> list[int]:
    """The numbers in the file's row of the reviews that the reader let through."""
    refused = {problem.index for problem in row.problems if problem.scope == "review"}
    return [number for number in range(1, row.reviews + 1) if number not in refused]


def _fault(form: Form, each: Arrived, review: read.ReviewRow) -> tuple[str, str] | None:
    """The first thing that keeps a review out, as code and sentence."""
    body = review.body()
    positions = range(1, len(each.item.responses) + 1)
    problems = check_body(form, body, positions, complete=False)
    if problems:
        place = f"{problems[0].question}: " if problems[0].question else ""
        return problems[0].code, f"{place}{problems[0].sentence}"
    if says_nothing(body):
        return "nothing_answered", "The review answers no question and gives no reason for it."
    return None


def _tell_apart(job: ImportJob, good: list[Given], tally: Tally) -> tuple[list[Given], list[Given]]:
    """Fresh reviews with their occasions, and those whose id is taken by another answer. Duplicates are counted."""
    by_id, turns, bodies = _there(job, good)
    fresh, conflicts = [], []
    for given in good:
        sha = given.whole.sha256
        place = (given.arrived.item_id, given.rater_id)
        if given.review.id is not None and given.review.id in by_id:
            if by_id[given.review.id] == sha:
                tally.duplicate += 1
            else:
                conflicts.append(given)
            continue
        if given.review.id is None and (*place, sha) in bodies:
            tally.duplicate += 1
            continue
        turns[place] += 1
        given.occasion = turns[place]
        if given.review.id is not None:
            by_id[given.review.id] = sha
        bodies.add((*place, sha))
        fresh.append(given)
    return fresh, conflicts


def _there(
    job: ImportJob, good: list[Given]
) -> tuple[dict[str, bytes], dict[tuple[int, int], int], set[tuple[int, int, bytes]]]:
    """What is stored of these items and ids: id → body hash; (item, rater) → last occasion; the bodies of each."""
    ids = [given.review.id for given in good if given.review.id is not None]
    items = {given.arrived.item_id for given in good if given.arrived.fate != "new"}
    rows = Review.objects.filter(
        Q(source_id=job.source_id, external_id__in=ids) | Q(item_id__in=items, kind=Kind.PRIMARY)
    ).values_list("source_id", "external_id", "item_id", "rater_id", "occasion", "body_sha256")
    by_id: dict[str, bytes] = {}
    turns: dict[tuple[int, int], int] = defaultdict(int)
    bodies: set[tuple[int, int, bytes]] = set()
    for source_id, external_id, item_id, rater_id, occasion, sha in rows:
        if external_id is not None and source_id == job.source_id:
            by_id[external_id] = bytes(sha)
        turns[item_id, rater_id] = max(turns[item_id, rater_id], occasion)
        bodies.add((item_id, rater_id, bytes(sha)))
    return by_id, turns, bodies


def _write(job: ImportJob, version: FormVersion, fresh: list[Given], now: dt.datetime) -> None:
    for given in fresh:
        desk = Desk(job.workspace_id, given.arrived.revision_id, given.rater_id)
        given.whole = keep_rewrites(given.whole, desk, now=now)
    for given, id in zip(fresh, draw_ids(Review, len(fresh)), strict=True):
        given.id = id
    copy_rows(Review, _REVIEW, (_review_row(given, job, version, now) for given in fresh))
    copy_rows(
        ReviewBody,
        ("review_id", "workspace_id", "body"),
        ((given.id, job.workspace_id, given.whole.body) for given in fresh),
    )
    responses = _response_ids({given.arrived.revision_id for given in fresh})
    copy_rows(Vote, _VOTE, (row for given in fresh for row in _vote_rows(given, job, responses)))
    copy_rows(
        Answer, _ANSWER, (row for given in fresh for row in _answer_rows(given, job, responses))
    )
    _count(fresh)


_REVIEW = (
    *(
        "id",
        "public_id",
        "workspace_id",
        "project_id",
        "item_id",
        "item_revision_id",
        "rater_id",
        "form_id",
    ),
    *(
        "kind",
        "occasion",
        "revision",
        "order_shown",
        "order_known",
        "surplus",
        "submitted_at",
        "received_at",
    ),
    *("active_ms", "body_sha256", "source_id", "external_id", "import_job_id", "import_row"),
)


def _review_row(
    given: Given, job: ImportJob, version: FormVersion, now: dt.datetime
) -> tuple[Any, ...]:
    review, arrived = given.review, given.arrived
    seconds = review.active_seconds
    return (
        *(given.id, uuid.uuid4(), job.workspace_id, job.project_id, arrived.item_id),
        *(arrived.revision_id, given.rater_id, version.pk, Kind.PRIMARY.value, given.occasion, 1),
        *(review.order or [], review.order is not None, False, review.submitted_at or now, now),
        None if seconds is None else round(seconds * 1000),
        *(given.whole.sha256, job.source_id, review.id, job.pk, arrived.row.number),
    )


def _response_ids(revisions: set[int]) -> dict[tuple[int, int], int]:
    rows = Response.objects.filter(revision_id__in=revisions)
    return {
        (revision_id, position): pk
        for revision_id, position, pk in rows.values_list("revision_id", "position", "pk")
    }


_VOTE = (
    *("workspace_id", "review_id", "question", "response_lo_id", "response_hi_id", "outcome"),
    "both_unacceptable",
)


def _vote_rows(
    given: Given, job: ImportJob, responses: dict[tuple[int, int], int]
) -> Iterator[tuple[Any, ...]]:
    revision, votes = given.arrived.revision_id, given.whole.votes
    for question, lo, hi, outcome, both in zip(*votes.values(), strict=True):
        yield (
            *(job.workspace_id, given.id, question),
            *(responses[revision, lo], responses[revision, hi], outcome, both),
        )


_ANSWER = ("workspace_id", "review_id", "question", "response_id", "number", "choice")


def _answer_rows(
    given: Given, job: ImportJob, responses: dict[tuple[int, int], int]
) -> Iterator[tuple[Any, ...]]:
    revision, answers = given.arrived.revision_id, given.whole.answers
    for question, place, number, choice in zip(*answers.values(), strict=True):
        response = None if place is None else responses[revision, place]
        yield (job.workspace_id, given.id, question, response, number, choice)


def _count(fresh: list[Given]) -> None:
    """Reviews that came with an item fill its places; there may be more of them than places."""
    numbers: dict[int, int] = defaultdict(int)
    for given in fresh:
        numbers[given.arrived.item_id] += 1
    by_number: dict[int, list[int]] = defaultdict(list)
    for item_id, number in numbers.items():
        by_number[number].append(item_id)
    for number, item_ids in by_number.items():
        Item.objects.filter(pk__in=item_ids).update(
            given=F("given") + number, cap=Greatest(F("cap"), F("given") + F("leased") + number)
        )
