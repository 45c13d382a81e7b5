"""The patch desk in a real browser: one patch at a time, its files, what it leaves out, and comments at its lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from feedback.actions import projects
from feedback.models import ItemRevision, Membership, Project, Review
from tests.world import World, make_item, make_project

from .conftest import Visitor
from .desk import desk_path, saved

Visit = Callable[..., Visitor]
Check = Callable[[Page], None]

PLOT = [f"line {number}" for number in range(1, 61)]
PATCH = (
    "diff --git a/x/plot.py b/x/plot.py\n--- a/x/plot.py\n+++ b/x/plot.py\n"
    "@@ -30,5 +30,6 @@ class Renderer:\n line 30\n-line 31\n-line 32\n+one \u200b31\n+two 32\n+three\n line 33\n line 34\n"
    "@@ -50,2 +51,2 @@\n line 50\n-line 51\n+fifty-one\n"
    "diff --git a/run.sh b/run.sh\nold mode 100644\nnew mode 100755\n"
)
OTHER = "--- a/x/plot.py\n+++ b/x/plot.py\n@@ -1 +1 @@\n-line 1\n+first\n"


@pytest.fixture
def project(world: World) -> Project:
    made = make_project(world.ines, world.workspace, world.now, name="Patches", domain="code_pr")
    item = make_item(made, "Mend the plot.", (PATCH, OTHER))
    context = [
        {"title": title, "kind": kind, "parts": [{"type": "text", "text": text}]}
        for title, kind, text in (
            ("x/plot.py", "file", "\n".join(PLOT)),
            ("pytest -q", "test_run", "F.\n1 failed\nexit 1 in 2.0 s"),
            ("Issue 7", "issue", "It draws nothing."),
        )
    ]
    ItemRevision.objects.filter(item=item).update(context=context)
    membership = Membership.objects.get(user=world.ana, workspace=world.workspace)
    projects.add_reviewer(place=world.place(world.ines, made), membership=membership, now=world.now)
    return made


def in_order(page: Page, text: str) -> Page:
    """Turns to the pane of the patch that holds this text: which letter it has is chance."""
    side = page.locator(".pane", has_text=text).get_attribute("data-side")
    if side == "b":
        page.get_by_role("button", name="Patch B").click()
    return page


def test_one_patch_is_read_at_a_time_and_keys_turn_to_the_other(
    world: World, visit: Visit, project: Project
) -> None:
    page = visit(world.ana).open(desk_path(project))
    a, b = page.locator("#text-A"), page.locator("#text-B")
    expect(a).to_be_visible()
    expect(b).to_be_hidden()
    page.locator("h1").focus()
    page.keyboard.press("]")
    expect(b).to_be_focused()
    expect(a).to_be_hidden()
    expect(page.get_by_role("button", name="Patch B")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("j")  # into the sheet, which stands beside it
    expect(b).to_be_visible()


def test_side_by_side_two_columns_stand_beside_each_other_on_a_small_screen_too(
    world: World, visit: Visit, project: Project
) -> None:
    page = visit(world.ana, viewport={"width": 1280, "height": 800}).open(desk_path(project))
    in_order(page, "one")
    page.get_by_role("button", name="Split").click()
    table = page.locator(".pane:visible .diff").first
    old, new = (table.locator(each).first.bounding_box() for each in ("td.del.c", "td.add.c"))
    assert old is not None
    assert new is not None
    assert old["x"] + old["width"] <= new["x"]
    assert old["y"] == new["y"]


def test_what_a_patch_leaves_out_unfolds_from_the_file_in_steps(
    world: World, visit: Visit, project: Project
) -> None:
    page = in_order(visit(world.ana).open(desk_path(project)), "fifty-one")
    file = page.locator(".pane .hunk-file[data-file='x/plot.py']", has_text="fifty-one")
    file.get_by_role("button", name="20 from below").click()
    expect(file.get_by_role("button", name="Show 9 unchanged lines", exact=True)).to_be_visible()
    expect(file.locator("tr[data-old='10'][data-new='10']")).to_contain_text("line 10")
    file.get_by_role("button", name="Show 9 unchanged lines", exact=True).click()
    file.get_by_role("button", name="Show 15 unchanged lines").click()
    expect(file.locator("tr[data-old='49'][data-new='50']")).to_contain_text("line 49")
    file.get_by_role("button", name="Show 9 unchanged lines to the end of the file").click()
    assert file.locator("tr.fold, .fold tr").count() == 0
    shown = file.locator("tr[data-old]").evaluate_all("(all) => all.map((row) => row.dataset.old)")
    assert shown == [str(number) for number in range(1, 61)]


def test_files_that_were_viewed_are_folded_and_stay_so_after_a_reload(
    world: World, visit: Visit, project: Project
) -> None:
    page = in_order(visit(world.ana).open(desk_path(project)), "fifty-one")
    bar = page.locator(".patch-bar")
    expect(bar).to_contain_text("0 of 2 viewed")
    file = page.locator(".hunk-file", has_text="fifty-one")
    file.get_by_label("Viewed").check()
    expect(file.locator("table")).to_be_hidden()
    expect(bar).to_contain_text("1 of 2 viewed")
    expect(page.locator("[data-saved]")).to_have_text("")  # no answer: nothing is sent
    page.reload()
    in_order(page, "fifty-one")
    expect(bar).to_contain_text("1 of 2 viewed")
    expect(file.locator("table")).to_be_hidden()
    file.get_by_role("button", name="Lines of x/plot.py").click()
    expect(file.locator("table")).to_be_visible()
    expect(page.get_by_role("img", name="viewed", exact=True)).to_have_count(1)


def test_side_by_side_what_replaces_stands_beside_what_it_replaces(
    world: World, visit: Visit, project: Project
) -> None:
    ana = visit(world.ana)
    page = in_order(ana.open(desk_path(project)), "fifty-one")
    page.get_by_role("button", name="Split").click()
    file = page.locator(".hunk-file", has_text="fifty-one")
    code = "tr[data-{}='{}'] .c:not(.twin)"
    old, new = (file.locator(code.format(side, 31)).last for side in ("old", "new"))
    assert top(old) == top(new)
    assert left(old) < left(new)
    same = file.locator("tr[data-old='33']").locator(".c")
    assert top(same.first) == top(same.last)
    assert left(same.first) == left(old)
    assert top(same.first) > top(file.locator(code.format("new", 32)).last)
    page.reload()
    expect(page.get_by_role("button", name="Split")).to_have_attribute("aria-pressed", "true")


def test_lines_are_chosen_by_pointer_and_by_keys_without_a_gap(
    world: World, visit: Visit, project: Project
) -> None:
    page = in_order(visit(world.ana).open(desk_path(project)), "fifty-one")
    page.evaluate(
        "window.said = []; document.addEventListener('desk:critique', (e) => { said.push(e.detail); e.stopImmediatePropagation(); }, true);"
    )
    file = page.locator(".hunk-file", has_text="fifty-one")
    comment = page.get_by_role("button", name="Comment")
    expect(comment).to_be_disabled()
    gutter = "tr[data-{}='{}'] .ln:not(:empty)"
    file.locator(gutter.format("new", 31)).last.click()
    file.locator(gutter.format("new", 51)).last.click(modifiers=["Shift"])
    comment.click()
    # To the end of the hunk: what lies beyond is not of the patch.
    exact = "one \u200b31\ntwo 32\nthree\nline 33\nline 34"
    letter = file.locator("xpath=ancestor::*[@data-letter]").get_attribute("data-letter")
    anchor = {"type": "lines", "part": 0, "file": "x/plot.py", "side": "new", "start": 31}
    assert page.evaluate("said.pop()") == {
        "on": letter,
        "anchor": {**anchor, "end": 35, "exact": exact},
    }
    file.locator(".ln[tabindex='0']").focus()
    for key in (*["ArrowUp"] * 5, "Shift+ArrowUp", "Enter"):
        page.keyboard.press(key)
    anchor = {**anchor, "side": "old", "end": 32, "exact": "line 31\nline 32"}
    assert page.evaluate("said.pop()") == {"on": letter, "anchor": anchor}
    assert file.locator("[aria-selected=true]").count() == 2


def test_comments_stand_under_their_lines_in_both_views(
    world: World, visit: Visit, project: Project, assert_accessible: Check
) -> None:
    page = in_order(visit(world.ana).open(desk_path(project)), "fifty-one")
    file = page.locator(".hunk-file", has_text="fifty-one")
    letter = file.locator("xpath=ancestor::*[@data-letter]").get_attribute("data-letter")
    anchor = {
        "type": "lines",
        "part": 0,
        "file": "x/plot.py",
        "side": "new",
        "start": 31,
        "end": 31,
    }
    made = {
        "id": "c1", "on": letter, "anchor": {**anchor, "exact": "one \u200b31"}, "category": "readability",
        "severity": "minor", "comment": "What is <one>?", "suggestion": "line(31)",
    }  # fmt: skip
    answer(page, [made])
    note = file.locator(".said")
    expect(note).to_contain_text("1 · Readability")
    expect(note).to_contain_text("line 31, yours")
    expect(note).to_contain_text("What is <one>?")
    expect(note.locator("ins")).to_have_text("line(31)")
    line, after = (file.locator(f"tr[data-new='{number}'] .c").last for number in (31, 32))
    assert top(line) < top(note.locator("td")) < top(after)
    page.get_by_role("button", name="Split").click()
    assert top(line) < top(note.locator("td")) < top(after)
    # What is beside goes down with it.
    assert top(file.locator("tr[data-old='32'] .c").last) == top(after)
    assert_accessible(page)
    answer(page, [])
    expect(note).to_have_count(0)


def test_a_review_of_one_patch_is_sent(world: World, visit: Visit) -> None:
    project = make_project(
        world.ines, world.workspace, world.now, name="Alone", domain="patch_review"
    )
    make_item(project, "Mend the plot.", (PATCH,))
    membership = Membership.objects.get(user=world.ana, workspace=world.workspace)
    projects.add_reviewer(
        place=world.place(world.ines, project), membership=membership, now=world.now
    )
    page = visit(world.ana).open(desk_path(project))
    expect(page.get_by_role("heading", name="Review a patch")).to_be_attached()
    page.get_by_label("After small changes").check()
    page.locator("input[name='correct.A'][value='4']").check()
    page.locator("input[name='tests.A'][value='3']").check()
    page.get_by_label("Why", exact=True).fill(
        "The second hunk replaces a line that nothing reads. " * 2
    )
    saved(page)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Your queue is done")).to_be_visible()
    assert Review.objects.get().body.body["answers"]["merge"] == ["small_changes"]


def test_lines_are_commented_by_keyboard_alone(
    world: World, visit: Visit, project: Project
) -> None:
    page = visit(world.ana).open(desk_path(project))
    expect(page.locator(".diff[role=grid]").first).to_be_attached()
    side = page.locator(".pane", has_text="fifty-one").get_attribute("data-side")
    page.locator("h1").focus()
    page.keyboard.press("[" if side == "a" else "]")
    until(page, "Tab", "document.activeElement.matches('.ln')")
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "Shift+ArrowDown", "c"):
        page.keyboard.press(key)
    expect(page.locator("[data-quote]")).to_have_text("one \u200b31\ntwo 32")
    page.keyboard.press("5")  # readability
    until(page, "Tab", "document.activeElement.name === '_severity'")
    page.keyboard.press("2")  # major
    until(page, "Tab", "document.activeElement.name === '_comment'")
    page.keyboard.type("Say which lines these are.")
    page.keyboard.press("Control+Enter")
    note = page.locator("tr.said")
    expect(note).to_contain_text("1 · Readability")
    expect(note).to_contain_text("lines 31–32, yours")
    assert page.evaluate("document.activeElement.matches('.ln')")  # one goes on where one was
    saved(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_the_patch_desk_is_accessible(
    world: World, visit: Visit, project: Project, assert_accessible: Check, scheme: str, width: int
) -> None:
    size = {"width": width, "height": 880}
    page = visit(world.ana, viewport=size, color_scheme=scheme).open(desk_path(project))
    expect(page.locator(".diff[role=grid]").first).to_be_attached()
    assert_accessible(page)
    page.get_by_role("tab", name="Evidence").click()
    expect(page.locator(".run")).to_contain_text("exit 1 · 2.0 s")
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") == width


def until(page: Page, key: str, holds: str) -> None:
    """Presses a key until something is so; what is asked of the page changes nothing in it."""
    for _ in range(40):
        if page.evaluate(holds):
            return
        page.keyboard.press(key)
    assert page.evaluate(holds)


def answer(page: Page, critiques: list[dict[str, Any]]) -> None:
    """Writes the answer as the composer of critiques does."""
    page.locator("[name=comments]").evaluate(
        "(field, made) => { field.value = JSON.stringify(made); field.dispatchEvent(new Event('input', { bubbles: true })); }",
        critiques,
    )


def top(locator: Any) -> float:
    box = locator.bounding_box()
    assert box is not None
    return round(float(box["y"]))


def left(locator: Any) -> float:
    box = locator.bounding_box()
    assert box is not None
    return round(float(box["x"]))
