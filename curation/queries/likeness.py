"""What looks like what: the arriving items of an import beside their nearest earlier ones, and the items of a cluster."""

from __future__ import annotations

from django.db.models import QuerySet

from curation.models import ItemLikeness
from feedback.models import ImportJob, Item

# Nearest first; the item makes it unique.
ORDER = ("-similarity", "item_id")


def similar_in(job: ImportJob) -> QuerySet[ItemLikeness]:
    """The items of an import that look like an earlier one, to be paged by ORDER."""
    rows = ItemLikeness.objects.filter(import_job=job, nearest__isnull=False)
    return rows.select_related(
        "item__revision", "item__record", "nearest__revision", "nearest__record"
    )


def crowded_in(job: ImportJob) -> int:
    """How many items of an import share boilerplate with so many others that not all were compared."""
    return ItemLikeness.objects.filter(import_job=job, crowded=True).count()


def alike(item: Item) -> QuerySet[ItemLikeness]:
    """The other items of this item's cluster, the oldest first."""
    cluster = ItemLikeness.objects.filter(item=item).values("cluster")
    rows = ItemLikeness.objects.filter(project_id=item.project_id, cluster__in=cluster)
    return (
        rows.exclude(item=item).select_related("item__revision", "item__record").order_by("item_id")
    )
