"""What an import's page and the API say of items that look like earlier ones."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest

from feedback.models import ImportJob, Scope
from tests.api.calls import by_key
from tests.steps import import_rows, row
from tests.web.pages import Reader
from tests.world import World

PROMPT = "{} Which court may hear an appeal against a decision of the patent office, and when?"


@pytest.fixture
def job(world: World, now: dt.datetime) -> ImportJob:
    rows = [row("a", prompt=PROMPT.format("In Germany.")), row("b", prompt="Why is it so?")]
    import_rows(world.place(world.ines), rows, now)
    more = [row("c", prompt=PROMPT.format("In Austria.")), row("d", prompt="And who are you?")]
    return import_rows(world.place(world.ines), more, now)


def test_the_page_of_an_import_shows_what_its_items_look_like(world: World, job: ImportJob) -> None:
    address = f"/w/northgate/p/chat/imports/{job.public_id}/"
    reader = Reader(world.mara)
    assert f'hx-get="{address}similar/"' in reader.get(address).source
    part = reader.get(address + "similar/", HX_Request="true")
    assert "<html" not in part.source
    for seen in (part, reader.get(address + "similar/")):
        assert "In Austria." in seen
        assert "In Germany." in seen
        assert re.search(r"0\.[789]\d", seen.words)
        assert "who are you" not in seen


def test_an_import_without_a_look_alike_says_so(world: World, now: dt.datetime) -> None:
    job = import_rows(world.place(world.ines), [row("a")], now)
    seen = Reader(world.mara).get(f"/w/northgate/p/chat/imports/{job.public_id}/similar/")
    assert "No prompt of this file looks like an earlier item’s." in seen


def test_the_api_names_the_item_and_what_it_looks_like(
    world: World, job: ImportJob, at: str
) -> None:
    caller = by_key(world, world.mara, Scope.ITEMS_READ)
    answer: dict[str, Any] = caller.get(f"{at}/imports/{job.public_id}/similar").json()
    (found,) = answer["rows"]
    assert (found["external_id"], found["looks_like_external_id"], found["row"]) == ("c", "a", 1)
    assert 0.7 < found["similarity"] < 1
    assert found["crowded"] is False
    assert answer["after"] is None


@pytest.fixture
def at(world: World) -> str:
    return f"/projects/{world.workspace.slug}/{world.project.slug}"
