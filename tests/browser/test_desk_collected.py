"""Every desk as it is served: static files collected, its sheets in one and its modules in one, and few requests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import storage
from django.core.management import call_command
from django.test import override_settings
from playwright.sync_api import expect

from config.static import ManifestStorage
from feedback.models import Review
from tests.world import World, make_item

from .conftest import Visitor
from .desk import desk_path, fill
from .desks import NAMES, kind_of, make_desk

Visit = Callable[..., Visitor]
MOST = 12


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything collected, once."""
    root = tmp_path_factory.mktemp("static")
    storages = {**settings.STORAGES, "staticfiles": {"BACKEND": "config.static.ManifestStorage"}}
    with override_settings(STATIC_ROOT=root, STORAGES=storages):
        call_command("collectstatic", "--no-input", verbosity=0)
    return root


@pytest.fixture(autouse=True)
def served(files: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Pages name the collected files, and the server finds them."""
    with override_settings(STATIC_ROOT=files, STATICFILES_DIRS=[files]):
        monkeypatch.setattr(storage.staticfiles_storage, "_wrapped", ManifestStorage())
        yield


@pytest.mark.parametrize("name", NAMES)
def test_a_cold_desk_of_every_kind_asks_for_few_files_and_runs(
    world: World, visit: Visit, name: str
) -> None:
    project = make_desk(world, kind_of(name))
    ana = visit(world.ana)
    asked: list[str] = []
    page = ana.open(desk_path(project))
    url = page.url
    page.close()
    fresh = visit(world.ana)
    page = fresh.context.new_page()
    page.on("request", lambda request: asked.append(request.url.removeprefix(fresh.address)))
    page.goto(url)
    page.wait_for_load_state("networkidle")
    modules = [path for path in asked if path.endswith(".js")]
    assert len(asked) <= MOST, asked
    assert len(modules) == 2, modules  # the page's own and the desk's
    page.locator("h1").focus()
    page.keyboard.press("?")
    expect(page.locator("#keys-dialog")).to_be_visible()


def test_the_joined_modules_answer_send_and_show_the_next_item(world: World, visit: Visit) -> None:
    for rank in range(2):
        make_item(world.project, f"Question {rank}?", rank=rank)
    page = visit(world.ana).open(desk_path(world.project))
    fill(page)
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-toasts]")).to_contain_text("Sent")
    expect(page.locator("[data-said]")).to_contain_text("Next item.")
    page.locator("h1").focus()
    page.keyboard.press("d")  # differences are a module that is asked for later
    page.wait_for_function("CSS.highlights.has('only-a')")
    assert Review.objects.count() == 1
