"""An import begins: the file is stored and hashed, the job written down, a worker called."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction

from feedback import jobs
from feedback.access import ProjectPlace
from feedback.actions.archiving import refuse_archived
from feedback.errors import Invalid, Refusal
from feedback.models import ImportJob, SavedMapping, Source
from feedback.readers.confined import check_mapping
from feedback.readers.formats import FORMATS
from feedback.readers.mapping import preset, preset_names
from feedback.readers.problems import MappingProblem, ReadingFailed, as_mapping_problem
from feedback.readers.texts import storable_faults

LONGEST_SOURCE, LONGEST_NAME = 120, 60


class Empty(Refusal):
    """The file is empty."""

    code = "file_empty"
    status = 422


class TooLarge(Refusal):
    """The file is larger than this installation takes; split it, or raise IMPORT_MAX_BYTES."""

    code = "file_too_large"
    status = 413


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file as it arrives: its name and its bytes in pieces."""

    name: str
    pieces: Iterable[bytes]


@dataclass(frozen=True, slots=True)
class Wish:
    """How a file shall be read, as whoever sends it says.

    `mapping_name` names a saved mapping or a preset; `mapping` is one itself. `consent` says on what terms the reviews
    in the file were given.
    """

    source: str = ""
    format: str = ""
    mapping: dict[str, Any] | None = None
    mapping_name: str = ""
    on_conflict: str = ImportJob.Conflict.REJECT
    consent: str = ""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file in storage that no job owns yet. Whoever does not make it a job's forgets it."""

    name: str
    stored_at: str
    size: int
    sha256: bytes

    def forget(self) -> None:
        default_storage.delete(self.stored_at)


def start_import(
    *,
    place: ProjectPlace,
    incoming: Incoming,
    now: dt.datetime,
    source: str = "",
    format: str = "",
    mapping: dict[str, Any] | None = None,
    mapping_name: str = "",
    on_conflict: str = ImportJob.Conflict.REJECT,
    consent: str = "",
) -> ImportJob:
    """Store the file and call a worker; what else is said is a Wish. Raises Invalid, Empty, TooLarge."""
    wish = Wish(source, format, mapping, mapping_name, on_conflict, consent)
    checked = check_wish(place, wish)
    return call_worker(place=place, stored=store_file(incoming), wish=checked, now=now)


def check_wish(place: ProjectPlace, wish: Wish) -> Wish:
    """The wish with the document of its mapping, before anything is stored. Raises Invalid."""
    if wish.format and wish.format not in FORMATS:
        raise Invalid(
            f"There is no format “{wish.format}”; there are {', '.join(FORMATS)}.",
            problems=[{"field": "format", "code": "unknown_format"}],
        )
    if wish.on_conflict not in ImportJob.Conflict.values:
        raise Invalid(
            "A conflict is either “reject” or “revise”.",
            problems=[{"field": "on_conflict", "code": "unknown_conflict"}],
        )
    if len(wish.source) > LONGEST_SOURCE:
        raise Invalid(
            f"A source has a name of at most {LONGEST_SOURCE} characters.",
            problems=[{"field": "source", "code": "too_long"}],
        )
    return replace(wish, mapping=chosen_mapping(place, wish.mapping, wish.mapping_name))


def store_file(incoming: Incoming) -> StoredFile:
    """Write the pieces to storage under a random name, hashed on the way. Raises Empty, TooLarge, with nothing kept."""
    digest, size = hashlib.sha256(), 0
    name = f"imports/{uuid.uuid4()}"

    def measured() -> Iterable[bytes]:
        nonlocal size
        for piece in incoming.pieces:
            size += len(piece)
            if size > settings.IMPORT_MAX_BYTES:
                raise TooLarge
            digest.update(piece)
            yield piece
        if not size:
            raise Empty

    try:
        stored_at = default_storage.save(name, _Pieces(measured()))
    except BaseException:
        default_storage.delete(name)
        raise
    return StoredFile(incoming.name, stored_at, size, digest.digest())


def call_worker(
    *, place: ProjectPlace, stored: StoredFile, wish: Wish, now: dt.datetime
) -> ImportJob:
    """Make a stored file an import and call a worker. A file that cannot be one is forgotten."""
    try:
        refuse_archived(place.project)
        return _write_job(place, stored, wish, now)
    except BaseException:
        stored.forget()
        raise


def save_mapping(
    *, place: ProjectPlace, name: str, mapping: dict[str, Any], now: dt.datetime
) -> SavedMapping:
    """Keep a mapping under a name for the next file of its kind. Raises Invalid with every fault and its path."""
    refuse_archived(place.project)
    if len(name) > LONGEST_NAME:
        raise Invalid(
            f"A mapping has a name of at most {LONGEST_NAME} characters.",
            problems=[{"field": "name", "code": "too_long"}],
        )
    _check(mapping)
    saved, _ = SavedMapping.objects.update_or_create(
        workspace=place.workspace,
        project=place.project,
        name=name,
        defaults={"mapping": mapping, "changed_at": now, "changed_by": place.user},
    )
    return saved


def chosen_mapping(
    place: ProjectPlace, mapping: dict[str, Any] | None, name: str
) -> dict[str, Any] | None:
    """The document of a mapping: itself, a saved one, or a preset; None for the native format. Raises Invalid."""
    if mapping is not None:
        _check(mapping)
        return mapping
    if not name:
        return None
    saved = SavedMapping.objects.filter(project=place.project, name=name).first()
    if saved is not None:
        return dict(saved.mapping)
    if name in preset_names():
        return preset(name)
    raise Invalid(
        f"This project has no mapping “{name}”, and it is none of the presets {', '.join(preset_names())}.",
        problems=[{"field": "mapping_name", "code": "unknown_mapping"}],
    )


def _check(mapping: dict[str, Any]) -> None:
    try:
        faults = [as_mapping_problem(fault) for fault in storable_faults(mapping)]
        if faults:
            raise unusable(faults[0].sentence, faults)
        check_mapping(mapping)
    except ReadingFailed as failed:
        raise unusable(failed.sentence, failed.problems) from failed


def unusable(sentence: str, problems: Iterable[MappingProblem]) -> Invalid:
    """Why a mapping cannot be used, fault by fault."""
    return Invalid(
        sentence,
        problems=[{"path": p.path, "code": p.code, "sentence": p.sentence} for p in problems],
    )


@transaction.atomic
def _write_job(place: ProjectPlace, stored: StoredFile, wish: Wish, now: dt.datetime) -> ImportJob:
    row, _ = Source.objects.get_or_create(
        workspace=place.workspace,
        project=place.project,
        name=wish.source or stored.name[:LONGEST_SOURCE] or "upload",
        defaults={"created_at": now},
    )
    job = ImportJob.objects.create(
        workspace=place.workspace,
        project=place.project,
        source=row,
        file_name=stored.name[:255],
        stored_at=stored.stored_at,
        file_bytes=stored.size,
        file_sha256=stored.sha256,
        format=wish.format,
        mapping=wish.mapping,
        mapping_name=wish.mapping_name,
        on_conflict=wish.on_conflict,
        consent=wish.consent[:400],
        created_at=now,
        created_by=place.user,
    )
    jobs.announce(
        "feedback.import_waiting", workspace_id=place.workspace.pk, now=now, job_id=job.pk
    )
    return job


class _Pieces(File):  # type: ignore[type-arg]  # not subscriptable at run time
    """An upload in pieces, as storage wants it: read once, never held whole."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        super().__init__(None, name="upload")
        self._pieces = pieces

    def chunks(self, chunk_size: int | None = None) -> Iterable[bytes]:  # type: ignore[override]  # noqa: ARG002
        return self._pieces
