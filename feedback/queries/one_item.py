"""One item for those who manage it: its revisions, its responses with where they came from, how its reviews came about."""

from __future__ import annotations

from django.db.models import QuerySet

from feedback.models import Item, ItemRevision, Project, Response


def revisions_of(item: Item) -> QuerySet[ItemRevision]:
    """Every revision, latest first."""
    rows = ItemRevision.objects.filter(item=item).select_related(
        "prompt_provenance", "context_provenance"
    )
    return rows.order_by("-number")


def responses_of(revision: ItemRevision) -> QuerySet[Response]:
    """The responses that came with it, in the order of their import, with models and licences; no rewrites of them."""
    rows = Response.objects.filter(revision=revision, author=None)
    return rows.select_related("provenance").order_by("position")


def item_to_show(project: Project, fewest: int, most: int) -> Item | None:
    """The latest item with so many responses, to try a form on; None where there is none."""
    rows = Item.objects.filter(project=project, responses__range=(fewest, most))
    return rows.order_by("-pk").first()
