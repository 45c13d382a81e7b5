from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pghistory
import pgtrigger
import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from feedback.models import Erasure, Item, Provenance, Workspace
from feedback.models.base import TenantKey
from tests.schema.full_house import fill
from tests.world import World, make_item

APPS = ("feedback", "curation", "exports")
# These belong to nobody, or name whom they belong to without being part of a workspace.
NOT_OF_A_WORKSPACE = {
    "User",
    "Workspace",
    "SetupLink",
    "ReviewSeal",
    "IdempotencyKey",
    "Band",
    "SearchMark",
}


def tables() -> list[type[models.Model]]:
    """Every table of ours; the history of configuration keeps keys of what may be gone, so it has no foreign keys."""
    found = [model for app in APPS for model in apps.get_app_config(app).get_models()]
    return [model for model in found if not issubclass(model, pghistory.models.Event)]


def foreign_keys(model: type[models.Model]) -> Iterator[models.ForeignKey]:
    for field in model._meta.get_fields():
        if isinstance(field, models.ForeignKey) and field.name != "workspace":
            yield field


def tenant_keys() -> list[tuple[type[models.Model], TenantKey]]:
    return [(m, key) for m in tables() for key in m._meta.constraints if isinstance(key, TenantKey)]


def has_workspace(model: type[models.Model]) -> bool:
    return any(field.name == "workspace" for field in model._meta.get_fields())


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_every_table_belongs_to_a_workspace_or_is_known_not_to() -> None:
    without = {model.__name__ for model in tables() if not has_workspace(model)}
    assert without == NOT_OF_A_WORKSPACE | {"User_groups", "User_user_permissions"} & without


def test_every_key_between_tables_of_a_workspace_is_the_pair_with_the_workspace() -> None:
    missing = [
        f"{model.__name__}.{field.name}"
        for model in tables()
        for field in foreign_keys(model)
        if has_workspace(model)
        and has_workspace(field.related_model)
        and field.name not in {k.field for k in model._meta.constraints if isinstance(k, TenantKey)}
    ]
    assert missing == []


def test_no_row_can_name_a_workspace_that_is_not_there() -> None:
    """Held true by a key of the workspace's own, or by a composite key that is never null."""
    unsure = [
        model.__name__
        for model in tables()
        if has_workspace(model)
        and not model._meta.get_field("workspace").db_constraint
        and not any(
            isinstance(key, TenantKey) and not model._meta.get_field(key.field).null
            for key in model._meta.constraints
        )
    ]
    assert unsure == []


@pytest.mark.parametrize("model", [Provenance, Erasure])
def test_a_table_that_points_nowhere_else_points_to_its_workspace(
    world: World, model: type[models.Model]
) -> None:
    at = {"subject": "item", "subject_public_id": world.workspace.public_id, "reason": "x"}
    rest = {"digest": b"\x01" * 32}
    if model is Erasure:
        rest = {**at, "requested_by": world.ines, "requested_at": world.now}
    with undone():
        model.objects.create(workspace_id=Workspace.objects.latest("pk").pk + 1, **rest)
        with pytest.raises(IntegrityError), transaction.atomic():
            connection.check_constraints()


def test_no_key_of_any_table_crosses_workspaces(world: World) -> None:
    """A row in every table of a workspace; then the rows of each table are moved into another one, key by key."""
    fill(world, world.ines, world.project)
    connection.check_constraints()
    empty = [
        m.__name__
        for m in tables()
        if has_workspace(m) and not m.objects.filter(workspace=world.workspace).exists()
    ]
    assert empty == []
    keys = tenant_keys()
    crossing = [f"{m.__name__}.{key.field}" for m, key in keys if not _refuses(m, key, world)]
    assert crossing == []
    assert len(keys) > 80


def _refuses(model: type[models.Model], key: TenantKey, world: World) -> bool:
    """Whether this key, and no other, refuses a row of Elsewhere that points into Northgate."""
    table, column = model._meta.db_table, model._meta.get_field(key.field).column
    move = f"UPDATE {table} SET workspace_id = %s WHERE workspace_id = %s AND {column} IS NOT NULL"  # noqa: S608
    try:
        with pgtrigger.ignore(), undone(), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            cursor.execute(move, [world.elsewhere.pk, world.workspace.pk])
            assert cursor.rowcount, f"the full house has no {model.__name__} with a {key.field}"
            cursor.execute(f"SET CONSTRAINTS {key.name} IMMEDIATE")
    except IntegrityError as error:
        return bool(error.__cause__.diag.constraint_name == key.name)
    return False


def test_keys_are_checked_at_commit_so_that_rows_may_point_to_each_other(world: World) -> None:
    item, theirs = make_item(world.project), make_item(world.their_project)
    with undone():
        Item.objects.filter(pk=item.pk).update(revision=theirs.revision)
        Item.objects.filter(pk=item.pk).update(revision=item.revision)
        connection.check_constraints()
    with undone():
        Item.objects.filter(pk=item.pk).update(revision=theirs.revision)
        with pytest.raises(IntegrityError, match="item_revision"), transaction.atomic():
            connection.check_constraints()
