"""Recipes in a real browser: edited by keyboard and by mouse, tried on a sample, published, and runs compared."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from curation.actions.by_hand import decide_by_hand
from curation.actions.dry_run import work_on_dry_run
from curation.actions.recipes import first_recipe
from curation.models import Decision, DryRun, RecipeVersion, Run
from tests.curated import KEPT, begin_run, curate, import_votes, work_on
from tests.world import World

from .conftest import Visitor
from .test_managing import tab_to

pytestmark = pytest.mark.usefixtures("own_files")
Visit = Callable[..., Visitor]
P = "/w/northgate/p/chat/"
EDIT = f"{P}recipes/chat/edit/"


def order(page: Page) -> list[str]:
    return [code.inner_text() for code in page.locator(".blocks > li code").all()]


def two_runs(world: World) -> Run:
    """Two finished runs, between them a pair released and one held by hand."""
    first = curate(world)
    rows = first.pairs.select_related("pair")
    place = world.place(world.mara)
    held, kept = rows.get(reason="empty_response"), rows.filter(held=False)[0]
    for row, action in ((held, "release"), (kept, "hold")):
        decide_by_hand(
            place=place,
            rows=[row],
            action=Decision.Action(action),
            reason="Looked at it with the client.",
            now=timezone.now(),
        )
    return work_on(begin_run(world))


def test_a_recipe_is_edited_tried_and_published_by_keyboard(
    world: World, visit: Visit, assert_accessible: Callable[[Page], None]
) -> None:
    import_votes(world)
    first_recipe(project=world.project, now=world.now)
    page = visit(world.mara).open(EDIT)
    names = order(page)
    page.locator("#down-purpose").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("“Not for training” is now stage 2.").first).to_be_visible()
    expect(page.locator("#down-purpose")).to_be_focused()
    expect(page.locator("#told")).to_have_text("“Not for training” is now stage 2.")
    assert order(page)[:2] == [names[1], names[0]]
    votes_wanted = page.get_by_label("Votes wanted on each pair")
    votes_wanted.focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("none")
    page.keyboard.press("Enter")
    expect(page.get_by_text("“Votes wanted on each pair” must be a number.")).to_be_visible()
    expect(votes_wanted).to_have_attribute("aria-invalid", "true")
    assert_accessible(page)
    votes_wanted.focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("4")
    page.locator("#remove-contested").focus()
    page.keyboard.press("Space")
    expect(page.get_by_text("“Contested” is gone.")).to_be_visible()
    page.get_by_label("Add a stage").focus()
    page.keyboard.type("Contested")
    tab_to(page, "Add")
    page.keyboard.press("Enter")
    expect(page.get_by_text("“Contested” is gone.")).to_be_hidden()
    page.locator("#try").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("waits for a worker")).to_be_visible()
    row = DryRun.objects.get()
    work_on_dry_run(workspace_id=row.workspace_id, dry_run_id=row.pk, clock=timezone.now)
    expect(page.get_by_text("nothing was written")).to_be_visible()
    page.get_by_text("too few votes").first.focus()
    assert_accessible(page)
    page.get_by_role("button", name="Publish v2").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("chat v2 is there. Runs can use it now.")).to_be_visible()
    assert_accessible(page)
    made = RecipeVersion.objects.latest("pk")
    assert [step["stage"] for step in made.stages][:2] == [names[1], names[0]]


def test_a_stage_is_dragged_by_its_grip(world: World, visit: Visit) -> None:
    first_recipe(project=world.project, now=world.now)
    page = visit(world.mara).open(EDIT)
    names = order(page)
    page.locator("#block-degenerate [data-grip]").drag_to(page.locator("#block-purpose legend"))
    expect(page.get_by_text("“Empty or identical” is now stage 1.").first).to_be_visible()
    assert order(page)[:2] == [names[1], names[0]]


def test_pairs_are_ticked_and_held_by_keyboard(world: World, visit: Visit) -> None:
    curate(world)
    page = visit(world.mara).open(f"{P}runs/1/?show=kept")
    ticks = page.locator(".pick input[name='pair']")
    for number in range(2):
        ticks.nth(number).focus()
        page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Hold the ticked (2)")).to_be_visible()
    page.get_by_label("Why", exact=True).focus()
    page.keyboard.type("old law")
    tab_to(page, "Hold the ticked")
    page.keyboard.press("Enter")
    expect(page.get_by_text("2 pairs held. It counts from the next run on.")).to_be_visible()
    assert Decision.objects.count() == 2
    assert work_on(begin_run(world)).n_out == KEPT - 2


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 1280), ("light", 390)])
def test_the_pages_of_recipes_and_comparisons_are_accessible_and_fit(
    world: World,
    visit: Visit,
    assert_accessible: Callable[[Page], None],
    scheme: str,
    width: int,
) -> None:
    run = two_runs(world)
    released = run.pairs.select_related("pair").exclude(overruled="").get()
    recipes = f"{P}recipes/"
    visitor = visit(world.mara, color_scheme=scheme, viewport={"width": width, "height": 900})
    for path in (
        *(recipes, EDIT, f"{recipes}chat/json/", f"{recipes}new/", f"{recipes}chat/v1/"),
        f"{recipes}begin/?slug=strict&like=bundled:code",
        f"{recipes}compare/?a=chat:1&b=chat:1",
        *(f"{P}runs/2/", f"{P}runs/2/?show=released", f"{P}runs/2/against/?show=left"),
        f"{P}runs/2/pairs/{released.pair.public_id}/",
    ):
        page = visitor.open(path)
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        page.close()
