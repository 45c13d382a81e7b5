"""What managers do in a real browser: many items at once, by keyboard alone and without a script."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from feedback.actions import projects
from feedback.models import Item
from tests.web.test_overlay import FORM as CRITIQUES
from tests.web.test_overlay import TEXT, criticise
from tests.world import World, make_item

from .conftest import Visitor

Visit = Callable[..., Visitor]
ITEMS = "/w/northgate/p/chat/items/"


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the control of this name has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            "(e => e.getAttribute('aria-label') ?? e.innerText ?? e.id)(document.activeElement)"
        )
        if (focused or "").strip().startswith(name):
            return
    raise AssertionError(f"no way to {name} by keyboard")


def test_items_are_retired_and_taken_back_by_keyboard_alone(
    world: World, visit: Visit, assert_accessible: Callable[[Page], None]
) -> None:
    for number in range(4):
        make_item(world.project, f"Prompt {number}", rank=number)
    page = visit(world.mara).open(ITEMS)
    tab_to(page, "Tick: Prompt 3")
    page.keyboard.press("Space")
    tab_to(page, "Tick: Prompt 1")
    page.keyboard.press("Space")
    page.get_by_role("button", name="Do something with the ticked (2)").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="2 items")).to_be_visible()
    assert_accessible(page)
    page.get_by_label("Why").focus()
    page.keyboard.type("broken texts")
    tab_to(page, "Retire 2 items")
    page.keyboard.press("Enter")
    expect(page.get_by_text("2 items changed")).to_be_visible()
    assert_accessible(page)
    assert Item.objects.filter(held=True).count() == 2
    tab_to(page, "Take it back")
    page.keyboard.press("Enter")
    expect(
        page.get_by_text("Taken back: Take out of the queue: broken texts").first
    ).to_be_visible()
    assert Item.objects.filter(held=True).count() == 0


def test_a_row_is_ticked_with_shift_and_all_with_one_tick(world: World, visit: Visit) -> None:
    for number in range(4):
        make_item(world.project, f"Prompt {number}", rank=number)
    page = visit(world.mara).open(ITEMS)
    page.get_by_label("Tick: Prompt 3").check()
    page.get_by_label("Tick: Prompt 1").click(modifiers=["Shift"])
    expect(page.get_by_role("button", name="Do something with the ticked (3)")).to_be_visible()
    page.get_by_label("All on this page").check()
    expect(page.get_by_role("button", name="Do something with the ticked (4)")).to_be_visible()


def test_without_a_script_the_same_forms_do_the_same(world: World, visit: Visit) -> None:
    make_item(world.project, "Prompt")
    page = visit(world.mara, java_script_enabled=False).open(ITEMS)
    page.get_by_label("Tick: Prompt").check()
    page.get_by_role("button", name="Do something with the ticked").click()
    page.get_by_role("spinbutton", name="Priority").fill("9")
    page.get_by_role("button", name="Set it for 1 item").click()
    expect(page.get_by_text("1 item changed")).to_be_visible()


FORM = "/w/northgate/p/chat/form/"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_layers_of_critiques_are_taken_off_and_put_on(
    world: World, visit: Visit, assert_accessible: Callable[[Page], None], scheme: str
) -> None:
    projects.publish_form(place=world.place(world.mara), schema=CRITIQUES, now=world.now)
    item = make_item(world.project, "Why?", (TEXT,), wanted=2)
    criticise(world, world.ana, ("Licht", "Which light?"))
    criticise(world, world.ben, ("Licht streut", "Says who?"))
    page = visit(world.mara, color_scheme=scheme).open(f"{ITEMS}{item.public_id}/")
    assert_accessible(page)
    note = page.get_by_text("Says who?").first
    expect(note).to_be_visible()
    page.get_by_role("checkbox", name="Ben").focus()
    page.keyboard.press("Space")
    expect(note).to_be_hidden()
    expect(page.get_by_text("Which light?").first).to_be_visible()
    page.keyboard.press("Space")
    expect(note).to_be_visible()


def test_a_form_is_edited_by_keyboard_while_the_desk_shows_it(
    world: World, visit: Visit, assert_accessible: Callable[[Page], None]
) -> None:
    make_item(world.project, "Why is the sky blue?")
    page = visit(world.mara).open(FORM + "new/")
    desk = page.frame_locator("iframe")
    expect(desk.get_by_text("Why is the sky blue?")).to_be_visible()
    title = page.locator("#e-q\\.1\\.title")
    title.focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("Accuracy")
    expect(desk.get_by_text("Accuracy", exact=True).first).to_be_visible()
    page.locator("#up-accuracy").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("“Accuracy” is now question 1.").first).to_be_visible()
    expect(page.locator("#up-accuracy")).to_be_focused()
    page.locator("#add-text").focus()
    page.keyboard.press("Space")
    expect(page.locator(".blocks > li:last-child [data-name='title'] input")).to_be_focused()
    page.keyboard.type("Anything else?")
    expect(desk.get_by_text("Anything else?").first).to_be_visible()
    page.locator("#look").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("“Anything else?” is new.")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Publish v2").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Form v2 is in use.")).to_be_visible()


@pytest.mark.parametrize(("scheme", "width"), [("dark", 390), ("light", 1280)])
def test_the_editor_and_the_bulk_page_are_accessible_and_fit(
    world: World,
    visit: Visit,
    assert_accessible: Callable[[Page], None],
    scheme: str,
    width: int,
) -> None:
    make_item(world.project)
    visitor = visit(world.mara, color_scheme=scheme, viewport={"width": width, "height": 900})
    for path in (FORM + "new/", FORM + "json/", ITEMS + "bulk/?which=all", ITEMS + "bulk/jobs/"):
        page = visitor.open(path)
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        page.close()


def test_without_a_script_the_desk_is_shown_by_a_button(world: World, visit: Visit) -> None:
    make_item(world.project, "Why is the sky blue?")
    page = visit(world.mara, java_script_enabled=False).open(FORM + "new/")
    page.locator("#e-q\\.0\\.title").fill("Which would you send?")
    page.get_by_role("button", name="Show it on the desk").click()
    expect(page.frame_locator("iframe").locator(".dock legend").first).to_contain_text(
        "Which would you send?"
    )
    page.locator("#down-preference").click()
    expect(page.get_by_text("“Which would you send?” is now question 2.")).to_be_visible()
