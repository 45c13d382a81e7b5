"""From the names in an address to a dataset, a version and a path, or the refusal that says what is missing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from exports import access
from exports.models import Dataset, DatasetVersion
from feedback.access import Principal
from feedback.errors import NotThere

from .refusals import NoRevision, Withdrawn

# A server's gateway decodes %2F, so the longest name that a revision can have is tried first.
_REVISION = re.compile(r"(?P<revision>refs/[^/]+/[^/]+|[^/]+)/?(?P<path>.*)", re.DOTALL)
_REF = re.compile(r"refs/(?:heads|tags)/(?P<name>[^/]+)")
_State = DatasetVersion.State


@dataclass(frozen=True, slots=True)
class Repo:
    """A dataset by the name that was asked for. An alias (`prefs.v1.0`) holds one version, its `main`."""

    dataset: Dataset
    name: str
    pinned: DatasetVersion | None


def repo_of(principal: Principal, workspace: str, name: str) -> Repo:
    """The dataset or alias. Raises NotThere, and NotAllowed for a key that may not load datasets."""
    if "\0" in workspace + name:
        raise NotThere
    slug, pin = access.split_alias(name)
    _, dataset = access.dataset(principal, workspace, slug)
    pinned = access.version(dataset, pin) if pin else None
    return Repo(dataset, f"{workspace}/{name}", pinned)


def split_revision(rest: str) -> tuple[str, str]:
    """`v1.0/data/x.parquet` is a revision and a path; `refs/heads/main` is one revision."""
    match = _REVISION.fullmatch(rest)
    return (match["revision"], match["path"].strip("/")) if match else (rest, "")


def version_at(repo: Repo, revision: str) -> DatasetVersion:
    """The published version that a revision names. Raises NoRevision, or Withdrawn with the successor."""
    ref = _REF.fullmatch(revision)
    name = ref["name"] if ref else revision
    try:
        version = _found(repo, name)
    except NotThere:
        raise _missing(repo, revision) from None
    if version.state == _State.WITHDRAWN:
        raise _withdrawn(repo, version)
    return version


def _found(repo: Repo, name: str) -> DatasetVersion:
    if repo.pinned is None:
        return access.version(repo.dataset, name)
    if name not in {"main", repo.pinned.name, repo.pinned.commit}:
        raise NotThere
    return repo.pinned


def _missing(repo: Repo, revision: str) -> NoRevision | Withdrawn:
    """`main` is missing when nothing was published yet, or all of it was withdrawn."""
    if revision not in {"main", "refs/heads/main"}:
        return NoRevision(f"{repo.name} has no version {revision}.")
    last = repo.dataset.versions.filter(state=_State.WITHDRAWN).order_by("-major", "-minor").first()
    return _withdrawn(repo, last) if last else NoRevision(f"{repo.name} has no published version.")


def _withdrawn(repo: Repo, version: DatasetVersion) -> Withdrawn:
    because = version.withdrawn_because.rstrip(". ")
    return Withdrawn(f"{version.name} of {repo.name} was withdrawn: {because}. {_advice(repo)}")


def _advice(repo: Repo) -> str:
    """What to load instead, as a name that tools without a revision take as well."""
    try:
        successor = access.version(repo.dataset, "main")
    except NotThere:
        return "No version takes its place yet."
    workspace = repo.name.partition("/")[0]
    return f"Load {workspace}/{repo.dataset.slug}.{successor.name} instead."
