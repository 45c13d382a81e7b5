"""Vectors of a project as a worker makes them, and its items by the names of their rows."""

from __future__ import annotations

import datetime as dt

from curation.actions.vectors import want_vectors, work_on_encoding
from curation.models import Encoding
from feedback.models import Item
from tests.world import World


def make(world: World, now: dt.datetime) -> Encoding:
    want_vectors(workspace_id=world.workspace.pk, project_id=world.project.pk, now=now)
    row = Encoding.objects.latest("version")
    work_on_encoding(workspace_id=world.workspace.pk, encoding_id=row.pk, clock=lambda: now)
    row.refresh_from_db()
    return row


def item(name: str) -> Item:
    return Item.objects.get(record__external_id=name)
