"""Items of an import that look like earlier ones: a part of the import's page, and a page of its own."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from curation.methods.differences import where_they_part
from curation.methods.templates import last_turn
from curation.queries.likeness import ORDER, crowded_in, similar_in
from feedback import access
from feedback.models import Item
from feedback.queries.pages import page as page_of
from feedback.rooms.doors import ROWS, at_project, page, show

FEW = 10


@page()
def of_import(request: HttpRequest, workspace: str, project: str, job: uuid.UUID) -> HttpResponse:
    """The nearest few for htmx, the page with all of them for everybody else."""
    place = at_project(request, workspace, project)
    found = access.import_job(place, job)
    part = bool(request.headers.get("HX-Request"))
    after = "" if part else request.GET.get("after", "")
    rows = page_of(similar_in(found), after=after, limit=FEW if part else ROWS, by=ORDER)
    context: dict[str, Any] = {
        "job": found,
        "page": rows,
        "similar": [
            (row, *where_they_part(_said(row.item), _said(row.nearest)))
            for row in rows.rows
            if row.nearest
        ],
        "crowded": crowded_in(found),
        "part": part,
    }
    if part:
        frame = {"workspace": place.workspace, "project": place.project}
        return render(request, "curation/similar/of_import.html", {**frame, **context})
    return show(request, "curation/similar.html", place, current="imports", **context)


def _said(item: Item) -> str:
    revision = item.revision
    return last_turn(revision.prompt, revision.context) if revision else ""
