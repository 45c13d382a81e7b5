"""The statements of bulk actions: each changes the chosen items of one chunk and writes down what it changed.

All take `items` (serial ids), `job`, `workspace` and `now`, and what the settings of the action say. Items are locked in
the order of their ids, assignments before items, as everywhere.
"""

# ruff: noqa: S608  (statements are put together from constants of this module)

from __future__ import annotations

from typing import LiteralString

from feedback.models import BulkJob

_NOTE = """
INSERT INTO feedback_bulkchange (workspace_id, job_id, item_id, before, after)
SELECT %(workspace)s, %(job)s, id, before, after FROM done RETURNING item_id
"""
_LOCK = "ORDER BY i.id FOR NO KEY UPDATE OF i"
# What reviewers can be given: in the queue, with as many responses as the form shows.
_SHOWN = "i.id = ANY(%(items)s) AND NOT i.held AND i.responses BETWEEN %(fewest)s AND %(most)s AND i.purpose <> 'practice'"

_REQUEUE = f"""
WITH was AS (SELECT i.id, i.wanted, i.given FROM feedback_item i WHERE {_SHOWN} {_LOCK}),
done AS (
    UPDATE feedback_item i SET front = true,
        wanted = least(greatest(was.wanted, was.given) + %(more)s, 100),
        cap = greatest(i.cap, least(greatest(was.wanted, was.given) + %(more)s, 100))
    FROM was WHERE i.id = was.id
    RETURNING i.id, jsonb_build_object('wanted', was.wanted) AS before, jsonb_build_object('wanted', i.wanted) AS after
) {_NOTE}
"""

_HOLD = f"""
WITH was AS (SELECT i.id FROM feedback_item i WHERE i.id = ANY(%(items)s) AND i.held <> %(held)s {_LOCK}),
done AS (
    UPDATE feedback_item i SET held = %(held)s,
        front = NOT %(held)s AND i.wanted > i.given + i.leased
    FROM was WHERE i.id = was.id
    RETURNING i.id, jsonb_build_object('held', NOT i.held) AS before, jsonb_build_object('held', i.held) AS after
) {_NOTE}
"""

_PRIORITY = f"""
WITH was AS (
    SELECT i.id, i.rank, %(base)s::bigint | (i.rank & %(chance)s::bigint) AS wished FROM feedback_item i
    WHERE i.id = ANY(%(items)s) AND i.rank <> (%(base)s::bigint | (i.rank & %(chance)s::bigint)) {_LOCK}
), done AS (
    UPDATE feedback_item i SET rank = was.wished,
        front = i.front OR (was.wished < was.rank AND NOT i.held AND i.wanted > i.given + i.leased)
    FROM was WHERE i.id = was.id
    RETURNING i.id, jsonb_build_object('rank', was.rank) AS before, jsonb_build_object('rank', i.rank) AS after
) {_NOTE}
"""

_TAG = f"""
WITH was AS (
    SELECT r.item_id AS id, r.tags, ARRAY(
        SELECT t FROM unnest(r.tags) WITH ORDINALITY AS old(t, n) WHERE t <> ALL(%(remove)s::varchar[]) ORDER BY n
    ) || ARRAY(
        SELECT t FROM unnest(%(add)s::varchar[]) WITH ORDINALITY AS new(t, n) WHERE t <> ALL(r.tags) ORDER BY n
    ) AS wished FROM feedback_itemrecord r WHERE r.item_id = ANY(%(items)s) ORDER BY r.item_id FOR NO KEY UPDATE OF r
), done AS (
    UPDATE feedback_itemrecord r SET tags = was.wished FROM was WHERE r.item_id = was.id AND was.wished <> was.tags
    RETURNING was.id, jsonb_build_object('tags', was.tags) AS before, jsonb_build_object('tags', r.tags) AS after
) {_NOTE}
"""

_RELEASE = f"""
WITH due AS (
    SELECT a.id, a.item_id FROM feedback_assignment a
    WHERE a.item_id = ANY(%(items)s) AND a.state = 'open' AND (%(rater)s::bigint IS NULL OR a.rater_id = %(rater)s)
    ORDER BY a.id FOR NO KEY UPDATE
), closed AS (
    UPDATE feedback_assignment a SET state = 'expired', closed_at = %(now)s, ahead = false
    FROM due WHERE a.id = due.id RETURNING a.item_id
), done AS (
    UPDATE feedback_item i SET leased = i.leased - n.n, front = true
    FROM (SELECT item_id, count(*)::smallint AS n FROM closed GROUP BY item_id) n WHERE i.id = n.item_id
    RETURNING i.id, jsonb_build_object('leased', i.leased + n.n) AS before, jsonb_build_object('leased', i.leased) AS after
) {_NOTE}
"""

# An assignment made for a person: it waits for them as the item they claim next, and nobody else is given its place.
_ASSIGN = f"""
WITH was AS (
    SELECT i.id, i.revision_id, i.wanted FROM feedback_item i
    WHERE {_SHOWN}
      AND NOT EXISTS (SELECT 1 FROM feedback_assignment a WHERE a.item_id = i.id AND a.rater_id = %(rater)s
                      AND a.kind = 'primary' AND a.state <> 'expired')
      AND NOT EXISTS (SELECT 1 FROM feedback_response w WHERE w.author_id = %(rater)s AND w.revision_id = i.revision_id)
    {_LOCK}
), made AS (
    INSERT INTO feedback_assignment (public_id, workspace_id, project_id, item_id, revision_id, rater_id, form_id, kind,
        occasion, state, order_shown, propensity, policy_version, ahead, leased_until, claimed_at, reason, note)
    SELECT gen_random_uuid(), %(workspace)s, %(project)s, was.id, was.revision_id, %(rater)s, %(form)s, 'primary', 1, 'open',
        ARRAY(SELECT jsonb_array_elements_text(%(orders)s::jsonb -> was.id::text)::smallint),
        NULL, 'named-1', false, %(until)s, %(now)s, '', ''
    FROM was
    ON CONFLICT (item_id, rater_id, kind, occasion) DO UPDATE
        SET state = 'open', leased_until = excluded.leased_until, claimed_at = excluded.claimed_at, closed_at = NULL, ahead = false
    RETURNING id, item_id
), done AS (
    UPDATE feedback_item i SET leased = i.leased + 1,
        wanted = greatest(i.wanted, i.given + i.leased + 1), cap = greatest(i.cap, i.given + i.leased + 1)
    FROM was JOIN made ON made.item_id = was.id WHERE i.id = was.id
    RETURNING i.id, jsonb_build_object('wanted', was.wanted) AS before,
        jsonb_build_object('wanted', i.wanted, 'assignment', made.id) AS after
) {_NOTE}
"""

STEPS: dict[str, LiteralString] = {
    BulkJob.Action.REQUEUE: _REQUEUE,
    BulkJob.Action.RETIRE: _HOLD,
    BulkJob.Action.RESTORE: _HOLD,
    BulkJob.Action.RELEASE: _RELEASE,
    BulkJob.Action.ASSIGN: _ASSIGN,
    BulkJob.Action.PRIORITY: _PRIORITY,
    BulkJob.Action.TAG: _TAG,
}

# Taking back: only what still stands as the job left it. `of` is the job that is undone.
_OLD = """
old AS (SELECT item_id, before, after FROM feedback_bulkchange WHERE job_id = %(of)s AND item_id = ANY(%(items)s))
"""
_SWAPPED = "old.after AS before, old.before AS after"

_UNDO_WANTED = f"""
WITH {_OLD}, was AS (
    SELECT i.id FROM feedback_item i JOIN old ON old.item_id = i.id
    WHERE i.wanted = (old.after->>'wanted')::smallint {_LOCK}
), done AS (
    UPDATE feedback_item i SET wanted = (old.before->>'wanted')::smallint
    FROM was JOIN old ON old.item_id = was.id WHERE i.id = was.id RETURNING i.id, {_SWAPPED}
) {_NOTE}
"""

_UNDO_HOLD = f"""
WITH {_OLD}, was AS (
    SELECT i.id FROM feedback_item i JOIN old ON old.item_id = i.id
    WHERE i.held = (old.after->>'held')::boolean {_LOCK}
), done AS (
    UPDATE feedback_item i SET held = NOT i.held, front = i.held AND i.wanted > i.given + i.leased
    FROM was JOIN old ON old.item_id = was.id WHERE i.id = was.id RETURNING i.id, {_SWAPPED}
) {_NOTE}
"""

_UNDO_PRIORITY = f"""
WITH {_OLD}, was AS (
    SELECT i.id FROM feedback_item i JOIN old ON old.item_id = i.id
    WHERE i.rank = (old.after->>'rank')::bigint {_LOCK}
), done AS (
    UPDATE feedback_item i SET rank = (old.before->>'rank')::bigint
    FROM was JOIN old ON old.item_id = was.id WHERE i.id = was.id RETURNING i.id, {_SWAPPED}
) {_NOTE}
"""

_UNDO_TAG = f"""
WITH {_OLD}, done AS (
    UPDATE feedback_itemrecord r SET tags = ARRAY(SELECT jsonb_array_elements_text(old.before->'tags'))
    FROM old WHERE r.item_id = old.item_id AND to_jsonb(r.tags) = old.after->'tags'
    RETURNING r.item_id AS id, {_SWAPPED}
) {_NOTE}
"""

_UNDO_ASSIGN = f"""
WITH {_OLD}, due AS (
    SELECT a.id, a.item_id FROM feedback_assignment a JOIN old ON a.id = (old.after->>'assignment')::bigint
    WHERE a.state = 'open' ORDER BY a.id FOR NO KEY UPDATE OF a
), closed AS (
    UPDATE feedback_assignment a SET state = 'expired', closed_at = %(now)s FROM due WHERE a.id = due.id RETURNING a.item_id
), done AS (
    UPDATE feedback_item i SET leased = i.leased - 1,
        wanted = CASE WHEN i.wanted = (old.after->>'wanted')::smallint THEN (old.before->>'wanted')::smallint ELSE i.wanted END
    FROM closed JOIN old ON old.item_id = closed.item_id WHERE i.id = closed.item_id RETURNING i.id, {_SWAPPED}
) {_NOTE}
"""

UNDO: dict[str, LiteralString] = {
    BulkJob.Action.REQUEUE: _UNDO_WANTED,
    BulkJob.Action.RETIRE: _UNDO_HOLD,
    BulkJob.Action.RESTORE: _UNDO_HOLD,
    BulkJob.Action.ASSIGN: _UNDO_ASSIGN,
    BulkJob.Action.PRIORITY: _UNDO_PRIORITY,
    BulkJob.Action.TAG: _UNDO_TAG,
}
