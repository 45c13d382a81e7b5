"""A workspace's settings: what its owners decide for everybody in it."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from feedback.actions.workspaces import EFFORT_DAYS, change_workspace, settings_of
from feedback.models import Role, Workspace
from feedback.queries.people import second_factors
from feedback.rooms.doors import at_workspace, page, show
from feedback.rooms.refused import attempt


class SettingsForm(forms.Form):
    """What an owner may change."""

    mfa_required = forms.BooleanField(
        label="Ask everybody for a second factor",
        required=False,
        help_text="Whoever has none is led to set one up at their next page, before they see anything of the workspace. Keys of programs go on as they are.",
    )
    device_outbox_allowed = forms.BooleanField(
        label="Words may be kept on a reviewer’s device while the server is away",
        required=False,
        help_text="They are erased there once the server has them, and when the person signs out. Forbidden, what was not saved before the connection dropped lasts only as long as the page is open.",
    )
    effort_days = forms.IntegerField(
        label="Times and typing counts are forgotten after, in days",
        min_value=EFFORT_DAYS[0],
        max_value=EFFORT_DAYS[-1],
        help_text="How long somebody worked on an item, and how much was typed and pasted. The reviews themselves stay.",
    )


@page("GET", "POST")
def settings(request: HttpRequest, workspace: str) -> HttpResponse:
    """Read and change them."""
    place = at_workspace(request, workspace, Role.OWNER)
    row = settings_of(place=place)
    now_set = {name: getattr(row, name) for name in SettingsForm.base_fields}
    form = SettingsForm(request.POST or None, initial=now_set)
    if form.is_valid():
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        done = attempt(form, lambda: change_workspace(place=place, changes=changes))
        if done is not None:
            messages.success(request, "Saved." if changes else "Nothing was changed.")
            return redirect("workspace-settings", workspace)
    form.fields["mfa_required"].help_text += _how_many(place.workspace)
    return show(
        request,
        "feedback/workspace_settings.html",
        place,
        status=422 if form.errors else 200,
        form=form,
        current="settings",
    )


def _how_many(workspace: Workspace) -> str:
    """Whom the demand would stop, in words."""
    with_one, members = second_factors(workspace)
    return f" {with_one} of {members} member{'' if members == 1 else 's'} {'has' if with_one == 1 else 'have'} one now."
