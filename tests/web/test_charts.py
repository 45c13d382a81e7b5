"""Drawings are numbers before they are pictures: to scale, in order, and silent about what nobody measured."""

from __future__ import annotations

from itertools import combinations

import pytest

from curation.models import Run, RunStage
from curation.queries.agreement import Figure, Question, Two, coefficient, names_of
from curation.web.agreement_charts import MOST_RATERS, dots_chart, matrix_chart
from curation.web.waterfall import LEFT, RIGHT, round_step, waterfall_chart
from exports.queries import Strength
from exports.web.charts import strength_chart
from feedback.models import Rater, Source
from tests.world import World

NOTHING = Figure(None, None, None, 0, 0)


def figure(value: float | None, low: float | None = None, high: float | None = None) -> Figure:
    return Figure(value, low, high, 100, 20)


def question(leading: Figure, pairs: list[Two] | None = None, **words: str) -> Question:
    named = {"id": "q", "title": "Which is better?", "of": "votes", **words}
    return Question(**named, values=100, leading=leading, lines=[], pairs=pairs or [])


def twos(number: int) -> list[Two]:
    names = [f"annotator{n:02}" for n in range(number)]
    return [
        Two(a, b, figure(0.3), figure(0.8)) for at, a in enumerate(names) for b in names[at + 1 :]
    ]


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.8642, ".86"), (-0.213, "−.21"), (1.0, "1"), (0.0, "0"), (-0.001, "0"), (0.996, "1")],
)
def test_coefficients_are_written_as_people_write_them(value: float, words: str) -> None:
    assert coefficient(value) == words


def test_a_dot_lies_between_the_ends_of_its_interval() -> None:
    chart = dots_chart([question(figure(0.5, 0.4, 0.7)), question(figure(-0.3, -0.5, 0.1))])
    assert chart is not None
    for dot in chart.dots:
        assert float(dot.from_x) < float(dot.x) < float(dot.to_x) < float(dot.words_at)
    assert float(chart.dots[1].x) < float(chart.dots[0].x)
    assert chart.marks[0].words == "−.60"
    assert [mark.words for mark in chart.marks if mark.meant] == [".67", ".80"]


def test_what_nobody_measured_is_not_drawn() -> None:
    assert dots_chart([question(NOTHING)]) is None
    chart = dots_chart([question(NOTHING), question(figure(0.5))])
    assert chart is not None
    [dot] = chart.dots
    assert dot.from_x == ""


def test_votes_and_ratings_of_one_question_are_told_apart() -> None:
    both = [question(figure(0.5), of="votes"), question(figure(0.4), of="ratings")]
    chart = dots_chart([*both, question(figure(0.3), title="A" * 60)])
    assert chart is not None
    titles = [dot.title for dot in chart.dots]
    assert titles[:2] == ["Which is better? (votes)", "Which is better? (ratings)"]
    assert len(titles[2]) == 40


def test_two_raters_are_no_matrix_and_many_are_cut_to_those_who_share_most() -> None:
    assert matrix_chart(question(figure(0.5), twos(2))) is None
    chart = matrix_chart(question(figure(0.5), twos(15)))
    assert chart is not None
    assert (len(chart.rows), chart.others) == (MOST_RATERS, 15 - MOST_RATERS)
    assert [len(row.cells) for row in chart.rows] == list(range(MOST_RATERS))
    names = [head.name for head in chart.heads]
    assert (
        names
        == [row.name for row in chart.rows]
        == sorted({f"annotator{n:02}" for n in range(MOST_RATERS)})
    )
    assert not chart.is_cut


def test_a_matrix_has_the_room_that_its_names_need_and_keeps_both_ends_of_one_that_is_too_long() -> (
    None
):
    long = "annotator of the laboratory in Trondheim, number {}"
    pairs = [
        Two(a, b, figure(0.3), figure(0.8))
        for a, b in combinations([long.format(n) for n in range(3)], 2)
    ]
    short, wide = (matrix_chart(question(figure(0.5), each)) for each in (twos(3), pairs))
    assert short is not None
    assert wide is not None
    assert [head.name for head in wide.heads] == [
        f"annotator of t…eim, number {n}" for n in range(3)
    ]
    assert [head.whole for head in wide.heads] == [long.format(n) for n in range(3)]
    assert wide.is_cut
    assert float(wide.rows[1].cells[0].x) > float(short.rows[1].cells[0].x)
    # A leaning name ends inside the drawing: 45 degrees, at most 7 pixels a letter.
    for chart in (short, wide):
        last = chart.heads[-1]
        assert float(last.x) + len(last.name) * 7 * 0.7072 <= chart.width
        assert float(chart.foot) >= len(last.name) * 7 * 0.7072


def test_cells_are_shaded_by_kappa_and_empty_where_two_share_too_little() -> None:
    pairs = [Two("a", "b", figure(0.9), NOTHING), Two("a", "c", figure(-0.1), NOTHING)]
    chart = matrix_chart(question(figure(0.5), pairs))
    assert chart is not None
    cells = {row.name: [(cell.heat, cell.words) for cell in row.cells] for row in chart.rows}
    assert cells == {"a": [], "b": [("h4", ".90")], "c": [("hx", "−.10"), ("", "")]}


@pytest.mark.parametrize(
    ("most", "step"), [(0, 1), (1, 1), (7, 2), (999, 250), (3555, 1000), (1_000_000, 250_000)]
)
def test_scales_have_round_steps(most: int, step: int) -> None:
    assert round_step(most) == step


def test_the_waterfall_falls_step_by_step() -> None:
    run = Run(n_pairs=1000, n_held=400, n_out=600)
    stages = [
        RunStage(stage="degenerate", n_in=1000, n_held=300, n_out=700),
        RunStage(stage="votes", n_in=700, n_held=0, n_out=700),
        RunStage(stage="decided", n_in=700, n_held=100, n_out=600),
    ]
    chart = waterfall_chart(run, stages)
    assert [bar.number for bar in chart.steps] == [300, 100]
    assert [bar.title for bar in chart.steps] == ["Empty or identical", "No preference"]
    full = RIGHT - LEFT
    assert float(chart.first.on) == full
    assert float(chart.last.on) == pytest.approx(0.6 * full)
    assert float(chart.steps[0].held_from) == float(chart.steps[1].held_from) + float(
        chart.steps[1].held
    )
    assert [float(bar.on) + float(bar.held) for bar in chart.steps] == pytest.approx(
        [full, 0.7 * full]
    )
    assert [tick.words for tick in chart.ticks] == [0, 250, 500, 750, 1000]


def test_a_run_without_pairs_has_a_drawing_too() -> None:
    chart = waterfall_chart(Run(n_pairs=0, n_held=0, n_out=0), [])
    assert (chart.first.on, chart.last.on, chart.steps) == ("0.0", "0.0", [])


def test_strength_has_a_bar_for_each_step_or_one_for_each_side() -> None:
    counts = [("first", 3, 4), ("first", 2, 0), ("first", 1, 6), ("second", 1, 5)]
    rest = [("second", 2, 1), ("second", 3, 2)]
    found = [Strength(side, steps, pairs) for side, steps, pairs in [*counts, *rest]]
    graded, plain = (strength_chart(found, graded=graded) for graded in (True, False))
    assert [bar.pairs for bar in graded.bars] == [4, 0, 6, 5, 1, 2]
    assert [bar.words for bar in graded.bars][:2] == ["A much", "A better"]
    assert [(bar.words, bar.pairs) for bar in plain.bars] == [("A better", 10), ("B better", 8)]
    assert (graded.first, graded.second) == (10, 8)
    assert all(float(bar.x) + float(bar.width) <= 440 for bar in graded.bars)


def test_raters_are_named_as_managers_know_them(world: World) -> None:
    ana = Rater.objects.get(user=world.ana)
    for name in ("lab", "lab:two"):
        Source.objects.create(workspace=world.workspace, project=world.project, name=name)
    member = f"member:{ana.public_id}"
    keys = [
        member,
        "imported:lab:two:ruth",
        "imported:lab:ruth",
        "imported:lab:sam",
        "unknown:lab::1",
    ]
    assert names_of(world.project, keys) == {
        member: "Ana",
        "imported:lab:two:ruth": "ruth (lab:two)",
        "imported:lab:ruth": "ruth (lab)",
        "imported:lab:sam": "sam",
        "unknown:lab::1": "unnamed, 1",
    }
