"""Reviews in lists: those of an item side by side, one's own, and what is current of each."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from feedback.models import Assignment, Item, Kind, Project, Review, User


def current(rows: QuerySet[Review]) -> QuerySet[Review]:
    """Only the highest revision of each review."""
    later = Review.objects.filter(
        item_id=OuterRef("item_id"),
        rater_id=OuterRef("rater_id"),
        kind=OuterRef("kind"),
        occasion=OuterRef("occasion"),
        revision__gt=OuterRef("revision"),
    )
    return rows.filter(~Exists(later))


def reviews_of_item(item: Item) -> QuerySet[Review]:
    """Every current review of an item with its body and rater, oldest first."""
    rows = Review.objects.filter(item=item).select_related(
        "rater", "rater__user", "form", "body", "source", "item_revision", "item", "effort"
    )
    return current(rows).order_by("submitted_at", "pk")


def bodies_of_project(project: Project) -> QuerySet[Review]:
    """Every review of a project with its body and without the item's texts, to be paged by `-pk`."""
    return Review.objects.filter(project=project).select_related(
        "rater", "item", "body", "form", "source", "effort"
    )


def own_reviews(user: User) -> QuerySet[Review]:
    """A person's own current reviews where they still belong, over all their projects, practice left out, to be paged by `-submitted_at`."""
    rows = (
        Review.objects.filter(
            rater__user=user,
            rater__rater_kind="member",
            workspace__memberships__user=user,
            workspace__memberships__ended_at=None,
        )
        .exclude(kind=Kind.PRACTICE)
        .select_related(
            "project", "project__workspace", "item", "item__revision", "body", "form", "assignment"
        )
        .defer("item__revision__context")
    )
    return current(rows)


def review_of(assignment: Assignment) -> Review | None:
    """The current review that was written in an assignment, with its body and form."""
    rows = Review.objects.filter(assignment=assignment).select_related("body", "form")
    return rows.order_by("-revision").first()
