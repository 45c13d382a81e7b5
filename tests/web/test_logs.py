"""Logs of test runs: their end first, their colours as classes, and nothing of a terminal's tricks."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.logs import TAIL, read_run
from feedback.unseen import HIDDEN

from .test_desk_texts import Seen

ESC = "\x1b"


@pytest.mark.parametrize(
    ("last", "code", "seconds"),
    [
        ("exit 1 in 4.1 s", 1, "4.1"),
        ("exit 0", 0, ""),
        ("exit code: 137", 137, ""),
        ("Process exited with code 2", 2, ""),
        ("[exit status 1 · 38.6 s]", 1, "38.6"),
        (f"{ESC}[31mexit 1{ESC}[0m", 1, ""),
        ("exit strategy 1", None, ""),
        ("1 failed in 4.1 s", None, ""),
    ],
)
def test_how_it_ended_is_read_from_the_last_line(last: str, code: int | None, seconds: str) -> None:
    run = read_run(f"$ pytest -q\nF.\n{last}\n")
    assert (run.exit, run.seconds) == (code, seconds)
    assert ("exit" in Seen(run.tail).words) == (code is None and "exit" in last)


def test_the_command_is_the_title_or_the_first_line() -> None:
    assert read_run("$ pytest -q\n.", "tests").command == "tests"
    assert read_run("$ pytest -q\n.").command == "pytest -q"
    assert read_run("").command == "A run without a name"


def test_a_long_log_shows_its_end_and_keeps_the_rest() -> None:
    run = read_run("\n".join(f"line {number}" for number in range(500)))
    assert run.lines_before == 500 - TAIL
    assert run.tail.endswith("line 499")
    assert run.before.startswith("line 0\n")


def test_colours_become_classes_and_last_over_lines() -> None:
    run = read_run(
        f"{ESC}[1;31mbad\nstill{ESC}[0m plain {ESC}[38;5;2mgreen{ESC}[39m {ESC}[38;2;1;2;3mx"
    )
    assert run.tail == (
        '<span class="bold red">bad</span>\n<span class="bold red">still</span> plain '
        '<span class="green">green</span> x'
    )


def test_failures_are_marked_where_a_log_has_no_colours() -> None:
    tail = read_run("E   AssertionError: x\n1 failed, 3 passed\n==== FAILURES ====\nfine").tail
    assert tail.split("\n") == [
        '<span class="red">E   AssertionError: x</span>',
        '<span class="red">1 failed, 3 passed</span>',
        '<span class="dim">==== FAILURES ====</span>',
        "fine",
    ]


def test_what_was_written_over_and_what_moves_the_cursor_is_not_shown() -> None:
    assert read_run("10%\r50%\r100%\r\ndone").tail == "100%\ndone"
    assert read_run(f"{ESC}[2J{ESC}[H{ESC}]0;title\x07ok").tail == "ok"


@given(st.text(alphabet=f'a1;:m[]<>&"\r\n\t{ESC}\x07\u202e38', max_size=200))
def test_no_log_leaves_its_place_or_hides_a_character(text: str) -> None:
    run = read_run(text)
    for html in (run.command, run.before, run.tail):
        assert {tag for tag, _ in Seen(html).tags} <= {"span"}
        assert all(set(names) <= {"class", "title", "data-n"} for _, names in Seen(html).tags)
        assert HIDDEN.search(html) is None


def test_a_hostile_log_is_quick() -> None:
    started = time.process_time()
    read_run(f"{ESC}[31m" * 200_000)
    read_run("E  \n" * 100_000)
    read_run("exit " * 500_000)
    read_run("0 " * 1_000_000)
    read_run("==== " * 4_000 + "\n" + "-" * 19_000)
    assert time.process_time() - started < 8
