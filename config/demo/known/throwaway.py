"""A workspace in which real rows are imported and run, and of which nothing is left afterwards."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from curation.actions.recipes import save_recipe
from curation.actions.start_run import start_run
from curation.actions.work import work_on_chunk
from curation.models import Run
from curation.parts import forget
from feedback import access
from feedback.actions import people
from feedback.actions.importing.run import run_import
from feedback.actions.importing.start import Incoming, start_import
from feedback.actions.projects import create_project
from feedback.errors import Refusal
from feedback.models import ImportJob, User


class NotKnown(Refusal):
    """The figures could not be computed."""

    code = "figures_not_computed"


class Throwaway:
    """Imports and runs in this process, inside the transaction that `throwaway` rolls back."""

    def __init__(self, place: access.Place) -> None:
        self.place = place
        self.stored: list[str] = []
        self.runs: list[Run] = []

    def bring_in(
        self,
        name: str,
        domain: str,
        file: Path | tuple[str, bytes],
        mapping: str = "",
        form: dict[str, Any] | None = None,
    ) -> tuple[access.ProjectPlace, ImportJob]:
        """A project with the rows of a file (a path, or a name with its bytes); `form` in place of its domain's."""
        project = create_project(
            place=self.place, name=name, domain=domain, now=timezone.now(), form=form
        )
        here = access.project(self.place.principal, self.place.workspace.slug, project.slug)
        file_name, content = file if isinstance(file, tuple) else (file.name, file.read_bytes())
        job = start_import(
            place=here,
            incoming=Incoming(file_name, [content]),
            now=timezone.now(),
            source="known",
            mapping_name=mapping,
        )
        self.stored.append(job.stored_at)
        run_import(workspace_id=job.workspace_id, job_id=job.pk, clock=timezone.now)
        job.refresh_from_db()
        if job.state != ImportJob.State.FINISHED:
            raise NotKnown(f"{file_name} could not be imported: {job.error}")
        return here, job

    def run(self, here: access.ProjectPlace, recipe: dict[str, Any]) -> Run:
        """A finished run of a recipe's document."""
        now = timezone.now()
        version = save_recipe(
            project=here.project, slug=recipe["name"], document=recipe, by=None, now=now
        )
        run = start_run(place=here, version=version, now=now)
        # Reading comes before deciding, in the alphabet only the other way round.
        for chunk in run.chunks.order_by("-kind", "number"):
            work_on_chunk(workspace_id=run.workspace_id, chunk_id=chunk.pk, clock=timezone.now)
        run.refresh_from_db()
        if run.state != Run.State.FINISHED:
            raise NotKnown(f"A run on {here.project.name} failed: {run.error}")
        self.runs.append(run)
        return run


@contextlib.contextmanager
def throwaway() -> Iterator[Throwaway]:
    """Everything done inside is undone: rows by rolling back, stored files by deleting them."""
    with transaction.atomic():
        nobody = User.objects.create_user(email=f"{secrets.token_hex(8)}@known.invalid")
        name = f"known-{secrets.token_hex(8)}"
        people.create_workspace(name=name, slug=name, owner=nobody, now=timezone.now())
        inside = Throwaway(access.workspace(access.Principal(nobody), name))
        try:
            yield inside
        finally:
            transaction.set_rollback(True)
            for stored in inside.stored:
                default_storage.delete(stored)
            for run in inside.runs:
                forget(run.keeps)


def report(run: Run, name: str) -> Any:
    """A report of a run by its name."""
    return run.reports.get(name=name).body
