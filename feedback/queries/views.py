"""Saved views that somebody sees: their own, and those that are shared."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from feedback.access import ProjectPlace
from feedback.models import SavedView


def views_of(place: ProjectPlace) -> QuerySet[SavedView]:
    """One's own views of the project and the shared ones, by name."""
    mine = Q(owner=place.user) | Q(shared=True)
    rows = SavedView.objects.filter(mine, project=place.project).select_related("owner")
    return rows.order_by("name", "pk")
