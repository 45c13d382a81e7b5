"""Long downloads share a web process with people: there is room for some, and the others are told when to come back."""

from __future__ import annotations

import gc
import threading
import time

import pytest

from exports.hub.lane import LANE, LONGEST_WAIT, Lane
from exports.hub.refusals import Busy
from exports.serving import Body
from tests.hub.maker import publish_bytes

LONG = 5 << 20


def body(length: int = LONG) -> Body:
    return Body(iter([b"x" * (1 << 20)] * 5), length, lambda body: None)


@pytest.fixture
def full(settings):
    """The lane of this process with all places taken."""
    settings.HUB_BODIES = 2
    bodies = [body(), body()]
    for each in bodies:
        LANE.enter(each)
    yield bodies
    for each in bodies:
        LANE.leave(each)


@pytest.fixture
def big(hub):
    publish_bytes(hub.dataset, {"big": b"x" * LONG, "small": b"x"}, now=hub.world.now, major=9)
    return "datasets/northgate/chat-prefs/resolve/v9.0/big"


def test_a_long_body_waits_its_turn_and_is_told_when(hub, big, full):
    answer = hub.get(big)
    assert (answer.status_code, answer["Retry-After"]) == (429, "1")
    assert "places" in answer["X-Error-Message"]
    assert hub.pulls() == []
    LANE.leave(full[0])
    assert b"".join(hub.get(big).streaming_content) == b"x" * LONG


def test_neither_a_head_nor_a_short_body_ever_waits(hub, big, full):
    assert hub.head(big).status_code == 200
    assert hub.get(big, Range="bytes=0-99").status_code == 206
    assert hub.get(big.replace("big", "small")).status_code == 200


def test_a_place_is_free_again_after_the_last_byte(hub, big, settings):
    settings.HUB_BODIES = 1
    for _ in range(3):
        assert b"".join(hub.get(big).streaming_content) == b"x" * LONG


def test_a_body_that_was_dropped_unread_keeps_no_place(settings):
    settings.HUB_BODIES = 1
    lane, dropped = Lane(), body()
    lane.enter(dropped)
    del dropped
    gc.collect()
    lane.enter(body())


def test_the_wait_follows_the_pace_of_those_inside(settings, monkeypatch):
    settings.HUB_BODIES = 2
    lane, slow, quick = Lane(), body(), body()
    for each, seconds in ((slow, 1000), (quick, 10)):
        lane.enter(each)
        next(each), next(each)
        each.begun = time.monotonic() - seconds
    with pytest.raises(Busy) as refused:
        lane.enter(body())
    assert 40 <= int(refused.value.headers["Retry_After"]) <= 41
    lane.leave(quick)
    lane.leave(slow)
    settings.HUB_BODIES = 1
    fresh = body()
    lane.enter(fresh)
    with pytest.raises(Busy) as refused:
        lane.enter(body())
    assert refused.value.headers["Retry_After"] == "1"


def test_nobody_is_sent_away_for_longer_than_a_minute(settings):
    settings.HUB_BODIES = 1
    lane, slow = Lane(), body()
    lane.enter(slow)
    next(slow), next(slow)
    slow.begun = time.monotonic() - 10_000
    with pytest.raises(Busy) as refused:
        lane.enter(body())
    assert refused.value.headers["Retry_After"] == str(LONGEST_WAIT)


def test_a_race_for_places_lets_in_as_many_as_there_are(settings):
    settings.HUB_BODIES = 3
    lane, inside = Lane(), []
    start = threading.Barrier(16)

    def race() -> None:
        mine = body()
        start.wait()
        try:
            lane.enter(mine)
        except Busy:
            return
        inside.append(mine)

    racers = [threading.Thread(target=race) for _ in range(16)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert len(inside) == 3
