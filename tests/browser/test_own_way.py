"""One's own way of working, in a real browser: keys that were moved, panes one above the other, the prompt folded."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from feedback.models import Review
from tests.world import WHY, World, make_item

from .conftest import Visitor
from .desk import desk_path

Visit = Callable[..., Visitor]
Check = Callable[[Page], None]


def test_keys_are_moved_on_the_settings_page_and_the_desk_follows_them(
    world: World, visit: Visit, assert_accessible: Check
) -> None:
    for rank in range(2):
        make_item(world.project, f"Question {rank}?", rank=rank)
    ana = visit(world.ana, refusals=(422,))
    page = ana.open("/settings/keys/")
    page.get_by_label("Skip", exact=True).fill("d")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The key d is “Differences between A and B” already.")).to_be_visible()
    assert_accessible(page)
    for act, key in (("Skip", "z"), ("Next question", "n"), ("A better", "w")):
        page.get_by_label(act, exact=True).fill(key)
    page.keyboard.press("Enter")
    expect(page.get_by_text("The desk shows your keys.")).to_be_visible()

    page.goto(ana.address + desk_path(world.project))
    expect(page.get_by_role("link", name="Skip z")).to_be_visible()
    page.locator("h1").focus()
    for key in ("s", "2", "j"):  # they have moved away and mean nothing here
        page.keyboard.press(key)
    assert page.locator("dialog[open], .dock :checked[name=preference]").count() == 0
    page.keyboard.press("?")
    keys = page.locator("#keys-dialog")
    expect(keys.locator("kbd", has_text="w")).to_be_visible()
    expect(keys.locator("div", has_text="Next question").locator("kbd").first).to_have_text("n")
    assert_accessible(page)
    page.keyboard.press("Escape")
    for key in ("w", "n", "n", "4", "2", "5", "3", "n"):
        page.keyboard.press(key)
    page.keyboard.type(WHY)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#panel-prompt")).to_contain_text("Question 1?")
    review = Review.objects.get()
    first, second = review.order_shown
    answers = review.body.body["answers"]
    assert answers["preference"] == [{"a": first, "b": second, "value": 2}]
    assert answers["accuracy"] == {str(first): 4, str(second): 2}
    expect(page.get_by_role("link", name="Skip z")).to_be_visible()  # on what was swapped in too
    page.keyboard.press("z")
    expect(page.locator("#skip-dialog")).to_be_visible()


def test_panes_stand_above_each_other_with_the_prompt_folded(
    world: World, visit: Visit, assert_accessible: Check
) -> None:
    make_item(world.project, "Question?", ("a line\n" * 60, "a line\n" * 60))
    type(world.ana).objects.filter(pk=world.ana.pk).update(
        panes="stacked", prompt_folded=True, scroll_together=False
    )
    page = visit(world.ana).open(desk_path(world.project))
    a, b = page.locator("#text-A"), page.locator("#text-B")
    above, below = a.bounding_box(), b.bounding_box()
    assert above is not None
    assert below is not None
    assert above["x"] == below["x"]
    assert above["y"] + above["height"] <= below["y"]
    expect(page.locator("#panel-prompt")).to_be_hidden()
    assert_accessible(page)
    a.hover()
    page.mouse.wheel(0, 400)
    expect(a).to_have_js_property("scrollTop", 400)
    assert b.evaluate("(pane) => pane.scrollTop") == 0
    page.get_by_role("button", name="Unfold").click()
    expect(page.locator("#panel-prompt")).to_be_visible()
