"""Saved views of a list of items: kept under a name, for oneself or for everybody who manages the project."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping

from feedback.access import ProjectPlace
from feedback.errors import Invalid, NotThere
from feedback.models import SavedView
from feedback.queries.views import views_of

LONGEST_NAME, MOST_VIEWS = 60, 100


def save_view(
    *,
    place: ProjectPlace,
    name: str,
    query: Mapping[str, str],
    shared: bool,
    now: dt.datetime,
) -> SavedView:
    """Keep a view; one's own of the same name is replaced. Raises Invalid."""
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME or "\x00" in name:
        raise _wrong(f"A view has a name of at most {LONGEST_NAME} characters.")
    if views_of(place).count() >= MOST_VIEWS:
        raise _wrong(f"There are {MOST_VIEWS} views already; remove one first.")
    view, _ = SavedView.objects.update_or_create(
        workspace=place.workspace,
        project=place.project,
        owner=place.user,
        name=name,
        defaults={"query": {k: v for k, v in query.items() if v}, "shared": shared},
        create_defaults={
            "query": {k: v for k, v in query.items() if v},
            "shared": shared,
            "created_at": now,
        },
    )
    return view


def remove_view(*, place: ProjectPlace, public_id: uuid.UUID) -> None:
    """Remove a view of one's own, or one that is shared."""
    removed, _ = views_of(place).filter(public_id=public_id).delete()
    if not removed:
        raise NotThere


def _wrong(sentence: str) -> Invalid:
    problem = {"field": "name", "code": "bad_name", "sentence": sentence}
    return Invalid(sentence, problems=[problem])
