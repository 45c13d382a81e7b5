"""Runs by API: begun, followed, and read down to the votes behind each pair."""

from __future__ import annotations

import uuid

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from curation import access
from curation.actions.recipes import first_recipe
from curation.actions.start_run import start_run as begin
from curation.models import Run
from curation.queries.lineage import lineage_of
from curation.queries.origins import methods_of, origin_of
from curation.queries.pairs import pairs_of
from curation.queries.reliability import reliability_of, shared_votes
from curation.queries.runs import (
    latest_finished,
    progress_of,
    questions_of_run,
    reports_of,
    runs_of,
    stages_of,
)
from feedback.access import ProjectPlace
from feedback.models import Role, Scope
from feedback.rest.documented import example, operation
from feedback.rest.idempotency import idempotent
from feedback.rest.paging import PageQuery, page_of, paged
from feedback.rest.principal import at_project
from feedback.rest.reading import read, read_query

from . import method_shapes, shapes

TAG = "runs"
# Whoever begins a run follows it.
FOLLOW = frozenset({Scope.RUNS_READ, Scope.RUNS_WRITE})


@operation(TAG, gives=page_of(shapes.Run), query=PageQuery)
def list_runs(request: Request, workspace: str, project: str) -> Response:
    """Every run of the project, the latest first."""
    place = _at(request, workspace, project)
    return paged(
        read_query(PageQuery, request), runs_of(place.project), shapes.Run, by=("-number",)
    )


@operation(
    TAG,
    takes=shapes.NewRun,
    gives=shapes.Run,
    status=202,
    examples=[example("The project's own recipe", {}, asked=True)],
)
@idempotent
def start_run(request: Request, workspace: str, project: str) -> Response:
    """Freeze the reviews as they are and call the workers; the run shows how far they are."""
    place = at_project(request, workspace, project, Role.MANAGER, scope=Scope.RUNS_WRITE)
    said, now = read(shapes.NewRun, request), timezone.now()
    since = access.run(place, said["since"]) if said["since"] else None
    if since is not None and not said["recipe"]:
        version = since.recipe_version
    elif said["recipe"]:
        version = access.recipe_version(place, said["recipe"], said["version"])
    else:
        version = first_recipe(project=place.project, now=now)
    run = begin(place=place, version=version, seed=said["seed"], since=since, now=now)
    return Response(shapes.Run(run).data, status=202)


@operation(TAG, gives=shapes.RunDetail)
def read_run(request: Request, workspace: str, project: str, number: int) -> Response:
    """One run: how far it is, then its waterfall, its hashes and its reports."""
    run = access.run(_at(request, workspace, project), number)
    context = {
        "questions": questions_of_run(run),
        "progress": progress_of(run),
        "stages": stages_of(run),
        "reports": reports_of(run),
    }
    return Response(shapes.RunDetail(run, context=context).data)


@operation(TAG, gives=page_of(shapes.Pair), query=shapes.PairQuery)
def list_pairs(request: Request, workspace: str, project: str, number: int) -> Response:
    """The pairs of a run with their statistics; filtered by whether and why they were held, and by flag."""
    run = _readable(request, workspace, project, number)
    query = read_query(shapes.PairQuery, request)
    filters = {name: query[name] for name in ("held", "contested", "reason", "released", "flag")}
    return paged(query, pairs_of(run, **filters), shapes.Pair, by=("pk",))


@operation(TAG, gives=shapes.PairDetail)
def read_pair(
    request: Request, workspace: str, project: str, number: int, pair: uuid.UUID
) -> Response:
    """One pair with both texts, every vote behind it, and the pairs that repeat it."""
    run = _readable(request, workspace, project, number)
    row = access.run_pair(run, pair)
    row.run = run
    return Response(shapes.PairDetail(row, context={"lineage": lineage_of(row)}).data)


@operation(TAG, gives=page_of(shapes.Reliability), query=PageQuery)
def list_run_raters(request: Request, workspace: str, project: str, number: int) -> Response:
    """How reliable the run found each rater who has a name."""
    run = _readable(request, workspace, project, number)
    query = read_query(PageQuery, request)
    shared = shared_votes(run, reports_of(run))
    return paged(query, reliability_of(run), shapes.Reliability, by=("pk",), shared=shared)


@operation(TAG, gives=method_shapes.RunMethods)
def list_run_methods(request: Request, workspace: str, project: str, number: int) -> Response:
    """How the methods compare on held-out votes and on known answers, question by question; who decides, and why."""
    run = _readable(request, workspace, project, number)
    origin = origin_of(run)
    said = {
        "run": run.number,
        "as_of": origin.run.number if origin else None,
        "questions": methods_of(reports_of(run), origin),
    }
    return Response(method_shapes.RunMethods(said).data)


@operation(TAG, gives=shapes.RunAgreement)
def read_run_agreement(request: Request, workspace: str, project: str) -> Response:
    """How far reviewers agree, question by question and two by two, as the latest finished run measured it."""
    place = at_project(request, workspace, project, Role.MANAGER, scope=Scope.RUNS_READ)
    run = latest_finished(place.project)
    found = reports_of(run)["agreement"] if run else []
    said = {"run": run.number if run else None, "questions": found}
    return Response(shapes.RunAgreement(said).data)


def _at(request: Request, workspace: str, project: str) -> ProjectPlace:
    return at_project(request, workspace, project, Role.MANAGER, scope=FOLLOW)


def _readable(request: Request, workspace: str, project: str, number: int) -> Run:
    place = at_project(request, workspace, project, Role.MANAGER, scope=Scope.RUNS_READ)
    return access.run(place, number)
