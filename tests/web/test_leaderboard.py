"""The page of models: who wins, where each loses, and the items behind a figure. For managers alone."""

from __future__ import annotations

import re

import pytest

from curation.models import Run
from feedback.models import Scope
from tests.api.calls import by_key
from tests.curation.test_leaderboard import votes
from tests.steps import import_rows, recipe, run_recipe
from tests.web.pages import Reader
from tests.world import World, make_item

MODELS = "/w/northgate/p/chat/models/"
ITEMS = "/w/northgate/p/chat/items/"
API = "/projects/northgate/chat/leaderboard"


@pytest.fixture
def run(world: World) -> Run:
    place = world.place(world.mara)
    import_rows(place, votes(), world.now)
    return run_recipe(place, world.now, recipe(place.project, world.now))


def test_a_manager_sees_the_ranking_its_tags_and_what_style_is_worth(
    world: World, run: Run
) -> None:
    page = Reader(world.mara).get(MODELS)
    assert "180 votes on 60 prompts" in page
    assert "run 1" in page
    assert re.findall(r'<option value="(\w*)"', page.source) == ["", "chat", "contracts"]
    chat = Reader(world.mara).get(MODELS, {"tag": "chat"})
    assert "120 votes on 40 prompts" in chat
    names = re.findall(r'<th scope="row"><a href="[^"]*">(\w+)</a>', chat.source)
    assert names == ["alpha", "beta", "gamma"]


def test_every_figure_of_the_map_leads_to_the_items_behind_it(world: World, run: Run) -> None:
    page = Reader(world.mara).get(MODELS)
    links = re.findall(r'<td data-heat="\w+"><a href="([^"]+)"', page.source)
    assert len(links) == 9  # three models, all items and two tags
    behind = next(link for link in links if "gamma" in link and "contracts" in link)
    items = Reader(world.mara).get(behind.replace("&amp;", "&"))
    ids = {f"i{n}" for n in range(60)} & set(items.words.split())
    wanted = {
        f"i{number}"
        for number, each in enumerate(votes())
        if each["tags"] == ["contracts"] and "gamma" in {r["model"] for r in each["responses"]}
    }
    assert ids == wanted
    assert 0 < len(wanted) < 20


def test_reviewers_never_see_which_model_wins(world: World, run: Run) -> None:
    for page in (MODELS, f"{ITEMS}?model=alpha"):
        seen = Reader(world.ana).get(page)
        assert seen.status == 403
        assert "gamma" not in seen.source


@pytest.mark.parametrize("query", [{"tag": "none"}, {"question": "x"}, {"run": "9"}, {"run": "x"}])
def test_what_is_not_in_the_run_is_not_there(world: World, run: Run, query: dict[str, str]) -> None:
    assert Reader(world.mara).get(MODELS, query).status == 404


def test_before_a_run_and_without_names_the_page_says_what_is_missing(world: World) -> None:
    assert "A run ranks the models" in Reader(world.mara).get(MODELS)
    place = world.place(world.mara)
    rows = [each | {"responses": ["One thing.", "Another."]} for each in votes(4)]
    import_rows(place, rows, world.now)
    run_recipe(place, world.now, recipe(place.project, world.now))
    assert "No model is named" in Reader(world.mara).get(MODELS)


def test_a_key_reads_the_same_figures(world: World, run: Run) -> None:
    found = by_key(world, world.mara, Scope.RUNS_READ).get(API).json()
    assert found["run"] == run.number
    (ranking,) = found["votes"]
    assert [row["model"] for row in ranking["tags"][0]["models"]] == ["alpha", "beta", "gamma"]
    assert {cell["tag"] for cell in ranking["map"]} == {"", "chat", "contracts"}
    assert found["scores"] == []
    assert by_key(world, world.mara, Scope.ITEMS_READ).get(API).status_code == 403


def test_items_are_filtered_by_the_model_of_a_response_by_api_too(world: World, run: Run) -> None:
    make_item(world.project, "Nobody said who wrote this.")
    key = by_key(world, world.mara, Scope.ITEMS_READ)
    path = "/projects/northgate/chat/items"
    found = key.get(f"{path}?model=alpha&limit=100").json()
    wanted = [e for e in votes() if "alpha" in {r["model"] for r in e["responses"]}]
    assert len(found["rows"]) == len(wanted)
    assert key.get(f"{path}?model=alph").json()["rows"] == []
