"""Small parts of pages: numbers and durations in words, letters, fields, the chart, cells of a spreadsheet."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest
from django import forms
from hypothesis import given
from hypothesis import strategies as st

from feedback.csv_out import DANGEROUS, csv_lines, neutral
from feedback.policy.forecast import Forecast
from feedback.queries.overview import Day
from feedback.templatetags import touch
from feedback.web.chart import BOTTOM, LEFT, RIGHT, TOP, progress_chart


@pytest.mark.parametrize(
    ("value", "words"), [(0, "0"), (3204, "3,204"), (-105, "−105"), (None, "")]
)
def test_numbers_are_written_as_people_read_them(value: int | None, words: str) -> None:
    assert touch.number(value) == words


@pytest.mark.parametrize(
    ("ms", "words"), [(None, ""), (400, "0:00"), (231_000, "3:51"), (3_729_000, "1:02:09")]
)
def test_time_spent_stands_in_columns(ms: int | None, words: str) -> None:
    assert touch.clock(ms) == words


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (14_200, "14.2 kB"),
        (88_000_000, "88.0 MB"),
        (3 * 10**12, "3,000.0 GB"),
    ],
)
def test_bytes_are_written_as_people_read_them(count: int, words: str) -> None:
    assert touch.size(count) == words


@pytest.mark.parametrize(
    ("noun", "count", "words"),
    [
        ("patch", 2, "patches"),
        ("brief", 3, "briefs"),
        ("patch", 1, "patch"),
        ("response", 0, "responses"),
    ],
)
def test_several_of_a_noun(noun: str, count: int, words: str) -> None:
    assert touch.plural(noun, count) == words


def test_only_a_preference_draws_a_letter_and_everything_is_escaped() -> None:
    assert 'data-side="a">A</span> much better' in touch.answer("A much better")
    assert 'class="letter small">D</span> better' in touch.answer("D better")
    assert touch.answer("A <b>thing</b>") == "A &lt;b&gt;thing&lt;/b&gt;"


class Asking(forms.Form):
    """One of each kind of control."""

    text = forms.CharField(
        help_text="Say it <briefly>.", widget=forms.TextInput(attrs={"placeholder": "x"})
    )
    pick = forms.ChoiceField(choices=[("a", "A")])
    ticks = forms.MultipleChoiceField(choices=[("a", "A")], widget=forms.CheckboxSelectMultiple)
    one = forms.BooleanField()


def test_every_field_has_a_label_its_help_and_its_error_tied_to_it() -> None:
    source = str(Asking({"text": ""}).as_div())
    page = "".join(str(field.as_field_group()) for field in Asking({}))
    assert page.count('class="error"') == 4
    assert 'aria-describedby="id_text_helptext id_text_error"' in page
    assert 'id="id_text_helptext">Say it &lt;briefly&gt;.' in page
    assert "placeholder" not in page
    assert '<span class="select">' in page
    assert "<fieldset" in page
    assert source


def days(*received: int) -> list[Day]:
    start, together, listed = dt.date(2026, 11, 1), 0, []
    for number, count in enumerate(received):
        together += count
        listed.append(Day(start + dt.timedelta(days=number), count, together))
    return listed


def test_a_line_needs_two_days() -> None:
    assert progress_chart(days(5), 10, None) is None
    assert progress_chart([], 0, None) is None


def test_the_line_ends_at_what_was_received() -> None:
    chart = progress_chart(days(2, 3, 5), 20, None)
    assert chart is not None
    assert chart.line.split()[0] == f"{LEFT},{BOTTOM - (BOTTOM - TOP) * 2 / 20}"
    assert chart.line.split()[-1] == f"{RIGHT},{BOTTOM - (BOTTOM - TOP) / 2}"
    assert (chart.received, chart.plan, chart.fan) == (10, "", "")


@given(
    st.lists(st.integers(0, 400), min_size=2, max_size=60),
    st.integers(0, 5000),
    st.one_of(
        st.none(),
        st.builds(
            lambda days, less, more: Forecast(1.0, days, max(1, days - less), more and days + more),
            st.integers(1, 1000),
            st.integers(0, 500),
            st.one_of(st.none(), st.integers(1, 5000)),
        ),
    ),
)
def test_nothing_is_drawn_outside_and_no_two_dates_collide(
    received: list[int], wanted: int, ahead: Forecast | None
) -> None:
    chart = progress_chart(days(*received), max(wanted, sum(received)), ahead)
    assert chart is not None
    for points in (chart.line, chart.plan, chart.fan):
        for point in points.split():
            x, y = map(float, point.split(","))
            assert LEFT <= x <= RIGHT
            assert TOP <= y <= BOTTOM
    places = [mark.at for mark in chart.dates]
    assert all(second - first >= 70 for first, second in pairwise(places))
    assert all(TOP <= mark.at <= BOTTOM for mark in chart.across)
    assert len(chart.across) <= 6


@given(st.text())
def test_no_cell_begins_like_a_formula_and_none_loses_a_character(text: str) -> None:
    cell = neutral(text)
    assert not cell.startswith(DANGEROUS)
    assert cell in {text, f"'{text}"}


def test_numbers_and_nothing_stay_what_they_are() -> None:
    assert list(csv_lines(["a", "b", "c"], [[1, None, "=1+1"]])) == [
        "\ufeffa,b,c\r\n",
        "1,,'=1+1\r\n",
    ]
