"""One run: how far it is while it works, then what became of every pair, how far people agree, who is reliable."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django_htmx.http import HttpResponseClientRefresh

from curation import access
from curation.models import Run, RunPair
from curation.queries.agreement import questions_of, titles_of
from curation.queries.methods import comparisons_of
from curation.queries.mixture import mixture_of
from curation.queries.origins import methods_of, origin_of
from curation.queries.pairs import chosen_letters, letters_of, line_of, pairs_of, short_hash
from curation.queries.reliability import LEAST_SHARED, records_of
from curation.queries.runs import (
    kept_contested,
    progress_of,
    questions_of_run,
    reports_of,
    stages_of,
)
from curation.stages import STAGES_BY_NAME
from feedback.access import ProjectPlace
from feedback.policy.pace import duration
from feedback.queries.pages import page as page_of
from feedback.rooms.doors import at_project, page, show

from .agreement import pictures
from .flags import Flag, flags_in
from .stages import CONTESTED, HELD, KEPT, RELEASED, Line, lines_of, reasons_of, why
from .waterfall import waterfall_chart

PAIRS_SHOWN = 25
WORKING = Run.AT_WORK


@dataclass(frozen=True, slots=True)
class Seen:
    """A pair in the list of a run."""

    row: RunPair
    short: str
    line: str
    letters: tuple[str, str]
    chosen: str
    stage: str
    why: str


@page()
def run(request: HttpRequest, workspace: str, project: str, number: int) -> HttpResponse:
    """The run; while it works, htmx asks for its progress alone and for the whole page at the end."""
    place = at_project(request, workspace, project)
    found = access.run(place, number)
    working = found.state in WORKING
    if request.headers.get("HX-Request"):
        return _progress(request, place, found) if working else HttpResponseClientRefresh()
    context = _head(found)
    if found.state == Run.State.FINISHED:
        context |= _result(request, found)
    return show(request, "curation/run.html", place, current="runs", **context)


def _progress(request: HttpRequest, place: ProjectPlace, run: Run) -> HttpResponse:
    context = {"workspace": place.workspace, "project": place.project, **_head(run)}
    return render(request, "curation/run.html#progress", context)


def _head(run: Run) -> dict[str, Any]:
    took = (run.finished_at - run.created_at).total_seconds() if run.finished_at else None
    return {
        "run": run,
        "working": run.state in WORKING,
        "progress": progress_of(run) if run.state in WORKING else None,
        "took": duration(took) if took is not None else "",
        "once": secrets.token_urlsafe(12),
    }


def _result(request: HttpRequest, run: Run) -> dict[str, Any]:
    stages, reports, origin = stages_of(run), reports_of(run), origin_of(run)
    overruled = reports.get("by_hand", {}).get("overruled", {})
    lines = lines_of(stages, overruled)
    titles = titles_of(run.project)
    return {
        "origin": origin,
        "chart": waterfall_chart(run, stages),
        "lines": lines,
        "held_percent": 100 * run.n_held / max(1, run.n_pairs),
        "questions": [titles.get(each, each) for each in questions_of_run(run)],
        "contested": kept_contested(run),
        "released": sum(overruled.values()),
        "votes": reports["votes"],
        "clusters": reports["clusters"],
        "diversity": reports.get("diversity"),
        "mixture": mixture_of(reports.get("mixture")),
        "compared": comparisons_of(run, methods_of(reports, origin)),
        "agreement": pictures(questions_of(run, reports["agreement"])),
        "records": records_of(run, reports, titles),
        "least_shared": LEAST_SHARED,
        **_pairs(request, run, lines, flags_in(reports)),
    }


def _pairs(request: HttpRequest, run: Run, lines: list[Line], flags: list[Flag]) -> dict[str, Any]:
    """A page of the pairs that `show` asks for: held, kept, contested, held for one reason, or with one flag."""
    reasons = reasons_of(lines)
    asked = request.GET.get("show", HELD)
    flagged = {flag.asked: {"flag": flag.code} for flag in flags}
    known = {HELD, KEPT, CONTESTED, RELEASED, *flagged, *(reason.code for reason in reasons)}
    if asked not in known:
        asked = HELD
    filters: dict[str, dict[str, Any]] = {
        HELD: {"held": True},
        KEPT: {"held": False},
        CONTESTED: {"held": False, "contested": True},
        RELEASED: {"held": False, "released": True},
    }
    filters |= flagged
    rows = pairs_of(run, **filters.get(asked, {"reason": asked}))
    after = request.GET.get("after", "")
    found = page_of(rows, after=after, limit=PAIRS_SHOWN, by=("pk",))
    return {
        "reasons": reasons,
        "flags": flags,
        "asked": asked,
        "pairs": [seen(row) for row in found.rows],
        "page": found,
        "kept": urlencode({"show": asked}),
    }


def seen(row: RunPair) -> Seen:
    """A pair as a line of a table."""
    chosen = chosen_letters(row)
    return Seen(
        row=row,
        short=short_hash(row.pair.pair_hash),
        line=line_of(row.pair.revision.prompt),
        letters=letters_of(row.pair),
        chosen=chosen[0] if chosen else "",
        stage=STAGES_BY_NAME[row.stage].title if row.stage else "",
        why=why(row),
    )
