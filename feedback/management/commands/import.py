# ruff: noqa: N999  (Django calls a command by the name of its file)
"""`manage.py import WORKSPACE/PROJECT FILE`: items, responses and reviews of a file come in, from the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse
from django.utils import timezone

from feedback import access
from feedback.actions.importing.run import run_import
from feedback.actions.importing.start import Incoming, start_import
from feedback.errors import Invalid, NotThere, Refusal
from feedback.following import Line, Step, follow, quietly
from feedback.models import ImportJob, Membership, Role, User
from feedback.queries.imports import reasons_of, rejected_rows
from feedback.readers.formats import FORMATS

PIECE = 1 << 20
COUNTS = ("created", "revised", "duplicate", "rejected")


class Command(BaseCommand):
    help = "Imports a file into a project, waits until it is in, and prints what was created, known and rejected."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("project", metavar="WORKSPACE/PROJECT")
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--mapping", default="", help="a saved mapping or preset by name, or a .json file"
        )
        parser.add_argument("--source", default="", help="name of the source (default: the file's)")
        parser.add_argument("--format", default="", choices=["", *FORMATS])
        parser.add_argument(
            "--on-conflict", default=ImportJob.Conflict.REJECT, choices=ImportJob.Conflict.values
        )
        parser.add_argument("--consent", default="", help="on what terms the reviews were given")
        parser.add_argument(
            "--as", dest="email", default="", help="who imports (default: an owner)"
        )
        parser.add_argument("--here", action="store_true", help="in this process, not in a worker")
        parser.add_argument("--rejected", type=Path, metavar="OUT", help="write rejected rows here")

    def handle(self, *args: Any, **options: Any) -> None:
        line = Line(self.stdout)
        try:
            with quietly():
                place = _place(options["project"], options["email"])
                job = _started(place, options)
                if options["here"]:
                    run_import(workspace_id=job.workspace_id, job_id=job.pk, clock=timezone.now)
                follow(lambda: step_of(job), line.show)
        except Refusal as refusal:
            raise CommandError("\n".join(_words(refusal))) from refusal
        if options["rejected"]:
            _write_rejected(job, options["rejected"])
        for words in report(job, place, options["rejected"]):
            line.keep(words)
        if job.state == ImportJob.State.FAILED:
            raise CommandError(f"The import failed: {job.error} [{job.error_code}]")


def step_of(job: ImportJob) -> Step:
    """Where an import is, read anew."""
    job.refresh_from_db()
    if job.state == ImportJob.State.WAITING:
        return Step("Waiting for a worker", taken=False)
    share = job.bytes_read / job.file_bytes if job.file_bytes else 1.0
    done = job.state in {ImportJob.State.FINISHED, ImportJob.State.FAILED}
    return Step(f"{job.rows_read:,} rows read ({share:.0%})", taken=True, done=done)


def report(job: ImportJob, place: access.ProjectPlace, written: Path | None) -> Iterator[str]:
    """What became of a file: a small table, the reasons of rejections, and where to see them."""
    yield f"{job.file_name}: {job.rows_read:,} rows into {place.workspace.slug}/{place.project.slug}"
    yield " " * 11 + "".join(f"{count:>11}" for count in COUNTS)
    for what in ("items", "responses", "reviews"):
        numbers = [getattr(job, f"{what}_{count}", None) for count in COUNTS]
        yield f"{what:<11}" + "".join(f"{'' if n is None else f'{n:,}':>11}" for n in numbers)
    if job.twins:
        yield f"{job.twins:,} items have the texts of another one, with other models."
    reasons = [f"{each['n']:,} {each['scope']} {each['code']}" for each in reasons_of(job)]
    if reasons:
        yield f"Rejected: {', '.join(reasons)}."
        page = reverse("import", args=[place.workspace.slug, place.project.slug, job.public_id])
        yield f"Each with its reason: {written or settings.PUBLIC_URL + page}"


def _place(project: str, email: str) -> access.ProjectPlace:
    """The project as the importing member sees it; an owner of the workspace when nobody is named."""
    workspace, _, slug = project.partition("/")
    missing = CommandError(f"There is no project “{project}”{f' for {email}' if email else ''}.")
    user = _somebody(workspace, email)
    if user is None:
        raise missing
    try:
        return access.project(access.Principal(user), workspace, slug, role=Role.MANAGER)
    except NotThere:
        raise missing from None


def _somebody(workspace: str, email: str) -> User | None:
    rows = User.objects.filter(is_active=True).order_by("pk")
    if email:
        return rows.filter(email__iexact=email).first()
    owners = Membership.objects.filter(workspace__slug=workspace, role=Role.OWNER, ended_at=None)
    return rows.filter(pk__in=owners.values("user")).first()


def _started(place: access.ProjectPlace, options: dict[str, Any]) -> ImportJob:
    path: Path = options["file"]
    if not path.is_file():
        raise CommandError(f"There is no file “{path}”.")
    mapping = options["mapping"]
    from_file = _mapping_in(Path(mapping)) if mapping.endswith(".json") else None
    return start_import(
        place=place,
        incoming=Incoming(path.name, _pieces(path)),
        now=timezone.now(),
        source=options["source"],
        format=options["format"],
        mapping=from_file,
        mapping_name="" if from_file else mapping,
        on_conflict=options["on_conflict"],
        consent=options["consent"],
    )


def _mapping_in(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise CommandError(f"The mapping “{path}” cannot be read: {error}.") from error
    return found


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def _write_rejected(job: ImportJob, path: Path) -> None:
    with path.open("wb") as out:
        for row in rejected_rows(job):
            out.write(orjson.dumps(row) + b"\n")


def _words(refusal: Refusal) -> Iterable[str]:
    yield f"{refusal.sentence} [{refusal.code}]"
    if isinstance(refusal, Invalid):
        for problem in refusal.problems:
            yield f"  {problem.get('path', '')}: {problem.get('sentence', problem['code'])}"
