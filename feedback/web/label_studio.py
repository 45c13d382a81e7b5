"""A project's form to and from Label Studio: downloaded as a labelling configuration, or taken over from one into the editor."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from feedback.bodies import form_of
from feedback.readers.confined import LONGEST_CONFIG, form_of_label_config
from feedback.readers.label_write import write_label_config
from feedback.readers.problems import ReadingFailed
from feedback.rooms.doors import at_project, page, show

from .form_editor import show_editor

TAKEN = "Taken over from Label Studio. Look through it, and publish it when it is right."


class ConfigForm(forms.Form):
    """A labelling configuration, as a file or as text."""

    file = forms.FileField(required=False, max_length=255)
    config = forms.CharField(
        label="Or the configuration itself",
        required=False,
        max_length=LONGEST_CONFIG,
        widget=forms.Textarea(attrs={"rows": 14, "class": "tall code", "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        file = given.get("file")
        if file is not None and file.size > LONGEST_CONFIG:
            self.add_error("file", f"At most {LONGEST_CONFIG:,} bytes.")
        elif file is not None:
            given["config"] = file.read().decode("utf-8", "replace")
        elif not given.get("config"):
            self.add_error("config", "Choose a file or paste a configuration.")
        return given


@page()
def download(request: HttpRequest, workspace: str, project: str) -> HttpResponse:
    """The form in force as a labelling configuration."""
    place = at_project(request, workspace, project)
    latest = place.project.forms.latest("version")
    try:
        written = write_label_config(form_of(latest))
    except ReadingFailed as failure:
        messages.error(request, f"This form has no counterpart in Label Studio. {failure.sentence}")
        return redirect("form", workspace, project)
    response = HttpResponse(written, content_type="application/xml; charset=utf-8")
    name = f"{place.project.slug}-form-v{latest.version}.xml"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@page("GET", "POST")
def take_over(request: HttpRequest, workspace: str, project: str) -> HttpResponse:
    """A configuration becomes a form in the editor; nothing is published yet."""
    place = at_project(request, workspace, project)
    form = ConfigForm(request.POST or None, request.FILES or None)
    problems: list[dict[str, str]] = []
    if form.is_valid():
        try:
            schema = form_of_label_config(form.cleaned_data["config"])
        except ReadingFailed as failure:
            problems = [
                {"path": each.path, "code": each.code, "sentence": each.sentence}
                for each in failure.problems
            ]
            if not problems:
                form.add_error(None, failure.sentence)
        else:
            return show_editor(request, place, schema, TAKEN)
    return show(
        request,
        "feedback/form_label_studio.html",
        place,
        status=422 if form.errors or problems else 200,
        form=form,
        problems=problems,
        current="form",
    )
