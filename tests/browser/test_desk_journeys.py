"""Journeys to the end by keyboard alone that no other file has: comments at lines of a patch, and a checklist."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from feedback.models import Review
from tests.world import World

from .conftest import Visitor
from .desk import desk_path, saved
from .desks import kind_of, make_desk

Visit = Callable[..., Visitor]
WHY = "It replaces a line that nothing reads."


def until(page: Page, key: str, holds: str) -> None:
    """Presses a key until something is so."""
    for _ in range(60):
        if page.evaluate(holds):
            return
        page.keyboard.press(key)
    assert page.evaluate(holds)


def test_lines_are_commented_a_question_comes_and_the_review_is_sent(
    world: World, visit: Visit
) -> None:
    page = visit(world.ana).open(
        desk_path(make_desk(world, kind_of("patch with critiques and conditions")))
    )
    expect(page.locator(".diff[role=grid]").first).to_be_attached()
    page.locator("h1").focus()
    page.keyboard.press("[")
    until(page, "Tab", "document.activeElement.matches('.ln')")
    for key in ("ArrowDown", "ArrowDown", "c"):
        page.keyboard.press(key)
    page.keyboard.press("1")
    until(page, "Tab", "document.activeElement.name === '_severity'")
    page.keyboard.press("2")
    until(page, "Tab", "document.activeElement.name === '_comment'")
    page.keyboard.type("Why False?")
    page.keyboard.press("Control+Enter")
    expect(page.locator("tr.said")).to_contain_text("1 · Wrong")
    page.keyboard.press("j")
    until(page, "j", "document.activeElement.name === 'merge'")
    until(
        page, "ArrowDown", "document.activeElement.value === 'no' && document.activeElement.checked"
    )
    page.keyboard.press("j")
    expect(page.locator("textarea[name=reason]")).to_be_focused()
    page.keyboard.type("A test of the dynamic plot.")
    until(page, "Tab", "document.activeElement.name === 'why'")
    page.keyboard.type(WHY)
    saved(page)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Your queue is done")).to_be_visible()
    answers = Review.objects.get().body.body["answers"]
    (remark,) = answers["remarks"]
    assert (remark["category"], remark["severity"], remark["comment"]) == (
        "wrong",
        "major",
        "Why False?",
    )
    assert remark["anchor"]["type"] == "lines"
    assert answers["merge"] == ["no"]
    assert answers["why"] == WHY


def test_a_checklist_is_gone_through_and_sent(world: World, visit: Visit) -> None:
    page = visit(world.ana).open(desk_path(make_desk(world, kind_of("checklist"))))
    page.locator("h1").focus()
    page.keyboard.press("j")
    names = page.locator("input[name^='rubric.']").evaluate_all(
        "(all) => [...new Set(all.map((each) => each.name))]"
    )
    for number, name in enumerate(names):
        until(page, "Tab", f"document.activeElement.name === '{name}'")
        page.keyboard.press("Space")
        for _ in range(number % 3):
            page.keyboard.press("ArrowRight")
    until(page, "Tab", "document.activeElement.name === 'why'")
    page.keyboard.type("Both name the statute; B invents an authority.")
    saved(page)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Your queue is done")).to_be_visible()
    marks = Review.objects.get().body.body["answers"]["rubric"]
    assert [len(each) for each in marks.values()] == [3, 3]
    assert {mark for each in marks.values() for mark in each.values()} == {"yes", "no", "na"}
