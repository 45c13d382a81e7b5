"""Questions about items and their answers, by API."""

from __future__ import annotations

import uuid

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from feedback import access
from feedback.actions import threads
from feedback.models import Role, Scope
from feedback.queries.threads import own_threads, with_remarks
from feedback.rest.documented import operation
from feedback.rest.idempotency import idempotent
from feedback.rest.paging import PageQuery, page_of, paged
from feedback.rest.principal import at_project, principal_of
from feedback.rest.reading import read, read_query

from .shapes import threads as shapes

TAG = "questions"
READ = frozenset({Scope.REVIEWS_WRITE, Scope.ITEMS_READ})
SAY = frozenset({Scope.REVIEWS_WRITE, Scope.ITEMS_WRITE})


@operation(TAG, gives=page_of(shapes.OwnThread), query=PageQuery)
def list_own_threads(request: Request) -> Response:
    """What the caller has asked, the latest first; with a key, in the key's workspace."""
    principal = principal_of(request)
    access.check_second_factor(principal)
    rows = with_remarks(own_threads(principal.user))
    if principal.key:
        rows = rows.filter(workspace_id=principal.key.workspace_id)
    return paged(read_query(PageQuery, request), rows, shapes.OwnThread)


@operation(TAG, takes=shapes.NewRemark, gives=shapes.Thread, status=201)
@idempotent
def ask(request: Request, workspace: str, project: str, assignment: uuid.UUID) -> Response:
    """Ask those who manage the project about the item of an assignment; more questions go into the same thread."""
    place = at_project(request, workspace, project, scope=Scope.REVIEWS_WRITE)
    row = access.assignment(place, assignment)
    said = read(shapes.NewRemark, request)
    thread = threads.ask(place=place, assignment=row, now=timezone.now(), **said)
    return Response(shapes.Thread(thread).data, status=201)


@operation(TAG, gives=page_of(shapes.AskedThread), query=shapes.ThreadQuery)
def list_threads(request: Request, workspace: str, project: str) -> Response:
    """The questions of a project, the latest first, for managers and adjudicators."""
    place = at_project(request, workspace, project, Role.ADJUDICATOR, scope=Scope.ITEMS_READ)
    query = read_query(shapes.ThreadQuery, request)
    rows = access.threads(place)
    rows = with_remarks(rows.filter(waits=True) if query["waiting"] else rows)
    return paged(query, rows, shapes.AskedThread)


@operation(TAG, gives=shapes.Thread)
def read_thread(request: Request, workspace: str, project: str, thread: uuid.UUID) -> Response:
    """One thread: one's own, or one that one may answer."""
    place = at_project(request, workspace, project, scope=READ)
    return Response(shapes.Thread(access.thread(place, thread)).data)


@operation(TAG, takes=shapes.NewRemark, gives=shapes.Thread, status=201)
@idempotent
def say(request: Request, workspace: str, project: str, thread: uuid.UUID) -> Response:
    """Answer a question, or ask on in one's own thread."""
    place = at_project(request, workspace, project, scope=SAY)
    row = access.thread(place, thread)
    said = read(shapes.NewRemark, request)
    row = threads.say(place=place, thread=row, now=timezone.now(), **said)
    return Response(shapes.Thread(row).data, status=201)


@operation(TAG, refuses_writing=True)
def settle_thread(request: Request, workspace: str, project: str, thread: uuid.UUID) -> Response:
    """The question needs no answer. Twice is once."""
    place = at_project(request, workspace, project, Role.ADJUDICATOR, scope=Scope.ITEMS_WRITE)
    threads.settle(thread=access.thread(place, thread))
    return Response(status=204)
