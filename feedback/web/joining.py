"""How somebody gets in: the first owner by the set-up link, everybody else by invitation."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from feedback.actions.people import (
    LinkUsed,
    NewPerson,
    accept_invitation,
    hash_of,
    make_first_owner,
    open_invitation,
)
from feedback.models import Invitation, Membership, Role, SetupLink, User
from feedback.rooms.refused import attempt

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class PersonForm(forms.Form):
    """Whoever gets an account."""

    name = forms.CharField(
        label="Your name", max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    email = forms.EmailField(
        label="Your address",
        help_text="You sign in with it.",
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )
    password = forms.CharField(
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 12 characters; a sentence is best.",
    )

    def person(self) -> NewPerson:
        given = self.cleaned_data
        return NewPerson(given["email"], given["name"], given["password"])


class OwnerForm(PersonForm):
    """The first owner, and the workspace they begin with."""

    workspace_name = forms.CharField(
        label="Name of your workspace",
        max_length=200,
        help_text="A team, a firm, a lab. Nothing in it can be seen from another workspace.",
    )
    field_order = ["workspace_name", "name", "email", "password"]


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def setup(request: HttpRequest, token: str) -> HttpResponse:
    """The one-time link of a fresh installation."""
    if not SetupLink.objects.filter(token_hash=hash_of(token), used_at=None).exists():
        raise LinkUsed
    form = OwnerForm(request.POST or None)
    if form.is_valid():
        made = attempt(
            form,
            lambda: make_first_owner(
                token=token,
                person=form.person(),
                workspace_name=form.cleaned_data["workspace_name"],
                now=timezone.now(),
            ),
        )
        if made is not None:
            login(request, made.user, backend=BACKEND)
            messages.success(
                request,
                f"{made.workspace} is yours. Begin with a project; invite people when it stands.",
            )
            return redirect("workspace", made.workspace.slug)
    return _joining(request, "feedback/setup.html", form)


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest, token: str) -> HttpResponse:
    """Accept an invitation, as the person who is signed in or with a new account. Once more by the same person is once."""
    if isinstance(request.user, User):
        before = Invitation.objects.filter(token_hash=hash_of(token), accepted_by=request.user)
        if before.exists():
            return redirect("home")
    invitation = open_invitation(token, now=timezone.now())
    projects = [row.project for row in invitation.projects.select_related("project")]
    context = {"invitation": invitation, "projects": projects, "role": Role(invitation.role).label}
    if isinstance(request.user, User):
        return _join_as(request, token, request.user, context)
    form = PersonForm(request.POST or None, initial={"email": invitation.email})
    if form.is_valid():
        made = attempt(
            form,
            lambda: accept_invitation(token=token, person=form.person(), now=timezone.now()),
        )
        if made is not None:
            login(request, made.user, backend=BACKEND)
            return _joined(request, invitation, made)
    return _joining(request, "feedback/invite.html", form, **context)


def _join_as(request: HttpRequest, token: str, user: User, context: dict[str, Any]) -> HttpResponse:
    if request.method != "POST":
        return render(request, "feedback/invite.html", context)
    made = accept_invitation(token=token, user=user, now=timezone.now())
    return _joined(request, context["invitation"], made)


def _joined(request: HttpRequest, invitation: Invitation, made: Membership) -> HttpResponse:
    messages.success(request, f"You belong to {invitation.workspace} now.")
    if Role(made.role) in {Role.MANAGER, Role.OWNER}:
        return redirect("workspace", invitation.workspace.slug)
    first = invitation.projects.select_related("project").order_by("pk").first()
    if first is not None:
        return redirect("desk-start", invitation.workspace.slug, first.project.slug)
    return redirect("home")


def _joining(request: HttpRequest, template: str, form: forms.Form, **context: Any) -> HttpResponse:
    status = 422 if form.errors else 200
    return render(request, template, {"form": form, **context}, status=status)
