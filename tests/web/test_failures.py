"""Errors in the words of our pages, and no page that needs what may be broken."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client, RequestFactory

from feedback.web import failures, home
from tests.web.pages import Reader, Seen
from tests.world import World


def test_not_yours_and_not_there_look_the_same(world: World) -> None:
    reader = Reader(world.eve)
    theirs, nothing = reader.get("/w/northgate/"), reader.get("/w/no-such-place/")
    assert theirs.status == nothing.status == 404
    assert "There is nothing here It does not exist, or it is not yours to see. not_found" in theirs
    assert theirs.words == nothing.words


def test_an_address_that_is_none_has_our_page(world: World) -> None:
    seen = Reader(world.ana).get("/nowhere/at/all/")
    assert seen.status == 404
    assert "Back to the start" in seen


def test_a_page_asked_in_another_way_than_it_can_is_refused(world: World) -> None:
    assert Reader(world.ana).post("/reviews/").status == 405


def test_a_form_from_elsewhere_is_refused(world: World) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(world.ana)
    seen = Seen(strict.post("/settings/theme/", {"theme": "dark"}))
    assert seen.status == 403
    assert "This form is out of date. Go back, load the page again" in seen
    world.ana.refresh_from_db()
    assert world.ana.theme == "system"


def test_what_breaks_is_told_without_asking_the_database(
    world: World, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    request = RequestFactory().get("/")
    with django_assert_num_queries(0):
        seen = Seen(failures.server_error(request))
    assert seen.status == 500
    assert "Something broke on our side" in seen

    def broken(*_args: Any, **_options: Any) -> None:
        raise DatabaseError

    monkeypatch.setattr(home, "memberships_of", broken)
    client = Client(raise_request_exception=False)
    client.force_login(world.ana)
    assert client.get("/").status_code == 500


def test_pages_are_kept_in_no_cache_and_allow_no_foreign_script(world: World) -> None:
    seen = Reader(world.ana).get("/")
    assert "no-store" in seen.headers["Cache-Control"]
    policy = seen.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    for forbidden in (" style=", "<style", "onclick=", "<script>"):
        assert forbidden not in seen.source
