"""Erasing what somebody wrote: bodies become tombstones, and every other place that may hold the words is emptied.

The skeletons stay: who reviewed what, when, and the hash of what was said. docs/operations/erasure.md lists every place.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet

from feedback.access import Place
from feedback.errors import Invalid, NotAllowed, Refusal
from feedback.forms.derive import WRITTEN
from feedback.models import (
    Answer,
    ApiKey,
    Assignment,
    CheckAnswer,
    Draft,
    Erasure,
    Flag,
    IdempotencyKey,
    ImportJob,
    ImportRejection,
    Rater,
    Remark,
    Response,
    Review,
    ReviewBody,
    Role,
    SearchEntry,
    Source,
    Vote,
)

LONGEST_REASON = 400
EMPTIED = "What this row said was erased."


class ImportUnderWay(Refusal):
    """A file of the source that these words came from is being imported and may bring them again. Wait until it is in."""

    code = "import_under_way"


@dataclass(frozen=True, slots=True)
class Erased:
    """An erasure that is done, and the reviews (every revision) whose words it erased, now or before."""

    erasure: Erasure
    reviews: list[int]


@dataclass(frozen=True, slots=True)
class _Scope:
    """Whose words, and the rows that may hold them."""

    rater: Rater
    reviews: QuerySet[Review]
    assignments: QuerySet[Assignment]
    flags: QuerySet[Flag]
    remarks: QuerySet[Remark]


def erase_review(*, place: Place, review: Review, reason: str, now: dt.datetime) -> Erased:
    """Erase every revision of a review. Twice is once. Raises NotAllowed for who is no owner, Invalid, ImportUnderWay."""
    rows = revisions_of(review)
    scope = _Scope(
        review.rater,
        rows,
        Assignment.objects.filter(reviews__in=rows),
        Flag.objects.filter(item_id=review.item_id, rater_id=review.rater_id),
        Remark.objects.filter(
            thread__item_id=review.item_id, thread__rater_id=review.rater_id, by_reviewer=True
        ),
    )
    about = Erasure(subject=Erasure.Subject.REVIEW, subject_public_id=review.public_id)
    return _erase(place, about, scope, reason, now)


def erase_rater(*, place: Place, rater: Rater, reason: str, now: dt.datetime) -> Erased:
    """Erase everything that a rater wrote. Twice is once. Raises as `erase_review` does."""
    scope = _Scope(
        rater,
        reviews_of(rater),
        Assignment.objects.filter(rater=rater),
        Flag.objects.filter(rater=rater),
        Remark.objects.filter(workspace=rater.workspace_id, author=rater.user_id),
    )
    about = Erasure(subject=Erasure.Subject.RATER, subject_public_id=rater.public_id)
    return _erase(place, about, scope, reason, now)


def revisions_of(review: Review) -> QuerySet[Review]:
    """Every revision of a review."""
    return Review.objects.filter(
        item_id=review.item_id,
        rater_id=review.rater_id,
        kind=review.kind,
        occasion=review.occasion,
    )


def reviews_of(rater: Rater) -> QuerySet[Review]:
    """Every revision of every review of a rater."""
    return Review.objects.filter(rater=rater)


@transaction.atomic
def _erase(place: Place, erasure: Erasure, scope: _Scope, reason: str, now: dt.datetime) -> Erased:
    if not place.is_at_least(Role.OWNER):
        raise NotAllowed("Only an owner can erase somebody's words.")
    if not 0 < len(reason.strip()) <= LONGEST_REASON or "\x00" in reason:
        raise Invalid(
            f"Say why, in at most {LONGEST_REASON} characters.",
            problems=[{"field": "reason", "code": "bad_reason"}],
        )
    erasure.workspace, erasure.requested_by = place.workspace, place.user
    erasure.reason, erasure.requested_at = reason.strip(), now
    erasure.save()
    reviews = list(scope.reviews.order_by("pk").values_list("pk", flat=True))
    erasure.erased = {
        **_of_rewrites(scope.rater, reviews),
        **_of_reviews(erasure, reviews),
        **_of_desk(scope),
        **_of_requests(place, scope.rater),
        **_of_imports(scope.rater.source),
    }
    erasure.done_at = now
    erasure.save()
    return Erased(_first(erasure), reviews)


def _of_reviews(erasure: Erasure, reviews: list[int]) -> dict[str, int]:
    """Bodies, and the votes and answers that were read out of them."""
    bodies = ReviewBody.objects.filter(review_id__in=reviews, erasure=None)
    return {
        "bodies": bodies.update(body=None, erasure=erasure),
        "votes": Vote.objects.filter(review_id__in=reviews).delete()[0],
        "answers": Answer.objects.filter(review_id__in=reviews).delete()[0],
        "search_entries": SearchEntry.objects.filter(review_id__in=reviews).delete()[0],
        "checks": CheckAnswer.objects.filter(review_id__in=reviews).delete()[0],
    }


def _of_rewrites(rater: Rater, reviews: list[int]) -> dict[str, int]:
    """Responses that were written in these reviews and in no other; their rows and hashes stay."""
    named = Answer.objects.filter(choice=WRITTEN)
    rows = Response.objects.filter(
        author=rater, pk__in=named.filter(review_id__in=reviews).values("response_id")
    ).exclude(pk__in=named.exclude(review_id__in=reviews).values("response_id"))
    return {"rewrites": rows.exclude(messages=[]).update(messages=[])}


def _of_desk(scope: _Scope) -> dict[str, int]:
    """Drafts, notes written when skipping or flagging, and what was said in threads."""
    ids = list(scope.assignments.values_list("pk", flat=True))
    skipped = Assignment.objects.filter(pk__in=ids).exclude(note="")
    return {
        "drafts": Draft.objects.filter(assignment_id__in=ids).delete()[0],
        "notes": skipped.update(note="") + scope.flags.exclude(note="").update(note=""),
        "remarks": scope.remarks.exclude(text="").update(text=""),
    }


def _of_requests(place: Place, rater: Rater) -> dict[str, int]:
    """Answers kept for repeated requests of a member and their keys."""
    if rater.user_id is None:
        return {"requests": 0}
    keys = ApiKey.objects.filter(workspace=place.workspace, membership__user_id=rater.user_id)
    names = [f"user:{rater.user_id}", *(f"key:{pk}" for pk in keys.values_list("pk", flat=True))]
    kept = IdempotencyKey.objects.filter(principal__in=names)
    return {"requests": kept.filter(route__contains=f"/{place.workspace.slug}/").delete()[0]}


def _of_imports(source: Source | None) -> dict[str, int]:
    """The files of an imported rater's source and the rows it could not take: which of them say what, nobody knows."""
    if source is None:
        return {"files": 0, "rejected_rows": 0}
    jobs = ImportJob.objects.select_for_update().filter(source=source)
    if jobs.filter(state__in=[ImportJob.State.WAITING, ImportJob.State.RUNNING]).exists():
        raise ImportUnderWay
    stored = [job.stored_at for job in jobs if job.stored_at]
    rejected = ImportRejection.objects.filter(job__source=source).exclude(sentence=EMPTIED)
    emptied = rejected.update(raw="", sentence=EMPTIED)
    jobs.update(stored_at="")
    # Before the commit: who is killed between the two loses a file that has served, and can erase again.
    for name in stored:
        default_storage.delete(name)
    return {"files": len(stored), "rejected_rows": emptied}


def _first(erasure: Erasure) -> Erasure:
    """The erasure, or the one before it where it found nothing left to erase; then it need not be on record."""
    if any(erasure.erased.values()):
        return erasure
    before = Erasure.objects.filter(
        workspace=erasure.workspace,
        subject=erasure.subject,
        subject_public_id=erasure.subject_public_id,
    ).exclude(pk=erasure.pk)
    found = before.order_by("-pk").first()
    if found is None:
        return erasure
    erasure.delete()
    return found
