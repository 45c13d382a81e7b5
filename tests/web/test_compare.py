"""The page of two runs compared, and the same by API."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

import pytest

from curation.models import Run
from feedback.models import Scope
from tests.api.calls import by_key, refused
from tests.curated import KEPT, begin_run, curate
from tests.curation.test_compare import runs
from tests.web.pages import Reader
from tests.web.test_runs import queries
from tests.world import World

__all__ = ["runs"]
pytestmark = pytest.mark.usefixtures("own_files")
RUNS = "/w/northgate/p/chat/runs/"
API = "/projects/northgate/chat/runs/"


def test_the_page_tells_what_entered_left_and_why(world: World, runs: tuple[Run, Run]) -> None:
    mara = Reader(world.mara)
    seen = mara.get(f"{RUNS}2/against/")
    assert "Run 2 against run 1" in seen
    assert f"{KEPT} − 1 + 2" in seen
    assert "Decisions by hand: 1 differ." in seen
    assert "Tell me of the moon." in seen
    assert "not there Kept, A won" in seen.words.replace(" ,", ",")
    left = mara.get(f"{RUNS}2/against/", {"before": "1", "show": "left"})
    assert "Held. A person holds it" in left
    assert f'href="{RUNS}2/against/"' in mara.get(f"{RUNS}2/").source
    assert mara.get(f"{RUNS}1/against/", {"before": "2"}).status == 200


def test_pairs_come_page_by_page_with_their_filters(
    world: World, runs: tuple[Run, Run], monkeypatch: Any
) -> None:
    monkeypatch.setattr("curation.web.compare.ROWS", 3)
    mara, found, after = Reader(world.mara), [], ""
    for _ in range(4):
        asked = {"before": "1", "show": "same", "least": "1", "after": after}
        seen = mara.get(f"{RUNS}2/against/", asked)
        found += re.findall(rf'href="{RUNS}2/pairs/([0-9a-f-]+)/"', seen.source)
        link = re.findall(r'rel="next" href="\?([^"]+)after=([^"]+)"', seen.source)
        after = unquote(link[0][1]) if link else ""
        if not after:
            break
        assert "show=same" in link[0][0]
        assert "least=1" in link[0][0]
    assert len(found) == len(set(found)) == KEPT - 2  # one left, one changed its winner


def test_without_another_run_the_page_says_so(world: World) -> None:
    curate(world)
    mara = Reader(world.mara)
    assert "Run 1 stands alone" in mara.get(f"{RUNS}1/against/")
    begin_run(world)
    assert mara.get(f"{RUNS}2/against/").status == 404  # it has no result yet
    assert mara.get(f"{RUNS}1/against/", {"before": "9"}).status == 404


@pytest.mark.parametrize(
    "query", [{"show": "x"}, {"least": "much"}, {"reason": "'", "show": "left"}]
)
def test_a_strange_address_is_answered(
    world: World, runs: tuple[Run, Run], query: dict[str, str]
) -> None:
    assert Reader(world.mara).get(f"{RUNS}2/against/", query).status == 200


def test_the_page_asks_a_bounded_number_of_times(
    world: World, runs: tuple[Run, Run], django_assert_max_num_queries: Any
) -> None:
    queries(world.mara, f"{RUNS}2/against/?show=same", django_assert_max_num_queries, most=18)


def test_the_api_says_the_same(world: World, runs: tuple[Run, Run]) -> None:
    reader = by_key(world, world.mara, Scope.RUNS_READ)
    found = reader.get(f"{API}2/against", before=1).json()
    assert (found["numbers"]["entered"], found["numbers"]["left"]) == (2, 1)
    assert found["entered"] == {"absent": 1, "no_preference": 1}
    rows = reader.get(f"{API}2/against/pairs", before=1, change="entered").json()["rows"]
    new = next(row for row in rows if row["external_id"] == "item-99")
    assert (new["before"], new["after"]["chosen"]) == (None, "first")
    refused(reader.get(f"{API}2/against", before=9), 404, "not_found")
    refused(reader.get(f"{API}2/against/pairs", change="burn"), 422, "invalid")
