from __future__ import annotations

import itertools
import re
from pathlib import Path

REQUIREMENTS = Path(__file__).parents[2] / "requirements"
SETS = ("runtime", "dev", "browser", "benchmarks")


def _pins(name: str) -> dict[str, str]:
    lines = (REQUIREMENTS / f"{name}.txt").read_text()
    return dict(re.findall(r"^([\w.-]+)==(\S+)", lines, re.MULTILINE))


def test_what_is_tested_and_measured_is_what_runs() -> None:
    """Each set holds the one before it, in the same versions."""
    for smaller, larger in itertools.pairwise(map(_pins, SETS)):
        assert {name: larger.get(name) for name in smaller} == smaller
