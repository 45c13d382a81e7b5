"""Evaluation sets by API: which runs look for, a new one, and retiring one."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from curation import access
from curation.actions.evaluation_sets import (
    register_bundled,
    register_items,
    register_upload,
    retire_set,
)
from curation.methods.evaluation_files import MOST_BYTES
from curation.models import EvaluationSet as Row
from curation.queries.evaluation_sets import sets_of
from feedback.models import Role, Scope
from feedback.rest.documented import example, operation
from feedback.rest.fields import HashField
from feedback.rest.idempotency import idempotent
from feedback.rest.paging import PageQuery, page_of, paged
from feedback.rest.principal import at_project
from feedback.rest.reading import Strict, read, read_query

from .runs import FOLLOW

TAG = "evaluation sets"


class EvaluationSet(serializers.Serializer[Any]):
    """Texts that must not be trained on, kept as hashes."""

    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField()
    origin = serializers.ChoiceField(Row.Origin.choices)
    licence = serializers.CharField(allow_blank=True)
    n_texts = serializers.IntegerField(help_text="Texts that runs look for.")
    n_short = serializers.IntegerField(help_text="Texts under eight words, which nothing can find.")
    sha256 = HashField()
    created_at = serializers.DateTimeField()
    retired_at = serializers.DateTimeField(allow_null=True)


class NewEvaluationSet(Strict):
    """Where the texts come from: `content` of a file, a bundled set's name, or the project's evaluation items."""

    name = serializers.CharField(max_length=120, default="", allow_blank=True)
    origin = serializers.ChoiceField(Row.Origin.choices, default=Row.Origin.UPLOAD)
    content = serializers.CharField(
        default="",
        allow_blank=True,
        trim_whitespace=False,
        max_length=MOST_BYTES,
        help_text="JSON Lines, or plain text in blocks divided by empty lines.",
    )
    fields_to_read = serializers.ListField(
        child=serializers.CharField(max_length=60),
        default=list,
        max_length=20,
        help_text="Of JSON Lines; empty: prompt, question, text, solution and the like.",
    )
    licence = serializers.CharField(max_length=200, default="", allow_blank=True)


@operation(TAG, gives=page_of(EvaluationSet), query=PageQuery)
def list_evaluation_sets(request: Request, workspace: str, project: str) -> Response:
    """Every set of the project, retired ones too, the latest first."""
    place = at_project(request, workspace, project, Role.MANAGER, scope=FOLLOW)
    return paged(read_query(PageQuery, request), sets_of(place.project), EvaluationSet)


@operation(
    TAG,
    takes=NewEvaluationSet,
    gives=EvaluationSet,
    status=201,
    examples=[
        example("The bundled HumanEval", {"origin": "bundled", "name": "HumanEval"}, asked=True)
    ],
)
@idempotent
def register_evaluation_set(request: Request, workspace: str, project: str) -> Response:
    """Register a set; runs begun later look for its texts. Only hashes of them are kept."""
    place = at_project(request, workspace, project, Role.MANAGER, scope=Scope.RUNS_WRITE)
    said, now = read(NewEvaluationSet, request), timezone.now()
    if said["origin"] == Row.Origin.BUNDLED:
        made = register_bundled(place=place, name=said["name"], now=now)
    elif said["origin"] == Row.Origin.ITEMS:
        made = register_items(place=place, name=said["name"] or "Evaluation items", now=now)
    else:
        made = register_upload(
            place=place,
            name=said["name"],
            content=said["content"].encode("utf-8", "surrogatepass"),
            fields=said["fields_to_read"],
            licence=said["licence"],
            now=now,
        )
    return Response(EvaluationSet(made).data, status=201)


@operation(TAG, refuses_writing=True)
def retire_evaluation_set(
    request: Request, workspace: str, project: str, evaluation: uuid.UUID
) -> Response:
    """Later runs no longer look for it; what earlier ones found stays."""
    place = at_project(request, workspace, project, Role.MANAGER, scope=Scope.RUNS_WRITE)
    found = access.evaluation_set(place, evaluation)
    retire_set(place=place, evaluation_set=found, now=timezone.now())
    return Response(status=204)
