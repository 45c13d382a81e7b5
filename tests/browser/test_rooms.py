"""The rooms in a real browser: nothing to mend for axe by day and by night, and what a script adds to them."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from feedback.actions.importing.run import run_import
from feedback.actions.importing.start import Incoming, start_import
from feedback.models import ImportJob, User
from tests.world import World, make_item

from .conftest import Visitor
from .desk import desk_path, fill, kept

Visit = Callable[..., Visitor]
W, P = "/w/northgate/", "/w/northgate/p/chat/"
OWNERS = [
    *("/", W, W + "people/", W + "keys/", W + "agreement/", W + "projects/new/", W + "settings/"),
    *(P, P + "items/", P + "imports/", P + "form/", P + "form/new/", P + "guideline/"),
    *(P + "people/", P + "settings/", "/settings/", "/account/2fa/", "/account/password/change/"),
]
REVIEWERS = ["/", "/reviews/", P + "guideline/", W + "keys/", "/account/logout/"]
LOOKS = [("light", 1440), ("dark", 390)]


def fits(page: Page) -> bool:
    """Nothing makes the page wider than the screen."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_every_room_is_accessible_and_fits(
    world: World, visit: Visit, assert_accessible: Callable[[Page], None], scheme: str, width: int
) -> None:
    item = make_item(world.project, "Why is the sky blue?", wanted=2)
    look = {"color_scheme": scheme, "viewport": {"width": width, "height": 900}}
    one = f"{P}items/{item.public_id}/"
    rooms = [(world.ines, path) for path in [*OWNERS, one, one + "preview/"]]
    visitors = {user.pk: visit(user, **look) for user in (world.ines, world.ana)}
    for user, path in [*rooms, *((world.ana, path) for path in REVIEWERS)]:
        page = visitors[user.pk].open(path)
        assert_accessible(page)
        assert fits(page), path
        page.close()


def test_day_turns_to_night_at_once_and_stays_so(world: World, visit: Visit) -> None:
    ana = visit(world.ana, color_scheme="light")
    page = ana.open("/")
    with page.expect_response("**/settings/theme/"):
        page.get_by_role("button", name="Day or night").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert User.objects.get(pk=world.ana.pk).theme == "dark"
    expect(ana.open("/reviews/").locator("html")).to_have_attribute("data-theme", "dark")


def test_a_secret_is_copied(world: World, visit: Visit) -> None:
    page = visit(world.ines, permissions=["clipboard-read", "clipboard-write"]).open(W + "keys/")
    page.get_by_label("Name").fill("training")
    page.get_by_label("Load datasets").check()
    page.get_by_role("button", name="Make the key").click()
    secret = page.locator(".secret").inner_text()
    page.get_by_role("button", name="Copy").click()
    expect(page.locator("#told")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == secret


def test_a_member_is_changed_in_a_dialog_by_keyboard(world: World, visit: Visit) -> None:
    page = visit(world.ines).open(W + "people/")
    page.get_by_role("link", name="Change Ana").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Ana")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("Enter")
    dialog.get_by_label("Role").select_option("adjudicator")
    dialog.get_by_role("button", name="Change").click()
    expect(page.get_by_text("Ana is now adjudicator.")).to_be_visible()


def test_without_a_script_the_same_dialog_stands_in_the_page(world: World, visit: Visit) -> None:
    page = visit(world.ines, java_script_enabled=False).open(W + "people/")
    page.get_by_role("link", name="Change Ana").click()
    end = page.locator("dialog:target").get_by_role("button", name="End the membership")
    end.click()
    expect(page.get_by_text("Ana no longer belongs here.")).to_be_visible()


@pytest.mark.usefixtures("own_files")
def test_an_imports_page_follows_it_to_its_end(world: World, visit: Visit) -> None:
    rows = b"".join(
        json.dumps({"id": str(n), "prompt": f"Question {n}?", "responses": ["a", "b"]}).encode()
        + b"\n"
        for n in range(5)
    )
    place = world.place(world.ines)
    job = start_import(place=place, incoming=Incoming("five.jsonl", [rows]), now=world.now)
    page = visit(world.mara).open(f"{P}imports/{job.public_id}/")
    expect(page.get_by_text("You can leave this page; the import goes on.")).to_be_visible()
    run_import(workspace_id=world.workspace.pk, job_id=job.pk, clock=timezone.now)
    assert ImportJob.objects.get().state == "finished"
    expect(page.get_by_text("5 rows read")).to_be_visible()
    assert page.locator("#progress").get_attribute("hx-get") is None


def test_words_that_only_this_device_has_are_told_and_erased_by_signing_out(
    world: World, visit: Visit
) -> None:
    make_item(world.project, "Why is the sky blue?", wanted=2)
    ana = visit(world.ana)
    home = ana.open("/")
    expect(home.get_by_text("Everything you wrote is on the server")).to_be_visible()
    desk = ana.open(desk_path(world.project))
    desk.route("**/draft/", lambda route: route.abort())
    fill(desk)
    expect(desk.locator("[data-saved]")).to_contain_text("kept on this device")
    desk.close()
    home.reload()
    expect(home.get_by_role("heading", name="Words of 1 item wait")).to_be_visible()
    expect(home.get_by_role("link", name="Open the item")).to_have_attribute(
        "href", desk.url.removeprefix(ana.address)
    )
    home.goto(ana.address + "/account/logout/")
    expect(home.get_by_text("Words of 1 item were never sent")).to_be_visible()
    home.get_by_role("button", name="Sign out").click()
    expect(home.get_by_role("heading", name="Sign in")).to_be_visible()
    assert kept(home) == []
