"""Decisions by hand by API: made on a pair of a run, listed, told with the pair, in force in the next run."""

from __future__ import annotations

import pytest

from feedback.models import Scope
from tests.api.calls import by_key, by_session, faults, refused
from tests.curated import KEPT, begin_run, curate, work_on
from tests.world import World

pytestmark = pytest.mark.usefixtures("own_files")


def test_a_pair_is_held_and_released_by_a_key(world: World, at: str) -> None:
    run = curate(world)
    kept = run.pairs.select_related("pair").filter(held=False)[0].pair.public_id
    lost = run.pairs.select_related("pair").get(reason="repeat_pair").pair.public_id
    writer = by_key(world, world.mara, Scope.RUNS_WRITE)
    reader = by_key(world, world.mara, Scope.RUNS_READ)
    body = {"action": "hold", "reason": "old law"}
    made = writer.post(f"{at}/runs/1/pairs/{kept}/decisions", body, Idempotency_Key="k")
    again = writer.post(f"{at}/runs/1/pairs/{kept}/decisions", body, Idempotency_Key="k")
    assert (made.status_code, again.json()) == (201, made.json())
    writer.post(
        f"{at}/runs/1/pairs/{lost}/decisions", {"action": "release", "reason": "not the same"}
    )
    listed = reader.get(f"{at}/decisions").json()["rows"]
    assert [(row["pair"], row["action"], row["reason"]) for row in listed] == [
        (str(lost), "release", "not the same"),
        (str(kept), "hold", "old law"),
    ]
    told = reader.get(f"{at}/runs/1/pairs/{kept}").json()["decisions"]
    assert [(each["action"], each["decided_by"]) for each in told] == [("hold", "Mara")]
    work_on(begin_run(world))
    found = reader.get(f"{at}/runs/2/pairs", released="true").json()["rows"]
    assert [(row["id"], row["overruled"]) for row in found] == [(str(lost), "repeat_pair")]
    run = reader.get(f"{at}/runs/2").json()
    assert run["n_out"] == KEPT
    assert run["reports"]["by_hand"] == {"overruled": {"repeat_pair": 1}}


def test_what_is_wrong_with_a_decision_is_told(world: World, at: str) -> None:
    run = curate(world)
    row = run.pairs.select_related("pair").get(reason="no_preference").pair.public_id
    mara = by_session(world.mara)
    address = f"{at}/runs/1/pairs/{row}/decisions"
    refused(mara.post(address, {"action": "release", "reason": "x"}), 409, "not_releasable")
    places = [place for place, _ in faults(mara.post(address, {"action": "burn"}))]
    assert places == ["action", "reason"]
    refused(by_session(world.ana).post(address, {"action": "hold"}), 403, "not_allowed")
    weak = by_key(world, world.mara, Scope.RUNS_READ)
    refused(weak.post(address, {"action": "hold", "reason": "x"}), 403, "not_allowed")
