"""How far people agree, as the latest finished run measured it: a part of the project's overview, and a page of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from curation.queries.agreement import Question, Two, questions_of
from curation.queries.origins import origin_of
from curation.queries.runs import latest_finished, reports_of
from feedback.rooms.doors import at_project, page, show

from .agreement_charts import Dots, Matrix, dots_chart, matrix_chart

MOST_TWOS = 100


@dataclass(frozen=True, slots=True)
class Whom:
    """Who agrees with whom on a question: the drawing, and the question whose pairs of raters stand in the table."""

    question: Question
    matrix: Matrix

    @property
    def twos(self) -> list[Two]:
        """The raters who judged most together, two by two."""
        return sorted(self.question.pairs, key=lambda two: -two.kappa.units)[:MOST_TWOS]

    @property
    def has_more(self) -> bool:
        """Whether there are more of them than the table shows."""
        return len(self.question.pairs) > MOST_TWOS


@dataclass(frozen=True, slots=True)
class Pictures:
    """Agreement as a page shows it; `dots` is None where nobody judged what another had judged.

    `whom` holds questions with three raters and more, `only` those with two: one figure is no matrix.
    """

    questions: list[Question]
    dots: Dots | None
    whom: list[Whom]
    only: list[tuple[Question, Two]]


@page()
def agreement(request: HttpRequest, workspace: str, project: str) -> HttpResponse:
    """The part alone for htmx, the page for everybody else."""
    place = at_project(request, workspace, project)
    run = latest_finished(place.project)
    found = pictures(questions_of(run, reports_of(run)["agreement"])) if run else None
    origin = origin_of(run) if run else None
    context: dict[str, Any] = {"run": run, "origin": origin, "agreement": found}
    if request.headers.get("HX-Request"):
        frame = {"workspace": place.workspace, "project": place.project}
        return render(request, "curation/agreement/slot.html", {**frame, **context})
    return show(request, "curation/agreement.html", place, current="overview", **context)


def pictures(questions: Sequence[Question]) -> Pictures:
    """The drawings of a run's agreement."""
    drawn = [(question, matrix_chart(question)) for question in questions]
    whom = [Whom(question, matrix) for question, matrix in drawn if matrix is not None]
    only = [(question, question.pairs[0]) for question in questions if len(question.pairs) == 1]
    return Pictures(list(questions), dots_chart(questions), whom, only)
