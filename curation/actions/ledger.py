"""The split ledger as a run freezes it: everything written before, told by its last line and its hash."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from django.db import connection

from curation.late import pd
from curation.models import Run

from .copying import copy_columns, hexed

# Lines are never changed, and a project's are written one run after another: what a reader sees has no gap before its end.
_END = """
SELECT coalesce(max(id), 0), count(*),
    encode(sha256(coalesce(string_agg(item_hash || convert_to(split, 'UTF8'), '' ORDER BY item_hash), '')), 'hex')
FROM curation_splitentry WHERE project_id = %s
"""
_LINES = "SELECT encode(item_hash, 'hex'), split FROM curation_splitentry WHERE project_id = %s AND id <= %s"
_FRESH = "CREATE TEMPORARY TABLE fresh_split (item_hash bytea, split text) ON COMMIT DROP"
_FREEZE = """
INSERT INTO curation_splitentry (workspace_id, project_id, item_hash, split, run_id, frozen_at)
SELECT %s, %s, item_hash, split, %s, %s FROM fresh_split ON CONFLICT (project_id, item_hash) DO NOTHING
"""


def ledger_end(project_id: int) -> tuple[int, dict[str, Any]]:
    """The last line that is there, and what the ledger says up to it: how many lines, and their hash."""
    with connection.cursor() as cursor:
        cursor.execute(_END, [project_id])
        last, count, sha256 = cursor.fetchone()
    return last, {"lines": count, "sha256": sha256}


def ledger_of(run: Run, items: Collection[str] | None = None) -> dict[str, str]:
    """Item hash → split as the run froze it, of all items or of some."""
    statement, values = _LINES, list[Any]([run.project_id, run.ledger_end])
    if items is not None:
        statement += " AND item_hash = ANY(%s)"
        values.append([bytes.fromhex(item) for item in items])
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return dict(cursor.fetchall())


def write_ledger(run: Run, entries: Mapping[str, str], now: dt.datetime) -> None:
    """Freeze where new items were put. Two runs at once: the first one's word stays."""
    items = sorted(entries)
    splits = [entries[item] for item in items]
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS fresh_split")
        cursor.execute(_FRESH)
        columns = {"item_hash": hexed(pd.Series(items, dtype="str")), "split": splits}
        copy_columns("fresh_split", columns)
        cursor.execute(_FREEZE, [run.workspace_id, run.project_id, run.pk, now])
