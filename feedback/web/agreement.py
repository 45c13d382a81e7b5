"""The agreement: read and accepted by whoever reviews, published in versions by owners."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from feedback.actions.agreements import (
    AgreementChanged,
    accept_agreement,
    latest_agreement,
    publish_agreement,
)
from feedback.models import Acceptance, Role
from feedback.rooms.doors import at_workspace, page, safe_next, show

from .long_text import LongTextField


class AgreementForm(forms.Form):
    """The text of a new version."""

    text = LongTextField(
        label="What a reviewer agrees to",
        max_length=100_000,
        rows=24,
        help_text="In Markdown. Say what the reviews are used for, under which licence, what is recorded, what is paid, and how one withdraws.",
    )


@page("GET", "POST")
def agreement(request: HttpRequest, workspace: str) -> HttpResponse:
    """Read the version in force; accept it."""
    place = at_workspace(request, workspace)
    if request.method == "POST":
        try:
            version = int(request.POST.get("version", "0"))
            accept_agreement(place=place, version=version, now=timezone.now())
        except (ValueError, AgreementChanged):
            messages.warning(
                request, "The agreement has changed since you opened it. This is the new version."
            )
            return redirect(request.get_full_path())
        messages.success(request, "Thank you. You accepted the agreement.")
        return redirect(safe_next(request, reverse("home")))
    latest = latest_agreement(place.workspace)
    taken = Acceptance.objects.filter(agreement=latest, membership=place.membership).first()
    versions = place.workspace.agreements.annotate(n=Count("acceptances")).order_by("-version")
    return show(
        request,
        "feedback/agreement.html",
        place,
        agreement=latest,
        acceptance=taken,
        versions=versions if place.is_at_least(Role.MANAGER) else (),
        next=safe_next(request, ""),
        current="agreement",
    )


@page("GET", "POST")
def new(request: HttpRequest, workspace: str) -> HttpResponse:
    """A new version, which everybody accepts before their next claim."""
    place = at_workspace(request, workspace, Role.OWNER)
    latest = latest_agreement(place.workspace)
    form = AgreementForm(request.POST or None, initial={"text": latest.text})
    if form.is_valid():
        text = form.cleaned_data["text"]
        if text.strip() == latest.text.strip():
            messages.info(request, "The text is the same as before, so there is no new version.")
        else:
            made = publish_agreement(
                workspace=place.workspace, text=text, by=place.user, now=timezone.now()
            )
            messages.success(
                request,
                f"Version {made.version} is in force. Everybody accepts it before their next item.",
            )
        return redirect("agreement", workspace)
    return show(
        request,
        "feedback/agreement_new.html",
        place,
        status=422 if form.errors else 200,
        form=form,
        latest=latest,
        current="agreement",
    )
