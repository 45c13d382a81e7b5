"""A desk of every kind, with an item on it, for the tests that look at each of them."""

from __future__ import annotations

from benchmarks.kinds import KINDS, Kind
from feedback.actions import projects
from feedback.models import Membership, Project, User
from tests.steps import counts, import_rows
from tests.world import World, make_project

NAMES = [kind.name for kind in KINDS]


def kind_of(name: str) -> Kind:
    return next(kind for kind in KINDS if kind.name == name)


def make_desk(world: World, kind: Kind, *, reviewer: User | None = None) -> Project:
    """A project of this kind with its item, and Ana (or somebody else) as its reviewer."""
    project = make_project(
        world.ines, world.workspace, world.now, name=kind.name.title(), domain=kind.domain
    )
    place = world.place(world.ines, project)
    if kind.form:
        projects.publish_form(place=place, schema=kind.form, now=world.now)
    job = import_rows(place, [kind.row()], world.now)
    assert counts(job, "items")[0] == 1
    membership = Membership.objects.get(user=reviewer or world.ana, workspace=world.workspace)
    projects.add_reviewer(place=place, membership=membership, now=world.now)
    return project
