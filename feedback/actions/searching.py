"""Keeping what can be searched: words of new prompts and reviews are added behind them, in the language of their project."""

# ruff: noqa: S608  (statements are put together from constants of this module)

from __future__ import annotations

import datetime as dt
from typing import LiteralString

from django.db import transaction

from feedback.access import ProjectPlace
from feedback.errors import Invalid
from feedback.jobs import announce
from feedback.models import Project, SearchMark
from feedback.statements import run

BATCH = 1000
# Longer texts are found by their beginning: PostgreSQL keeps at most 1 MB of words for a row.
LONGEST = 150_000
# A row may have its id a moment before its transaction has a number.
GRACE = dt.timedelta(seconds=30)

_PROMPT = f"""to_tsvector(p.search_language::regconfig, left((
    SELECT string_agg(t #>> '{{}}', ' ') FROM jsonb_path_query(r.prompt, '$[*].parts[*].text') t), {LONGEST}))"""
# Every text of a body, wherever a type of question keeps it.
_RATIONALE = f"""to_tsvector(p.search_language::regconfig, left((
    SELECT string_agg(t #>> '{{}}', ' ') FROM jsonb_path_query(b.body, 'strict $.** ? (@.type() == "string")') t), {LONGEST}))"""

_NEW: dict[str, LiteralString] = {
    "prompt": f"""
WITH r AS MATERIALIZED (
    SELECT v.id, v.workspace_id, v.item_id, v.prompt FROM feedback_itemrevision v
    WHERE v.id > %(done)s AND NOT EXISTS (SELECT 1 FROM feedback_searchentry e WHERE e.revision_id = v.id)
    ORDER BY v.id LIMIT %(batch)s
)
INSERT INTO feedback_searchentry (workspace_id, project_id, item_id, revision_id, words)
SELECT r.workspace_id, i.project_id, i.id, r.id, coalesce({_PROMPT}, '')
FROM r JOIN feedback_item i ON i.id = r.item_id JOIN feedback_project p ON p.id = i.project_id
ON CONFLICT DO NOTHING RETURNING revision_id
""",
    "review": f"""
WITH b AS MATERIALIZED (
    SELECT v.id, v.workspace_id, v.project_id, v.item_id, kept.body
    FROM feedback_review v JOIN feedback_reviewbody kept ON kept.review_id = v.id
    WHERE v.id > %(done)s AND kept.body IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM feedback_searchentry e WHERE e.review_id = v.id)
    ORDER BY v.id LIMIT %(batch)s FOR SHARE OF kept
)
INSERT INTO feedback_searchentry (workspace_id, project_id, item_id, review_id, words)
SELECT b.workspace_id, b.project_id, b.item_id, b.id, coalesce({_RATIONALE}, '')
FROM b JOIN feedback_project p ON p.id = b.project_id
ON CONFLICT DO NOTHING RETURNING review_id
""",
}
_LAST: dict[str, LiteralString] = {
    "prompt": "SELECT coalesce(max(id), 0) FROM feedback_itemrevision",
    "review": "SELECT coalesce(max(id), 0) FROM feedback_review",
}
_HORIZON = """
SELECT pg_snapshot_xmin(pg_current_snapshot())::text::numeric, pg_snapshot_xmax(pg_current_snapshot())::text::numeric
"""
_AGAIN = f"""
WITH part AS (
    SELECT id FROM feedback_searchentry WHERE project_id = %(project)s AND id > %(at)s ORDER BY id LIMIT %(batch)s
), spoken AS (
    SELECT e.id, {_PROMPT} AS words FROM part JOIN feedback_searchentry e ON e.id = part.id
    JOIN feedback_itemrevision r ON r.id = e.revision_id JOIN feedback_project p ON p.id = e.project_id
    UNION ALL
    SELECT e.id, {_RATIONALE} FROM part JOIN feedback_searchentry e ON e.id = part.id
    JOIN feedback_reviewbody b ON b.review_id = e.review_id AND b.body IS NOT NULL JOIN feedback_project p ON p.id = e.project_id
)
UPDATE feedback_searchentry e SET words = coalesce(spoken.words, '') FROM spoken WHERE e.id = spoken.id RETURNING e.id
"""


def index_texts(*, now: dt.datetime) -> int:
    """Add the words of every prompt and review that is new. Returns how many."""
    return sum(_index(what, now) for what in _NEW)


def set_search_language(*, place: ProjectPlace, language: str, now: dt.datetime) -> None:
    """In which language a project's texts are searched; a worker reads anew what is there. Raises Invalid."""
    if language not in Project.SearchLanguage.values:
        raise Invalid(
            f"This is one of {', '.join(Project.SearchLanguage.values)}.",
            problems=[{"field": "search_language", "code": "bad_setting"}],
        )
    with transaction.atomic():
        rows = Project.objects.filter(pk=place.project.pk).exclude(search_language=language)
        if rows.update(search_language=language):
            project = place.project
            announce(
                "feedback.search_language_changed",
                workspace_id=project.workspace_id,
                now=now,
                project_id=project.pk,
            )


def respell(*, workspace_id: int, project_id: int) -> int:
    """Read every word of a project anew, in the language it is set to. Twice is once. Returns how many entries."""
    total, at = 0, 0
    if not Project.objects.filter(pk=project_id, workspace_id=workspace_id).exists():
        return 0
    while rows := run(_AGAIN, {"project": project_id, "at": at, "batch": BATCH}, prepare=False):
        total, at = total + len(rows), max(row[0] for row in rows)
    return total


def _index(what: str, now: dt.datetime) -> int:
    total = 0
    while True:
        with transaction.atomic():
            mark, _ = SearchMark.objects.select_for_update().get_or_create(what=what)
            xmin, xmax = run(_HORIZON, {})[0]
            last = run(_LAST[what], {})[0][0]
            added = len(run(_NEW[what], {"done": mark.done, "batch": BATCH}, prepare=False))
            total += added
            if added == BATCH:
                continue
            _move(mark, last, xmin, xmax, now)
            return total


def _move(mark: SearchMark, last: int, xmin: object, xmax: object, now: dt.datetime) -> None:
    """Everything that was visible is in; what was not yet will be before the mark moves past it."""
    if mark.next is not None and mark.next_at is not None and mark.next_xid is not None:
        if xmin < mark.next_xid or now < mark.next_at + GRACE:  # type: ignore[operator]
            return
        mark.done = mark.next
    mark.next, mark.next_xid, mark.next_at = last, xmax, now  # type: ignore[assignment]
    mark.save()
