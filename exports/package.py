"""A version's whole folder from a run's rows: shards, card, manifest. Pure but for the folder it writes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from .card import card
from .facts import RunFacts
from .figures import Figures, measure
from .formats import DEFAULT, FORMATS, FormatError, Rows, Sources
from .manifest import NAME, manifest, version_sha256
from .shards import STANDARD, FileFacts, Limits, file_facts, write_shards

CARD = "README.md"


@dataclass(frozen=True)
class Package:
    """A written folder: its files (manifest last), the hash of the version and the measured figures."""

    files: tuple[FileFacts, ...]
    version_sha256: str
    figures: Figures


def write_package(
    folder: Path, sources: Sources, facts: RunFacts, limits: Limits = STANDARD
) -> Package:
    """Write every config that has rows, README.md and manifest.json into `folder`, which must be empty.

    The same sources and facts give the same bytes. Raises FormatError("no_pairs") if trl_dpo would have no row,
    FormatError("folder_not_empty") rather than mixing two versions, FormatError("waterfall_leaks") if its stages do not
    add up to the pairs given, and what the formats raise.
    """
    _refuse_leftovers(folder)
    _refuse_leaks(facts, len(sources.pairs))
    built = {format.name: format.build(sources) for format in FORMATS}
    _refuse_no_pairs(built[DEFAULT.name])
    shards = [f for name, rows in built.items() for f in write_shards(folder, name, rows, limits)]
    figures = measure(sources, built, facts.soft_label)
    schemas = {format.name: format.schema(sources.options) for format in FORMATS}
    (folder / CARD).write_bytes(card(facts, figures, shards, schemas).encode())
    files = [*shards, file_facts(folder, CARD)]
    (folder / NAME).write_bytes(_manifest(files, facts, figures))
    return Package((*files, file_facts(folder, NAME)), version_sha256(files), figures)


def _manifest(files: list[FileFacts], facts: RunFacts, figures: Figures) -> bytes:
    return manifest(
        files,
        recipe=facts.recipe,
        run_hash=facts.run_hash,
        code_version=facts.code_version,
        waterfall=[_plain(asdict(step)) for step in facts.waterfall],
        figures={
            **_plain(asdict(figures)),
            "reviews": facts.reviews,
            "raters": dict(facts.raters),
            "agreements": [_plain(asdict(of)) for of in facts.agreements],
            "disagreement": facts.disagreement,
        },
    )


def _plain(value: dict[str, Any]) -> dict[str, Any]:
    """The value as JSON would give it back."""
    back: dict[str, Any] = orjson.loads(orjson.dumps(value))
    return back


def _refuse_leftovers(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FormatError(
            "folder_not_empty",
            f"{folder} is not empty; a version is written into a folder of its own.",
        )


def _refuse_leaks(facts: RunFacts, pairs: int) -> None:
    """A card whose waterfall does not end in the rows beside it would be a lie."""
    followers = [step.seen for step in facts.waterfall[1:]] + [pairs]
    for step, next_seen in zip(facts.waterfall, followers, strict=False):
        if step.seen != step.left + sum(step.held.values()) or step.left != next_seen:
            raise FormatError(
                "waterfall_leaks",
                f"Stage {step.name} saw {step.seen}, held {sum(step.held.values())} and left {step.left}, "
                f"but {next_seen} went on; the waterfall must add up to the {pairs} pairs published.",
            )


def _refuse_no_pairs(rows: Rows) -> None:
    if not rows.splits:
        raise FormatError(
            "no_pairs",
            "No kept pair can be published: a version needs at least one row in trl_dpo. See what the run held and why.",
        )
