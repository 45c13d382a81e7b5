"""One's own settings: how pages look, in which time zone, and signing in."""

from __future__ import annotations

import datetime as dt
import html
import json
import zoneinfo

import pytest
from django.utils import timezone

from feedback.actions.agreements import accept_agreement
from feedback.queries.progress import start_of_day
from tests.web.pages import Reader
from tests.world import World, make_item

BASE = "/settings/"
KEYS = "/settings/keys/"
ASKED = {
    "name": "Ana L.",
    "theme": "dark",
    "text_percent": "125",
    "time_zone": "Asia/Tokyo",
    "panes": "stacked",
    "prompt_folded": "on",
    "digest": "weekly",
}


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
        ("panes", "heaped"),
        ("digest", "hourly"),
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


def test_the_desk_opens_as_one_reads(world: World) -> None:
    make_item(world.project, wanted=2)
    ana, ben = Reader(world.ana), Reader(world.ben)
    ana.post(BASE, ASKED)
    asked, usual = (
        each.get(each.get("/w/northgate/p/chat/desk/").to).source for each in (ana, ben)
    )
    assert 'data-panes="stacked"' in asked
    assert '<section class="context" data-fold' in asked
    assert 'aria-pressed="false" data-sync' in asked
    assert "data-panes" not in usual
    assert "data-fold aria" not in usual
    assert 'aria-pressed="true" data-sync' in usual


def test_the_day_begins_at_ones_own_midnight(world: World) -> None:
    """22:30 in London is the next morning in Tokyo: what was sent before is yesterday's there."""
    now = dt.datetime(2026, 3, 1, 22, 30, tzinfo=dt.UTC)
    with timezone.override(zoneinfo.ZoneInfo("Asia/Tokyo")):
        assert start_of_day(now) == dt.datetime(2026, 3, 1, 15, 0, tzinfo=dt.UTC)


def test_keys_are_moved_shown_at_the_desk_and_taken_back(world: World) -> None:
    make_item(world.project)
    ana = Reader(world.ana)
    assert "as delivered" in ana.get(BASE)
    assert "The desk shows your keys." in ana.follow(KEYS, {"s": "Z", "[": "ö", "d": "d"})
    world.ana.refresh_from_db()
    assert world.ana.keys == {"s": "z", "[": "ö"}
    assert "You have moved 2 keys" in ana.get(BASE)
    desk = ana.get(ana.get("/w/northgate/p/chat/desk/").to)
    assert json.loads(html.unescape(desk.source.split('data-keys="')[1].split('"')[0])) == {
        "s": "z",
        "[": "ö",
    }
    assert "Every key is as delivered." in ana.follow(KEYS, {"as_delivered": "1"})
    world.ana.refresh_from_db()
    assert world.ana.keys == {}


def test_one_key_for_two_acts_is_refused_with_a_sentence(world: World) -> None:
    seen = Reader(world.ana).post(KEYS, {"s": "d", "g": "ab"})
    assert seen.status == 422
    assert "The key d is “Differences between A and B” already." in seen
    assert "Choose one key that writes a character" in seen
    world.ana.refresh_from_db()
    assert world.ana.keys == {}


def test_two_acts_may_change_places(world: World) -> None:
    Reader(world.ana).post(KEYS, {"j": "k", "k": "j"})
    world.ana.refresh_from_db()
    assert world.ana.keys == {"j": "k", "k": "j"}
