"""What a reviewer's every request asks is prepared by the server once, and planned no more."""

from __future__ import annotations

import pytest
from django.db import connection

from feedback.statements import run

pytestmark = pytest.mark.django_db


def test_a_statement_of_ours_is_prepared_when_it_is_first_run():
    run("SELECT %(number)s::int + 41", {"number": 1})

    assert _prepared("SELECT $1::int + 41") == 1


def test_run_again_it_is_the_same_prepared_statement():
    before = _prepared("SELECT $1::int + 42")
    for _ in range(3):
        assert run("SELECT %(number)s::int + 42", {"number": 1}) == [(43,)]

    assert (before, _prepared("SELECT $1::int + 42")) == (0, 1)


def test_a_statement_that_returns_nothing_gives_no_rows():
    assert run("SET LOCAL statement_timeout = '1min'", {}) == []


def test_django_s_own_statements_are_not_prepared():
    """They differ with every list of values, and would fill the server's memory."""
    with connection.cursor() as cursor:
        for _ in range(8):
            cursor.execute("SELECT %s + 43", [1])

    assert _prepared("SELECT % + 43") == 0


def _prepared(like: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s", [like]
        )
        return int(cursor.fetchone()[0])
