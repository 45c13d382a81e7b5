"""What every table of a workspace shares: its workspace, keys that cannot cross it, and an outside name."""

from __future__ import annotations

import uuid
from typing import Any

import pgtrigger
from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


class TenantKey(models.BaseConstraint):
    """FOREIGN KEY (workspace_id, <field>) REFERENCES <target> (workspace_id, id), deferred to commit.

    With it a row that points into another workspace cannot exist, whatever a task forgets. The target needs a unique
    (workspace, id); the field is a `ForeignKey(db_constraint=False)`. Django's own foreign keys cannot name two columns,
    hence the SQL here; it is put off to the end of the migration so that the order of tables does not matter.
    """

    def __init__(self, field: str, *, name: str) -> None:
        self.field = field
        super().__init__(name=name)

    def constraint_sql(
        self, model: type[models.Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
    ) -> Any:
        """Nothing inside CREATE TABLE: the key is added when every table is there."""
        assert model is not None
        assert schema_editor is not None
        schema_editor.deferred_sql.append(self._add_sql(model, schema_editor))
        return None

    def create_sql(
        self, model: type[models.Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
    ) -> Any:
        return self.constraint_sql(model, schema_editor)

    def remove_sql(
        self, model: type[models.Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
    ) -> Any:
        assert model is not None
        assert schema_editor is not None
        quote = schema_editor.quote_name
        return f"ALTER TABLE {quote(model._meta.db_table)} DROP CONSTRAINT {quote(self.name)}"

    def _add_sql(self, model: type[models.Model], editor: BaseDatabaseSchemaEditor) -> str:
        field = model._meta.get_field(self.field)
        target = field.related_model
        assert isinstance(target, type)
        assert issubclass(target, models.Model)
        quote = editor.quote_name
        return (
            f"ALTER TABLE {quote(model._meta.db_table)} ADD CONSTRAINT {quote(self.name)} "
            f"FOREIGN KEY (workspace_id, {quote(str(field.column))}) "  # type: ignore[union-attr]
            f"REFERENCES {quote(target._meta.db_table)} (workspace_id, id) "
            "DEFERRABLE INITIALLY DEFERRED"
        )

    def validate(self, *args: Any, **kwargs: Any) -> None:
        """The database checks at commit; there is nothing to ask before."""

    def deconstruct(self) -> Any:
        path, _, kwargs = super().deconstruct()
        return path, (self.field,), kwargs

    def __eq__(self, other: object) -> bool:
        if isinstance(other, TenantKey):
            return self.name == other.name and self.field == other.field
        return NotImplemented

    def __hash__(self) -> int:
        return hash((self.name, self.field))


def unique_in_workspace(name: str) -> models.UniqueConstraint:
    """The unique (workspace, id) that makes a table a target of TenantKey."""
    return models.UniqueConstraint(fields=["workspace", "id"], name=name)


def no_truncate(name: str) -> pgtrigger.Trigger:
    """Refuses TRUNCATE, except on a database that says of itself that it is a test's (so that tests can flush)."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Truncate,
        level=pgtrigger.Statement,
        func=(
            "IF current_setting('touchstone.test_database', true) IS DISTINCT FROM 'yes' THEN "
            "RAISE EXCEPTION 'this table is permanent and cannot be truncated'; "
            "END IF; RETURN NULL;"
        ),
    )


def permanent(table: str) -> list[pgtrigger.Trigger]:
    """What keeps every row of a table as it was written: no UPDATE, no DELETE, no TRUNCATE."""
    return [
        pgtrigger.Protect(name=f"{table}_permanent", operation=pgtrigger.Update | pgtrigger.Delete),
        no_truncate(f"{table}_no_truncate"),
    ]


class TenantModel(models.Model):
    """A row of one workspace. Its workspace is held true by the composite keys, not by a key of its own."""

    workspace = models.ForeignKey(
        "feedback.Workspace",
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )

    class Meta:
        abstract = True


class Leased(models.Model):
    """Work that one worker holds at a time, until `leased_until`; `attempts` counts those who took it up (`feedback.jobs`)."""

    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True


class Named(models.Model):
    """A row that the outside may name: by a random id, since serial or time-ordered ids tell too much."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    class Meta:
        abstract = True
