"""Never lose a word: drafts, offline, closed tabs, two tabs, two sends, a hold that ran out."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

from django.utils import timezone
from playwright.sync_api import Page, expect

from feedback.actions import agreements
from feedback.actions.leases import sweep_leases
from feedback.models import Assignment, Draft, Review
from tests.world import WHY, World, make_item

from .conftest import Visitor
from .desk import desk_path, fill, kept, saved

Visit = Callable[..., Visitor]


def why(page: Page) -> Any:
    return page.get_by_label("Why", exact=True)


def drafted() -> str:
    text: str = Draft.objects.get().body["answers"]["why"]
    return text


def test_words_are_saved_a_second_after_the_last_key_and_leave_the_device(
    world: World, visit: Visit
) -> None:
    make_item(world.project)
    page = visit(world.ana).open(desk_path(world.project))
    why(page).press_sequentially("It scatters")
    expect(page.locator("[data-saved]")).to_have_text("Saving…")
    assert kept(page)[0]["fields"][-1] == ["why", "It scatters"] or "It scatters" in str(kept(page))
    saved(page)
    assert drafted() == "It scatters"
    assert Draft.objects.get().revision == 1
    assert kept(page) == []


def test_words_typed_offline_are_kept_here_and_saved_when_the_connection_is_back(
    world: World, visit: Visit
) -> None:
    make_item(world.project)
    ana = visit(world.ana)
    page = ana.open(desk_path(world.project))
    why(page).press_sequentially("Before the tunnel. ")
    saved(page)
    ana.context.set_offline(True)
    why(page).press_sequentially("In the tunnel. ")
    expect(page.locator("[data-saved]")).to_have_text("Not saved: offline, kept on this device")
    why(page).press_sequentially("Still in it.")
    assert drafted() == "Before the tunnel. "
    ana.context.set_offline(False)
    saved(page)
    assert drafted() == "Before the tunnel. In the tunnel. Still in it."
    assert kept(page) == []


def test_a_tab_closed_in_the_middle_of_a_sentence_gives_it_back(world: World, visit: Visit) -> None:
    make_item(world.project)
    ana = visit(world.ana)
    page = ana.open(desk_path(world.project))
    page.locator(".dock input[value='3']").check()
    why(page).press_sequentially("The second sentence defines catas")
    page.close()  # at once: no save was due yet
    again = ana.open(desk_path(world.project))
    expect(why(again)).to_have_value("The second sentence defines catas")
    expect(again.locator(".dock input[value='3']")).to_be_checked()


def test_a_tab_killed_while_offline_gives_back_what_only_this_device_has(
    world: World, visit: Visit
) -> None:
    make_item(world.project)
    ana = visit(world.ana)
    page = ana.open(desk_path(world.project))
    ana.context.set_offline(True)
    why(page).press_sequentially("Nobody has heard this yet")
    page.close()
    ana.context.set_offline(False)
    assert not Draft.objects.exists()
    again = ana.open(desk_path(world.project))
    expect(why(again)).to_have_value("Nobody has heard this yet")
    saved(again)
    assert drafted() == "Nobody has heard this yet"


def test_the_second_tab_only_reads_until_it_is_given_the_pen(world: World, visit: Visit) -> None:
    make_item(world.project)
    ana = visit(world.ana)
    first = ana.open(desk_path(world.project))
    why(first).press_sequentially("From the first tab")
    saved(first)
    second = ana.open(desk_path(world.project))
    expect(second.locator("[data-saved]")).to_have_text("Open in another tab: this one only reads")
    expect(why(second)).not_to_be_editable()
    expect(second.get_by_role("button", name="Submit and next")).to_be_disabled()
    why(first).press_sequentially(" and on")
    second.get_by_role("button", name="Write here").click()
    expect(why(second)).to_have_value("From the first tab and on")
    expect(why(second)).to_be_editable()
    expect(first.locator("[data-saved]")).to_have_text("Open in another tab: this one only reads")
    why(second).press("Control+End")
    why(second).press_sequentially(", in the second")
    saved(second)
    assert drafted() == "From the first tab and on, in the second"


def test_words_of_another_device_are_not_overwritten(world: World, visit: Visit) -> None:
    make_item(world.project)
    here = visit(world.ana, refusals=(409,)).open(desk_path(world.project))
    there = visit(world.ana).open(desk_path(world.project))
    why(there).press_sequentially("Written at home")
    saved(there)
    why(here).press_sequentially("Written at the office")
    expect(here.locator("[data-saved]")).to_have_text("Open in another tab: this one only reads")
    expect(why(here)).to_have_value("Written at the office")
    assert drafted() == "Written at home"
    here.reload()
    expect(why(here)).to_have_value("Written at home")
    expect(here.get_by_text("This device kept other words")).to_be_visible()
    # Whoever writes on before looking at them does not write over them.
    why(here).press("Control+End")
    why(here).press_sequentially(", and on")
    saved(here)
    here.reload()
    expect(why(here)).to_have_value("Written at home, and on")
    here.get_by_role("button", name="Use the kept ones").click()
    expect(why(here)).to_have_value("Written at the office")
    saved(here)
    assert drafted() == "Written at the office"
    assert kept(here) == []


def test_a_review_sent_offline_waits_and_arrives_once(world: World, visit: Visit) -> None:
    for rank in range(2):
        make_item(world.project, f"Question {rank}?", rank=rank)
    ana = visit(world.ana)
    page = ana.open(desk_path(world.project))
    fill(page)
    saved(page)
    ana.context.set_offline(True)
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-saved]")).to_have_text("Not sent: offline, kept on this device")
    expect(page.locator("#panel-prompt")).to_contain_text("Question 0?")
    ana.context.set_offline(False)
    expect(page.locator("#panel-prompt")).to_contain_text("Question 1?")
    assert Review.objects.count() == 1
    assert kept(page) == []


def test_a_review_sent_offline_goes_out_when_the_desk_is_opened_again(
    world: World, visit: Visit
) -> None:
    make_item(world.project)
    ana = visit(world.ana)
    page = ana.open(desk_path(world.project))
    fill(page)
    saved(page)
    ana.context.set_offline(True)
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-saved]")).to_have_text("Not sent: offline, kept on this device")
    page.close()
    ana.context.set_offline(False)
    again = ana.open(desk_path(world.project))
    expect(again.get_by_role("heading", name="Your queue is done")).to_be_visible()
    assert Review.objects.get().body.body["answers"]["why"] == WHY


def test_an_answer_whose_acknowledgement_is_lost_is_one_review(world: World, visit: Visit) -> None:
    for rank in range(2):
        make_item(world.project, f"Question {rank}?", rank=rank)
    page = visit(world.ana).open(desk_path(world.project))
    lost: list[str] = []

    def deliver_and_lose(route: Any) -> None:
        if lost or route.request.method != "POST":
            route.continue_()
            return
        lost.append(route.request.url)
        route.fetch()
        route.abort()

    fill(page)
    saved(page)
    page.route(re.compile(r"/desk/[0-9a-f-]{36}/$"), deliver_and_lose)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#panel-prompt")).to_contain_text("Question 1?", timeout=15_000)
    assert len(lost) == 1
    assert Review.objects.count() == 1


def test_a_hold_that_ran_out_is_told_and_claimed_again(world: World, visit: Visit) -> None:
    make_item(world.project)
    ana = visit(world.ana)
    page = ana.context.new_page()
    page.clock.install()
    page.goto(ana.address + desk_path(world.project))
    why(page).fill("Before lunch")
    page.clock.run_for(1500)
    saved(page)
    long_ago = timezone.now() - dt.timedelta(hours=1)
    Assignment.objects.update(leased_until=long_ago)
    sweep_leases(now=timezone.now())
    assert Assignment.objects.get().state == "expired"
    page.clock.fast_forward("31:00")
    expect(page.get_by_text("Your hold on this item ended at")).to_be_visible()
    expect(why(page)).to_have_value("Before lunch")
    page.get_by_role("button", name="Claim again").click()
    expect(page.locator("[data-toasts]")).to_contain_text("Yours again, until")
    expect(page.get_by_text("Your hold on this item ended at")).to_have_count(0)
    assert Assignment.objects.get().state == "open"


def test_an_item_that_others_took_meanwhile_can_still_be_sent(world: World, visit: Visit) -> None:
    item = make_item(world.project)
    page = visit(world.ana, refusals=(409,)).open(desk_path(world.project))
    fill(page)
    saved(page)
    Assignment.objects.update(leased_until=timezone.now() - dt.timedelta(hours=1))
    sweep_leases(now=timezone.now())
    type(item).objects.update(wanted=0)
    page.reload()
    page.get_by_role("button", name="Claim again").click()
    expect(page.get_by_text("Others have reviewed this item")).to_be_visible()
    page.get_by_role("button", name="Submit and next").click()
    expect(page.get_by_role("heading", name="Your queue is done")).to_be_visible()
    expect(page.locator("body")).not_to_contain_text("could not")
    assert Review.objects.get().surplus


def test_a_workspace_may_forbid_keeping_words_on_devices(world: World, visit: Visit) -> None:
    make_item(world.project)
    type(world.workspace).objects.update(device_outbox_allowed=False)
    ana = visit(world.ana)
    page = ana.open(desk_path(world.project))
    ana.context.set_offline(True)
    why(page).press_sequentially("A secret")
    expect(page.locator("[data-saved]")).to_have_text("Not saved: offline")
    assert kept(page) == []


def test_words_of_another_item_are_saved_when_the_desk_is_opened_again(
    world: World, visit: Visit
) -> None:
    for rank in range(2):
        make_item(world.project, f"Question {rank}?", rank=rank)
    ana = visit(world.ana)
    page = ana.open(desk_path(world.project))
    first = Assignment.objects.get()
    ana.context.set_offline(True)
    why(page).press_sequentially("Of the first item")
    page.close()
    ana.context.set_offline(False)
    Assignment.objects.filter(pk=first.pk).update(
        leased_until=timezone.now() - dt.timedelta(hours=1)
    )
    again = ana.open(desk_path(world.project))
    expect(again.locator("#panel-prompt")).to_contain_text("Question 1?")
    expect(again.locator("[data-toasts]")).to_contain_text("of another item are saved")
    assert Draft.objects.get(assignment=first).body["answers"]["why"] == "Of the first item"
    assert kept(again) == []


def test_words_that_cannot_be_saved_any_more_are_shown_and_can_be_copied(
    world: World, visit: Visit
) -> None:
    for rank in range(2):
        make_item(world.project, f"Question {rank}?", rank=rank)
    ana = visit(world.ana, refusals=(409,), permissions=["clipboard-read", "clipboard-write"])
    page = ana.open(desk_path(world.project))
    ana.context.set_offline(True)
    why(page).press_sequentially("Too late for these")
    page.close()
    ana.context.set_offline(False)
    Assignment.objects.update(state="skipped", closed_at=timezone.now())
    again = ana.open(desk_path(world.project))
    expect(again.get_by_text("could not be saved")).to_be_visible()
    again.get_by_role("button", name="Copy them").click()
    assert again.evaluate("navigator.clipboard.readText()") == "Too late for these"
    again.get_by_role("button", name="Throw them away").click()
    expect(again.get_by_text("could not be saved")).to_have_count(0)
    assert kept(again) == []


def test_signing_out_erases_what_this_device_kept(world: World, visit: Visit) -> None:
    make_item(world.project)
    ana = visit(world.ana)
    page = ana.open(desk_path(world.project))
    why(page).press_sequentially("x")
    saved(page)
    assert page.evaluate("async () => (await indexedDB.databases()).length") == 1
    page.goto(f"{ana.address}/account/logout/")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name=re.compile("Sign in|Log in"))).to_be_visible()
    assert page.evaluate("async () => (await indexedDB.databases()).length") == 0


def test_a_refusal_that_is_not_about_an_answer_shows_what_was_typed_and_the_way_out(
    world: World, visit: Visit
) -> None:
    make_item(world.project)
    page = visit(world.ana, refusals=(403,)).open(desk_path(world.project))
    fill(page)
    saved(page)
    agreements.publish_agreement(
        workspace=world.workspace, text="New terms.", by=world.ines, now=timezone.now()
    )
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("read and accept the agreement")).to_be_visible()
    expect(why(page)).to_have_value(WHY)
    page.get_by_role("link", name="Read it").click()
    page.get_by_role("button", name=re.compile("accept", re.IGNORECASE)).click()
    expect(why(page)).to_have_value(WHY)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Your queue is done")).to_be_visible()
    assert Review.objects.get().agreement.version == 2
