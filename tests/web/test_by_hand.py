"""Pairs released and held by hand: on a pair's page, for many in a run's list, and in the next run's waterfall."""

from __future__ import annotations

import pytest

from curation.models import Decision
from tests.curated import KEPT, begin_run, curate, work_on
from tests.web.pages import Reader
from tests.web.test_runs import RUNS, at, the_pair
from tests.world import World

pytestmark = pytest.mark.usefixtures("own_files")


def test_a_pair_is_released_on_its_page_and_the_next_run_says_so(world: World) -> None:
    run = curate(world)
    row = the_pair(run, reason="empty_response")
    mara = Reader(world.mara)
    assert "Nobody has decided on this pair" in mara.get(at(run, row))
    fields = {"pair": str(row.pair.public_id), "action": "release", "reason": "meant so"}
    seen = mara.follow(f"{RUNS}1/decide/", {**fields, "next": at(run, row)})
    assert "1 pair released. It counts from the next run on." in seen
    assert "Released in force meant so" in seen
    later = work_on(begin_run(world))
    whole = mara.get(f"{RUNS}2/")
    assert "1 let through by hand" in whole
    assert "Released by hand, 1" in whole
    assert "1 in all" in mara.get(f"{RUNS}2/", {"show": "released"})
    told = mara.get(at(later, the_pair(later, pair=row.pair)))
    assert "without that it would have been held: A response has no visible character." in told


def test_many_pairs_are_held_at_once_and_stand_in_the_waterfall(world: World) -> None:
    run = curate(world)
    rows = run.pairs.select_related("pair").filter(held=False)[:2]
    mara = Reader(world.mara)
    listed = mara.get(f"{RUNS}1/", {"show": "kept"})
    assert f'name="pair" value="{rows[0].pair.public_id}"' in listed.source
    fields = {
        "pair": [str(row.pair.public_id) for row in rows],
        "action": "hold",
        "reason": "old law",
        "next": f"{RUNS}1/?show=kept#pairs",
    }
    assert mara.post(f"{RUNS}1/decide/", fields).to == f"{RUNS}1/?show=kept#pairs"
    work_on(begin_run(world))
    seen = mara.get(f"{RUNS}2/")
    assert f"{KEPT - 2} pairs out of" in seen
    assert "Held by hand, 2" in seen
    assert "A person holds it; the page of the pair says who and why." in mara.get(
        f"{RUNS}2/", {"show": "held_by_hand"}
    )


def test_what_cannot_be_released_offers_no_release(world: World) -> None:
    run = curate(world)
    row = the_pair(run, reason="no_preference")
    mara = Reader(world.mara)
    seen = mara.get(at(run, row))
    assert "What held this pair cannot be lifted by hand." in seen
    assert 'value="release"' not in seen.source
    fields = {"pair": str(row.pair.public_id), "action": "release", "reason": "x"}
    assert "cannot be released by hand" in mara.follow(f"{RUNS}1/decide/", fields)
    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    "fields", [{}, {"action": "hold"}, {"pair": "nonsense"}, {"action": "burn", "reason": "x"}]
)
def test_a_word_that_is_incomplete_changes_nothing_and_says_so(
    world: World, fields: dict[str, str]
) -> None:
    run = curate(world)
    named = {"pair": str(the_pair(run, held=False).pair.public_id), **fields}
    seen = Reader(world.mara).follow(f"{RUNS}1/decide/", named)
    assert seen.status == 200
    assert "Tick at least one pair" in seen or "Say why" in seen
    assert not Decision.objects.exists()


def test_reviewers_decide_nothing_by_hand(world: World) -> None:
    run = curate(world)
    fields = {"pair": str(the_pair(run, held=False).pair.public_id), "action": "hold"}
    assert Reader(world.ana).post(f"{RUNS}1/decide/", fields).status == 403
