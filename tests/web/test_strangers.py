"""The walk of a stranger: every API route and every task, asked for by somebody of another workspace."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.apps import apps
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from feedback.actions import projects
from feedback.models import Access, Announcement, ApiKey, IdempotencyKey, ImportJob
from tests.api.calls import EVERY, Caller, by_key, by_session
from tests.inhabited import MARK, inhabit, waiting_rows
from tests.world import World

API = "api/v1/"
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# What belongs to the caller and to no workspace; they are asked as well, and must not tell of Northgate.
ONES_OWN = {"me", "me/settings", "questions", "reviews", "workspaces", "schema"}
GONE = {404, 405}


@pytest.fixture
def names(world: World, settings: Any, tmp_path: Path) -> dict[str, str]:
    options = {"location": str(tmp_path), "base_url": "/"}
    default = {**settings.STORAGES["default"], "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": default}
    return inhabit(world)


def routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[str]:
    """Every route of the product as one pattern."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry, route)
        elif isinstance(entry, URLPattern):
            yield route


API_ROUTES = sorted({route.removeprefix(API) for route in routes() if route.startswith(API)})


def filled(route: str, names: dict[str, str]) -> str:
    """The route with a name in every place. A new kind of name needs a row in tests/inhabited.py."""
    missing = set(PARAMETER.findall(route)) - names.keys()
    assert not missing, f"tests/inhabited.py names no {missing}, which {route} asks for"
    return "/" + PARAMETER.sub(lambda match: names[match[1]], route)


def ask(caller: Caller, method: str, path: str) -> tuple[int, str]:
    response = caller.client.generic(
        method,
        f"/api/v1{path}",
        b"{}",
        headers={**caller.headers, "Content-Type": "application/json"},
    )
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return response.status_code, content.decode()


def everything() -> dict[str, str]:
    """A digest of every table of ours, but for records of who asked."""
    noted = {model._meta.db_table for model in (Access, Announcement, ApiKey, IdempotencyKey)}
    ours = {
        m._meta.db_table
        for app in ("feedback", "curation", "exports")
        for m in apps.get_app_config(app).get_models()
    }
    found = {}
    with connection.cursor() as cursor:
        for table in sorted(ours - noted):
            cursor.execute(
                f"SELECT coalesce(md5(string_agg(t::text, '' ORDER BY t::text)), '') FROM {table} t"  # noqa: S608  (tables of ours)
            )
            found[table] = cursor.fetchone()[0]
    return found


def test_the_walk_finds_the_routes() -> None:
    assert "projects/<slug:workspace>/<slug:project>/items/<uuid:item>" in API_ROUTES
    assert len(API_ROUTES) >= 38


def test_a_stranger_finds_no_route_of_another_workspace(
    world: World, names: dict[str, str]
) -> None:
    strangers = (by_key(world, world.eve, *EVERY), by_session(world.eve))
    before = everything()
    for caller in strangers:
        for route in API_ROUTES:
            for method in METHODS:
                status, told = ask(caller, method, filled(route, names))
                assert MARK not in told, (method, route)
                if route not in ONES_OWN:
                    assert status in GONE, (method, route, status)
    assert everything() == before


def test_without_a_name_nobody_gets_in(world: World, names: dict[str, str]) -> None:
    for route in API_ROUTES:
        if route != "schema":
            for method in METHODS:
                assert ask(Caller(Client()), method, filled(route, names))[0] == 401, (
                    method,
                    route,
                )


def test_names_of_another_workspace_open_nothing_in_ones_own(
    world: World, names: dict[str, str]
) -> None:
    """Eve stands in her own project, where she may do everything, and names rows of Northgate."""
    place = world.place(world.eve, world.their_project)
    projects.add_reviewer(place=place, membership=place.membership, now=world.now)
    at_home = {**names, "workspace": "elsewhere", "project": world.their_project.slug}
    strangers = (by_key(world, world.eve, *EVERY), by_session(world.eve))
    before = everything()
    for caller in strangers:
        for route in API_ROUTES:
            foreign = set(PARAMETER.findall(route)) - {"workspace", "project"}
            for method in METHODS if foreign else ():
                status, told = ask(caller, method, filled(route, at_home))
                saves = method == "PUT" and "name" in foreign
                # Only persons revoke keys; a key is told so before anything is looked for.
                persons_only = status == 403 and "key" in foreign and caller.headers
                assert status in GONE or saves or persons_only, (method, route, status)
                assert MARK not in told, (method, route)
    assert everything() == before


def test_bodies_cannot_name_what_is_another_workspaces(world: World, names: dict[str, str]) -> None:
    eve = by_session(world.eve)
    home = f"/projects/elsewhere/{world.their_project.slug}"
    assert eve.post(f"{home}/reviewers", {"member": names["member"]}).status_code == 404
    invited = {"role": "reviewer", "projects": [names["project"] + "-else"]}
    assert eve.post("/workspaces/elsewhere/invitations", invited).status_code == 404
    wish = {"text": "{}", "mapping_name": names["name"]}
    assert eve.post(f"{home}/mappings/preview", wish).status_code == 422


def test_the_right_people_do_find_what_the_walk_names(world: World, names: dict[str, str]) -> None:
    """Else the walk would prove nothing: a wrong name is not there for anybody."""
    for route in API_ROUTES:
        for caller in (by_session(world.ines), by_key(world, world.ines, *EVERY)):
            status, told = ask(caller, "GET", filled(route, names))
            keys_alone = status == 403 and ("/keys" in route or route == "me/settings")
            assert status in {200, 405} or keys_alone, (route, status, told)
    item = filled("projects/<slug:workspace>/<slug:project>/items/<uuid:item>", names)
    assert MARK in ask(by_session(world.ines), "GET", item)[1]


OURS = ("feedback.", "curation.", "exports.")


def listeners() -> list[Any]:
    current_app.loader.import_default_modules()
    return [task for name, task in sorted(current_app.tasks.items()) if name.startswith(OURS)]


def rows_asked_for(task: Any) -> set[str]:
    """Names of the ids that a task is given, beside its workspace."""
    given = inspect.signature(inspect.unwrap(task.run)).parameters.values()
    named = {each.name for each in given if each.kind is each.KEYWORD_ONLY}
    return {name for name in named if name.endswith("_id")} - {
        "workspace_id",
        "announcement_id",
        "request_id",
    }


def test_every_task_takes_a_workspace_or_no_row_at_all() -> None:
    assert "feedback.import_waiting" in {task.name for task in listeners()}
    for task in listeners():
        parameters = inspect.signature(inspect.unwrap(task.run)).parameters
        assert not rows_asked_for(task) or "workspace_id" in parameters, task.name


def test_a_task_called_with_another_workspaces_row_does_nothing(
    world: World, names: dict[str, str]
) -> None:
    rows = waiting_rows(world)
    before = everything()
    for task in listeners():
        asked = rows_asked_for(task)
        missing = asked - rows.keys()
        assert not missing, f"tests/inhabited.py has no row for {missing} of {task.name}"
        if asked:
            task(workspace_id=world.elsewhere.pk, **{name: rows[name] for name in asked})
    assert everything() == before
    assert ImportJob.objects.get().state == "waiting"


def test_the_same_task_with_its_own_workspace_does_its_work(
    world: World, names: dict[str, str]
) -> None:
    task = next(task for task in listeners() if task.name == "feedback.import_waiting")
    task(workspace_id=world.workspace.pk, job_id=ImportJob.objects.get().pk)
    assert ImportJob.objects.get().state == "finished"
