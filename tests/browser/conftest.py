"""A real browser on the live server: one that fails on every error it meets, people who are signed in, and axe."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.test import Client
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

from feedback.models import User
from tests.world import World, make_world

CHROMIUM = "/usr/bin/chromium"
OFFLINE = (
    "net::ERR_"  # how a browser speaks of a server that is away; tests take it away on purpose
)

# The browser's driver runs an event loop in this thread, and Django would refuse every query.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


expect.set_options(timeout=10_000)  # a busy build machine is slow


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder is one of the browser's, whoever forgets to say so."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def world(transactional_db: None, now: Any) -> World:
    """The world of the other tests, committed, so that the server sees it."""
    return make_world(now)


@pytest.fixture(scope="session", autouse=True)
def quiet() -> Iterator[Callable[[], None]]:
    """Waits until the server has answered everything: a page that is closed may have left a request behind, and the
    tables are emptied next."""
    under_way: list[object] = []

    def begun(**_: object) -> None:
        under_way.append(None)

    def done(**_: object) -> None:
        if under_way:
            under_way.pop()

    def wait() -> None:
        deadline = time.monotonic() + 5
        while under_way and time.monotonic() < deadline:
            time.sleep(0.01)
        under_way.clear()

    request_started.connect(begun)
    request_finished.connect(done)
    yield wait
    request_started.disconnect(begun)
    request_finished.disconnect(done)


class Visitor:
    """A person in a browser of their own; what goes wrong in their pages is noted."""

    def __init__(self, context: BrowserContext, address: str, refusals: tuple[int, ...]) -> None:
        self.context = context
        self.address = address
        self.fine = [OFFLINE, *(f"status of {status}" for status in refusals)]
        self.errors: list[str] = []
        context.on("page", self._watch)

    def open(self, path: str) -> Page:
        page = self.context.new_page()
        page.goto(self.address + path)
        return page

    def _watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.errors.append(f"{page.url}: {error}"))
        page.on("console", self._heard)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not any(
            words in message.text for words in self.fine
        ):
            self.errors.append(f"{message.location.get('url')}: {message.text}")


@pytest.fixture
def visit(
    chromium: Browser, live_server: Any, quiet: Callable[[], None]
) -> Iterator[Callable[..., Visitor]]:
    """`visit(user)` is that person in a browser; options are the context's.

    Every error in the console fails the test, but for the statuses in `refusals`, which a browser calls errors too.
    """
    visitors: list[Visitor] = []

    def come(user: User, *, refusals: tuple[int, ...] = (), **options: Any) -> Visitor:
        options.setdefault("viewport", {"width": 1440, "height": 900})
        context = chromium.new_context(**options)
        context.set_default_timeout(20_000)
        client = Client()
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        name = settings.SESSION_COOKIE_NAME
        context.add_cookies([{"name": name, "value": session, "url": live_server.url}])
        visitors.append(Visitor(context, live_server.url, refusals))
        return visitors[-1]

    yield come
    for visitor in visitors:
        visitor.context.close()
    quiet()
    assert [error for visitor in visitors for error in visitor.errors] == []


@pytest.fixture
def assert_accessible() -> Callable[[Page], None]:
    """axe finds nothing to mend on a page."""

    def check(page: Page) -> None:
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()

    return check
