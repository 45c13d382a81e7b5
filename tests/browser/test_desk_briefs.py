"""The legal desk in a browser: authorities marked by keyboard alone, and a brief of a hundred pages that is there whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from feedback.actions.citing import find_citations_of_revision
from feedback.actions.projects import add_reviewer
from feedback.models import Item, Membership, Project, Response, Review
from tests.browser.desk import desk_path, saved
from tests.law.large import brief
from tests.law.opinion import document
from tests.world import World, make_item, make_project

SCROLL = """async () => {
  const pane = document.querySelector(".pane > .text");
  pane.scrollTop += 12000;
  await new Promise(requestAnimationFrame);
  return pane.scrollTop;
}"""


@pytest.fixture
def project(world: World) -> Project:
    made = make_project(
        world.ines, world.workspace, world.now, name="Briefs", domain="brief_review"
    )
    # What is asked before the text has tests of its own.
    Project.objects.filter(pk=made.pk).update(check_conflicts=False)
    ana = Membership.objects.get(workspace=world.workspace, user=world.ana)
    add_reviewer(place=world.place(world.ines, made), membership=ana, now=world.now)
    return made


def markdown(project: Project, text: str) -> Item:
    item = make_item(project, "Review it.", (text,))
    part = {"type": "text", "text": text, "format": "markdown"}
    Response.objects.filter(revision=item.revision).update(
        messages=[{"role": "assistant", "parts": [part]}]
    )
    # What a worker does before somebody opens it.
    find_citations_of_revision(
        workspace_id=project.workspace_id, revision_id=item.revision.pk, now=timezone.now()
    )
    return item


def marks(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate(
        "JSON.parse(document.querySelector('[data-answer]').value || '[]')"
    )
    return found


def test_authorities_by_keyboard_alone(
    world: World,
    project: Project,
    visit: Callable[..., Any],
    assert_accessible: Callable[[Page], None],
) -> None:
    markdown(project, document())
    page = visit(world.ana).open(desk_path(project))
    expect(page.locator("[data-checked]")).to_have_text("0 of 41 checked")
    keys = page.keyboard
    keys.press("a")
    expect(page.locator(".auth > [data-lit] [data-mark] cite")).to_have_text(
        "United States v. Detroit Timber & Lumber Co."
    )
    keys.press("1")
    keys.press("Enter")
    expect(page.locator(".auth > [data-lit] [data-mark] cite")).to_have_text("Grutter v. Bollinger")
    expect(page.locator(".cite[data-lit]")).to_have_count(38)
    assert_accessible(page)
    keys.press("5")
    keys.press("Tab")
    keys.type("600 U.S. 181 is confronted nowhere; 1 of 38.")
    keys.press("Escape")
    expect(page.locator("[data-checked]")).to_have_text("2 of 41 checked")
    assert [(m["authority"], m["category"], m["severity"]) for m in marks(page)] == [
        ("200-u-s-321", "exists", "none"),
        ("539-u-s-306", "superseded", "critical"),
    ]
    saved(page)
    page.reload()
    expect(page.locator("[data-checked]")).to_have_text("2 of 41 checked")
    expect(page.locator(".cite[data-verdict='danger']")).to_have_count(38)
    for rating in range(2):
        page.locator(".rate input[value='2']").nth(rating).focus()
        page.keyboard.press("Space")
    page.locator("textarea[name='why']").focus()
    page.keyboard.type("In ¶ 2 the case is cited as the last word; it is not. " * 2)
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/desk/**")
    expect(page.get_by_role("heading", name="Your queue is done")).to_be_visible()
    body = Review.objects.get().body.body["answers"]["authorities"]
    assert body[1]["comment"] == "600 U.S. 181 is confronted nowhere; 1 of 38."
    start, end = body[1]["anchor"]["start"], body[1]["anchor"]["end"]
    assert document()[start:end] == "Grutter v. Bollinger, 539 U. S. 306"


def test_a_citation_in_the_text_opens_its_authority_and_leads_back(
    world: World, project: Project, visit: Callable[..., Any]
) -> None:
    markdown(project, document())
    page = visit(world.ana, viewport={"width": 390, "height": 844}).open(desk_path(project))
    page.locator(".cite[data-authority='78-f-3d-932']").first.click()
    expect(page.locator(".auth > [data-lit] [data-mark] cite")).to_have_text("Hopwood v. Texas")
    page.get_by_label("Wrong jurisdiction").check()
    page.locator(".auth > [data-lit] .where a").first.click()
    expect(page.locator(".cite[data-authority='78-f-3d-932']").first).to_be_in_viewport()
    assert [mark["category"] for mark in marks(page)] == ["wrong_jurisdiction"]
    saved(page)


def test_a_brief_of_a_hundred_pages_is_there_whole_and_scrolls(
    world: World, project: Project, visit: Callable[..., Any]
) -> None:
    """How soon, and how smoothly, is measured by `benchmarks.desk`."""
    assert len(brief().encode()) > 249_000
    markdown(project, brief())
    page = visit(world.ana).open(desk_path(project))
    expect(page.locator("[data-checked]")).not_to_be_empty()
    assert page.locator(".cite").count() > 400
    assert page.locator(".auth > [data-authority]").count() > 100
    assert page.evaluate(SCROLL) > 10_000
