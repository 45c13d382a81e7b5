"""API keys: made with scopes and an end, shown once, revoked."""

from __future__ import annotations

import secrets
import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.core.validators import validate_slug
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from feedback import access
from feedback.access import Place
from feedback.actions.keys import NEEDS, make_key, revoke_key
from feedback.models import Role, Scope
from feedback.queries.people import keys_of
from feedback.rooms.doors import at_workspace, first_time, page, show
from feedback.rooms.refused import attempt

ENDS = [
    ("30", "After 30 days"),
    ("90", "After 90 days"),
    ("365", "After a year"),
    ("never", "Never"),
]
MADE_BEFORE = "This key was made already and is shown only once. Revoke it and make a new one."


class KeyForm(forms.Form):
    """A name, scopes within one's role, an end, and perhaps one dataset."""

    name = forms.CharField(
        max_length=120, help_text="Where it will be used: “training, cluster 2”."
    )
    scopes = forms.MultipleChoiceField(label="It may", widget=forms.CheckboxSelectMultiple)
    days = forms.ChoiceField(label="It stops", choices=ENDS, initial="90")
    dataset_slug = forms.CharField(
        label="Only for the dataset",
        max_length=96,
        required=False,
        validators=[validate_slug],
        help_text="Its short name. Left empty, the key opens every dataset of the workspace.",
    )
    once = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, place: Place, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        allowed = [scope for scope in Scope if place.is_at_least(NEEDS[scope])]
        self.fields["scopes"].choices = [(scope.value, scope.label) for scope in allowed]  # type: ignore[attr-defined]
        if Scope.DATASETS_READ not in allowed:
            del self.fields["dataset_slug"]


@page("GET", "POST")
def keys(request: HttpRequest, workspace: str) -> HttpResponse:
    """One's own keys (an owner sees everybody's), and a new one."""
    place = at_workspace(request, workspace)
    form = KeyForm(place, request.POST or None)
    if not form.is_valid():
        return _keys(request, place, form, status=422 if form.errors else 200)
    asked = form.cleaned_data
    if not first_time(request, asked["once"]):
        messages.warning(request, MADE_BEFORE)
        return redirect("keys", workspace)
    made = attempt(
        form,
        lambda: make_key(
            place=place,
            name=asked["name"],
            scopes=[Scope(scope) for scope in asked["scopes"]],
            days=None if asked["days"] == "never" else int(asked["days"]),
            dataset_slug=asked.get("dataset_slug", ""),
            now=timezone.now(),
        ),
    )
    if made is None:
        return _keys(request, place, form, status=422)
    return _keys(request, place, None, made=made[0], whole=made[1])


def _keys(
    request: HttpRequest, place: Place, form: KeyForm | None, *, status: int = 200, **made: Any
) -> HttpResponse:
    rows = keys_of(place.workspace)
    if not place.is_at_least(Role.OWNER):
        rows = rows.filter(membership=place.membership)
    now = timezone.now()
    fresh = KeyForm(place, initial={"once": secrets.token_urlsafe(12)})
    labels = dict(Scope.choices)
    listed = [
        (key, key.works_at(now), [labels.get(scope, scope) for scope in key.scopes]) for key in rows
    ]
    return show(
        request,
        "feedback/keys.html",
        place,
        status=status,
        rows=listed,
        form=form if form is not None and form.is_bound else fresh,
        current="keys",
        **made,
    )


@page("POST")
def revoke(request: HttpRequest, workspace: str, key: uuid.UUID) -> HttpResponse:
    """The key stops at its next request."""
    place = at_workspace(request, workspace)
    found = access.key(place, key)
    revoke_key(place=place, key=found, now=timezone.now())
    messages.success(request, f"The key {found.prefix} is revoked. It stops at its next request.")
    return redirect("keys", workspace)
