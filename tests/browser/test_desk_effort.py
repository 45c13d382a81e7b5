"""What the desk measures of the work on an item, shows to whom it is about, and sends with the review."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from feedback.models import Review
from tests.world import WHY, World, make_item

from .conftest import Visitor
from .desk import desk_path, fill

Visit = Callable[..., Visitor]


def test_effort_is_measured_shown_and_sent(world: World, visit: Visit) -> None:
    make_item(world.project)
    ana = visit(world.ana, permissions=["clipboard-read", "clipboard-write"])
    page = ana.open(desk_path(world.project))
    page.locator("#text-A").hover()
    page.wait_for_timeout(1500)
    page.locator("#text-B").hover()
    page.wait_for_timeout(1500)
    fill(page, but_why=True)
    why = page.get_by_label("Why", exact=True)
    why.click()
    page.keyboard.type("Typed 🙂 ")
    page.evaluate("(text) => navigator.clipboard.writeText(text)", WHY)
    page.keyboard.press("Control+V")
    page.reload()  # what was measured before goes on
    page.locator("h1").focus()
    page.keyboard.press("?")
    page.get_by_text("What this desk records").click()
    expect(page.locator("[data-effort-of=typed]")).to_have_text("8")
    expect(page.locator("[data-effort-of=pasted]")).to_have_text(str(len(WHY)))
    expect(page.locator("[data-effort-of=reading]")).to_contain_text("A 0:0")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Your queue is done")).to_be_visible()
    review = Review.objects.get()
    effort = review.effort
    first, second = map(str, review.order_shown)
    assert (effort.typed, effort.pasted) == (8, len(WHY))
    assert 2500 <= effort.first_input_ms <= review.active_ms
    assert min(effort.reading[first], effort.reading[second]) >= 1000
    assert effort.reading["questions"] > 0
    assert sum(effort.reading.values()) <= review.active_ms + 100
