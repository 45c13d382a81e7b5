"""Whether the authorities of long briefs are found by now: asked by the desk's script while a worker finds them."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from feedback import access
from feedback.access import ProjectPlace

from .desk_briefs import are_found
from .desk_door import door


@door("POST")
def authorities(_request: HttpRequest, place: ProjectPlace, assignment: uuid.UUID) -> HttpResponse:
    """Yes or no; what is found stands on the desk when it is opened again."""
    row = access.assignment(place, assignment)
    return JsonResponse({"found": are_found(row, now=timezone.now())})
