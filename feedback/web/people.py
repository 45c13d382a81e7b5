"""People of a workspace: who belongs, in which role, and links that let somebody in."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from feedback import access
from feedback.access import Place
from feedback.actions.passwords import reset_key
from feedback.actions.people import change_role, end_membership, invite, withdraw_invitation
from feedback.errors import NotAllowed, NotThere, Refusal
from feedback.models import Invitation, Project, Role
from feedback.queries.people import members_of, open_invitations
from feedback.rooms.doors import at_workspace, first_time, page, show
from feedback.rooms.refused import attempt

MADE_BEFORE = "This link was made already and is shown only once. Withdraw it and make a new one."


class InvitationForm(forms.Form):
    """Whom to invite, as what, into which projects."""

    email = forms.EmailField(
        label="Their address",
        required=False,
        help_text="A note for you, and filled in for them. Nothing is sent: you pass on the link.",
    )
    role = forms.ChoiceField()
    projects = forms.MultipleChoiceField(
        label="Projects they review in", required=False, widget=forms.CheckboxSelectMultiple
    )
    once = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, place: Place, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Project.objects.filter(workspace=place.workspace).exclude(state="archived")
        self.open_projects = {project.slug: project for project in rows.order_by("name")}
        named = [(slug, row.name) for slug, row in self.open_projects.items()]
        self.fields["projects"].choices = named  # type: ignore[attr-defined]
        self.fields["role"].choices = _roles(place)  # type: ignore[attr-defined]
        if not self.open_projects:
            del self.fields["projects"]


def _roles(place: Place) -> list[tuple[str, str]]:
    """The roles that this person may give."""
    owner = place.is_at_least(Role.OWNER)
    return [(value, label) for value, label in Role.choices if owner or value != Role.OWNER]


@page("GET", "POST")
def people(request: HttpRequest, workspace: str) -> HttpResponse:
    """Members, open invitations, and a new one."""
    place = at_workspace(request, workspace, Role.MANAGER)
    form = InvitationForm(place, request.POST or None)
    if not form.is_valid():
        return _people(request, place, form, status=422 if form.errors else 200)
    if not first_time(request, form.cleaned_data["once"]):
        messages.warning(request, MADE_BEFORE)
        return redirect("people", workspace)
    chosen = [form.open_projects[slug] for slug in form.cleaned_data.get("projects", ())]
    made = attempt(
        form,
        lambda: invite(
            place=place,
            role=Role(form.cleaned_data["role"]),
            projects=chosen,
            email=form.cleaned_data["email"],
            now=timezone.now(),
        ),
    )
    if made is None:
        return _people(request, place, form, status=422)
    link = settings.PUBLIC_URL + reverse("invite", args=[made[1]])
    return _people(request, place, None, invited=made[0], link=link)


def _people(
    request: HttpRequest,
    place: Place,
    form: InvitationForm | None,
    *,
    status: int = 200,
    **made: Any,
) -> HttpResponse:
    fresh = InvitationForm(
        place, initial={"once": secrets.token_urlsafe(12), "role": Role.REVIEWER}
    )
    return show(
        request,
        "feedback/people.html",
        place,
        status=status,
        members=members_of(place.workspace),
        invitations=open_invitations(place.workspace),
        roles=_roles(place),
        form=form if form is not None and form.is_bound else fresh,
        now=timezone.now(),
        current="people",
        **made,
    )


@page("POST")
def withdraw(request: HttpRequest, workspace: str, invitation: uuid.UUID) -> HttpResponse:
    """The link stops working."""
    place = at_workspace(request, workspace, Role.MANAGER)
    found = Invitation.objects.filter(workspace=place.workspace, public_id=invitation).first()
    if found is None:
        raise NotThere
    if found.withdrawn_at is None:
        withdraw_invitation(place=place, invitation=found, now=timezone.now())
    messages.success(request, "The invitation is withdrawn; its link no longer works.")
    return redirect("people", workspace)


@page("POST")
def role(request: HttpRequest, workspace: str, member: uuid.UUID) -> HttpResponse:
    """Give a member another role."""
    place = at_workspace(request, workspace, Role.MANAGER)
    found = access.member(place, member)
    wanted = request.POST.get("role", "")
    if wanted not in Role.values:
        messages.error(request, "Choose one of the roles.")
        return redirect("people", workspace)
    done = _tell(request, lambda: change_role(place=place, membership=found, role=Role(wanted)))
    if done:
        messages.success(request, f"{found.user} is now {Role(wanted).label.lower()}.")
    return redirect("people", workspace)


@page("POST")
def end(request: HttpRequest, workspace: str, member: uuid.UUID) -> HttpResponse:
    """Somebody leaves; their reviews stay."""
    place = at_workspace(request, workspace, Role.MANAGER)
    found = access.member(place, member)
    done = _tell(request, lambda: end_membership(place=place, membership=found, now=timezone.now()))
    if done:
        messages.success(
            request,
            f"{found.user} no longer belongs here. Their reviews stay; their keys have stopped.",
        )
    if done and found == place.membership:
        return redirect("home")
    return redirect("people", workspace)


@page("POST")
def password(request: HttpRequest, workspace: str, member: uuid.UUID) -> HttpResponse:
    """A link with which a member who forgot it sets a new password; shown once, to an owner."""
    place = at_workspace(request, workspace, Role.OWNER)
    found = access.member(place, member)
    try:
        uid, token = reset_key(place=place, membership=found, now=timezone.now())
    except NotAllowed as refusal:
        messages.error(request, refusal.sentence)
        return redirect("people", workspace)
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": token})
    return _people(request, place, None, reset_for=found, link=settings.PUBLIC_URL + path)


def _tell(request: HttpRequest, act: Callable[[], None]) -> bool:
    """Do it, or say in a message why it cannot be done."""
    try:
        act()
    except NotThere:
        raise
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        return False
    return True
