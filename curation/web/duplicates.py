"""Near-equal texts that wait for a person: the list, and two texts side by side with what differs marked."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from curation import access
from curation.actions.near_pairs import decide_pair
from curation.methods.differences import differences, where_they_part
from curation.models import NearPair
from curation.queries.near_pairs import (
    ORDER,
    near_pairs_of,
    texts_of,
    waiting_after,
    waiting_in_cluster,
)
from feedback.queries.pages import page as page_of
from feedback.rooms.doors import ROWS, at_project, page, show

MOST_LISTED = 200  # places of difference that are links where no script leads from one to the next
STATES = {"": "Waiting", "same": "The same", "different": "Different"}


class VerdictForm(forms.Form):
    """What somebody says of two texts."""

    verdict = forms.ChoiceField(choices=[("same", "The same"), ("different", "Different")])
    reason = forms.CharField(max_length=1000, required=False, strip=True)
    whole_cluster = forms.BooleanField(required=False)

    def __init__(self, pair: NearPair, *args: Any) -> None:
        super().__init__(*args)
        waiting = waiting_in_cluster(pair) if pair.why == NearPair.Why.LARGE else 0
        if waiting > 1:
            words = f"Say it of all {waiting} pairs of this cluster that wait"
            self.fields["whole_cluster"].label = words
        else:
            del self.fields["whole_cluster"]


@page()
def duplicates(request: HttpRequest, workspace: str, project: str) -> HttpResponse:
    """What waits, the nearest first; or what was decided."""
    place = at_project(request, workspace, project)
    state = request.GET.get("state", "")
    state = state if state in STATES else ""
    found = page_of(
        near_pairs_of(place.project, state),
        after=request.GET.get("after", ""),
        limit=ROWS,
        by=ORDER,
    )
    return show(
        request,
        "curation/duplicates.html",
        place,
        page=found,
        rows=[(pair, *where_they_part(*texts_of(pair))) for pair in found.rows],
        state=state,
        states=list(STATES.items()),
        kept=f"state={state}" if state else "",
        current="duplicates",
    )


@page("GET", "POST")
def duplicate(request: HttpRequest, workspace: str, project: str, texts: uuid.UUID) -> HttpResponse:
    """Two texts side by side; a verdict leads to the next that waits."""
    place = at_project(request, workspace, project)
    found = access.near_pair(place, texts)
    form = VerdictForm(found, request.POST or None)
    if form.is_valid():
        following = waiting_after(found)
        count = decide_pair(place=place, pair=found, now=timezone.now(), **form.cleaned_data)
        said = STATES[form.cleaned_data["verdict"]].lower()
        messages.success(request, f"{count} pair{'' if count == 1 else 's'} decided: {said}.")
        following = _still_waiting(following)
        if following is None:
            return redirect("duplicates", workspace, project)
        return redirect("duplicate", workspace, project, following.public_id)
    one, other, count = differences(*texts_of(found))
    return show(
        request,
        "curation/duplicate.html",
        place,
        status=422 if form.errors else 200,
        pair=found,
        form=form,
        sides=[
            {"id": "one", "name": "One", "item": found.left.revision.item, "pieces": one},
            {
                "id": "other",
                "name": "The other",
                "item": found.right.revision.item,
                "pieces": other,
            },
        ],
        count=count,
        listed=range(1, min(count, MOST_LISTED) + 1),
        current="duplicates",
    )


def _still_waiting(following: NearPair | None) -> NearPair | None:
    """The next, unless it was decided together with this one; then the nearest that is left."""
    if following is None:
        return None
    left = near_pairs_of(following.project).order_by(*ORDER)
    return left.filter(pk=following.pk).first() or left.first()
