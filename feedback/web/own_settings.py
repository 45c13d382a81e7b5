"""A person's own settings: how pages look to them, in which time zone they read, and how they sign in."""

from __future__ import annotations

import zoneinfo

from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.shortcuts import render as render_page
from django.urls import reverse

from feedback.actions.own import TEXT_PERCENTS, change_own_settings
from feedback.models import User
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
    context = {"form": form, "second_factor": Authenticator.objects.filter(user=user).exists()}
    status = 422 if form.errors else 200
    return render_page(request, "feedback/settings.html", context, status=status)


@page("POST")
def theme(request: HttpRequest) -> HttpResponse:
    """Day or night, from the button in the bar of every page."""
    wanted = request.POST.get("theme", "")
    if wanted in User.Theme.values:
        change_own_settings(user=who(request).user, changes={"theme": wanted})
    if request.headers.get("Accept", "").startswith("application/json"):
        return HttpResponse(status=204)
    return redirect(safe_next(request, reverse("home")))
