from __future__ import annotations

import datetime as dt

import pghistory
import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction

from feedback import access
from feedback.actions import keys
from feedback.models import ApiKey, Membership, Project, Role, Scope, Workspace
from tests.api.calls import by_key, by_session
from tests.world import World

TRACKED = {"Workspace", "Membership", "Project", "ApiKey", "Recipe", "Dataset"}
# Short names that people give to things; never what a reviewer or a model wrote.
WORDS = {"name", "slug", "title", "domain", "licence", "prefix", "dataset_slug"}
PGHISTORY = {"pgh_id", "pgh_created_at", "pgh_label", "pgh_obj", "pgh_context"}


def histories() -> list[type[pghistory.models.Event]]:
    return [m for m in apps.get_models() if issubclass(m, pghistory.models.Event)]


def test_configuration_is_tracked_and_nothing_that_is_written_often() -> None:
    tracked = {m.pgh_tracked_model.__name__ for m in histories() if hasattr(m, "pgh_tracked_model")}
    assert tracked == TRACKED


def test_history_holds_no_secret_and_no_text() -> None:
    for model in histories():
        if not hasattr(model, "pgh_tracked_model"):
            continue
        for field in model._meta.get_fields():
            holds_words = isinstance(field, (models.CharField, models.TextField, models.JSONField))
            assert not isinstance(field, (models.BinaryField, models.JSONField)), field
            if holds_words and not field.choices and field.name not in PGHISTORY:
                assert field.name in WORDS, f"{model.__name__}.{field.name}"


def test_a_change_in_the_browser_names_who_made_it(world: World) -> None:
    at = f"/projects/{world.workspace.slug}/{world.project.slug}"
    assert by_session(world.mara).patch(at, {"daily_goal": 7}).status_code == 200
    event = _events(Project).filter(pgh_obj=world.project).latest("pgh_id")
    assert (event.daily_goal, event.pgh_label) == (7, "update")
    assert event.pgh_context.metadata == {"user": world.mara.pk}


def test_a_change_by_key_names_its_member(world: World) -> None:
    at = f"/projects/{world.workspace.slug}/{world.project.slug}"
    assert by_key(world, world.mara).patch(at, {"daily_goal": 8}).status_code == 200
    event = _events(Project).filter(pgh_obj=world.project).latest("pgh_id")
    assert event.pgh_context.metadata["user"] == world.mara.pk


def test_a_key_is_tracked_without_its_secret(world: World) -> None:
    place = access.workspace(access.Principal(world.ines), world.workspace.slug)
    key, secret = keys.make_key(
        place=place, name="trainer", scopes=[Scope.DATASETS_READ], now=world.now
    )
    keys.revoke_key(place=place, key=key, now=world.now + dt.timedelta(hours=1))
    events = _events(ApiKey).filter(pgh_obj=key).order_by("pgh_id")
    assert [event.pgh_label for event in events] == ["insert", "update"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT e::text FROM feedback_apikeyevent e")
        written = " ".join(row[0] for row in cursor.fetchall())
    assert key.prefix in written
    assert bytes(key.secret_hash).hex() not in written
    assert secret.removeprefix(f"{key.prefix}_") not in written


def test_the_use_of_a_key_is_no_change_of_configuration(world: World) -> None:
    by_key(world, world.mara).get("/me")
    assert _events(ApiKey).filter(pgh_label="update").count() == 0


@pytest.mark.parametrize("statement", ["UPDATE {} SET role = 'owner'", "DELETE FROM {}"])
def test_history_cannot_be_changed(world: World, statement: str) -> None:
    Membership.objects.filter(user=world.ana).update(role=Role.ADJUDICATOR)
    assert _events(Membership).filter(role=Role.ADJUDICATOR).exists()
    refusal = pytest.raises(DatabaseError, match="Cannot")
    with connection.cursor() as cursor, refusal, transaction.atomic():
        cursor.execute(statement.format("feedback_membershipevent"))


def test_a_workspaces_switches_are_tracked(world: World) -> None:
    Workspace.objects.filter(pk=world.workspace.pk).update(third_party_allowed=True)
    assert _events(Workspace).filter(third_party_allowed=True).count() == 1


def _events(model: type[models.Model]) -> models.QuerySet:
    return next(m for m in histories() if getattr(m, "pgh_tracked_model", None) is model).objects
