"""Datasets are named, versions published and withdrawn."""

from __future__ import annotations

import datetime as dt
import hashlib
import re

from django.db import IntegrityError, transaction
from django.db.models import Max

from curation.actions.split_gate import refuse_leaks
from curation.models import Run, RunPair
from exports.models import Dataset, DatasetVersion, VersionRun
from feedback import jobs
from feedback.access import Place
from feedback.errors import Invalid, NotThere, Refusal

WAITING = "exports.version_waiting"
NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,88}[a-z0-9])?")
LOOKS_LIKE_ALIAS = re.compile(r"\.v\d")


class NameTaken(Refusal):
    """There is a dataset of this name, or there was; names are never used twice. Choose another."""

    code = "dataset_name_taken"


class RunNotFinished(Refusal):
    """This run has not finished, so there is nothing to publish yet."""

    code = "run_not_finished"


class NothingToPublish(Refusal):
    """This run kept no pair, so a version of it would be empty. See what was held and why."""

    code = "nothing_to_publish"


def make_dataset(
    *, place: Place, slug: str, now: dt.datetime, title: str = "", licence: str = ""
) -> Dataset:
    """A name for versions to be published under. Raises Invalid for a name that trainers cannot load, NameTaken."""
    check_name(slug)
    try:
        with transaction.atomic():
            return Dataset.objects.create(
                workspace=place.workspace,
                slug=slug,
                title=title,
                licence=licence,
                created_at=now,
                created_by=place.user,
            )
    except IntegrityError as error:
        raise NameTaken from error


def check_name(slug: str) -> None:
    """Raise Invalid unless hub clients accept the name and no alias of a version looks like it."""
    if not NAME.fullmatch(slug) or "--" in slug or ".." in slug or slug.endswith(".git"):
        sentence = "A name has small letters, digits, dots, hyphens and underscores, begins and ends with a letter or digit."
        raise Invalid(sentence, problems=[{"field": "slug", "code": "bad_name"}])
    if LOOKS_LIKE_ALIAS.search(slug):
        sentence = "“.v1” and the like in a name would look like a version of another dataset."
        raise Invalid(sentence, problems=[{"field": "slug", "code": "looks_like_alias"}])


@transaction.atomic
def publish(*, place: Place, dataset: Dataset, run: Run, now: dt.datetime) -> DatasetVersion:
    """Publish a finished run under a dataset's next number. The same run again is the version that is there.

    Raises RunNotFinished, NothingToPublish, and SplitsLeak where anything joins two splits.

    A worker writes the files; until then the version is being written, and nobody sees it.
    """
    if run.workspace_id != place.workspace.pk or dataset.workspace_id != place.workspace.pk:
        raise NotThere
    if run.state != Run.State.FINISHED:
        raise RunNotFinished
    if not RunPair.objects.of(run).filter(held=False).exclude(chosen=None).exists():
        raise NothingToPublish
    refuse_leaks(run)
    Dataset.objects.select_for_update().get(pk=dataset.pk)
    runs_key = hashlib.sha256(run.public_id.bytes).digest()
    there = dataset.versions.filter(runs_key=runs_key).exclude(state=DatasetVersion.State.FAILED)
    version = there.first()
    if version is not None:
        return version
    latest = dataset.versions.aggregate(n=Max("major"))["n"] or 0
    version = DatasetVersion.objects.create(
        workspace=place.workspace,
        dataset=dataset,
        major=latest + 1,
        runs_key=runs_key,
        created_at=now,
        created_by=place.user,
    )
    VersionRun.objects.create(workspace=place.workspace, version=version, run=run)
    jobs.announce(WAITING, workspace_id=place.workspace.pk, now=now, version_id=version.pk)
    return version


def withdraw(*, version: DatasetVersion, because: str, now: dt.datetime) -> None:
    """Take a version back: it stays on record, and whoever asks for it is told so and shown its successor."""
    if not because.strip():
        raise Invalid("Say why it is withdrawn.", problems=[{"field": "because", "code": "empty"}])
    won = DatasetVersion.objects.filter(pk=version.pk, state=DatasetVersion.State.PUBLISHED).update(
        state=DatasetVersion.State.WITHDRAWN, withdrawn_at=now, withdrawn_because=because[:400]
    )
    if (
        not won
        and not DatasetVersion.objects.filter(
            pk=version.pk, state=DatasetVersion.State.WITHDRAWN
        ).exists()
    ):
        raise NotThere
