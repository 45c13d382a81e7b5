"""One item for those who manage it: its revisions, its responses with where they came from, how its reviews came about."""

from __future__ import annotations

from django.db.models import QuerySet

from feedback.models import Item, ItemRevision, Response


def revisions_of(item: Item) -> QuerySet[ItemRevision]:
    """Every revision, latest first."""
    rows = ItemRevision.objects.filter(item=item).select_related(
        "prompt_provenance", "context_provenance"
    )
    return rows.order_by("-number")


def responses_of(revision: ItemRevision) -> QuerySet[Response]:
    """The responses in the order of their import, with models and licences."""
    return (
        Response.objects.filter(revision=revision).select_related("provenance").order_by("position")
    )
