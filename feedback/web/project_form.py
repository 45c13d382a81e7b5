"""A project's form: what it asks, how it became so, and a new version of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from feedback.access import ProjectPlace
from feedback.actions.projects import publish_form
from feedback.bodies import form_of
from feedback.errors import Invalid, NotThere
from feedback.forms.compare import Change, compare_forms
from feedback.models import FormVersion
from feedback.rooms.doors import at_project, page, show

from .published import announce_published

VERSIONS_SHOWN = 20


class FormForm(forms.Form):
    """A form as JSON."""

    schema = forms.CharField(
        label="The form as JSON",
        max_length=1_000_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 30, "class": "tall code", "spellcheck": "false"}),
    )

    def clean_schema(self) -> dict[str, Any]:
        try:
            value = json.loads(self.cleaned_data["schema"])
        except ValueError as error:
            where = (
                f"line {error.lineno}, column {error.colno}"
                if isinstance(error, json.JSONDecodeError)
                else "it"
            )
            raise forms.ValidationError(
                f"This is not JSON: look at {where}.", code="not_json"
            ) from error
        if not isinstance(value, dict):
            raise forms.ValidationError("A form is a JSON object, in braces.", code="not_json")
        return value


@dataclass(frozen=True, slots=True)
class Published:
    """A version and what it changed."""

    version: FormVersion
    changes: list[Change]


@page()
def form(request: HttpRequest, workspace: str, project: str) -> HttpResponse:
    """The current form, question by question, and its versions."""
    place = at_project(request, workspace, project)
    versions = _versions(place)
    latest = versions[0].version
    return show(
        request,
        "feedback/form.html",
        place,
        version=latest,
        form=form_of(latest),
        versions=versions,
        guideline=place.project.guidelines.latest("version"),
        current="form",
    )


@page()
def version(request: HttpRequest, workspace: str, project: str, version: int) -> HttpResponse:
    """One version of the form as reviewers answered it."""
    place = at_project(request, workspace, project)
    found = place.project.forms.select_related("published_by").filter(version=version).first()
    if found is None:
        raise NotThere
    return show(
        request,
        "feedback/form_version.html",
        place,
        version=found,
        form=form_of(found),
        schema=_pretty(found.schema),
        current="form",
    )


@page("GET", "POST")
def as_json(request: HttpRequest, workspace: str, project: str) -> HttpResponse:
    """Edit the form as JSON and publish it as a new version."""
    place = at_project(request, workspace, project)
    latest = place.project.forms.latest("version")
    editing = FormForm(request.POST or None, initial={"schema": _pretty(latest.schema)})
    problems: list[dict[str, Any]] = []
    if editing.is_valid():
        try:
            made = publish_form(
                place=place, schema=editing.cleaned_data["schema"], now=timezone.now()
            )
        except Invalid as refusal:
            problems = refusal.problems
            editing.add_error("schema", refusal.sentence)
        else:
            announce_published(request, latest, made)
            return redirect("form", workspace, project)
    return show(
        request,
        "feedback/form_json.html",
        place,
        status=422 if editing.errors else 200,
        form=editing,
        latest=latest,
        problems=problems,
        current="form",
    )


def _versions(place: ProjectPlace) -> list[Published]:
    """The latest versions, newest first, each compared with the one before."""
    rows = list(
        place.project.forms.select_related("published_by").order_by("-version")[
            : VERSIONS_SHOWN + 1
        ]
    )
    older = [*rows[1:], None]
    listed = [
        Published(row, compare_forms(form_of(before), form_of(row)) if before else [])
        for row, before in zip(rows, older, strict=True)
    ]
    return listed[:VERSIONS_SHOWN]


def _pretty(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False)
