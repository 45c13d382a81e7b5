"""The reckoning of a run's needs: straight lines through what was measured, and the way a run is really cut."""

from __future__ import annotations

import pytest

from curation.methods.capacity import BASE, MIB, Load, limits, phases, space


def by_name(load):
    return {phase.name: phase for phase in phases(load)}


def test_it_gives_what_was_measured_back():
    # docs/benchmarks.md: a million responses, P = 2; 40,000 pairs.
    found = by_name(Load(1_000_000))
    assert found["sort"].cpu == pytest.approx(5.7 + 8.4, rel=0.1)
    assert found["join"].cpu == pytest.approx(1.6 + 3.5, rel=0.1)
    assert found["check"].cpu == pytest.approx(2.2 + 1.4, rel=0.3)
    assert found["join"].memory / MIB == pytest.approx(795, rel=0.1)
    assert by_name(Load(80_000))["decide"].memory / MIB == pytest.approx(646, rel=0.05)
    assert by_name(Load(600_000))["decide"].memory / MIB == pytest.approx(1_495, rel=0.05)


def test_small_runs_have_two_phases_and_large_ones_seven():
    assert list(by_name(Load(600_000))) == ["read", "decide"]
    assert list(by_name(Load(700_000))) == [
        *("read", "shared", "sort", "join", "check", "labels", "decide")
    ]


def test_more_workers_shorten_what_is_shared_and_nothing_else():
    one, eight = by_name(Load(10_000_000, workers=1)), by_name(Load(10_000_000, workers=8))
    assert one["join"].seconds == pytest.approx(8 * eight["join"].seconds)
    assert one["decide"].seconds == eight["decide"].seconds
    assert one["join"].memory == eight["join"].memory


def test_a_partition_takes_no_more_however_large_the_run():
    memory = [by_name(Load(10**n))["join"].memory for n in (6, 7, 8, 9)]
    assert max(memory) - BASE <= 2 * (min(memory) - BASE)


def test_limits_are_where_the_needs_meet_them():
    for limit in limits(Load(10_000_000), 2 << 30, 1 << 40):
        at = Load(int(limit.responses), in_memory=0)
        if "decide" in limit.what:
            assert by_name(at)["decide"].memory == pytest.approx(2 << 30, rel=0.01)
        if "PostgreSQL" in limit.what:
            assert space(at).database == pytest.approx(1 << 40, rel=0.01)
    breaking = [limit.responses for limit in limits(Load(10_000_000), 2 << 30, 1 << 40)]
    assert breaking == sorted(breaking)


def test_partitions_are_as_many_as_a_run_is_cut_into(monkeypatch):
    from curation.actions import phases as cutting
    from curation.actions import start_run
    from curation.methods import capacity

    assert cutting.PARTITION_TEXTS == capacity.PARTITION_TEXTS
    assert cutting.READS_PER_SORT == capacity.READS_PER_SORT
    assert start_run.CHUNK_REVIEWS == capacity.CHUNK_REVIEWS
