"""A question to the managers from the desk: by keyboard, offline, in a tab that is closed in the middle, and its answer."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from feedback.models import Remark
from tests.world import World, make_item

from .conftest import Visitor
from .desk import desk_path, kept

Visit = Callable[..., Visitor]
Check = Callable[[Page], None]
ASKED = "Does the second answer count as a refusal?"
ANSWER = "Yes: it declines, whatever it says around that."


def type_question(page: Page, text: str = ASKED) -> None:
    """By keyboard alone, from the desk."""
    page.locator("h1").focus()
    page.keyboard.press("q")
    page.get_by_label("Your question").focus()
    page.keyboard.type(text)


def ask(page: Page) -> None:
    for _ in range(2):  # over "Not now"
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")


def test_a_question_is_asked_by_keyboard_answered_and_made_guideline(
    world: World, visit: Visit, assert_accessible: Check
) -> None:
    make_item(world.project)
    ana, mara = visit(world.ana), visit(world.mara)
    page = ana.open(desk_path(world.project))
    type_question(page)
    assert_accessible(page)
    ask(page)
    expect(page.locator("[data-toasts]")).to_contain_text("Asked.")
    expect(page.locator("#ask-dialog")).to_be_hidden()
    assert kept(page) == []
    page.keyboard.press("q")
    expect(page.locator("#ask-dialog")).to_contain_text(ASKED)
    assert_accessible(page)

    room = mara.open("/w/northgate/p/chat/questions/")
    assert_accessible(room)
    room.get_by_role("link", name=ASKED).press("Enter")
    room.get_by_label("Your answer").fill(ANSWER)
    room.keyboard.press("Tab")
    room.keyboard.press("Enter")
    expect(room.locator(".remarks")).to_contain_text("Mara answered")
    assert_accessible(room)
    room.get_by_role("link", name="Add to the guideline").press("Enter")
    expect(room.get_by_label("Guideline")).to_have_value(re.compile(re.escape(ANSWER)))
    assert_accessible(room)
    room.get_by_role("button", name="Publish v2").press("Enter")

    page.goto(ana.address + "/")
    assert_accessible(page)
    page.get_by_role("link", name="Read the answer").press("Enter")
    expect(page.locator(".remarks")).to_contain_text(ANSWER)
    expect(page.get_by_text("in the guideline since v2")).to_be_visible()
    assert_accessible(page)
    page.goto(ana.address + "/questions/")
    assert_accessible(page)
    page.goto(ana.address + desk_path(world.project))
    expect(page.get_by_role("link", name="Ask answered q")).to_be_visible()


def test_offline_a_question_waits_on_the_device_and_is_asked_once(
    world: World, visit: Visit
) -> None:
    make_item(world.project)
    ana = visit(world.ana)
    page = ana.open(desk_path(world.project))
    page.wait_for_load_state("networkidle")
    ana.context.set_offline(True)
    for text in (ASKED, "And the first?"):
        type_question(page, text)
        ask(page)
        expect(page.locator("[data-toasts]")).to_contain_text("kept on this device")
        expect(page.locator("#ask-dialog")).to_be_hidden()
    assert not Remark.objects.exists()
    ana.context.set_offline(False)
    expect(page.locator("[data-toasts]")).to_contain_text("A question that this device had kept")
    page.reload()
    page.wait_for_load_state("networkidle")
    expect(page.locator("#ask-dialog")).to_contain_text("And the first?")
    assert sorted(remark.text for remark in Remark.objects.all()) == ["And the first?", ASKED]
    assert kept(page) == []


def test_half_a_question_is_there_again_in_the_next_tab(world: World, visit: Visit) -> None:
    make_item(world.project)
    ana = visit(world.ana)
    page = ana.open(desk_path(world.project))
    type_question(page, "Does the sec")
    page.close()
    page = ana.open(desk_path(world.project))
    page.locator("h1").focus()
    page.keyboard.press("q")
    expect(page.get_by_label("Your question")).to_have_value("Does the sec")
    assert not Remark.objects.exists()
