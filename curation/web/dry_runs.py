"""A recipe on a sample, beside its editor: begun with the fields as they are, followed stage by stage."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from curation import access
from curation.actions.dry_run import SAMPLE, start_dry_run
from curation.models import DryRun
from curation.queries.dry_runs import Tried, tried
from curation.stages.editing import from_fields
from feedback.access import ProjectPlace
from feedback.errors import Invalid
from feedback.rooms.doors import at_project, page, show

from .waterfall import Share, share_of

WORKING = (DryRun.State.WAITING, DryRun.State.RUNNING)


@page("POST")
def start(request: HttpRequest, workspace: str, project: str) -> HttpResponse:
    """Try the recipe that stands in the editor's fields; nothing is saved of it."""
    place = at_project(request, workspace, project)
    document = from_fields(dict(request.POST.lists()))
    sample = request.POST.get("sample", "")
    wanted = int(sample) if sample.isdigit() and len(sample) < 8 else SAMPLE
    try:
        row = start_dry_run(place=place, document=document, sample=wanted, now=timezone.now())
    except Invalid as refusal:
        return _panel(request, place, None, problems=refusal.problems)
    if request.headers.get("HX-Request"):
        return _panel(request, place, row)
    return redirect("dry-run", workspace, project, row.public_id)


@page()
def follow(request: HttpRequest, workspace: str, project: str, trial: uuid.UUID) -> HttpResponse:
    """How far a dry run is; htmx takes the panel alone."""
    place = at_project(request, workspace, project)
    return _panel(request, place, access.dry_run(place, trial))


def _panel(
    request: HttpRequest,
    place: ProjectPlace,
    row: DryRun | None,
    problems: list[dict[str, Any]] | None = None,
) -> HttpResponse:
    context = {"problems": problems or [], **(panel_of(row) if row else {"trial": None})}
    if request.headers.get("HX-Request"):
        frame = {"workspace": place.workspace, "project": place.project}
        return render(request, "curation/dry_run/panel.html", {**frame, **context})
    status = 422 if problems else 200
    return show(request, "curation/dry_run.html", place, status=status, current="runs", **context)


def panel_of(row: DryRun) -> dict[str, Any]:
    """What the panel of a dry run shows."""
    stages = tried(row)
    done = [each for each in stages if each.n_in is not None]
    held = sum(each.n_held or 0 for each in done)
    return {
        "trial": row,
        "working": row.state in WORKING,
        "lines": [(each, _bar(each, row.n_pairs or 0)) for each in stages],
        "done": len(done),
        "of": len(stages),
        "held": held,
        "left": (row.n_pairs or 0) - held,
        "together": any(not each.stage.by_row for each in stages),
    }


def _bar(tried: Tried, pairs: int) -> Share | None:
    """None for a stage that is not done."""
    if tried.n_in is None or not pairs:
        return None
    return share_of(tried.n_out or 0, tried.n_held or 0, pairs)
