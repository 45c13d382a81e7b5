"""The projects somebody sees."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from feedback.access import Place
from feedback.models import Project, Role
from feedback.statements import run


def projects_of(place: Place) -> QuerySet[Project]:
    """All projects for managers; for others those that name them as a reviewer."""
    rows = Project.objects.filter(workspace=place.workspace).select_related("workspace")
    if not place.is_at_least(Role.MANAGER):
        named = Q(reviewers__membership=place.membership, reviewers__paused_at=None)
        rows = rows.filter(named)
    return rows.order_by("name", "pk")


def guideline_in_force(project: Project) -> tuple[int, str]:
    """Version and text of a project's latest guideline: a prepared query, for every desk shows it."""
    version, text = run(_GUIDELINE, {"project": project.pk})[0]
    return version, text


_GUIDELINE = """
SELECT version, text FROM feedback_guideline WHERE project_id = %(project)s ORDER BY version DESC LIMIT 1
"""
