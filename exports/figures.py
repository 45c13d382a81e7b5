"""Figures measured on the rows of a version, for its card and its manifest."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from curation.late import np, pa, pc, pd

from .formats import DEFAULT, SPLITS, Rows, Sources, known

if TYPE_CHECKING:
    from numpy.typing import NDArray

DIGITS = 6
PAIR_TEXTS = ("prompt", "context", "chosen", "rejected")
RESPONSE_TEXTS = ("prompt", "context", "response")


@dataclass(frozen=True)
class Part:
    """One split of a config: its rows and the prompt clusters they come from."""

    rows: int
    clusters: int | None


@dataclass(frozen=True)
class Epsilon:
    """The ε of robust DPO: mean(1 − p) over the rows of trl_dpo, None unless every row has a p.

    `known` counts the rows with a p and `over_known` is their mean (None without any), a figure of its own.
    """

    value: float | None
    over_known: float | None
    known: int
    rows: int


@dataclass(frozen=True)
class Lengths:
    """Characters of the two sides of trl_dpo: medians, their ratio (None for a median of 0), share of longer chosen."""

    chosen: float
    rejected: float
    ratio: float | None
    chosen_longer: float


@dataclass(frozen=True)
class Provenance:
    """How many rows (of pairs or of responses) hold a text of this origin and licence; None is unknown."""

    rows_of: str
    text: str
    origin: str | None
    licence: str | None
    rows: int


@dataclass(frozen=True)
class Figures:
    """Everything the card says about the rows. `votes` counts pairs by their number of votes."""

    pairs: int
    configs: dict[str, dict[str, Part]]
    left_out: dict[str, dict[str, int]]
    shared_clusters: int
    votes: dict[str, int]
    contested: int
    epsilon: Epsilon
    lengths: Lengths
    labels: dict[str, int]
    provenance: tuple[Provenance, ...]


def measure(sources: Sources, built: Mapping[str, Rows], soft_label: str) -> Figures:
    """Measure the rows of each config, `built` by name; floats are rounded to 6 decimals.

    trl_dpo must have rows.
    """
    dpo, every = built[DEFAULT.name].table, built["all"].table
    return Figures(
        pairs=every.num_rows,
        configs={name: _parts(rows) for name, rows in built.items()},
        left_out={name: rows.left_out for name, rows in built.items()},
        shared_clusters=_shared_clusters(sources.pairs),
        votes=_counts(every["n_votes"].to_pylist()),
        contested=sum(value is True for value in every["contested"].to_pylist()),
        epsilon=epsilon(dpo[soft_label].to_pylist()),
        lengths=lengths(_characters(dpo["chosen"]), _characters(dpo["rejected"])),
        labels=_counts(built["trl_kto"].table["label"].to_pylist()),
        provenance=tuple(_provenance(sources)),
    )


def epsilon(chosen_wins: Iterable[float | None]) -> Epsilon:
    """ε of probabilities that the chosen side is the better one; null where a pair has fewer than two votes."""
    values = list(chosen_wins)
    doubts = [1 - p for p in values if p is not None]
    mean = round(math.fsum(doubts) / len(doubts), DIGITS) if doubts else None
    return Epsilon(mean if len(doubts) == len(values) else None, mean, len(doubts), len(values))


def lengths(chosen: list[int], rejected: list[int]) -> Lengths:
    """Compare the sides' characters, row by row and in the median."""
    ours, theirs = statistics.median(chosen), statistics.median(rejected)
    longer = sum(one > other for one, other in zip(chosen, rejected, strict=True))
    ratio = round(ours / theirs, DIGITS) if theirs else None
    return Lengths(ours, theirs, ratio, round(longer / len(chosen), DIGITS))


def _characters(column: pa.ChunkedArray) -> list[int]:
    """Characters of each conversation of a column."""
    return [int(count) for chunk in column.chunks for count in _characters_of(chunk)]


def _characters_of(conversations: pa.ListArray) -> NDArray[np.int64]:
    each = pc.utf8_length(pc.struct_field(conversations.flatten(), "content"))
    counts = np.zeros(len(conversations), dtype=np.int64)
    np.add.at(counts, pc.list_parent_indices(conversations).to_numpy(), each.to_numpy())
    return counts


def _parts(rows: Rows) -> dict[str, Part]:
    parts = {}
    for name in rows.written_splits():
        table = rows.split(name)
        has_clusters = "cluster" in table.column_names
        clusters = len(table["cluster"].unique()) if has_clusters else None
        parts[name] = Part(table.num_rows, clusters)
    return parts


def _shared_clusters(pairs: pd.DataFrame) -> int:
    """Prompt clusters that lie in more than one split; a leak, unless a person meant it."""
    places = set(zip(pairs["cluster"], pairs["split"], strict=True))
    return sum(count > 1 for count in Counter(cluster for cluster, _ in places).values())


def _counts(values: Iterable[Any]) -> dict[str, int]:
    """How often each value occurs, in ascending order; keys are JSON's words for them."""
    counted = Counter(values)
    return {_word(value): counted[value] for value in sorted(counted, key=_sortable)}


def _sortable(value: Any) -> tuple[bool, float]:
    return (value is None, 0.0 if value is None else float(value))


def _word(value: Any) -> str:
    return "unknown" if value is None else str(value).lower()


def _provenance(sources: Sources) -> Iterable[Provenance]:
    yield from _provenance_of("pairs", sources.pairs, PAIR_TEXTS)
    yield from _provenance_of("responses", sources.responses, RESPONSE_TEXTS)


def _provenance_of(rows_of: str, frame: pd.DataFrame, texts: Iterable[str]) -> Iterable[Provenance]:
    for text in texts:
        rows = frame[frame["context"] != "[]"] if text == "context" else frame
        facts = [known(rows[f"{text}_{fact}"]) for fact in ("origin", "licence")]
        counted = Counter(zip(*facts, strict=True))
        for origin, licence in sorted(
            counted, key=lambda pair: tuple(str(part or "") for part in pair)
        ):
            yield Provenance(rows_of, text, origin, licence, counted[origin, licence])


def part_total(parts: Mapping[str, Part]) -> int:
    """Rows over all splits of a config."""
    return sum(part.rows for part in parts.values())


def ordered(parts: Mapping[str, Part]) -> list[str]:
    """The splits a config has, in the order of SPLITS."""
    return [name for name in SPLITS if name in parts]
