"""Two runs compared by API: numbers that add up, and the pairs behind each."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from curation import access
from curation.models import Run
from curation.queries.compare import because, between, compared
from feedback.models import Role, Scope
from feedback.rest.documented import operation
from feedback.rest.paging import page_of, paged
from feedback.rest.principal import at_project
from feedback.rest.reading import read_query

from . import shapes_compared as shapes

TAG = "runs"


@operation(TAG, gives=shapes.Comparison, query=shapes.ComparisonQuery)
def compare_runs(request: Request, workspace: str, project: str, number: int) -> Response:
    """What became of every pair of two finished runs: each is counted once, and the counts add up."""
    query = read_query(shapes.ComparisonQuery, request)
    before, after = _both(request, workspace, project, number, query["before"])
    found = compared(before, after, least=query["least"])
    said = {
        "before": before,
        "after": after,
        "because": because(before, after),
        "numbers": found.numbers,
        "entered": found.entered,
        "left": found.left,
    }
    return Response(shapes.Comparison(said).data)


@operation(TAG, gives=page_of(shapes.ComparedPair), query=shapes.ComparedPairQuery)
def list_compared(request: Request, workspace: str, project: str, number: int) -> Response:
    """The pairs of two finished runs with what both say of them."""
    query = read_query(shapes.ComparedPairQuery, request)
    before, after = _both(request, workspace, project, number, query["before"])
    rows = between(
        before, after, kind=query["change"], reason=query["reason"], least=query["least"]
    )
    return paged(query, rows, shapes.ComparedPair, by=("pk",))


def _both(
    request: Request, workspace: str, project: str, number: int, before: int | None
) -> tuple[Run, Run]:
    place = at_project(request, workspace, project, Role.MANAGER, scope=Scope.RUNS_READ)
    after = access.finished_run(place, number)
    return access.finished_run(place, before) if before else access.run_before(place, after), after
