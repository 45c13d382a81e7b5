"""Saved views of a project's items: kept and removed."""

from __future__ import annotations

import uuid
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from feedback.actions.views import remove_view, save_view
from feedback.errors import Invalid
from feedback.queries.items import ORDERS
from feedback.rooms.doors import at_project, page

from .item_filters import asked_filters


@page("POST")
def save(request: HttpRequest, workspace: str, project: str) -> HttpResponse:
    """Keep the list as it is filtered and ordered now."""
    place = at_project(request, workspace, project)
    query = {name: value for name, value in asked_filters(request.POST).items() if value}
    if request.POST.get("sort") in ORDERS and request.POST["sort"]:
        query["sort"] = request.POST["sort"]
    try:
        view = save_view(
            place=place,
            name=request.POST.get("name", ""),
            query=query,
            shared=bool(request.POST.get("shared")),
            now=timezone.now(),
        )
        messages.success(request, f"Kept as “{view.name}”.")
    except Invalid as refusal:
        messages.error(request, refusal.sentence)
    address = reverse("items", args=[workspace, project])
    return redirect(f"{address}?{urlencode(query)}" if query else address)


@page("POST")
def remove(request: HttpRequest, workspace: str, project: str, view: uuid.UUID) -> HttpResponse:
    """Remove a view; the items stay."""
    place = at_project(request, workspace, project)
    remove_view(place=place, public_id=view)
    messages.success(request, "The view is removed.")
    return redirect("items", workspace, project)
