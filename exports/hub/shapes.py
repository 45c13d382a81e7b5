"""Versions and datasets in the words of the hub's JSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from exports.models import Dataset, DatasetVersion
from feedback.access import Principal

from .tree import File, file_entry

_State = DatasetVersion.State


def moment(at: dt.datetime | None) -> str | None:
    """A time as clients parse it: UTC, milliseconds, Z."""
    if at is None:
        return None
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def dataset_info(dataset: Dataset, version: DatasetVersion, name: str) -> dict[str, Any]:
    """A dataset at one of its versions, under the name that was asked for."""
    return {
        "id": name,
        "author": name.partition("/")[0],
        "sha": version.commit,
        "private": True,
        "gated": False,
        "disabled": False,
        "description": dataset.title,
        "tags": [f"license:{dataset.licence}"] if dataset.licence else [],
        "createdAt": moment(dataset.created_at),
        "lastModified": moment(version.published_at),
    }


def siblings(files: Iterable[File], *, with_blobs: bool) -> list[dict[str, Any]]:
    """The files of a version; with their sizes and hashes if asked."""
    return [
        {"rfilename": file.path, **(_blob(file) if with_blobs else {})}
        for file in sorted(files, key=lambda file: file.path)
    ]


def _blob(file: File) -> dict[str, Any]:
    lfs = file_entry(file)["lfs"]
    lfs = {"sha256": lfs["oid"], "size": lfs["size"], "pointerSize": lfs["pointerSize"]}
    return {"size": file.size, "blobId": file.git_sha1, "lfs": lfs}


def refs(versions: Sequence[DatasetVersion]) -> dict[str, Any]:
    """A tag for each version, newest first, and the branch `main` at the first of them."""
    return {
        "branches": [_ref("heads", "main", version) for version in versions[:1]],
        "converts": [],
        "tags": [_ref("tags", version.name, version) for version in versions],
        "pullRequests": [],
    }


def _ref(kind: str, name: str, version: DatasetVersion) -> dict[str, str]:
    return {"name": name, "ref": f"refs/{kind}/{name}", "targetCommit": version.commit}


def last_commit(version: DatasetVersion) -> dict[str, Any]:
    """The version as the last commit of each of its files, which it froze all at once."""
    return {"id": version.commit, "title": version.name, "date": moment(version.published_at)}


def commit(version: DatasetVersion, author: str) -> dict[str, Any]:
    """A version as a commit by its workspace; persons are not named."""
    withdrawn = version.state == _State.WITHDRAWN
    return {
        "id": version.commit,
        "title": f"{version.name} (withdrawn)" if withdrawn else version.name,
        "message": version.withdrawn_because,
        "authors": [{"user": author}],
        "date": moment(version.published_at),
    }


def whoami(principal: Principal) -> dict[str, Any]:
    """The person and the workspace behind a key, and the key's own name."""
    key = principal.key
    assert key is not None
    workspace = key.membership.workspace
    return {
        "type": "user",
        "name": str(principal.user),
        "fullname": principal.user.name,
        "orgs": [{"type": "org", "name": workspace.slug, "fullname": workspace.name}],
        "auth": {
            "type": "access_token",
            "accessToken": {"displayName": key.name, "role": "read"},
        },
    }
