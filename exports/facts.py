"""What a run knows and its files cannot tell: told to the card and the manifest by whoever publishes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Agreement:
    """One agreement coefficient; without an interval (fewer than 10 clusters) low and high are None."""

    question: str
    measure: str
    orientation: Literal["as imported", "pooled"]
    value: float
    low: float | None
    high: float | None
    items: int
    clusters: int


@dataclass(frozen=True)
class Step:
    """One stage of the waterfall: pairs seen, pairs held by reason, pairs left; seen = held + left."""

    name: str
    title: str
    seen: int
    held: Mapping[str, int]
    left: int


@dataclass(frozen=True)
class Origin:
    """A source that items or reviews came from, the licence it states (None: unknown) and whom to credit."""

    name: str
    licence: str | None = None
    credit: str = ""


@dataclass(frozen=True)
class Variety:
    """How varied the chosen responses are (docs/gates.md). `distinct` are distinct windows of 1, 2 and 3 words over all."""

    texts: int
    distinct: tuple[float, ...]
    packed: float
    alike: float


@dataclass(frozen=True)
class Mixed:
    """A group of the mixture: pairs for training before and after it, and its share of their weight; None without weights."""

    group: str
    before: int
    after: int
    weight: float | None


@dataclass(frozen=True)
class Mixture:
    """What the groups of a mixture gave (docs/stages.md). `by` is what makes a group, `how` what was done, in words."""

    by: str
    how: str
    groups: tuple[Mixed, ...]


@dataclass(frozen=True)
class RunFacts:
    """Facts of the run and the dataset. Nothing here may name a version's number, a time or a host.

    dataset: `workspace/name`. licence: identifier of the dataset as a whole, None for unknown.
    raters: how many of each kind (member, imported, model, unknown). reviews: reviews behind the kept pairs.
    disagreement: d, how often two raters of one pair choose different classes; None where no pair has two.
    soft_label: which probability ε is taken from, `p_next` for matters of taste, `p_true` where objective gold exists.
    """

    dataset: str
    title: str
    about: str
    domain: str
    licence: str | None
    reviews: int
    raters: Mapping[str, int]
    recipe: Mapping[str, Any]
    run_hash: str
    code_version: str
    agreements: tuple[Agreement, ...] = ()
    disagreement: float | None = None
    waterfall: tuple[Step, ...] = ()
    origins: tuple[Origin, ...] = ()
    soft_label: Literal["p_next", "p_true"] = "p_next"
    limitations: tuple[str, ...] = field(default_factory=tuple)
    variety: Variety | None = None
    mixture: Mixture | None = None
