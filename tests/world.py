"""The smallest world a test can stand in, made with the product's own actions."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from feedback import access
from feedback.actions import agreements, keys, people, projects
from feedback.models import (
    Item,
    ItemRecord,
    ItemRevision,
    Membership,
    Project,
    Provenance,
    Rater,
    Response,
    Role,
    Scope,
    Source,
    User,
    Workspace,
)

PASSWORD = "correct horse battery staple"
WHY = (
    "The first answers the question and the second repeats it; a reader would be left with nothing."
)
FULL = {
    "answers": {
        "preference": [{"a": "A", "b": "B", "value": 2}],
        "accuracy": {"A": 4, "B": 2},
        "answers": {"A": 4, "B": 3},
        "faults": {"A": [], "B": ["wrong_claim"]},
        "why": WHY,
    },
    "cannot_judge": None,
}


@dataclass
class World:
    """People and places by name; `place` shows the project as somebody sees it."""

    now: dt.datetime
    workspace: Workspace
    project: Project
    ines: User
    mara: User
    ana: User
    ben: User
    eve: User
    elsewhere: Workspace
    their_project: Project

    def place(self, user: User, project: Project | None = None) -> access.ProjectPlace:
        project = project or self.project
        return access.project(access.Principal(user), project.workspace.slug, project.slug)

    def key(self, user: User, *scopes: Scope) -> str:
        place = access.workspace(access.Principal(user), self._home(user).slug)
        return keys.make_key(place=place, name="test", scopes=list(scopes), now=self.now)[1]

    def _home(self, user: User) -> Workspace:
        return self.elsewhere if user == self.eve else self.workspace


def make_world(now: dt.datetime) -> World:
    ines, mara, ana, ben, eve = (
        User.objects.create_user(email=f"{name}@example.org", password=PASSWORD, name=name.title())
        for name in ("ines", "mara", "ana", "ben", "eve")
    )
    owner = people.create_workspace(name="Northgate", owner=ines, now=now)
    stranger = people.create_workspace(name="Elsewhere", owner=eve, now=now)
    project = make_project(ines, owner.workspace, now)
    theirs = make_project(eve, stranger.workspace, now)
    join(owner.workspace, mara, Role.MANAGER, now)
    world = World(
        *(now, owner.workspace, project, ines, mara, ana, ben, eve, stranger.workspace, theirs)
    )
    for user in (ana, ben):
        add_reviewer(world, user)
    return world


def join(workspace: Workspace, user: User, role: Role, now: dt.datetime) -> Membership:
    membership = Membership.objects.create(
        workspace=workspace, user=user, role=role, created_at=now
    )
    Rater.objects.create(workspace=workspace, user=user, rater_kind=Rater.Kind.MEMBER)
    return membership


def add_reviewer(world: World, user: User, *, agreed: bool = True) -> Membership:
    membership = join(world.workspace, user, Role.REVIEWER, world.now)
    projects.add_reviewer(place=world.place(world.ines), membership=membership, now=world.now)
    if agreed:
        agreements.accept_agreement(place=world.place(user), version=1, now=world.now)
    return membership


def make_project(
    owner: User, workspace: Workspace, now: dt.datetime, *, name: str = "Chat", **options: Any
) -> Project:
    place = access.workspace(access.Principal(owner), workspace.slug)
    options.setdefault("domain", "chat")
    project = projects.create_project(place=place, name=name, now=now, **options)
    # Legal projects ask about conflicts first; most tests are about what comes after.
    Project.objects.filter(pk=project.pk).update(check_conflicts=False)
    project.check_conflicts = False
    return project


def say(role: str, text: str) -> list[dict[str, Any]]:
    return [{"role": role, "parts": [{"type": "text", "text": text}]}]


@transaction.atomic
def make_item(
    project: Project,
    prompt: str = "Why is the sky blue?",
    responses: tuple[str, ...] = ("Scattering.", "It is not."),
    *,
    wanted: int = 1,
    rank: int | None = None,
    **columns: Any,
) -> Item:
    """An item in the queue, written row by row."""
    at = {"workspace_id": project.workspace_id}
    source, _ = Source.objects.get_or_create(**at, project=project, name="tests")
    provenance, _ = Provenance.objects.get_or_create(**at, digest=b"\x00" * 32)
    rank = secrets.randbits(62) if rank is None else rank
    counts = {"responses": len(responses), "wanted": wanted, "cap": 5}
    item = Item.objects.create(**at, project=project, rank=rank, **counts, **columns)
    content = {"content_hash": secrets.token_bytes(32)}
    item.revision = ItemRevision.objects.create(
        **at, item=item, prompt=say("user", prompt), **content
    )
    item.save()
    ItemRecord.objects.create(
        **at,
        item=item,
        project=project,
        source=source,
        text_hash=secrets.token_bytes(32),
        **content,
    )
    for position, text in enumerate(responses, start=1):
        Response.objects.create(
            **at,
            revision=item.revision,
            position=position,
            messages=say("assistant", text),
            text_hash=secrets.token_bytes(32),
            provenance=provenance,
        )
    return item
