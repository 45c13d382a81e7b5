"""The page of models in a real browser: read by keyboard, from a figure to the items behind it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.curation.test_leaderboard import votes
from tests.steps import import_rows, recipe, run_recipe
from tests.world import World

from .conftest import Visitor

Visit = Callable[..., Visitor]
MODELS = "/w/northgate/p/chat/models/"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 1280, 390])
def test_a_manager_goes_from_where_a_model_loses_to_the_items_by_keyboard(
    world: World, visit: Visit, assert_accessible: Callable[[Page], None], scheme: str, width: int
) -> None:
    place = world.place(world.mara)
    import_rows(place, votes(), world.now)
    run_recipe(place, world.now, recipe(place.project, world.now))
    viewport = {"width": width, "height": 900}
    page = visit(world.mara, viewport=viewport, color_scheme=scheme).open(MODELS)
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_label("Tag", exact=True).select_option("contracts")
    page.get_by_role("button", name="Show").press("Enter")
    expect(page.get_by_role("heading", name="contracts")).to_be_visible()
    lost = page.get_by_role("link", name="items tagged contracts of alpha")
    lost.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Model of a response")).to_have_value("alpha")
    expect(page.get_by_label("Tag", exact=True)).to_have_value("contracts")
    assert_accessible(page)
