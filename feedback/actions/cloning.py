"""A project made like another: settings, form, guideline, mappings and people, and none of its items or reviews."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from feedback import jobs
from feedback.access import ProjectPlace
from feedback.models import Project, ProjectReviewer, SavedMapping

from .projects import create_project, publish_guideline

SETTINGS = (
    "overlap",
    "overlap_cap",
    "lease_minutes",
    "edit_hours",
    "daily_goal",
    "check_conflicts",
    "search_language",
    "prompt_template",
)
CLONED = "feedback.project_cloned"


@transaction.atomic
def clone_project(
    *, place: ProjectPlace, name: str, now: dt.datetime, slug: str = "", people: bool = True
) -> Project:
    """The new project, open. Who knows more of the old one (recipes) hears of it and follows. Raises Invalid, SlugTaken."""
    old = place.project
    made = create_project(
        place=place,
        name=name,
        domain=old.domain,
        now=now,
        slug=slug,
        overlap=old.overlap,
        form=old.forms.latest("version").schema,
    )
    for setting in SETTINGS:
        setattr(made, setting, getattr(old, setting))
    made.save(update_fields=SETTINGS)
    here = ProjectPlace(place.principal, place.workspace, place.membership, made)
    text = old.guidelines.latest("version").text
    if text != made.guidelines.latest("version").text:
        publish_guideline(place=here, text=text, now=now)
    _mappings(here, old, now)
    if people:
        _people(here, old, now)
    jobs.announce(
        CLONED, workspace_id=old.workspace_id, now=now, project_id=old.pk, copy_id=made.pk
    )
    return made


def _mappings(here: ProjectPlace, old: Project, now: dt.datetime) -> None:
    SavedMapping.objects.bulk_create(
        SavedMapping(
            workspace=here.workspace,
            project=here.project,
            name=each.name,
            mapping=each.mapping,
            changed_at=now,
            changed_by=here.user,
        )
        for each in old.mappings.order_by("name")
    )


def _people(here: ProjectPlace, old: Project, now: dt.datetime) -> None:
    named = ProjectReviewer.objects.filter(project=old, membership__ended_at=None, paused_at=None)
    ProjectReviewer.objects.bulk_create(
        ProjectReviewer(
            workspace=here.workspace,
            project=here.project,
            membership_id=each.membership_id,
            added_at=now,
        )
        for each in named.order_by("pk")
    )
