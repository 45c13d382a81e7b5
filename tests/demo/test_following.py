"""Waiting for workers: what is shown meanwhile, and when it ends without them."""

from __future__ import annotations

import io

import pytest
from django.core.management.base import OutputWrapper

from feedback import following
from feedback.following import Line, NobodyWorks, StandsStill, Step, follow


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(following, "PAUSE_S", 0.005)
    monkeypatch.setattr(following, "UNTIL_TAKEN_S", 0.05)
    monkeypatch.setattr(following, "UNTIL_MOVED_S", 0.2)


def test_each_change_of_words_is_shown_once_until_the_work_is_done():
    steps = [Step("waits", False), *[Step("half", True)] * 3, Step("all", True, done=True)]
    shown: list[str] = []
    last = follow(iter(steps).__next__, shown.append)
    assert (shown, last) == (["waits", "half", "all"], steps[-1])


def test_work_that_no_worker_takes_ends_with_a_sentence():
    with pytest.raises(NobodyWorks, match="Start one"):
        follow(lambda: Step("waits", False), lambda words: None)


def test_work_that_a_worker_has_gets_more_patience_than_work_that_waits():
    steps = iter([Step("busy", True)] * 15 + [Step("done", True, done=True)])
    assert follow(steps.__next__, lambda words: None).words == "done"
    with pytest.raises(StandsStill, match="log"):
        follow(lambda: Step("busy", True), lambda words: None)


def test_a_terminal_is_written_over_and_a_file_gets_only_what_stays():
    for out, expected in (
        (Terminal(), "1,000 rows\rdone      \nnext\n"),
        (io.StringIO(), "done\nnext\n"),
    ):
        line = Line(OutputWrapper(out))
        line.show("1,000 rows")
        line.keep("done")
        line.keep("next")
        assert out.getvalue() == expected
