"""The comparison of methods in a real browser: nothing to mend for axe by day and by night, wide and narrow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

from tests.contrary import RATES, compared_run
from tests.world import World

from .conftest import Visitor

LOOKS = [("light", 1440), ("light", 1280), ("dark", 390)]
# Of every name that leans over the matrix: what it says, and whether all of it is inside the drawing.
HEADS = """(drawing) => [...drawing.querySelectorAll("text[transform]")].map((head) => {
  const [inner, outer] = [head.getBoundingClientRect(), drawing.getBoundingClientRect()];
  return [head.textContent, inner.left >= outer.left && inner.right <= outer.right && inner.top >= outer.top];
})"""


def test_the_page_is_accessible_fits_and_opens_its_tables_by_keyboard(
    world: World,
    visit: Callable[..., Visitor],
    assert_accessible: Callable[[Page], None],
    settings: Any,
    tmp_path: Any,
) -> None:
    options = {"location": str(tmp_path), "base_url": "/"}
    default = {**settings.STORAGES["default"], "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": default}
    run = compared_run(world)
    for scheme, width in LOOKS:
        look = {"color_scheme": scheme, "viewport": {"width": width, "height": 900}}
        mara = visit(world.mara, **look)
        page = mara.open(f"/w/northgate/p/chat/runs/{run.number}/")
        heads = page.locator("svg.heat").first.evaluate(HEADS)
        assert sorted(heads) == [[name, True] for name in sorted(RATES)]
        page.get_by_role("link", name="How they compare").click()
        page.wait_for_url("**/methods/")
        table = page.get_by_role("region", name="Calibration on held-out votes, table")
        summary = page.get_by_text("Calibration on held-out votes as a table")
        summary.focus()
        page.keyboard.press("Enter")
        assert table.is_visible()
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.close()
