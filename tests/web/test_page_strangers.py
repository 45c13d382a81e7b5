"""The walk of a stranger over every page: nothing of another workspace is seen, changed, or even confirmed to be there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.inhabited import MARK, inhabit
from tests.web.pages import Reader
from tests.web.test_strangers import everything, routes
from tests.world import World

PARAMETER = re.compile(r"<(\w+):(\w+)>")
# Doors with keys of their own, pages of one's own account, and what is open to everybody.
ELSEWHERE = ("api/", "hub/", "health/", "account/", "static/")
ONES_OWN = {"", "questions/", "reviews/", "settings/", "settings/keys/", "settings/theme/"}
TOKENS = {"digest/stop/<str:token>/", "setup/<str:token>/", "invite/<str:token>/"}
ANY = {
    "int": "1",
    "slug": "anything",
    "str": "anything",
    "path": "anything",
    "uuid": "0d3f5b2e-6a51-4a55-9d0c-2f6a0c1f7b11",
}

PAGES = sorted(
    {route for route in routes() if not route.startswith(ELSEWHERE) and "^" not in route}
)


@pytest.fixture
def names(world: World, settings: Any, tmp_path: Path) -> dict[str, str]:
    options = {"location": str(tmp_path), "base_url": "/"}
    default = {**settings.STORAGES["default"], "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": default}
    return inhabit(world)


def filled(route: str, names: dict[str, str]) -> str:
    """The route with a name of Northgate in every place that has one."""
    return "/" + PARAMETER.sub(lambda match: names.get(match[2], ANY[match[1]]), route)


def test_the_walk_finds_the_pages() -> None:
    assert "w/<slug:workspace>/p/<slug:project>/items/<uuid:item>/" in PAGES
    assert len(PAGES) >= 30


def test_a_stranger_finds_no_page_of_another_workspace(world: World, names: dict[str, str]) -> None:
    eve = Reader(world.eve)
    before = everything()
    for route in PAGES:
        for ask in (eve.get, eve.post):
            seen = ask(filled(route, names))
            assert MARK not in seen.source, route
            assert "Northgate" not in seen.source, route
            if route not in ONES_OWN | TOKENS:
                assert seen.status in {404, 405}, (route, seen.status)
    assert everything() == before


def test_without_a_name_one_is_asked_to_sign_in(world: World, names: dict[str, str]) -> None:
    for route in PAGES:
        for ask in (Reader().get, Reader().post):
            seen = ask(filled(route, names))
            assert MARK not in seen.source, route
            if route in TOKENS:
                assert seen.status == 410, route
            else:
                assert seen.to.startswith("/account/login/") or seen.status in {403, 405}, route


def test_names_of_another_workspace_open_nothing_in_ones_own(
    world: World, names: dict[str, str]
) -> None:
    """Eve stands in her own project, where she may do everything, and names rows of Northgate."""
    at_home = {**names, "workspace": "elsewhere", "project": world.their_project.slug}
    eve = Reader(world.eve)
    before = everything()
    for route in PAGES:
        if {name for _, name in PARAMETER.findall(route)} & (
            names.keys() - {"workspace", "project"}
        ):
            for ask in (eve.get, eve.post):
                seen = ask(filled(route, at_home))
                assert seen.status in {404, 405}, (route, seen.status)
                assert MARK not in seen.source, route
    assert everything() == before


def test_the_right_people_do_find_what_the_walk_names(world: World, names: dict[str, str]) -> None:
    """Else the walk would prove nothing: a wrong name is not there for anybody."""
    known = {*names, "version"}
    ines = Reader(world.ines)
    for route in PAGES:
        if route not in TOKENS and {name for _, name in PARAMETER.findall(route)} <= known:
            seen = ines.get(filled(route, names))
            assert seen.status in {200, 302, 405}, (filled(route, names), seen.status)


def test_a_reviewer_opens_no_room_of_managers(world: World, names: dict[str, str]) -> None:
    ana = Reader(world.ana)
    rooms = [route for route in PAGES if "/p/<slug:project>/" in route]
    open_to_reviewers = ("desk/", "guideline/")
    for route in rooms:
        rest = route.split("/p/<slug:project>/")[1]
        if not rest.startswith(open_to_reviewers) or rest == "guideline/new/":
            seen = ana.get(filled(route, names))
            assert seen.status in {403, 404, 405}, (route, seen.status)
            assert MARK not in seen.source, route
