"""Large text and narrow windows: at 200 % (zoom, and the text size of the settings) and at 320 pixels nothing breaks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from feedback.actions.digest import stop_token
from tests.world import World, make_item

from .conftest import Visitor
from .desk import desk_path
from .desks import NAMES, kind_of, make_desk
from .reflow import SIZES, faults

Visit = Callable[..., Visitor]
Check = Callable[[Page], None]
W, P = "/w/northgate/", "/w/northgate/p/chat/"
ROOMS = [
    *("/", W, W + "people/", W + "keys/", W + "agreement/", W + "projects/new/", W + "settings/"),
    *(P, P + "items/", P + "imports/", P + "form/", P + "form/new/", P + "guideline/"),
    *(P + "people/", P + "settings/", P + "questions/", P + "items/bulk/jobs/", "/settings/"),
    *("/settings/keys/", "/account/password/change/"),
]
PHONE = {"width": 390, "height": 844}


@pytest.mark.parametrize("name", NAMES)
def test_no_desk_breaks_with_large_text_or_in_a_narrow_window(
    world: World, visit: Visit, name: str
) -> None:
    page = visit(world.ana).open(desk_path(make_desk(world, kind_of(name))))
    page.wait_for_load_state("networkidle")
    assert [fault for size in SIZES for fault in faults(page, size)] == []


def test_no_room_breaks_with_large_text_or_in_a_narrow_window(world: World, visit: Visit) -> None:
    item = make_item(world.project, "Why is the sky blue?", wanted=2)
    ines, wrong = visit(world.ines), []
    for path in [*ROOMS, f"{P}items/{item.public_id}/"]:
        page = ines.open(path)
        assert page.title(), path
        wrong += [f"{path} {fault}" for size in SIZES for fault in faults(page, size)]
        page.close()
    assert wrong == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_around_the_desk_fit_a_phone_and_are_accessible(
    world: World, visit: Visit, assert_accessible: Check, scheme: str
) -> None:
    ana = visit(world.ana, viewport=PHONE, color_scheme=scheme)
    make_item(world.project)
    desk = desk_path(world.project)
    page = ana.open(desk)
    page.goto(f"{ana.address}/")
    page.get_by_role("button", name="Pause").first.click()
    page.goto(ana.address + desk)
    expect(page.get_by_role("heading", name="You have paused")).to_be_visible()
    stop = f"/digest/stop/{stop_token(world.ana)}/"
    for path in (desk, stop, f"{desk}start/", "/questions/", "/reviews/"):
        page.goto(ana.address + path)
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
        assert [fault for size in SIZES for fault in faults(page, size)] == [], path
        page.set_viewport_size(PHONE)
