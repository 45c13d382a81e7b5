"""Which model wins, as the reviews of a run have it, and where it loses: tag by tag, with the items behind each figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse

from curation import access
from curation.models import Run
from curation.queries.agreement import titles_of
from curation.queries.leaderboards import (
    NOTHING,
    Board,
    Cell,
    Figure,
    Mean,
    Ranking,
    Standing,
    leaderboard_of,
    means_of,
    rankings_of,
)
from curation.queries.runs import latest_finished
from feedback.access import ProjectPlace
from feedback.errors import NotThere
from feedback.rooms.doors import at_project, page, show

WIDTH, EDGE = 200.0, 8.0  # of a drawing of one strength and its interval
EFFECTS = {
    "position": "the one shown first",
    "length": "the one twice as long",
    "markdown": "the one with twice as much Markdown",
}
# Up to which share of votes a cell is tinted how; the words in it say the same.
HEAT = ((0.35, "lost"), (0.45, "behind"), (0.55, "even"), (0.65, "ahead"), (1.01, "won"))


@dataclass(frozen=True, slots=True)
class Line:
    """A model in the table: its place in words, and its strength drawn between the ends of the scale."""

    standing: Standing
    place: str
    x: str
    from_x: str
    to_x: str


@dataclass(frozen=True, slots=True)
class Square:
    """A cell of the map; None where the model has no vote under the tag."""

    cell: Cell
    heat: str
    items: str


@dataclass(frozen=True, slots=True)
class Scores:
    """The mean scores of one question."""

    title: str
    models: list[Mean]


@page()
def leaderboard(request: HttpRequest, workspace: str, project: str) -> HttpResponse:
    """The ranking on one question, over all or under one tag, and the map of all tags."""
    place = at_project(request, workspace, project)
    run = _run(place, request.GET.get("run", ""))
    report = leaderboard_of(run) if run else NOTHING
    rankings, titles = rankings_of(report), titles_of(place.project)
    ranking = _asked(rankings, request.GET.get("question", ""))
    tag = request.GET.get("tag", "")
    board = _board(ranking, tag) if ranking else None
    return show(
        request,
        "curation/leaderboard.html",
        place,
        run=run,
        as_of=report.get("as_of"),
        ranking=ranking,
        title=titles.get(ranking.question, ranking.question) if ranking else "",
        questions=[(each.question, titles.get(each.question, each.question)) for each in rankings],
        tag=tag,
        tags=list(ranking.by_tag) if ranking else [],
        board=board,
        lines=_lines(board) if board else [],
        effects=[(EFFECTS[each.name], each.chance) for each in board.effects] if board else [],
        rows=_squares(ranking) if ranking else [],
        scores=[Scores(titles.get(id, id), means) for id, means in means_of(report).items()],
        current="models",
    )


def _run(place: ProjectPlace, number: str) -> Run | None:
    """The run that is asked for, else the latest that is finished."""
    if not number:
        return latest_finished(place.project)
    if not number.isdecimal() or len(number) > 9:
        raise NotThere
    return access.run(place, int(number))


def _asked(rankings: Sequence[Ranking], question: str) -> Ranking | None:
    if not question:
        return rankings[0] if rankings else None
    found = next((each for each in rankings if each.question == question), None)
    if found is None:
        raise NotThere
    return found


def _board(ranking: Ranking, tag: str) -> Board:
    if not tag:
        return ranking.overall
    if tag not in ranking.by_tag:
        raise NotThere
    return ranking.by_tag[tag]


def _lines(board: Board) -> list[Line]:
    figures = [each.points for each in board.standings]
    ends = [end for f in figures for end in (f.value, f.low, f.high) if end is not None]
    low, high = min(ends), max(ends)
    return [_line(standing, low, max(high - low, 1.0)) for standing in board.standings]


def _line(standing: Standing, low: float, span: float) -> Line:
    def x(value: float | None) -> str:
        return "" if value is None else f"{EDGE + (WIDTH - 2 * EDGE) * (value - low) / span:.1f}"

    f = standing.points
    return Line(standing, _place(standing), x(f.value), x(f.low), x(f.high))


def _place(standing: Standing) -> str:
    if standing.best is None:
        return ""
    if standing.best == standing.worst:
        return str(standing.best)
    return f"{standing.best}–{standing.worst}"


def _squares(ranking: Ranking) -> list[tuple[str, list[Square | None]]]:
    """A row for each model, in the order of the ranking: all votes first, then every tag."""
    columns = ["", *ranking.by_tag]
    return [
        (each.model, [_square(ranking.cells.get((tag, each.model))) for tag in columns])
        for each in ranking.overall.standings
    ]


def _square(cell: Cell | None) -> Square | None:
    if cell is None:
        return None
    asked = {"model": cell.model, **({"tag": cell.tag} if cell.tag else {})}
    return Square(cell, _heat(cell.share), urlencode(asked))


def _heat(share: Figure) -> str:
    return next(name for most, name in HEAT if share.value < most)
