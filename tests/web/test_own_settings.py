"""One's own settings: how pages look, in which time zone, and signing in."""

from __future__ import annotations

import datetime as dt

import pytest

from feedback.actions.agreements import accept_agreement
from tests.web.pages import Reader
from tests.world import World, make_item

BASE = "/settings/"
ASKED = {"name": "Ana L.", "theme": "dark", "text_percent": "125", "time_zone": "Asia/Tokyo"}


def test_settings_are_kept_and_every_page_follows_them(world: World) -> None:
    ana = Reader(world.ana)
    assert "Saved." in ana.follow(BASE, ASKED)
    world.ana.refresh_from_db()
    assert (world.ana.name, world.ana.theme, world.ana.text_percent) == ("Ana L.", "dark", 125)
    assert '<html lang="en" data-text="125" data-theme="dark">' in ana.get("/").source
    assert "Ana L." in ana.get("/")


def test_times_are_shown_where_one_reads(world: World) -> None:
    at = dt.datetime(2026, 3, 1, 22, 30, tzinfo=dt.UTC)
    accept_agreement(place=world.place(world.mara), version=1, now=at)
    mara, page = Reader(world.mara), "/w/northgate/agreement/"
    assert "1 March 2026, 22:30" in mara.get(page)
    mara.post(BASE, ASKED)
    assert "2 March 2026, 07:30" in mara.get(page)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("theme", "pink"),
        ("text_percent", "999"),
        ("time_zone", "Mars/Olympus"),
        ("name", "x" * 201),
    ],
)
def test_a_value_that_does_not_exist_is_told_at_its_field(
    world: World, field: str, value: str
) -> None:
    seen = Reader(world.ana).post(BASE, {**ASKED, field: value})
    assert seen.status == 422
    assert f'id="id_{field}_error"' in seen.source
    world.ana.refresh_from_db()
    assert world.ana.theme == "system"


def test_day_or_night_works_without_a_script_and_with_one(world: World) -> None:
    ana = Reader(world.ana)
    assert ana.post(BASE + "theme/", {"theme": "dark", "next": "/reviews/"}).to == "/reviews/"
    world.ana.refresh_from_db()
    assert world.ana.theme == "dark"
    seen = ana.post(BASE + "theme/", {"theme": "light"}, Accept="application/json")
    assert (seen.status, seen.source) == (204, "")
    assert ana.post(BASE + "theme/", {"theme": "pink", "next": "https://evil.example"}).to == "/"
    world.ana.refresh_from_db()
    assert world.ana.theme == "light"


def test_nobody_without_a_name_has_settings(db: None) -> None:
    assert Reader().get(BASE).to == f"/account/login/?next={BASE}"
    assert Reader().post(BASE + "theme/", {"theme": "dark"}).status == 302


def test_pages_know_the_outbox_of_the_desk_by_the_same_name_and_nobody_elses(world: World) -> None:
    make_item(world.project, wanted=2)
    ana = Reader(world.ana)
    desk = ana.get(ana.get("/w/northgate/p/chat/desk/").to)
    name = desk.source.split('data-outbox="')[1].split('"')[0]
    assert name.startswith("touchstone-")
    for path in ("/", "/account/logout/"):
        assert f'data-device="{name}"' in ana.get(path).source
        assert name not in Reader(world.ben).get(path).source
