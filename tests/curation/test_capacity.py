"""The command that reckons what a run needs."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command


def told(*words: object, **options: object) -> str:
    out = StringIO()
    call_command("capacity", *map(str, words), stdout=out, **options)
    return out.getvalue()


def test_it_tells_seconds_memory_disk_and_what_breaks_first() -> None:
    said = told(10_000_000, workers=8)
    for phase in ("read", "sort", "join", "check", "labels", "decide", "together"):
        assert f"\n{phase} " in said
    assert "Near texts are found in 16 partitions." in said
    assert "PostgreSQL: 24." in said
    first, *_ = said.partition("Breaks at about so many responses:\n")[2].splitlines()
    assert first.endswith("memory of the worker at “decide”")


def test_it_knows_from_where_on_this_installation_takes_partitions(settings: object) -> None:
    assert "one worker's memory" in told(100_000)
    settings.JOIN_IN_MEMORY = 1_000
    assert "2 partitions" in told(100_000)


@pytest.mark.parametrize("wrong", [{"near": 1.5}, {"workers": 0}, {"length": -1.0}])
def test_what_cannot_be_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(CommandError, match="must be above 0"):
        told(1_000, **wrong)
