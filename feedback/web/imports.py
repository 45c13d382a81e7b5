"""Imports of a project: a new file, how far each is, what became of its rows, and what could not be taken."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from feedback import access
from feedback.access import ProjectPlace
from feedback.actions.importing.start import Incoming, start_import
from feedback.csv_out import csv_lines
from feedback.errors import Invalid, Refusal
from feedback.models import ImportJob
from feedback.queries.imports import imports_of, mappings_of, reasons_of, rejected_rows
from feedback.queries.pages import page as page_of
from feedback.readers import preset_names
from feedback.readers.formats import FORMATS
from feedback.rooms.doors import ROWS, at_project, page, show

FIRST_SHOWN = 10
COLUMNS = ("row", "scope", "number", "code", "sentence", "raw")


class ImportForm(forms.Form):
    """A file and how it is to be read."""

    file = forms.FileField(
        help_text="JSON Lines (also .gz), a JSON array, CSV, Parquet, an export of Label Studio; "
        "or a document: PDF, DOCX, Markdown or text, and a zip of several.",
        max_length=255,
    )
    mapping_name = forms.ChoiceField(
        label="Its columns",
        required=False,
        help_text="A file in our own format needs no mapping.",
    )
    mapping = forms.CharField(
        label="A mapping as JSON",
        required=False,
        max_length=1_000_000,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 8, "class": "code", "spellcheck": "false"}),
        help_text="Says where each value is read. It counts instead of “Its columns”.",
    )
    format = forms.ChoiceField(required=False)
    source = forms.CharField(
        max_length=120,
        required=False,
        help_text="Ids and raters’ names are unique inside a source. Left empty, it is the name of the file.",
    )
    on_conflict = forms.ChoiceField(
        label="An item that is there with other content",
        choices=[
            (ImportJob.Conflict.REJECT, "Reject the row, and say so"),
            (ImportJob.Conflict.REVISE, "Make a new revision; reviews stay with the old one"),
        ],
        initial=ImportJob.Conflict.REJECT,
        widget=forms.RadioSelect,
    )
    consent = forms.CharField(
        label="Terms of the reviews in the file",
        max_length=400,
        required=False,
        help_text="On what terms they were given, if it has any. It is kept with every review.",
    )

    field_order = ["file", "mapping_name", "source", "consent", "on_conflict", "format", "mapping"]
    seldom = ("on_conflict", "format", "mapping")

    def first_fields(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name not in self.seldom]

    def seldom_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.seldom]

    def seldom_touched(self) -> bool:
        """Whether the seldom used fields should be open: something was chosen there, or is wrong there."""
        return self.is_bound and bool({*self.changed_data, *self.errors} & {*self.seldom})

    def __init__(self, place: ProjectPlace, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        saved = [(row.name, row.name) for row in mappings_of(place.project)]
        presets = [(name, name) for name in preset_names()]
        self.fields["mapping_name"].choices = [  # type: ignore[attr-defined]
            ("", "Touchstone’s own format"),
            *([("Saved here", saved)] if saved else []),
            ("Presets", presets),
        ]
        self.fields["format"].choices = [  # type: ignore[attr-defined]
            ("", "As its content says"),
            *((reader.name, reader.title) for reader in FORMATS.values()),
        ]

    def clean_mapping(self) -> dict[str, Any] | None:
        text = self.cleaned_data["mapping"]
        if not text:
            return None
        try:
            value = json.loads(text)
        except ValueError as error:
            raise forms.ValidationError("This is not JSON.", code="not_json") from error
        if not isinstance(value, dict):
            raise forms.ValidationError("A mapping is a JSON object, in braces.", code="not_json")
        return value


@dataclass(frozen=True, slots=True)
class Line:
    """What became of the items, responses or reviews of a file; the four numbers add up to the fifth."""

    what: str
    created: int
    revised: int | None
    duplicate: int
    rejected: int

    @property
    def together(self) -> int:
        return self.created + (self.revised or 0) + self.duplicate + self.rejected


@page("GET", "POST")
def imports(request: HttpRequest, workspace: str, project: str) -> HttpResponse:
    """Every import, and a new one."""
    place = at_project(request, workspace, project)
    form = ImportForm(place, request.POST or None, request.FILES or None)
    problems: list[dict[str, Any]] = []
    if form.is_valid():
        try:
            job = _start(place, form.cleaned_data)
        except Refusal as refusal:
            problems = refusal.problems if isinstance(refusal, Invalid) else []
            form.add_error("mapping" if problems else None, refusal.sentence)
        else:
            messages.success(
                request, f"{job.file_name} is here. A worker reads it; you can leave this page."
            )
            return redirect("import", workspace, project, job.public_id)
    found = page_of(imports_of(place.project), after=request.GET.get("after", ""), limit=ROWS)
    return show(
        request,
        "feedback/imports.html",
        place,
        status=422 if form.errors else 200,
        form=form,
        problems=problems,
        page=found,
        current="imports",
    )


def _start(place: ProjectPlace, given: dict[str, Any]) -> ImportJob:
    file: UploadedFile[Any] = given["file"]
    return start_import(
        place=place,
        incoming=Incoming(file.name or "upload", file.chunks()),
        source=given["source"],
        format=given["format"],
        mapping=given["mapping"],
        mapping_name="" if given["mapping"] else given["mapping_name"],
        on_conflict=given["on_conflict"],
        consent=given["consent"],
        now=timezone.now(),
    )


@page()
def job(request: HttpRequest, workspace: str, project: str, job: uuid.UUID) -> HttpResponse:
    """One import: its progress while it runs, its counts when it is done. htmx asks for the middle part alone."""
    place = at_project(request, workspace, project)
    found = access.import_job(place, job)
    context: dict[str, Any] = {
        "job": found,
        "running": found.state in {ImportJob.State.WAITING, ImportJob.State.RUNNING},
        "lines": lines_of(found),
        "reasons": reasons_of(found),
        "first": list(islice(rejected_rows(found), FIRST_SHOWN)),
    }
    if request.headers.get("HX-Request"):
        frame = {"workspace": place.workspace, "project": place.project}
        return render(request, "feedback/import.html#progress", {**frame, **context})
    return show(request, "feedback/import.html", place, current="imports", **context)


def lines_of(job: ImportJob) -> list[Line]:
    """The counts of a job as a table that adds up."""
    return [
        Line(
            "Items", job.items_created, job.items_revised, job.items_duplicate, job.items_rejected
        ),
        Line(
            "Responses",
            job.responses_created,
            None,
            job.responses_duplicate,
            job.responses_rejected,
        ),
        Line("Reviews", job.reviews_created, None, job.reviews_duplicate, job.reviews_rejected),
    ]


@page()
def rejected_csv(
    request: HttpRequest, workspace: str, project: str, job: uuid.UUID
) -> StreamingHttpResponse:
    """Rejected rows for a spreadsheet."""
    found = access.import_job(at_project(request, workspace, project), job)
    rows = ([row[name] for name in COLUMNS] for row in rejected_rows(found))
    return _attached(csv_lines(COLUMNS, rows), "text/csv; charset=utf-8", f"rejected-{job}.csv")


@page()
def rejected_ndjson(
    request: HttpRequest, workspace: str, project: str, job: uuid.UUID
) -> StreamingHttpResponse:
    """Rejected rows for a program: one JSON object a line, as they came."""
    found = access.import_job(at_project(request, workspace, project), job)
    return _attached(_json_lines(found), "application/x-ndjson", f"rejected-{job}.ndjson")


def _json_lines(job: ImportJob) -> Iterator[str]:
    for row in rejected_rows(job):
        yield json.dumps({name: row[name] for name in COLUMNS}, ensure_ascii=False) + "\n"


def _attached(lines: Iterator[str], content_type: str, name: str) -> StreamingHttpResponse:
    """A download that no browser shows or sniffs."""
    response = StreamingHttpResponse(lines, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
