from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import DatabaseError, connection, models, transaction

from curation.models import Decision, RecipeVersion
from exports.models import DatasetVersion, Pull, VersionFile, VersionRun
from feedback.actions.sealing import seal_reviews
from feedback.models import (
    Acceptance,
    Access,
    Agreement,
    Erasure,
    FormVersion,
    Guideline,
    ItemRevision,
    Response,
    Review,
    ReviewBody,
    ReviewSeal,
)
from tests.schema.full_house import fill
from tests.world import World

WRITTEN_ONCE = (
    *(Review, ReviewSeal, FormVersion, Guideline, Agreement, Acceptance, Access),
    *(RecipeVersion, Decision, DatasetVersion, VersionRun, VersionFile, Pull),
)
KEPT = (*WRITTEN_ONCE, ReviewBody, ItemRevision, Response)
NEVER_EMPTIED = (*WRITTEN_ONCE, ReviewBody)
# The effort behind a review has its own retention; a version may be withdrawn.
MAY_CHANGE = {
    Review: {"active_ms", "shown_at"},
    DatasetVersion: {"state", "withdrawn_at", "withdrawn_because"},
}
RAISED_BY_A_TRIGGER = "P0001"
CHANGE, DELETE, EMPTY = "UPDATE {} SET {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"


@pytest.fixture
def house(world: World) -> World:
    """Northgate with a row in every table, and its reviews sealed."""
    fill(world, world.ines, world.project)
    seal_reviews(now=world.now + dt.timedelta(hours=3))
    connection.check_constraints()
    return world


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def refused(statement: str, values: Any = ()) -> bool:
    """Whether the database refuses a statement by a trigger of ours, whoever sends it."""
    try:
        with undone(), connection.cursor() as cursor:
            cursor.execute(statement, values)
            assert cursor.rowcount, f"nothing to refuse: {statement}"
    except DatabaseError as error:
        return bool(error.__cause__.sqlstate == RAISED_BY_A_TRIGGER)
    return False


def columns(model: type[models.Model]) -> list[str]:
    """Columns of the first row that hold something: those that a change to nothing changes."""
    row = model.objects.order_by("pk").values().first()
    assert row is not None, f"no {model.__name__} in the house"
    free = MAY_CHANGE.get(model, set())
    return [name for name, value in row.items() if value is not None and name not in free]


def test_no_column_of_what_is_written_once_can_change(house: World) -> None:
    changed = [
        f"{model.__name__}.{column}"
        for model in WRITTEN_ONCE
        for column in columns(model)
        if not refused(CHANGE.format(model._meta.db_table, f"{column} = NULL"))
    ]
    assert changed == []


def test_nothing_that_is_kept_can_be_deleted(house: World) -> None:
    deleted = [m.__name__ for m in KEPT if not refused(DELETE.format(m._meta.db_table))]
    assert deleted == []


def test_bulk_operations_of_the_orm_are_refused_as_well(house: World) -> None:
    review, body = Review.objects.first(), ReviewBody.objects.filter(erasure=None).first()
    assert review is not None
    assert body is not None
    body.body = {"answers": {}, "cannot_judge": None}
    attempts = {
        "update": lambda: Review.objects.update(surplus=True),
        "bulk_update": lambda: ReviewBody.objects.bulk_update([body], ["body"]),
        "save": lambda: Review(**{**_values(review), "occasion": 9}).save(force_update=True),
        "raw delete": lambda: VersionFile.objects.all()._raw_delete("default"),
        "merge": lambda: Access.objects.bulk_create(
            [Access(**{**_values(Access.objects.first()), "what": "else"})],
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=["what"],
        ),
    }
    for name, attempt in attempts.items():
        with pytest.raises(DatabaseError) as refusal, undone():
            attempt()
        assert refusal.value.__cause__.sqlstate == RAISED_BY_A_TRIGGER, name


def _values(row: models.Model) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_only_a_test_database_lets_itself_be_truncated(house: World) -> None:
    for model in NEVER_EMPTIED:
        statement = EMPTY.format(model._meta.db_table)
        with undone(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL touchstone.test_database = 'no'")
            with pytest.raises(DatabaseError, match="permanent"), undone():
                cursor.execute(statement)
        with undone(), connection.cursor() as cursor:
            cursor.execute(statement)
            assert not model.objects.exists()


def test_a_body_becomes_a_tombstone_once_and_nothing_else(house: World) -> None:
    erasure = Erasure.objects.get()
    whole = ReviewBody.objects.filter(erasure=None).first()
    gone = ReviewBody.objects.exclude(erasure=None).get()
    assert whole is not None
    body = "UPDATE feedback_reviewbody SET"
    assert refused(f"{body} body = '{{}}' WHERE review_id = %s", [whole.pk])
    assert refused(f"{body} body = NULL WHERE review_id = %s", [whole.pk])
    assert refused(f"{body} erasure_id = %s WHERE review_id = %s", [erasure.pk, whole.pk])
    assert refused(f"{body} body = '{{}}', erasure_id = NULL WHERE review_id = %s", [gone.pk])
    assert refused(f"{body} erasure_id = erasure_id WHERE review_id = %s", [gone.pk])
    assert refused(
        f"{body} body = NULL, erasure_id = %s, review_id = %s WHERE review_id = %s",
        [erasure.pk, gone.pk, whole.pk],
    )
    ReviewBody.objects.filter(pk=whole.pk).update(body=None, erasure=erasure)


def test_only_the_effort_behind_a_review_can_be_forgotten(house: World) -> None:
    review = Review.objects.exclude(active_ms=None).first()
    assert review is not None
    change = "UPDATE feedback_review SET {} WHERE id = %s"
    assert refused(change.format("active_ms = active_ms + 1"), [review.pk])
    assert refused(change.format("active_ms = NULL, shown_at = now()"), [review.pk])
    assert refused(change.format("active_ms = NULL, shown_at = NULL, surplus = true"), [review.pk])
    Review.objects.filter(pk=review.pk).update(active_ms=None, shown_at=None)


def test_a_published_version_can_only_be_withdrawn_and_then_rests(house: World) -> None:
    version = DatasetVersion.objects.get(workspace=house.workspace)
    change = "UPDATE exports_datasetversion SET {}"
    for state in ("building", "failed"):
        assert refused(change.format(f"state = '{state}'"))
    for column in ("attempts = 9", "error = 'x'", "lease = gen_random_uuid()", "created_by_id = 1"):
        assert refused(change.format(column)), column
    rows = DatasetVersion.objects.filter(pk=version.pk)
    rows.update(state="withdrawn", withdrawn_at=house.now, withdrawn_because="wrong")
    assert refused(change.format("state = 'published'"))
    assert refused(change.format("withdrawn_because = 'fine after all'"))
    assert refused(change.format("withdrawn_at = NULL"))


def test_what_identifies_an_items_texts_stays(house: World) -> None:
    for change in ("content_hash = '\\x00'::bytea", "number = 9", "created_at = now()"):
        assert refused(CHANGE.format("feedback_itemrevision", change)), change
    for change in ("text_hash = '\\x00'::bytea", "position = 9", "public_id = gen_random_uuid()"):
        assert refused(CHANGE.format("feedback_response", change)), change
