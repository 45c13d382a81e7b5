"""The gates in a real browser: evaluation sets, a run with marked pairs, and a pair with places hidden; axe finds nothing."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from curation.actions.evaluation_sets import register_bundled
from curation.actions.recipes import save_recipe
from curation.models import Run, RunPair
from tests.steps import import_rows, row, run_recipe
from tests.world import World

from .conftest import Visitor

Visit = Callable[..., Visitor]
P = "/w/northgate/p/chat/"
LOOKS = [("light", 1440), ("dark", 390)]
STAGES = ("purpose", "contamination", "licences", "personal_data", "secrets", "language", "wording", "soundness", "votes", "decided", "splits")  # fmt: skip


@pytest.fixture
def run(world: World, settings: Any, tmp_path: Any) -> Run:
    """Five pairs: one of HumanEval, one with an address, one that refuses, two that are plain."""
    options = {"location": str(tmp_path), "base_url": "/"}
    default = {**settings.STORAGES["default"], "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": default}
    place = world.place(world.ines)
    register_bundled(place=place, name="HumanEval", now=world.now)
    solved = "Check if in given list of numbers, are any two numbers closer to each other than given threshold."
    mail = "Write to anna.berg@northgatelaw.com or ring +49 30 9018200 before Friday."
    rows = [
        row("known", 2, 1, prompt=f"Solve this. {solved}", responses=["A loop.", "A sort."]),
        row("mail", 2, 1, prompt="Whom shall I ask?", responses=[mail, "Nobody knows."]),
        row(
            "no",
            2,
            1,
            prompt="Draft it.",
            responses=["I'm sorry, but I can't help with that.", "Done."],
        ),
        row("sky", 2, 1, prompt="Why is the sky blue?", responses=["Scattering.", "It is not."]),
        row("sea", 1, 1, prompt="Why is the sea green?", responses=["Algae.", "It is grey."]),
    ]
    import_rows(place, rows, world.now, source="tests")
    document = {"name": "gates", "stages": [{"stage": name} for name in STAGES]}
    version = save_recipe(
        project=world.project, slug="gates", document=document, by=None, now=world.now
    )
    made = run_recipe(place, world.now, version)
    assert made.state == "finished", made.error
    return made


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_gates_are_accessible_and_fit(
    world: World,
    run: Run,
    visit: Visit,
    assert_accessible: Callable[[Page], None],
    scheme: str,
    width: int,
) -> None:
    marked = RunPair.objects.get(run=run, flags__contains=["personal"])
    pair = f"{P}runs/{run.number}/pairs/{marked.pair.public_id}/"
    mara = visit(world.mara, color_scheme=scheme, viewport={"width": width, "height": 900})
    for name, path in (
        ("sets", f"{P}evaluation/"),
        ("run", f"{P}runs/{run.number}/"),
        ("pair", pair),
    ):
        page = mara.open(path)
        if os.environ.get("LOOK"):
            page.screenshot(path=f"{os.environ['LOOK']}/{name}-{width}.png", full_page=True)
        assert_accessible(page)
        assert fits(page), path
        page.close()


def test_marked_pairs_are_one_click_away_and_say_what_was_found(
    world: World, run: Run, visit: Visit
) -> None:
    page = visit(world.mara).open(f"{P}runs/{run.number}/")
    page.get_by_role("link", name="Personal").click()
    expect(page.get_by_role("heading", name="Marked pairs")).to_be_visible()
    page.locator("#pairs tbody a").first.click()
    expect(page.get_by_text("Email, phone in A.")).to_be_visible()
    shown = page.get_by_role("region", name="A with places hidden")
    expect(shown).to_contain_text("Write to [email]")
    expect(shown).not_to_contain_text("anna.berg")


def test_the_bundled_set_is_registered_and_retired_by_hand(world: World, visit: Visit) -> None:
    page = visit(world.mara).open(f"{P}evaluation/")
    page.get_by_label("HumanEval, which comes with Touchstone").check()
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_role("status").or_(page.locator(".messages"))).to_contain_text(
        "HumanEval is there"
    )
    page.get_by_role("button", name="Retire HumanEval").click()
    expect(page.get_by_role("cell", name="retired")).to_be_visible()
