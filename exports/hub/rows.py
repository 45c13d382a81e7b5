"""What the hub reads of the tables: files of a version, versions of a dataset, datasets of a workspace; one query each."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet

from exports.models import Dataset, DatasetVersion, VersionFile
from exports.queries import datasets_of
from feedback.models import Workspace

from .refusals import NoEntry
from .tree import File

_State = DatasetVersion.State
_LICENCE = "license:"


def files_of(version: DatasetVersion) -> list[File]:
    """Every file of a version; a version has hundreds at most."""
    rows = VersionFile.objects.filter(version=version).values_list(
        "path", "size", "sha256", "git_sha1"
    )
    return [File(path, size, bytes(sha256).hex(), git) for path, size, sha256, git in rows]


def file_at(version: DatasetVersion, path: str) -> File:
    """One file. Raises NoEntry."""
    # PostgreSQL refuses to look for a NUL.
    row = None if "\0" in path else VersionFile.objects.filter(version=version, path=path).first()
    if row is None:
        raise no_entry(version, path)
    return File(row.path, row.size, bytes(row.sha256).hex(), row.git_sha1)


def no_entry(version: DatasetVersion, path: str) -> NoEntry:
    return NoEntry(f"{version.name} has nothing at “{path}”.", version.commit)


def versions_of(dataset: Dataset) -> QuerySet[DatasetVersion]:
    """Published and withdrawn versions, newest first."""
    return dataset.versions.filter(state__in=[_State.PUBLISHED, _State.WITHDRAWN]).order_by(
        "-major", "-minor"
    )


def versions_up_to(dataset: Dataset, version: DatasetVersion) -> QuerySet[DatasetVersion]:
    """A version and those before it, newest first."""
    earlier = Q(major__lt=version.major) | Q(major=version.major, minor__lte=version.minor)
    return versions_of(dataset).filter(earlier)


def loadable_datasets(workspace: Workspace, *, only: str, search: str) -> QuerySet[Dataset]:
    """Datasets with a published version whose name or title holds the words; `only` is the one that a key may load."""
    published = DatasetVersion.objects.filter(dataset=OuterRef("pk"), state=_State.PUBLISHED)
    rows = datasets_of(workspace, only=only).filter(Exists(published))
    return rows.filter(Q(slug__icontains=search) | Q(title__icontains=search)) if search else rows


def with_tags(rows: QuerySet[Dataset], tags: Iterable[str]) -> QuerySet[Dataset]:
    """The datasets that carry all the tags. The only tag that we give says the licence."""
    for tag in tags:
        is_licence = tag.startswith(_LICENCE) and "\0" not in tag
        rows = rows.filter(licence=tag.removeprefix(_LICENCE)) if is_licence else rows.none()
    return rows
