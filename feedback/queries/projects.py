"""The projects somebody sees."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from feedback.access import Place
from feedback.models import Project, Role


def projects_of(place: Place) -> QuerySet[Project]:
    """All projects for managers; for others those that name them as a reviewer."""
    rows = Project.objects.filter(workspace=place.workspace).select_related("workspace")
    if not place.is_at_least(Role.MANAGER):
        named = Q(reviewers__membership=place.membership, reviewers__paused_at=None)
        rows = rows.filter(named)
    return rows.order_by("name", "pk")
