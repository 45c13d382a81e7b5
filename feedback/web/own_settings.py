"""A person's own settings: how pages look to them, in which time zone they read, and how they sign in."""

from __future__ import annotations

import zoneinfo
from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.shortcuts import render as render_page
from django.urls import reverse

from feedback.actions.own import TEXT_PERCENTS, change_own_settings
from feedback.models import User
from feedback.policy.keys import ACTS
from feedback.queries.people import has_second_factor
from feedback.rooms.doors import page, safe_next, who
from feedback.rooms.refused import attempt


def _zones() -> list[tuple[str, str]]:
    """Places, as people know them; not the aliases kept for old software."""
    named = [zone for zone in zoneinfo.available_timezones() if "/" in zone]
    places = [zone for zone in named if zone.split("/")[0] not in {"Etc", "SystemV", "US", "posix"}]
    return [("UTC", "UTC"), *((zone, zone.replace("_", " ")) for zone in sorted(places))]


class SettingsForm(forms.Form):
    """What a person may set for themselves."""

    name = forms.CharField(
        max_length=200,
        required=False,
        help_text="Managers and adjudicators see it beside your reviews.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    theme = forms.ChoiceField(label="Day or night", choices=User.Theme.choices)
    text_percent = forms.TypedChoiceField(
        label="Size of text",
        coerce=int,
        choices=[(percent, f"{percent} %") for percent in TEXT_PERCENTS],
        help_text="On top of what your browser says.",
    )
    time_zone = forms.ChoiceField(
        choices=_zones, help_text="Days begin and end here, and times are shown so."
    )
    panes = forms.ChoiceField(
        label="Two responses",
        choices=User.Panes.choices,
        help_text="At the desk, on a screen that has the room.",
    )
    prompt_folded = forms.BooleanField(
        label="Fold the prompt when an item opens",
        required=False,
        help_text="For who knows the prompt by heart: one press unfolds it.",
    )
    scroll_together = forms.BooleanField(
        label="Scroll both responses together, to begin with", required=False
    )
    digest = forms.ChoiceField(
        label="What waits for you, by mail",
        choices=User.Digest.choices,
        help_text="Numbers and names of projects, never a text. Every mail has a link that stops it.",
    )


class KeysForm(forms.Form):
    """A key for every act of the desk; an empty one is as delivered."""

    def __init__(self, data: Any, own: Mapping[str, str]) -> None:
        super().__init__(data)
        for act in ACTS:
            self.fields[act.key] = forms.CharField(
                label=act.does,
                max_length=4,
                required=False,
                initial=own.get(act.key, act.key),
                widget=forms.TextInput(attrs={"autocapitalize": "none", "class": "key"}),
            )

    @property
    def chosen(self) -> dict[str, str]:
        return {act.key: self.cleaned_data[act.key] or act.key for act in ACTS}


@page("GET", "POST")
def settings(request: HttpRequest) -> HttpResponse:
    """Read and change one's settings."""
    user = who(request).user
    fields = {name: getattr(user, name) for name in SettingsForm.base_fields}
    form = SettingsForm(request.POST or None, initial=fields)
    if form.is_valid():
        done = attempt(form, lambda: change_own_settings(user=user, changes=form.cleaned_data))
        if done is not None:
            messages.success(request, "Saved.")
            return redirect("settings")
    context = {
        "form": form,
        "moved": len(user.keys),
        "second_factor": has_second_factor(user),
    }
    status = 422 if form.errors else 200
    return render_page(request, "feedback/settings.html", context, status=status)


@page("GET", "POST")
def keys(request: HttpRequest) -> HttpResponse:
    """Give the acts of the desk keys of one's own, or take them all back."""
    user = who(request).user
    if "as_delivered" in request.POST:
        change_own_settings(user=user, changes={"keys": {}})
        messages.success(request, "Every key is as delivered.")
        return redirect("settings-keys")
    form = KeysForm(request.POST or None, user.keys)
    if form.is_valid():
        named = {f"keys.{act.key}": act.key for act in ACTS}
        chosen = {"keys": form.chosen}
        if attempt(form, lambda: change_own_settings(user=user, changes=chosen), named):
            messages.success(request, "Saved. The desk shows your keys.")
            return redirect("settings-keys")
    context = {"form": form, "moved": len(user.keys)}
    status = 422 if form.errors else 200
    return render_page(request, "feedback/settings_keys.html", context, status=status)


@page("POST")
def theme(request: HttpRequest) -> HttpResponse:
    """Day or night, from the button in the bar of every page."""
    wanted = request.POST.get("theme", "")
    if wanted in User.Theme.values:
        change_own_settings(user=who(request).user, changes={"theme": wanted})
    if request.headers.get("Accept", "").startswith("application/json"):
        return HttpResponse(status=204)
    return redirect(safe_next(request, reverse("home")))
