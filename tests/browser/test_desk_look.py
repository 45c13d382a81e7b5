"""What the desk looks like to a machine: accessible by day and night, wide and narrow, light, still, and unmoved by hostile text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from feedback.actions import projects
from feedback.models import ItemRevision, Membership, Review
from tests.web.test_desk_texts import HOSTILE
from tests.world import World, make_item, make_project

from .conftest import Visitor
from .desk import desk_path, fill, saved

Visit = Callable[..., Visitor]
Check = Callable[[Page], None]

WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
DIFF = "@@ -204,2 +204,2 @@ class Renderer:\n if ready:\n-    go(a)\n+    go(a, b)\n"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["1440", "390"])
def test_every_state_of_the_desk_is_accessible(
    world: World, visit: Visit, assert_accessible: Check, scheme: str, size: dict[str, int]
) -> None:
    for rank in range(2):
        make_item(world.project, f"Question {rank}?", rank=rank)
    ana = visit(world.ana, refusals=(422,), viewport=size, color_scheme=scheme)
    page = ana.open(desk_path(world.project))
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    assert_accessible(page)
    page.get_by_role("tab", name="Guideline").click()
    assert_accessible(page)
    page.get_by_role("button", name="Submit").click()
    expect(page.locator("[data-saved]")).to_have_text("Not sent yet")
    assert_accessible(page)
    page.get_by_text("Cannot judge…").click()
    assert_accessible(page)
    page.keyboard.press("Escape")
    page.locator("h1").focus()
    for key in "?", "f", "s":
        page.keyboard.press(key)
        expect(page.locator("dialog[open]")).to_be_visible()
        assert_accessible(page)
        page.keyboard.press("Escape")
    second = ana.open(desk_path(world.project))
    expect(second.get_by_text("Open in another tab").first).to_be_visible()
    assert_accessible(second)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["1440", "390"])
def test_a_stack_with_a_diff_is_accessible(
    world: World, visit: Visit, assert_accessible: Check, scheme: str, size: dict[str, int]
) -> None:
    project = make_project(
        world.ines, world.workspace, world.now, name="Code", domain="code_review"
    )
    item = make_item(project, "Review this change.", ("Fine.", "Rename `b`.", "Why?"))
    change = {"title": "The change", "kind": "diff", "parts": [{"type": "text", "text": DIFF}]}
    ItemRevision.objects.filter(item=item).update(context=[change])
    membership = Membership.objects.get(user=world.ana, workspace=world.workspace)
    projects.add_reviewer(
        place=world.place(world.ines, project), membership=membership, now=world.now
    )
    page = visit(world.ana, viewport=size, color_scheme=scheme).open(desk_path(project))
    expect(page.locator(".diff")).to_contain_text("go(a, b)")
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") == size["width"]


def test_on_a_phone_one_thing_is_shown_at_a_time(world: World, visit: Visit) -> None:
    make_item(world.project, responses=("The first text.", "The second text."))
    page = visit(world.ana, viewport=PHONE, has_touch=True).open(desk_path(world.project))
    a, b = page.locator("#text-A"), page.locator("#text-B")
    expect(a).to_be_visible()
    expect(b).to_be_hidden()
    page.get_by_role("button", name="B: Response").click()
    expect(b).to_be_visible()
    expect(a).to_be_hidden()
    page.get_by_role("button", name="Answers 0 / 6").click()
    fill(page)
    expect(page.get_by_role("button", name="Answers 4 / 6")).to_be_visible()
    expect(page.locator("[data-scale-said]")).to_have_text("A slightly better")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("heading", name="Your queue is done")).to_be_visible()
    assert Review.objects.count() == 1


def test_a_cold_desk_asks_nobody_else_and_does_not_move(world: World, visit: Visit) -> None:
    make_item(world.project)
    ana = visit(world.ana)
    page = ana.context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.add_init_script(
        "window.moved = 0; new PerformanceObserver((list) => { for (const each of list.getEntries()) moved += each.value; })"
        ".observe({ type: 'layout-shift', buffered: true });"
    )
    page.goto(ana.address + desk_path(world.project))
    page.wait_for_load_state("networkidle")
    assert [url for url in asked if not url.startswith(ana.address)] == []
    assert page.evaluate("moved") <= 0.02


def test_very_large_text_makes_the_desk_a_page_that_scrolls(world: World, visit: Visit) -> None:
    make_item(world.project, responses=("a line\n" * 60, "a line\n" * 60))
    type(world.ana).objects.filter(pk=world.ana.pk).update(text_percent=200)
    for size in (WIDE, PHONE):
        page = visit(world.ana, viewport=size).open(desk_path(world.project))
        dock, pane = page.locator(".dock"), page.locator("#text-B")
        top, end = box(dock)["y"], box(pane)["y"] + box(pane)["height"]
        assert top >= end
        assert page.evaluate("document.documentElement.scrollWidth") == size["width"]
        page.close()


def test_hostile_text_runs_nothing_loads_nothing_and_leaves_the_page_as_it_is(
    world: World, visit: Visit
) -> None:
    everything = "\n\n".join(HOSTILE) + "\n\n\u202egnp.eciovni\u202c pay\u200bpal"
    item = make_item(world.project, everything, (everything, everything))
    parts = [{"type": "text", "text": everything, "format": "markdown"}]
    ItemRevision.objects.filter(item=item).update(
        context=[
            {"title": everything[:200], "kind": kind, "parts": parts}
            for kind in ("source", "diff", "test_run")
        ]
    )
    ana = visit(world.ana)
    page = ana.context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: asked.append(f"dialog {dialog.message}"))
    page.goto(ana.address + desk_path(world.project))
    page.get_by_role("tab", name="Sources").click()
    page.wait_for_load_state("networkidle")
    assert [url for url in asked if not url.startswith(ana.address)] == []
    texts = page.locator(".text, .said")
    assert texts.locator("script, img, iframe, form, input, style, base, [style]").count() == 0
    expect(page.locator("#text-A .unseen").first).to_have_text("RLO")
    links = page.locator(".said a").evaluate_all("(all) => all.map((each) => each.href)")
    assert links
    assert all(link.startswith(("https://e.example", "https://evil.example")) for link in links)
    page.locator(".dock input[value='3']").check()
    saved(page)


def box(locator: Any) -> dict[str, float]:
    found: dict[str, float] | None = locator.bounding_box()
    assert found is not None
    return found
