"""What looks like what: the arriving items of an import beside their nearest earlier ones."""

from __future__ import annotations

from django.db.models import QuerySet

from curation.models import ItemLikeness
from feedback.models import ImportJob

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
