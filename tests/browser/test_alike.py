"""“Find similar” in a real browser: reached from an item by keyboard, and looked over by axe in light and dark, wide and narrow."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from curation.models import Encoding
from feedback.models import Item
from tests.similar import item as named
from tests.similar import make
from tests.steps import import_rows, row
from tests.world import World

from .conftest import Visitor
from .test_managing import tab_to

pytestmark = pytest.mark.usefixtures("own_files")
Visit = Callable[..., Visitor]
P = "/w/northgate/p/chat/"
PROMPT = "Which court may hear an appeal against a decision of the patent office in {}, and within how many {}?"


def fitted(world: World) -> Item:
    places = ("Germany", "Austria", "Denmark", "Japan", "Wales", "Chile")
    rows = [
        row(
            f"i{n}",
            prompt=PROMPT.format(places[n % 6], ("days", "weeks", "years", "hours")[n // 6]),
        )
        for n in range(24)
    ]
    import_rows(world.place(world.ines), rows, timezone.now())
    make(world, timezone.now())
    return named("i0")


def test_similar_items_are_reached_by_keyboard(world: World, visit: Visit) -> None:
    item = fitted(world)
    page = visit(world.mara).open(f"{P}items/{item.public_id}/")
    tab_to(page, "Find similar")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="The most alike first")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(20)
    expect(page.get_by_text("lexical", exact=True)).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 1280, 390])
def test_the_pages_are_accessible_and_fit(
    world: World,
    visit: Visit,
    assert_accessible: Callable[[Page], None],
    scheme: str,
    width: int,
) -> None:
    item = fitted(world)
    visitor = visit(world.mara, color_scheme=scheme, viewport={"width": width, "height": 900})
    for path in (f"{P}items/{item.public_id}/similar/", f"{P}items/"):
        page = visitor.open(path)
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    Encoding.objects.update(
        encoded_at=None,
        state="failed",
        error="Texts stay here.",
        encoder="https://vectors.example/v1#small",
    )
    owner = visit(world.ines, color_scheme=scheme, viewport={"width": width, "height": 900})
    page = owner.open(f"{P}items/{item.public_id}/similar/")
    expect(page.get_by_role("button", name="Allow texts to be sent")).to_be_visible()
    assert_accessible(page)
