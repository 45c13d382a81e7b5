"""What automatic checks found and what became of it: of an item, and of what one has sent oneself."""

from __future__ import annotations

from django.db.models import QuerySet

from feedback.models import CheckAnswer, Item, Review, User

MOST_OPEN = 10


def checks_of_item(item: Item) -> dict[tuple[int, str, int], CheckAnswer]:
    """The checks of an item's reviews by rater, kind and occasion: they are asked of the first revision."""
    rows = CheckAnswer.objects.filter(review__item=item).select_related("review")
    return {_name(row.review): row for row in rows}


def _name(review: Review) -> tuple[int, str, int]:
    return review.rater_id, review.kind, review.occasion


def checks_of(review: Review, known: dict[tuple[int, str, int], CheckAnswer]) -> CheckAnswer | None:
    """Those of one review among them; None where nothing was asked."""
    return known.get(_name(review))


def unanswered(user: User) -> QuerySet[CheckAnswer]:
    """What was found in a person's reviews and waits for their word, latest first, where they still belong."""
    rows = CheckAnswer.objects.filter(
        choice="",
        review__rater__user=user,
        review__rater__rater_kind="member",
        workspace__memberships__user=user,
        workspace__memberships__ended_at=None,
    ).exclude(findings=[])
    return rows.select_related("review__project__workspace", "review__item__revision").order_by(
        "-asked_at"
    )
