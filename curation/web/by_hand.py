"""Pairs released or held by hand: one on its page, or those ticked in a run's list."""

from __future__ import annotations

import uuid
from contextlib import suppress

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from curation import access
from curation.actions.by_hand import LONGEST_REASON, MOST_PAIRS, decide_by_hand
from curation.models import Decision
from feedback.errors import NotAllowed, NotThere, Refusal
from feedback.rooms.doors import at_project, page, safe_next

SAID = {
    Decision.Action.RELEASE: "released",
    Decision.Action.HOLD: "held",
    Decision.Action.CLEAR: "left to the recipe",
}


class DecisionForm(forms.Form):
    """What becomes of some pairs, and why."""

    action = forms.ChoiceField(choices=Decision.Action.choices)
    reason = forms.CharField(max_length=LONGEST_REASON, required=False)


@page("POST")
def decide(request: HttpRequest, workspace: str, project: str, number: int) -> HttpResponse:
    """A manager's word over the pairs that are named; it counts from the next run on."""
    place = at_project(request, workspace, project)
    run = access.run(place, number)
    back = safe_next(request, reverse("run", args=[workspace, project, number]))
    form = DecisionForm(request.POST)
    named = _named(request.POST.getlist("pair"))
    if not named or not form.is_valid():
        messages.error(request, "Tick at least one pair, and say what is to become of it.")
        return redirect(back)
    action = Decision.Action(form.cleaned_data["action"])
    rows = [access.run_pair(run, public_id) for public_id in named]
    try:
        decide_by_hand(
            place=place,
            rows=rows,
            action=action,
            reason=form.cleaned_data["reason"],
            now=timezone.now(),
        )
    except (NotThere, NotAllowed):
        raise
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        return redirect(back)
    count = f"{len(rows)} pair{'' if len(rows) == 1 else 's'}"
    messages.success(request, f"{count} {SAID[action]}. It counts from the next run on.")
    return redirect(back)


def _named(values: list[str]) -> list[uuid.UUID]:
    """The ids that are ids, each once."""
    found: dict[uuid.UUID, None] = {}
    for value in values[:MOST_PAIRS]:
        with suppress(ValueError):
            found[uuid.UUID(value)] = None
    return list(found)
