"""Every kind of desk for axe, in the states that are easily forgotten: in the dark, on a phone, with a dialog open, with an error."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.world import World

from .conftest import Visitor
from .desk import desk_path
from .desks import NAMES, kind_of, make_desk

Visit = Callable[..., Visitor]
PHONE = {"width": 390, "height": 844}


@pytest.mark.parametrize("name", NAMES)
def test_a_dialog_and_an_error_are_accessible_in_the_dark_on_a_phone(
    world: World, visit: Visit, assert_accessible: Callable[[Page], None], name: str
) -> None:
    dark = visit(world.ana, refusals=(422,), viewport=PHONE, color_scheme="dark")
    page = dark.open(desk_path(make_desk(world, kind_of(name))))
    page.wait_for_load_state("networkidle")
    assert_accessible(page)
    page.locator("h1").focus()
    page.keyboard.press("?")
    expect(page.locator("#keys-dialog")).to_be_visible()
    expect(page.locator("#keys-heading")).to_be_focused()
    assert_accessible(page)
    page.keyboard.press("Escape")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-saved]")).to_have_text("Not sent yet")
    expect(page.locator("[data-wrong] .error").first).to_be_attached()
    assert_accessible(page)
