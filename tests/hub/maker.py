"""Published versions of real pairs, with rows and bytes as a worker would leave them."""

from __future__ import annotations

import datetime as dt
import functools
import secrets
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from exports import blobs
from exports.gitsha import git_blob_sha1
from exports.models import Dataset, DatasetVersion, VersionFile
from exports.package import write_package
from exports.shards import FileFacts, Limits, file_facts
from feedback.models import Workspace
from tests.formats.samples import facts, frames, pandalm

NAME = "chat-prefs"
# Several shards a split, as a large version has.
SMALL = Limits(shard_rows=20, group_rows=4)


def make_dataset(workspace: Workspace, slug: str = NAME, licence: str = "mit") -> Dataset:
    return Dataset.objects.create(
        workspace=workspace, slug=slug, title="Preferences in chat", licence=licence
    )


@dataclass(frozen=True)
class Made:
    """The files of a version, with their bytes."""

    sha256: bytes
    files: tuple[tuple[FileFacts, bytes], ...]


@functools.cache
def pandalm_package(prompts: int) -> Made:
    """The pairs of PandaLM's first prompts with every config, card and manifest; written once for all tests."""
    whole = pandalm()
    clusters = set(whole.pairs["cluster"].drop_duplicates()[:prompts])
    pairs, responses = (
        rows[rows["cluster"].isin(clusters)].to_dict("records")
        for rows in (whole.pairs, whole.responses)
    )
    with tempfile.TemporaryDirectory() as folder:
        sources, told = frames(pairs, responses), facts(waterfall=())
        package = write_package(Path(folder), sources, told, SMALL)
        return Made(bytes.fromhex(package.version_sha256), _kept(Path(folder), package.files))


def any_package(contents: dict[str, bytes]) -> Made:
    """Any bytes, where only their length and place matter."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in contents.items():
            (Path(folder) / name).parent.mkdir(parents=True, exist_ok=True)
            (Path(folder) / name).write_bytes(content)
        files = [file_facts(Path(folder), name) for name in contents]
        return Made(secrets.token_bytes(32), _kept(Path(folder), files))


def _kept(folder: Path, files: Iterable[FileFacts]) -> tuple[tuple[FileFacts, bytes], ...]:
    return tuple((file, (folder / file.path).read_bytes()) for file in files)


def publish(
    dataset: Dataset, made: Made, *, now: dt.datetime, major: int = 1, minor: int = 0
) -> DatasetVersion:
    """The bytes and then the rows of a published version, as a worker writes them."""
    for file, content in made.files:
        if not default_storage.exists(blobs.name_of(file.sha256)):
            default_storage.save(blobs.name_of(file.sha256), ContentFile(content))
    at = {"workspace_id": dataset.workspace_id}
    version = DatasetVersion.objects.create(
        **at, dataset=dataset, major=major, minor=minor, runs_key=secrets.token_bytes(32)
    )
    VersionFile.objects.bulk_create(
        VersionFile(
            **at,
            version=version,
            path=file.path,
            size=file.size,
            sha256=bytes.fromhex(file.sha256),
            git_sha1=git_blob_sha1(content),
            config=file.config or "",
            split=file.split or "",
            rows=file.rows,
        )
        for file, content in made.files
    )
    version.sha256, version.commit = made.sha256, made.sha256.hex()[:40]
    version.state, version.published_at = DatasetVersion.State.PUBLISHED, now
    version.save()
    return version


def publish_bytes(
    dataset: Dataset, contents: dict[str, bytes], *, now: dt.datetime, major: int = 1
) -> DatasetVersion:
    return publish(dataset, any_package(contents), now=now, major=major)


def content_of(version: DatasetVersion, path: str) -> bytes:
    """The bytes of a file as they lie in storage."""
    file = VersionFile.objects.get(version=version, path=path)
    return b"".join(blobs.pieces(bytes(file.sha256).hex(), 0, file.size))
