"""An archived project hands out nothing and changes nothing: it is read until it is restored."""

from __future__ import annotations

from feedback.errors import Refusal
from feedback.models import Project


class ProjectArchived(Refusal):
    """This project is archived and can only be read. Restore it under Settings before you change it."""

    code = "project_archived"


def refuse_archived(project: Project) -> None:
    """Raise ProjectArchived for a project that is archived. What reviewers still send is never refused."""
    if project.state == Project.State.ARCHIVED:
        raise ProjectArchived
