"""What happened to a run's pairs, stage by stage, in numbers that add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from curation.late import pd
from curation.stages.base import Stage, opened


@dataclass(frozen=True, kw_only=True)
class Fall:
    """One stage: `came` in, `held` for `reasons` (they sum to held), `went` on to the next."""

    stage: str
    title: str
    came: int
    held: int
    went: int
    reasons: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class Waterfall:
    """All stages of a run: `pairs` came in, `held` were held in all, `kept` are left."""

    pairs: int
    held: int
    kept: int
    falls: tuple[Fall, ...]

    def document(self) -> dict[str, Any]:
        return asdict(self)


def waterfall(pairs: pd.DataFrame, stages: Sequence[Stage]) -> Waterfall:
    """The waterfall of the pairs that came out of `stages`, in the order in which they ran."""
    pairs = opened(pairs)
    held = pairs[["stage", "reason"]][pairs["held"].to_numpy(dtype=bool)]
    counts = Counter(zip(held["stage"], held["reason"], strict=True))
    falls, left = [], len(pairs)
    for stage in stages:
        reasons = {
            str(reason): count
            for (name, reason), count in sorted(counts.items())
            if name == stage.name
        }
        gone = sum(reasons.values())
        falls.append(
            Fall(
                stage=stage.name,
                title=stage.title,
                came=left,
                held=gone,
                went=left - gone,
                reasons=reasons,
            )
        )
        left -= gone
    return Waterfall(pairs=len(pairs), held=len(held), kept=left, falls=tuple(falls))
