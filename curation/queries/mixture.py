"""A run's mixture in words and shares: what each group had before the stage, and what it has of the pairs that went on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

UNNAMED = {
    "tag": "no tag",
    "source": "no source",
    "model": "no model named",
    "question": "no question",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A group: pairs before and after, and its shares of them in percent; of the weight too, where there is one."""

    name: str
    before: int
    after: int
    before_percent: float
    after_percent: float
    weight_percent: float


@dataclass(frozen=True, slots=True)
class Mixture:
    """`how` says what was done, in words. `weighed`: weights are told too."""

    by: str
    how: str
    lines: list[Line]
    weighed: bool

    @property
    def before(self) -> int:
        """Pairs of all groups that came to be mixed."""
        return sum(line.before for line in self.lines)

    @property
    def after(self) -> int:
        """Those of them that went on."""
        return sum(line.after for line in self.lines)


def mixture_of(report: dict[str, Any] | None) -> Mixture | None:
    """The report `mixture` of a run; None where its recipe mixes nothing, or nothing was left to be mixed."""
    if not report or not report["groups"]:
        return None
    settings, groups = report["settings"], report["groups"]
    weighed = all(group["weight"] is not None for group in groups)
    totals = {
        name: sum(group[name] or 0 for group in groups) for name in ("before", "after", "weight")
    }
    lines = [_line(group, totals, settings["by"]) for group in groups]
    return Mixture(settings["by"], _how(settings), lines, weighed)


def _line(group: dict[str, Any], totals: dict[str, float], by: str) -> Line:
    name = f"{group['groups']:,} more" if group["group"] is None else group["group"] or UNNAMED[by]
    before, after, weight = (
        100 * (group[what] or 0) / totals[what] if totals[what] else 0.0
        for what in ("before", "after", "weight")
    )
    return Line(name, group["before"], group["after"], before, after, weight)


def _how(settings: dict[str, Any]) -> str:
    said = []
    if settings["temperature"] != 1:
        kept = "weighed" if settings["how"] == "weigh" else "held what is too much"
        said.append(f"temperature {settings['temperature']:g}, {kept}")
    caps = {name: settings[f"most_of_{name}"] for name in ("group", "source", "document", "rater")}
    said += [f"at most {cap:,} of one {name}" for name, cap in caps.items() if cap]
    return "; ".join(said) or "as they come"
