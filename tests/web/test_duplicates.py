"""The merge screen: what waits, two texts with what differs marked, and a verdict that leads to the next."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from curation.models import NearPair
from feedback.models import Scope
from tests.api.calls import by_key
from tests.steps import import_rows, recipe, row, run_recipe
from tests.web.pages import Reader
from tests.world import World

BASE = "/w/northgate/p/chat/duplicates/"
ONE = re.compile(r"/duplicates/[0-9a-f-]{36}/")
PROMPT = "Which court may hear an appeal against a decision of the patent office, and when? {}"


@pytest.fixture
def pairs(world: World, now: dt.datetime) -> list[NearPair]:
    place = world.place(world.ines)
    rows = [row(f"p{n}", 2, 1, prompt=PROMPT.format(f"In country {n}.")) for n in range(12)]
    import_rows(place, rows, now)
    run_recipe(place, now, recipe(place.project, now, "chat"))
    return list(NearPair.objects.order_by("-similarity", "id"))


def test_the_list_shows_what_waits_and_what_was_said(world: World, pairs: list[NearPair]) -> None:
    reader = Reader(world.mara)
    seen = reader.get(BASE)
    assert len(ONE.findall(seen.source)) == len(pairs)
    assert "A large cluster" in seen
    assert "None yet" in reader.get(BASE, {"state": "different"})
    reader.post(f"{BASE}{pairs[0].public_id}/", {"verdict": "different", "reason": "Two countries"})
    assert "Two countries" in reader.get(BASE, {"state": "different"})
    assert len(ONE.findall(reader.get(BASE).source)) == len(pairs) - 1


def test_what_differs_is_marked_and_nothing_else(world: World, pairs: list[NearPair]) -> None:
    source = Reader(world.mara).get(f"{BASE}{pairs[0].public_id}/").source
    marked = re.findall(r"<mark[^>]*>([^<]*)", source)
    assert len(marked) == 2
    assert "Which court may hear an appeal" in source
    assert not [words for words in marked if "Which" in words]


def test_every_place_of_difference_is_an_address_in_both_texts(
    world: World, pairs: list[NearPair]
) -> None:
    seen = Reader(world.mara).get(f"{BASE}{pairs[0].public_id}/")
    for side in ("one", "other"):
        assert f'href="#{side}-1"' in seen.source
        assert f'id="{side}-1" data-stop="1"' in seen.source
    assert "1 place of difference" in seen


def test_a_verdict_leads_to_the_next_pair_and_the_last_one_to_the_list(
    world: World, pairs: list[NearPair]
) -> None:
    reader = Reader(world.mara)
    seen = reader.post(f"{BASE}{pairs[0].public_id}/", {"verdict": "different"})
    assert (seen.status, seen.to) == (302, f"{BASE}{pairs[1].public_id}/")
    whole = {"verdict": "same", "whole_cluster": "on"}
    seen = reader.post(f"{BASE}{pairs[1].public_id}/", whole)
    assert (seen.status, seen.to) == (302, BASE)
    assert "Nothing waits" in reader.get(BASE)
    decided = NearPair.objects.values_list("verdict", "decided_by__name")
    assert sorted(decided) == [("different", "Mara"), *[("same", "Mara")] * (len(pairs) - 1)]


def test_without_a_verdict_nothing_is_decided(world: World, pairs: list[NearPair]) -> None:
    seen = Reader(world.mara).post(f"{BASE}{pairs[0].public_id}/", {"reason": "?"})
    assert seen.status == 422
    assert not NearPair.objects.exclude(verdict="").exists()


def test_the_api_lists_shows_and_decides(world: World, pairs: list[NearPair]) -> None:
    at = f"/projects/{world.workspace.slug}/{world.project.slug}/duplicates"
    caller = by_key(world, world.mara, Scope.RUNS_WRITE)
    first = caller.get(at, limit=5).json()
    assert [each["id"] for each in first["rows"]] == [str(each.public_id) for each in pairs[:5]]
    more = caller.get(at, limit=50, after=first["after"]).json()
    assert len(more["rows"]) == len(pairs) - 5
    one = caller.get(f"{at}/{pairs[0].public_id}").json()
    assert one["left"] != one["right"]
    assert one["verdict"] is None
    said = caller.post(f"{at}/{pairs[0].public_id}", {"verdict": "different"}).json()
    assert (said["verdict"], said["decided_by"]) == ("different", "mara@example.org")
    (decided,) = caller.get(at, state="different").json()["rows"]
    assert decided["id"] == str(pairs[0].public_id)
