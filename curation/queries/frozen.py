"""Which reviews a run stands on: those it read itself, and those of the run that it went on from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection

from curation.models import Run

_READ = "SELECT unnest(review_ids) FROM curation_runchunk WHERE run_id = ANY(%s) AND kind = 'read'"
# A run that goes on from another has read corrections of what that one read: the later revision stands.
_STANDING = """
SELECT DISTINCT ON (r.item_id, r.rater_id, r.kind, r.occasion) r.id, r.item_id FROM feedback_review r
WHERE r.id IN (SELECT unnest(review_ids) FROM curation_runchunk WHERE run_id = ANY(%s) AND kind = 'read')
ORDER BY r.item_id, r.rater_id, r.kind, r.occasion, r.revision DESC
"""
# Of some items there are few reviews: they are found first, and looked up among those that the runs have read.
_OF_ITEMS = "SELECT id FROM feedback_review WHERE item_id = ANY(%s)"
# (The planner knows nothing of the length of an array: told to join, it would make a table of the million.)
_READ_AMONG = """
SELECT id FROM (SELECT unnest(review_ids) AS id FROM curation_runchunk WHERE run_id = ANY(%s) AND kind = 'read') read
WHERE (id IN (SELECT unnest(%s::bigint[]))) IS TRUE
"""
_LATEST = """
SELECT DISTINCT ON (r.item_id, r.rater_id, r.kind, r.occasion) r.id, r.item_id FROM feedback_review r
WHERE r.id = ANY(%s)
ORDER BY r.item_id, r.rater_id, r.kind, r.occasion, r.revision DESC
"""
_AMONG = """
SELECT DISTINCT ON (r.item_id, r.rater_id, r.kind, r.occasion) r.id FROM feedback_review r
WHERE r.id = ANY(%s) AND EXISTS (
    SELECT FROM curation_runchunk c WHERE c.run_id = ANY(%s) AND c.kind = 'read' AND c.review_ids @> ARRAY[r.id])
ORDER BY r.item_id, r.rater_id, r.kind, r.occasion, r.revision DESC
"""


def reviews_behind(run: Run) -> list[int]:
    """Every review that the run stands on."""
    if run.base_id is None:
        return [row[0] for row in _rows(_READ, [[run.pk]])]
    return [row[0] for row in _rows(_STANDING, [_runs(run)])]


def standing(run: Run, items: Iterable[int] | None = None) -> list[tuple[int, int]]:
    """(item, review) of the reviews that the run stands on, in order of item; of all items, or of some."""
    if items is None:
        return [(item, pk) for pk, item in _rows(_STANDING, [_runs(run)])]
    theirs = [row[0] for row in _rows(_OF_ITEMS, [list(items)])]
    read = [row[0] for row in _rows(_READ_AMONG, [_runs(run), theirs])]
    return [(item, pk) for pk, item in _rows(_LATEST, [read])]


def standing_among(run: Run, reviews: Iterable[int]) -> set[int]:
    """Which of these reviews the run stands on."""
    return {row[0] for row in _rows(_AMONG, [list(reviews), _runs(run)])}


def _runs(run: Run) -> list[int]:
    return [run.pk] if run.base_id is None else [run.pk, run.base_id]


def _rows(statement: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
