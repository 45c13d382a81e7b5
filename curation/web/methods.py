"""How the methods of a run compare, question by question: who decides, what the others would have been worth, calibration."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from curation import access
from curation.models import Run
from curation.queries.methods import Compared, comparisons_of
from curation.queries.origins import methods_of, origin_of
from curation.queries.runs import reports_of
from feedback.errors import NotThere
from feedback.rooms.doors import at_project, page, show

from .methods_charts import Plot, plots_of


@dataclass(frozen=True, slots=True)
class Seen:
    """A question's comparison with its drawings."""

    compared: Compared
    held_out: list[Plot]
    gold: list[Plot]


@page()
def methods(request: HttpRequest, workspace: str, project: str, number: int) -> HttpResponse:
    """The comparison of a finished run; another run has none yet."""
    place = at_project(request, workspace, project)
    run = access.run(place, number)
    if run.state != Run.State.FINISHED:
        raise NotThere
    origin = origin_of(run)
    found = comparisons_of(run, methods_of(reports_of(run), origin))
    seen = [Seen(each, *plots_of(each, at)) for at, each in enumerate(found, start=1)]
    return show(
        request, "curation/methods.html", place, current="runs", run=run, seen=seen, origin=origin
    )
