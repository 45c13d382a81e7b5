"""Where a pair comes from, step by step: its votes, their reviews, its item, the file that brought it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from curation.models import RunPair
from feedback.models import ImportJob, Item, ItemRecord, ItemRevision

from .pairs import letters_of, line_of, pooled_pairs
from .votes import Voice, voices_of


@dataclass(frozen=True, slots=True)
class Lineage:
    """A pair of a run and everything it stands on, nearest first; `job` is None for items made without a file."""

    row: RunPair
    voices: list[Voice]
    pooled: list[RunPair]
    revision: ItemRevision
    item: Item
    record: ItemRecord
    job: ImportJob | None

    @property
    def first(self) -> dt.datetime | None:
        """When the first of the reviews was sent."""
        return self.voices[0].vote.review.submitted_at if self.voices else None

    @property
    def last(self) -> dt.datetime | None:
        """When the last of them was sent."""
        return self.voices[-1].vote.review.submitted_at if self.voices else None

    @property
    def letters(self) -> tuple[str, str]:
        """The letters of the two responses."""
        return letters_of(self.row.pair)

    @property
    def line(self) -> str:
        """How the prompt begins."""
        return line_of(self.revision.prompt, 90)


def lineage_of(row: RunPair) -> Lineage:
    """The lineage of a pair in its run: a handful of queries, whatever the size of the run."""
    revision = row.pair.revision
    item = revision.item
    record = ItemRecord.objects.select_related("source", "import_job__created_by").get(item=item)
    pooled = [] if row.held else pooled_pairs(row)
    return Lineage(row, voices_of(row), pooled, revision, item, record, record.import_job)
