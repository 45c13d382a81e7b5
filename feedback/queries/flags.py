"""Flags that wait for a manager."""

from __future__ import annotations

from django.db.models import QuerySet

from feedback.models import Flag, Project


def open_flags(project: Project) -> QuerySet[Flag]:
    """What reviewers said is wrong and nobody has settled yet, to be paged by `-pk`."""
    return Flag.objects.filter(project=project, settled_at=None).select_related("item", "rater")
