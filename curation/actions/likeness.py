"""The live index answers at import: which earlier item of the project each new one looks like.

Only the `CLOSEST` earlier texts that share most bands are compared, each exactly, so that an answer takes milliseconds
whatever the project holds; a run compares all. However many items arrive together, they share the same few statements.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from curation.late import np
from curation.methods.jaccard import jaccard
from curation.methods.minhash import LARGEST_BUCKET, companions
from curation.methods.shingles import shingles
from curation.methods.templates import compared, fragments_of, last_turn, paragraphs_of
from feedback.ports import Arriving
from feedback.statements import run

from .fingerprints import Compared, Printed, fingerprint
from .texts import NEAR, PROMPT, PROMPT_SHINGLE

CLOSEST = 8


@dataclass(slots=True)
class _Row:
    """An arriving item: its text and fingerprint, who may be near, and what is found; `cluster` is at first its own."""

    item_id: int
    text: str
    print_id: int
    cluster: int
    others: list[int] = field(default_factory=list)
    crowded: bool = False
    nearest: int | None = None
    similarity: float | None = None


@dataclass(frozen=True, slots=True)
class _Earlier:
    """An item that was there before, with its cluster and its text as it is compared."""

    item_id: int
    cluster: int
    text: str


def remember(*, project_id: int, job_id: int, items: Sequence[Arriving]) -> None:
    """Fingerprint the prompts of arriving items, find the nearest earlier item of each, and join their clusters.

    Runs inside the import's transaction, which holds the project's lock: nobody else writes likenesses meanwhile.
    """
    if not items:
        return
    of, template = _project(project_id)
    texts = _compared(template, ((item.prompt, item.context) for item in items))
    prints = fingerprint(of, texts, LARGEST_BUCKET)
    rows = [
        _Row(item.item_id, text, prints.ids[text], cluster=item.item_id)
        for item, text in zip(items, texts, strict=True)
    ]
    earlier = _find_others(of, rows, prints, template)
    merged = _find_nearest(of, rows, earlier)
    _write(of, job_id, rows, merged)


_PROJECT = "SELECT workspace_id, prompt_template FROM feedback_project WHERE id = %(project)s"


def _project(project_id: int) -> tuple[Compared, str]:
    [(workspace_id, template)] = run(_PROJECT, {"project": project_id})
    return Compared(workspace_id, project_id, PROMPT, PROMPT_SHINGLE), template


def _find_others(
    of: Compared, rows: list[_Row], prints: Printed, template: str
) -> dict[int, _Earlier]:
    """Give each row the items before it that share most bands with it; return those that did not arrive with it."""
    own = np.array(list(prints.ids.values()), dtype=np.int64)
    found, crowded = companions(
        prints.buckets, own, prints.starts, prints.members, most=CLOSEST, largest=LARGEST_BUCKET
    )
    others = {
        print_id: [print_id, *filter(None, near)]
        for print_id, near, bands in zip(own.tolist(), found.tolist(), prints.buckets, strict=True)
        if bands[0] >= 0
    }
    new = set(own[prints.fresh].tolist())
    asked = {each for near in others.values() for each in near} - new
    earlier = _earlier(of, sorted(asked), [row.item_id for row in rows], template)
    first = {print_id: each.item_id for print_id, each in earlier.items()}
    for row in rows:
        first[row.print_id] = min(first.get(row.print_id, row.item_id), row.item_id)
    full = set(own[crowded].tolist())
    for row in rows:
        known = (first[each] for each in others.get(row.print_id, ()) if each in first)
        row.others = [each for each in known if each < row.item_id]
        row.crowded = row.print_id in full
    return {each.item_id: each for each in earlier.values()}


# An item that arrives anew is asked for among the arriving ones.
_EARLIER = """
SELECT given.print, first.item_id, first.cluster, revision.prompt, revision.context
FROM unnest(%(prints)b::bigint[]) AS given(print) CROSS JOIN LATERAL (
    SELECT item_id, cluster, project_id FROM curation_itemlikeness
    WHERE fingerprint_id = given.print AND item_id <> ALL(%(arriving)b::bigint[])
    ORDER BY item_id LIMIT 1
) first
JOIN feedback_item item ON item.id = first.item_id
JOIN feedback_itemrevision revision ON revision.id = item.revision_id
WHERE first.project_id = %(project)s
"""


def _earlier(
    of: Compared, prints: list[int], arriving: list[int], template: str
) -> dict[int, _Earlier]:
    """By fingerprint the first item that came with it before, with its cluster and its compared prompt as it is now."""
    if not prints:
        return {}
    asked = {"prints": prints, "arriving": arriving, "project": of.project_id}
    found = run(_EARLIER, asked, prepare=len(arriving) == 1)
    texts = _compared(template, ((orjson.loads(row[3]), orjson.loads(row[4])) for row in found))
    return {row[0]: _Earlier(row[1], row[2], text) for row, text in zip(found, texts, strict=True)}


def _find_nearest(of: Compared, rows: list[_Row], earlier: dict[int, _Earlier]) -> dict[int, int]:
    """Compare each row with the others exactly, and give it the nearest one and its cluster; return which clusters became which."""
    known = {item_id: each.text for item_id, each in earlier.items()}
    known |= {row.item_id: row.text for row in rows}
    clusters = {item_id: each.cluster for item_id, each in earlier.items()}
    clusters |= {row.item_id: row.cluster for row in rows}
    near = _near(of, rows, known)
    merged: dict[int, int] = {}
    for row in rows:
        found = near[row.item_id]
        if found:
            row.similarity, row.nearest = -found[0][0], found[0][1]
            _join({row.cluster, *(clusters[item_id] for _, item_id in found)}, merged)
    for row in rows:
        row.cluster = _root(row.cluster, merged)
    return {old: _root(old, merged) for old in merged}


def _near(
    of: Compared, rows: list[_Row], known: dict[int, str]
) -> dict[int, list[tuple[float, int]]]:
    """For each item the others that are near as (−similarity, item), the nearest first; exactly compared."""
    found: dict[int, list[tuple[float, int]]] = defaultdict(list)
    asked = [(row.item_id, other) for row in rows for other in row.others if other in known]
    if not asked:
        return found
    used = {item_id for pair in asked for item_id in pair}
    place = {item_id: at for at, item_id in enumerate(used)}
    sets = shingles([known[item_id] for item_id in place], of.kind)
    pairs = np.array([(place[item], place[other]) for item, other in asked], dtype=np.int64)
    exact = jaccard(sets, pairs[:, 0].copy(), pairs[:, 1].copy()).tolist()
    for (item, other), similarity in zip(asked, exact, strict=True):
        if similarity >= NEAR[of.what]:
            found[item].append((-similarity, other))
    for near in found.values():
        near.sort()
    return found


def _compared(template: str, prompts: Iterable[tuple[Any, Any]]) -> list[str]:
    """Each by itself: what many share today is not what was shared when an earlier one came."""
    fragments = fragments_of([template])
    return [compared(paragraphs_of(last_turn(*prompt), fragments), ()) for prompt in prompts]


def _join(clusters: set[int], merged: dict[int, int]) -> None:
    roots = {_root(cluster, merged) for cluster in clusters}
    least = min(roots)
    merged.update(dict.fromkeys(roots - {least}, least))


def _root(cluster: int, merged: dict[int, int]) -> int:
    while cluster in merged:
        cluster = merged[cluster]
    return cluster


# Of two clusters the smaller name wins, for every item of both.
_WRITE = """
WITH renamed AS (
    UPDATE curation_itemlikeness SET cluster = names.now
    FROM unnest(%(before)b::bigint[], %(now)b::bigint[]) AS names(before, now)
    WHERE project_id = %(project)s AND cluster = names.before AND item_id <> ALL(%(item)b::bigint[])
)
INSERT INTO curation_itemlikeness
    (workspace_id, project_id, import_job_id, item_id, fingerprint_id, cluster, nearest_id, similarity, crowded)
SELECT %(workspace)s, %(project)s, %(job)s, given.* FROM unnest(
    %(item)b::bigint[], %(print)b::bigint[], %(cluster)b::bigint[], %(nearest)s::bigint[], %(similarity)s::float8[], %(crowded)b::bool[]
) AS given(item_id, fingerprint_id, cluster, nearest_id, similarity, crowded)
ON CONFLICT (item_id) DO UPDATE SET
    fingerprint_id = EXCLUDED.fingerprint_id, import_job_id = EXCLUDED.import_job_id, cluster = EXCLUDED.cluster,
    nearest_id = EXCLUDED.nearest_id, similarity = EXCLUDED.similarity, crowded = EXCLUDED.crowded
"""


def _write(of: Compared, job_id: int, rows: list[_Row], merged: dict[int, int]) -> None:
    values = {
        "workspace": of.workspace_id,
        "project": of.project_id,
        "job": job_id,
        "before": list(merged),
        "now": list(merged.values()),
        "item": [row.item_id for row in rows],
        "print": [row.print_id for row in rows],
        "cluster": [row.cluster for row in rows],
        "nearest": [row.nearest for row in rows],
        "similarity": [row.similarity for row in rows],
        "crowded": [row.crowded for row in rows],
    }
    run(_WRITE, values, prepare=len(rows) == 1)
