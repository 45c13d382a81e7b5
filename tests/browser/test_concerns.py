"""The question about conflicts in a real browser: by one key, with nothing of the item in it before."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from feedback.actions import projects
from feedback.models import Assignment, ItemRecord, Review
from tests.world import World, make_item

from .conftest import Visitor
from .desk import desk_path, fill

Visit = Callable[..., Visitor]
Check = Callable[[Page], None]
CONCERNS = {"parties": ["Roe", "Wade Inc."], "source": "E-file 17"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_one_key_gives_an_item_back_and_another_goes_on(
    world: World, visit: Visit, assert_accessible: Check, scheme: str
) -> None:
    for rank in range(3):
        item = make_item(world.project, f"Question {rank}?", rank=rank)
        ItemRecord.objects.filter(item=item).update(concerns=CONCERNS)
    projects.change_project(place=world.place(world.ines), changes={"check_conflicts": True})
    page = visit(world.ana, color_scheme=scheme).open(desk_path(world.project))
    expect(page.get_by_role("heading", name="Before you read")).to_be_visible()
    expect(page.get_by_text("Wade Inc.")).to_be_visible()
    assert "Question" not in page.content()
    assert_accessible(page)
    page.keyboard.press("x")
    expect(page.get_by_text("Skipped.")).to_be_visible()
    assert "Question" not in page.content()
    page.keyboard.press("Enter")
    expect(page.locator("#panel-prompt")).to_contain_text("Question 1?")
    fill(page)
    page.get_by_role("button", name="Submit and next").click()
    expect(page.get_by_role("heading", name="Before you read")).to_be_visible()
    page.keyboard.press("o")
    expect(page.get_by_role("heading", name="Your queue is done")).to_be_visible()
    states = Assignment.objects.order_by("item__rank").values_list("state", "reason")
    assert list(states) == [
        ("skipped", "conflict_of_interest"),
        ("submitted", ""),
        ("skipped", "outside_expertise"),
    ]
    review = Review.objects.get()
    assert review.assignment is not None
    assert review.shown_at == review.assignment.disclosed_at
