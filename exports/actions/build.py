"""A worker writes a version: its files into a folder, the folder into storage, the facts into the tables, all at once."""

from __future__ import annotations

import datetime as dt
import tempfile
import uuid
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson
import structlog
from django.db import transaction

from curation.models import Run
from exports import blobs
from exports.formats import FormatError
from exports.frames import sources_of
from exports.gitsha import git_blob_sha1
from exports.models import DatasetVersion, VersionFile
from exports.novelty import novelty_of
from exports.package import Package, write_package
from exports.run_facts import facts_of
from feedback import jobs

from .datasets import WAITING

log = structlog.get_logger(__name__)
LEASE_MINUTES = 30.0
MOST_ATTEMPTS = 5
ABANDONED = dt.timedelta(days=1)  # no worker writes one file for that long


def build_version(*, workspace_id: int, version_id: int, clock: Callable[[], dt.datetime]) -> None:
    """Write a version that is waiting for it. Boring when it is written, and when another worker has it."""
    rows = DatasetVersion.objects.filter(
        pk=version_id, workspace_id=workspace_id, state=DatasetVersion.State.BUILDING
    )
    lease = jobs.take(rows, now=clock(), minutes=LEASE_MINUTES)
    if lease is None:
        return
    version = rows.select_related("dataset__workspace").get()
    if version.attempts > MOST_ATTEMPTS:
        _fail(version, "gave_up", "Five workers have died over this version.")
        return
    run = Run.objects.select_related("project__workspace", "recipe_version__recipe").get(
        version_runs__version=version
    )
    with tempfile.TemporaryDirectory(prefix="touchstone-version-") as folder:
        try:
            package = write_package(Path(folder), sources_of(run), facts_of(run, version.dataset))
        except FormatError as error:
            _fail(version, error.code, str(error))
            return
        for file in package.files:
            blobs.keep(Path(folder) / file.path, file.sha256)
        new = novelty_of(version, run)
        written = _finish(version, lease, package, Path(folder), clock(), new)
    log.info("version_written", version=version.pk, written=written)


def resume_versions(*, now: dt.datetime) -> int:
    """Call a new worker for every version whose worker has died. Returns how many."""
    lost = DatasetVersion.objects.filter(state=DatasetVersion.State.BUILDING, leased_until__lt=now)
    resumed = 0
    for version in lost[:100]:
        with transaction.atomic():
            free = lost.filter(pk=version.pk, lease=version.lease)
            if free.update(lease=None, leased_until=None):
                jobs.announce(
                    WAITING, workspace_id=version.workspace_id, now=now, version_id=version.pk
                )
                resumed += 1
    return resumed


def forget_unfinished(*, now: dt.datetime) -> int:
    """Delete the files that workers had begun to write when they died. Returns how many."""
    return blobs.forget_unfinished(before=now - ABANDONED)


def _finish(
    version: DatasetVersion,
    lease: uuid.UUID,
    package: Package,
    folder: Path,
    now: dt.datetime,
    new: float | None,
) -> bool:
    """Files and publication in one transaction. False: the lease was lost; the bytes in storage serve the other worker."""
    with transaction.atomic():
        mine = DatasetVersion.objects.select_for_update().filter(pk=version.pk, lease=lease)
        if not mine.exists():
            return False
        VersionFile.objects.bulk_create(
            VersionFile(
                workspace_id=version.workspace_id,
                version=version,
                path=file.path,
                size=file.size,
                sha256=bytes.fromhex(file.sha256),
                git_sha1=git_blob_sha1((folder / file.path).read_bytes()),
                config=file.config or "",
                split=file.split or "",
                rows=file.rows,
            )
            for file in package.files
        )
        mine.update(
            state=DatasetVersion.State.PUBLISHED,
            sha256=bytes.fromhex(package.version_sha256),
            commit=package.version_sha256[:40],
            figures=_plain(asdict(package.figures)) | {"novelty": new},
            published_at=now,
            lease=None,
            leased_until=None,
        )
    return True


def _fail(version: DatasetVersion, code: str, sentence: str) -> None:
    DatasetVersion.objects.filter(pk=version.pk, state=DatasetVersion.State.BUILDING).update(
        state=DatasetVersion.State.FAILED,
        error_code=code,
        error=sentence[:1000],
        lease=None,
        leased_until=None,
    )


def _plain(value: Any) -> Any:
    return orjson.loads(orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS))
