"""Items of a chunk: which are new, which are there already, which contradict what is there; and their rows."""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
from django.db.models import QuerySet

from feedback.forms.body import check_body
from feedback.forms.rubrics import with_rubric
from feedback.forms.schema import Form
from feedback.models import (
    ImportJob,
    Item,
    ItemRecord,
    ItemRevision,
    Project,
    Response,
)
from feedback.policy.rank import rank
from feedback.readers import rows as read
from feedback.readers.identity import content_hash, response_hash, text_hash

from .raters import Provenances
from .rows import as_json, copy_rows, draw_ids


@dataclass(slots=True)
class Arrived:
    """A good row on its way to an item: its hashes, what became of it, and the item and revision it belongs to."""

    row: read.Row
    item: read.ItemRow
    content: bytes
    text: bytes
    fate: str = "new"  # new | duplicate | revised | conflict
    item_id: int = 0
    revision_id: int = 0
    number: int = 1

    @property
    def identity(self) -> tuple[str, Any]:
        """What makes two rows the same item within a source."""
        return ("id", self.item.id) if self.item.id is not None else ("content", self.content)


@dataclass(frozen=True, slots=True)
class Known:
    """An item that is there: its ids, the hash of its current content and the number of its current revision."""

    item_id: int
    revision_id: int
    content: bytes
    number: int


def arrived(row: read.Row) -> Arrived:
    assert row.item is not None
    return Arrived(
        row,
        row.item,
        bytes.fromhex(content_hash(row.item)),
        bytes.fromhex(text_hash(row.item)),
    )


def asked_of(form: Form, item: read.ItemRow) -> Form:
    """The form as it is asked of this item: with the criteria of its rubric, where it brings one."""
    return with_rubric(form, lambda: msgspec.to_builtins(item.context))


def key_fault(form: Form, item: read.ItemRow) -> tuple[str, str] | None:
    """The first thing in an item's expected answers that is no answer to the form, as code and sentence."""
    if item.key is None or not item.key.answers:
        return None
    body = {"answers": item.key.answers, "cannot_judge": None}
    problems = check_body(
        asked_of(form, item), body, range(1, len(item.responses) + 1), complete=False
    )
    if not problems:
        return None
    place = f", {problems[0].question}" if problems[0].question else ""
    return problems[0].code, f"key{place}: {problems[0].sentence}"


def settle_fates(job: ImportJob, here: list[Arrived]) -> list[Arrived]:
    """Decide for each row what it is, and return the rows that need an item or a revision written.

    Within the chunk the first row of an identity is the item, later ones are compared with it.
    """
    known = _known(job, here)
    item_ids, revision_ids = draw_ids(Item, len(here)), draw_ids(ItemRevision, len(here))
    writing: list[Arrived] = []
    for each in here:
        there = known.get(each.identity)
        if there is None:
            writing.append(each)
        elif there.content == each.content:
            each.fate, each.item_id, each.revision_id = (
                "duplicate",
                there.item_id,
                there.revision_id,
            )
            continue
        elif job.on_conflict == ImportJob.Conflict.REVISE:
            each.fate, each.item_id, each.number = "revised", there.item_id, there.number + 1
            writing.append(each)
        else:
            each.fate = "conflict"
            continue
        each.item_id = each.item_id or item_ids[len(writing) - 1]
        each.revision_id = revision_ids[len(writing) - 1]
        known[each.identity] = Known(each.item_id, each.revision_id, each.content, each.number)
    return writing


def write_items(
    job: ImportJob,
    project: Project,
    form: Form,
    writing: list[Arrived],
    provenances: Provenances,
    now: dt.datetime,
) -> None:
    """Write items, their records, revisions and responses; a revised item points to its new revision."""
    provenances.learn(_provenances(writing))
    new = [each for each in writing if each.fate == "new"]
    copy_rows(Item, _ITEM, (_item_row(each, project, form) for each in new))
    copy_rows(ItemRevision, _REVISION, (_revision_row(e, job, provenances, now) for e in writing))
    copy_rows(ItemRecord, _RECORD, (_record_row(each, job, now) for each in new))
    count = sum(len(each.item.responses) for each in writing)
    ids = iter(draw_ids(Response, count))
    copy_rows(Response, _RESPONSE, _response_rows(writing, job, provenances, ids, now))
    for each in writing:
        if each.fate == "revised":
            _point_to_revision(each, project, form)


def count_twins(job: ImportJob, writing: list[Arrived]) -> int:
    """How many of the new items have the texts of another item, with other models."""
    fresh = {each.item_id for each in writing if each.fate == "new"}
    # A new item may be revised in the same chunk; its record then holds the hash of the later text.
    new = {each.item_id: each.text for each in writing if each.item_id in fresh}
    rows = _records(job).filter(text_hash__in=set(new.values())).values_list("item_id", "text_hash")
    first: dict[bytes, int] = {}
    for item_id, digest in rows.order_by("item_id"):
        first.setdefault(bytes(digest), item_id)
    return sum(first[text] != item_id for item_id, text in new.items())


def _known(job: ImportJob, here: list[Arrived]) -> dict[tuple[str, Any], Known]:
    ids = [each.item.id for each in here if each.item.id is not None]
    contents = [each.content for each in here if each.item.id is None]
    fields = ("item_id", "item__revision_id", "content_hash", "item__revision__number")
    by_id = _records(job).filter(source_id=job.source_id, external_id__in=ids)
    by_content = _records(job).filter(external_id=None, content_hash__in=contents)
    known: dict[tuple[str, Any], Known] = {}
    for external_id, *rest in by_id.values_list("external_id", *fields):
        known["id", external_id] = _as_known(*rest)
    for row in by_content.values_list(*fields):
        known["content", bytes(row[2])] = _as_known(*row)
    return known


def _as_known(item_id: int, revision_id: int, content: bytes, number: int) -> Known:
    return Known(item_id, revision_id, bytes(content), number)


def _records(job: ImportJob) -> QuerySet[ItemRecord]:
    return ItemRecord.objects.filter(project_id=job.project_id)


def _provenances(writing: list[Arrived]) -> Iterator[read.Provenance | None]:
    for each in writing:
        yield each.item.prompt_provenance
        yield each.item.context_provenance
        yield from each.item.responses


def _wanted(each: Arrived, project: Project, form: Form) -> int:
    """How many reviews the item asks for: none where the form cannot show it, or where it is only for practice."""
    shown = len(each.item.responses) in form.responses
    return project.overlap if shown and each.item.purpose != "practice" else 0


_ITEM = (
    *(
        "id",
        "public_id",
        "workspace_id",
        "project_id",
        "revision_id",
        "purpose",
        "rank",
        "responses",
    ),
    *("wanted", "given", "leased", "cap", "front", "held"),
)


def _item_row(each: Arrived, project: Project, form: Form) -> tuple[Any, ...]:
    return (
        *(each.item_id, uuid.uuid4(), project.workspace_id, project.pk, each.revision_id),
        *(each.item.purpose, rank(each.item.priority, secrets.randbits(63))),
        *(len(each.item.responses), _wanted(each, project, form), 0, 0, project.overlap_cap),
        # A new item with a priority must not wait behind reviewers who are past its rank.
        *(each.item.priority > 0, False),
    )


_RECORD = (
    *(
        "item_id",
        "workspace_id",
        "project_id",
        "source_id",
        "external_id",
        "content_hash",
        "text_hash",
    ),
    *("group_key", "tags", "concerns", "key", "import_job_id", "import_row", "created_at"),
)


def _record_row(each: Arrived, job: ImportJob, now: dt.datetime) -> tuple[Any, ...]:
    return (
        *(each.item_id, job.workspace_id, job.project_id, job.source_id, each.item.id),
        *(each.content, each.text, each.item.group or "", each.item.tags),
        *(_plain(each.item.concerns), _plain(each.item.key)),
        *(job.pk, each.row.number, now),
    )


_REVISION = (
    *("id", "workspace_id", "item_id", "number", "prompt", "context", "content_hash"),
    *("prompt_provenance_id", "context_provenance_id", "created_at"),
)


def _revision_row(
    each: Arrived, job: ImportJob, provenances: Provenances, now: dt.datetime
) -> tuple[Any, ...]:
    return (
        *(each.revision_id, job.workspace_id, each.item_id, each.number),
        as_json(msgspec.to_builtins(each.item.prompt)),
        as_json(msgspec.to_builtins(each.item.context)),
        each.content,
        provenances.id(each.item.prompt_provenance),
        provenances.id(each.item.context_provenance),
        now,
    )


_RESPONSE = (
    *("id", "public_id", "workspace_id", "revision_id", "position", "messages", "text_hash"),
    *("provenance_id", "created_at"),
)


def _response_rows(
    writing: list[Arrived],
    job: ImportJob,
    provenances: Provenances,
    ids: Iterator[int],
    now: dt.datetime,
) -> Iterator[tuple[Any, ...]]:
    for each in writing:
        for position, response in enumerate(each.item.responses, start=1):
            yield (
                *(next(ids), uuid.uuid4(), job.workspace_id, each.revision_id, position),
                as_json(msgspec.to_builtins(response.messages)),
                bytes.fromhex(response_hash(response.messages)),
                provenances.id(response),
                now,
            )


def _point_to_revision(each: Arrived, project: Project, form: Form) -> None:
    """Whoever claims the item from now on sees the new revision; finished reviews stay with the old one."""
    Item.objects.filter(pk=each.item_id).update(
        revision_id=each.revision_id,
        responses=len(each.item.responses),
        wanted=_wanted(each, project, form),
    )
    ItemRecord.objects.filter(item_id=each.item_id).update(
        content_hash=each.content,
        text_hash=each.text,
        tags=each.item.tags,
        group_key=each.item.group or "",
        concerns=msgspec.to_builtins(each.item.concerns or {}),
        key=msgspec.to_builtins(each.item.key or {}),
    )


def _plain(said: msgspec.Struct | None) -> str | None:
    return as_json(msgspec.to_builtins(said or {}))
