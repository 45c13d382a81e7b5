"""A desk loads what its questions and its view need, and nothing twice."""

from __future__ import annotations

import pytest

from feedback.web import desk_parts
from feedback.web.desk_parts import Part, parts


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    shared = "css/desk-notes.css"
    monkeypatch.setattr(
        desk_parts, "BY_QUESTION", {"ranking": Part(("r.js",), (shared,)), "steps": Part(("s.js",))}
    )
    monkeypatch.setattr(desk_parts, "BY_VIEW", {"diff": Part(("d.js",), (shared,))})


def test_files_come_once_in_a_fixed_order_view_first() -> None:
    needed = parts(["steps", "ranking", "ranking", "text"], "diff")
    assert needed == Part(("d.js", "r.js", "s.js"), ("css/desk-notes.css",))


def test_a_desk_of_plain_questions_loads_nothing_more() -> None:
    assert parts(["text", "rating"], "prose") == Part()
