"""After the answer: what a check found stands above the next item, and is kept or changed there."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from feedback.models import CheckAnswer, Review
from tests.world import World, make_item

from .conftest import Visitor
from .desk import desk_path, fill, saved

Visit = Callable[..., Visitor]
Check = Callable[[Page], None]

LONG, SHORT = "word " * 300, "word " * 20


def prefer_the_long_one(page: Page) -> None:
    fill(page)
    long = page.locator("#text-A").inner_text()
    page.locator(f".dock input[value='{3 if len(long) > 1000 else 5}']").check()
    saved(page)
    page.keyboard.press("Control+Enter")


def test_a_finding_waits_above_the_next_item_until_it_is_answered(
    world: World, visit: Visit, assert_accessible: Check
) -> None:
    for rank in range(3):
        make_item(world.project, f"Question {rank}?", (LONG, SHORT), rank=rank)
    page = visit(world.ana).open(desk_path(world.project))
    prefer_the_long_one(page)
    expect(page.locator("#panel-prompt")).to_contain_text("Question 1?")
    notice = page.locator(".notice", has_text="An automatic check")
    expect(notice).to_contain_text("has 300 words")
    assert_accessible(page)
    notice.get_by_role("button", name="Keep it").click()
    expect(notice).to_have_count(0)
    assert CheckAnswer.objects.get().choice == "keep"
    prefer_the_long_one(page)
    expect(page.locator("#panel-prompt")).to_contain_text("Question 2?")
    notice.get_by_role("button", name="Look again").click()
    expect(page.get_by_role("heading", name="An automatic check sees it otherwise")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Change it").click()
    page.locator(".dock input[value='4']").check()
    saved(page)
    page.get_by_role("button", name="Send the change").click()
    expect(page.locator("#panel-prompt")).to_contain_text("Question 2?")
    assert list(CheckAnswer.objects.order_by("asked_at").values_list("choice", flat=True)) == [
        "keep",
        "change",
    ]
    assert sorted(Review.objects.values_list("revision", flat=True)) == [1, 1, 2]


def test_without_a_script_the_finding_is_a_page(world: World, visit: Visit) -> None:
    make_item(world.project, responses=(LONG, SHORT))
    page = visit(world.ana, java_script_enabled=False).open(desk_path(world.project))
    fill(page)
    long = page.locator("#text-A").inner_text()
    page.locator(f".dock input[value='{3 if len(long) > 1000 else 5}']").check()
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("heading", name="An automatic check sees it otherwise")).to_be_visible()
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_role("heading", name="Your queue is done")).to_be_visible()
    assert CheckAnswer.objects.get().choice == "keep"
