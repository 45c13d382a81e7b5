"""Never lose a word, the hard way: offline for a minute, killed between keystroke and answer, three sends."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from feedback.models import Draft, Review
from tests.world import WHY, World, make_item

from .conftest import Visitor
from .desk import desk_path, fill, kept, saved

Visit = Callable[..., Visitor]

DRAFT = re.compile(r"/draft/$")
SEND = re.compile(r"/desk/[0-9a-f-]{36}/$")


def why(page: Page) -> Any:
    return page.get_by_label("Why", exact=True)


def drafted() -> str:
    text: str = Draft.objects.get().body["answers"]["why"]
    return text


class Server:
    """A server that can be killed: before a request reaches it, or between its work and its answer."""

    def __init__(self, page: Page, address: re.Pattern[str]) -> None:
        self.hears = self.answers = True
        self.heard = 0
        page.route(address, self._serve)

    def _serve(self, route: Route) -> None:
        if self.hears and self.answers:
            route.continue_()
        else:
            if self.hears:
                route.fetch()
                self.heard += 1
            route.abort("connectionreset")


def test_offline_for_a_minute_in_the_middle_of_a_sentence(world: World, visit: Visit) -> None:
    make_item(world.project)
    ana = visit(world.ana)
    page = ana.context.new_page()
    page.clock.install()
    page.goto(ana.address + desk_path(world.project))
    why(page).press_sequentially("The second answer contra")
    page.clock.run_for(1500)
    saved(page)
    ana.context.set_offline(True)
    for word in ("dicts ", "itself in ", "its last "):
        why(page).press_sequentially(word)
        page.clock.run_for(20_000)
    expect(page.locator("[data-saved]")).to_have_text("Not saved: offline, kept on this device")
    assert drafted() == "The second answer contra"
    ana.context.set_offline(False)
    why(page).press_sequentially("line.")
    page.clock.run_for(31_000)
    saved(page)
    assert drafted() == "The second answer contradicts itself in its last line."
    assert kept(page) == []


@pytest.mark.parametrize("hears", [True, False], ids=["after it saved", "before it heard"])
def test_a_server_killed_between_keystroke_and_answer(
    world: World, visit: Visit, hears: bool
) -> None:
    make_item(world.project)
    page = visit(world.ana).open(desk_path(world.project))
    server = Server(page, DRAFT)
    server.hears, server.answers = hears, False
    why(page).press_sequentially("Killed here")
    expect(page.locator("[data-saved]")).to_contain_text("Not saved: offline")
    assert Draft.objects.exists() is hears
    why(page).press_sequentially(", and on")
    server.hears = server.answers = True
    saved(page)
    why(page).press_sequentially(", to the end")
    saved(page)
    assert drafted() == "Killed here, and on, to the end"
    expect(page.get_by_text("Open in another tab")).to_have_count(0)
    assert kept(page) == []


def test_the_same_submission_sent_three_times_is_one_review(world: World, visit: Visit) -> None:
    make_item(world.project)
    page = visit(world.ana).open(desk_path(world.project))
    answers: list[dict[str, Any]] = []

    def thrice(route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        answers.extend(route.fetch().json() for _ in range(2))
        response = route.fetch()
        answers.append(response.json())
        route.fulfill(response=response)

    fill(page)
    saved(page)
    page.route(SEND, thrice)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Your queue is done")).to_be_visible()
    assert len({answer["review"] for answer in answers}) == 1
    assert len(answers) == 3
    assert Review.objects.get().body.body["answers"]["why"] == WHY
