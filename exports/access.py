"""From a name to a dataset, and from a revision to a version, for somebody: who may see what leaves the house."""

from __future__ import annotations

import re

from exports.models import Dataset, DatasetVersion
from feedback import access as house
from feedback.errors import NotAllowed, NotThere
from feedback.models import Role, Scope

ALIAS = re.compile(r"(?P<slug>.+)\.v(?P<major>\d+)\.(?P<minor>\d+)")
NUMBER = re.compile(r"v(?P<major>\d+)\.(?P<minor>\d+)")
COMMIT = re.compile(r"[0-9a-f]{40}")


def dataset(
    principal: house.Principal,
    workspace_slug: str,
    slug: str,
    *,
    role: Role = Role.MANAGER,
    scope: house.Scopes = Scope.DATASETS_READ,
) -> tuple[house.Place, Dataset]:
    """A dataset of a workspace. A key that names a dataset opens no other one."""
    place = house.workspace(principal, workspace_slug, role=role, scope=scope)
    found = Dataset.objects.filter(workspace=place.workspace, slug=slug).first()
    if found is None or not _opens(principal, found.slug):
        raise NotThere
    return place, found


def check_opens(principal: house.Principal, slug: str) -> None:
    """Raise NotAllowed for a key that names another dataset than this one, which need not be there yet."""
    if not _opens(principal, slug):
        raise NotAllowed("This key is for another dataset.")


def version(dataset: Dataset, name: str) -> DatasetVersion:
    """A published or withdrawn version by revision: `main` (the latest published), `v1.0`, or a commit of 40 digits."""
    rows = DatasetVersion.objects.filter(dataset=dataset, state__in=["published", "withdrawn"])
    if name == "main":
        found = rows.filter(state="published").order_by("-major", "-minor").first()
    elif number := NUMBER.fullmatch(name):
        found = rows.filter(major=int(number["major"]), minor=int(number["minor"])).first()
    else:
        # A withdrawn version must not hide a published one with the same bytes.
        same = rows.filter(commit=name).order_by("state", "-pk")
        found = same.first() if COMMIT.fullmatch(name) else None
    if found is None:
        raise NotThere
    return found


def numbered(dataset: Dataset, name: str) -> DatasetVersion:
    """A version by its number, whatever its state: those who publish see what is being written, and what failed."""
    number = NUMBER.fullmatch(name)
    rows = DatasetVersion.objects.filter(dataset=dataset).select_related("created_by")
    found = (
        rows.filter(major=int(number["major"]), minor=int(number["minor"])).first()
        if number
        else None
    )
    if found is None:
        raise NotThere
    return found


def split_alias(name: str) -> tuple[str, str | None]:
    """A name as trainers write it: `prefs.v1.0` is version v1.0 of `prefs`, pinned; `prefs` is not pinned."""
    alias = ALIAS.fullmatch(name)
    return (alias["slug"], f"v{alias['major']}.{alias['minor']}") if alias else (name, None)


def _opens(principal: house.Principal, slug: str) -> bool:
    key = principal.key
    return key is None or not key.dataset_slug or key.dataset_slug == slug
