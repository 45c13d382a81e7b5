"""What a screen reader is given of every desk: landmarks, a name for everything one can use, and what is said as it happens."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.world import World, make_item

from .conftest import Visitor
from .desk import desk_path, fill, saved
from .desks import NAMES, kind_of, make_desk

Visit = Callable[..., Visitor]

# A line of the tree: its role, and its name if it has one.
LINE = re.compile(r'^\s*- (?:\'|")?(?P<role>[a-z]+)(?: "(?P<name>(?:[^"\\]|\\.)*)")?')
NAMED = {
    *("region", "navigation", "radiogroup", "tablist", "dialog", "grid", "progressbar"),
    *("button", "link", "radio", "checkbox", "combobox", "textbox", "tab", "tabpanel", "heading"),
}


def tree(page: Page) -> list[tuple[str, str]]:
    """Role and name of everything in the accessibility tree, in order."""
    found = [LINE.match(line) for line in page.locator("body").aria_snapshot().split("\n")]
    return [(each["role"], (each["name"] or "").strip()) for each in found if each]


@pytest.mark.parametrize("name", NAMES)
def test_everything_of_a_desk_has_its_landmark_and_its_name(
    world: World, visit: Visit, name: str
) -> None:
    page = visit(world.ana).open(desk_path(make_desk(world, kind_of(name))))
    page.wait_for_load_state("networkidle")
    found = tree(page)
    roles = [role for role, _ in found]
    assert (roles.count("banner"), roles.count("main")) == (1, 1), roles
    regions = [label for role, label in found if role == "region"]
    assert "Prompt and sources" in regions
    assert "Your judgement" in regions
    assert len(regions) == len(set(regions)), regions
    assert [role for role, label in found if role in NAMED and not label] == []
    assert page.locator("fieldset:not(:has(> legend))").count() == 0
    heading = page.locator("h1")
    assert heading.count() == 1
    assert heading.inner_text().strip()
    levels = [int(level) for level in page.locator("h1, h2, h3, h4, h5, h6").evaluate_all(
        "(all) => all.filter((each) => each.checkVisibility()).map((each) => each.tagName[1])"
    )]  # fmt: skip
    assert min(levels) == 1


def test_saved_errors_and_the_next_item_are_said(world: World, visit: Visit) -> None:
    for rank in range(2):
        make_item(world.project, f"Question {rank}?", rank=rank)
    page = visit(world.ana, refusals=(422,)).open(desk_path(world.project))
    said = page.locator("[data-said]")
    assert said.get_attribute("aria-live") == "polite"
    assert page.locator("[data-saved]").get_attribute("role") == "status"
    page.locator("h1").focus()
    page.keyboard.press("Control+Enter")
    expect(said).to_contain_text("Not sent yet: ")
    wrong = page.locator("[data-question][aria-describedby]").first
    described = wrong.get_attribute("aria-describedby")
    expect(page.locator(f"#{described}")).to_contain_text(re.compile(r"\w{3,}"))
    assert page.evaluate("document.activeElement.closest('[data-question]') !== null")
    fill(page)
    saved(page)
    page.keyboard.press("Control+Enter")
    expect(said).to_have_text(re.compile(r"^Sent: .* Next item\.$"))
    expect(page.locator("h1")).to_be_focused()
