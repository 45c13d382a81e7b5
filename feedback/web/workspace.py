"""A workspace: its projects, and a new one."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from feedback.actions.projects import create_project
from feedback.forms.domains import DOMAINS
from feedback.models import Role
from feedback.queries.projects import projects_of
from feedback.queries.rooms import glances
from feedback.rooms.doors import at_workspace, page, show
from feedback.rooms.refused import attempt


class ProjectForm(forms.Form):
    """What a new project needs; its form and guideline come from the domain and are edited afterwards."""

    name = forms.CharField(max_length=200, help_text="Reviewers see it above every item.")
    slug = forms.SlugField(
        label="Short name",
        max_length=60,
        required=False,
        help_text="Part of the address. Left empty, it is made from the name. It cannot be changed or used again.",
    )
    domain = forms.ChoiceField(
        label="What is reviewed",
        widget=forms.RadioSelect,
        choices=[(slug, domain.title) for slug, domain in DOMAINS.items()],
        initial=next(iter(DOMAINS)),
    )
    overlap = forms.IntegerField(
        label="Reviews for each item",
        min_value=1,
        max_value=20,
        initial=3,
        help_text="Three show where reviewers disagree; one is cheapest and shows nothing.",
    )


@page()
def workspace(request: HttpRequest, workspace: str) -> HttpResponse:
    """The projects one sees here."""
    place = at_workspace(request, workspace)
    lines = glances(projects_of(place))
    return show(request, "feedback/workspace.html", place, lines=lines, current="projects")


@page("GET", "POST")
def new_project(request: HttpRequest, workspace: str) -> HttpResponse:
    """Choose a domain and a name."""
    place = at_workspace(request, workspace, Role.MANAGER)
    form = ProjectForm(request.POST or None)
    if form.is_valid():
        made = attempt(
            form,
            lambda: create_project(place=place, now=timezone.now(), **form.cleaned_data),
        )
        if made is not None:
            messages.success(
                request,
                "The project is there. Import items, and name who reviews them under People.",
            )
            return redirect("project", workspace, made.slug)
    status = 422 if form.errors else 200
    return show(
        request,
        "feedback/new_project.html",
        place,
        status=status,
        form=form,
        domains=DOMAINS.values(),
        current="projects",
    )
