"""The live index answers at import: which earlier item of the project each new one looks like.

Only the `CLOSEST` earlier texts that share most bands are compared, each exactly, so that an answer takes milliseconds
whatever the project holds; a run compares all. However many items arrive together, they share the same few statements.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from curation.late import np
from curation.methods.jaccard import jaccard
from curation.methods.minhash import LARGEST_BUCKET
from curation.methods.shingles import shingles
from curation.methods.templates import last_turn, without_template
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


def remember(*, project_id: int, job_id: int, items: Sequence[Arriving]) -> None:
    """Fingerprint the prompts of arriving items, find the nearest earlier item of each, and join their clusters.

    Runs inside the import's transaction, which holds the project's lock: nobody else writes likenesses meanwhile.
    """
    if not items:
        return
    of, template = _project(project_id)
    texts = _compared(template, ((item.prompt, item.context) for item in items))
    prints = fingerprint(of, texts)
    rows = [
        _Row(item.item_id, text, print_id, cluster=item.item_id)
        for item, text, print_id in zip(items, texts, prints.ids, strict=True)
    ]
    clusters = _find_others(of, rows, prints)
    merged = _find_nearest(of, rows, template, clusters)
    _write(of, job_id, rows, merged)


_PROJECT = "SELECT workspace_id, prompt_template FROM feedback_project WHERE id = %(project)s"


def _project(project_id: int) -> tuple[Compared, str]:
    [(workspace_id, template)] = run(_PROJECT, {"project": project_id})
    return Compared(workspace_id, project_id, PROMPT, PROMPT_SHINGLE), template


# One more than a bucket may hold tells that it holds more. An item that arrives anew is asked for among the arriving ones.
_CLOSEST = """
WITH mine AS (
    SELECT * FROM unnest(%(print)b::bigint[], %(h)b::bigint[]) AS mine(print, h)
), shared AS (
    SELECT mine.print, other.fingerprint, other.place
    FROM mine CROSS JOIN LATERAL (
        SELECT fingerprint, row_number() OVER (ORDER BY fingerprint) AS place FROM (
            SELECT fingerprint FROM curation_band WHERE h = mine.h ORDER BY fingerprint LIMIT %(largest)s + 1
        ) bucket
    ) other
), counted AS (
    SELECT print, fingerprint, count(*) FILTER (WHERE place <= %(largest)s) AS bands, max(place) > %(largest)s AS crowded
    FROM shared GROUP BY print, fingerprint
), ranked AS (
    SELECT print, fingerprint, bool_or(crowded) OVER (PARTITION BY print) AS crowded, row_number() OVER (
        PARTITION BY print ORDER BY fingerprint <> print, bands DESC, fingerprint
    ) AS rank
    FROM counted
)
SELECT ranked.print, ranked.fingerprint, ranked.crowded, first.item_id, first.cluster
FROM ranked LEFT JOIN LATERAL (
    SELECT item_id, cluster, project_id FROM curation_itemlikeness
    WHERE fingerprint_id = ranked.fingerprint AND item_id <> ALL(%(arriving)b::bigint[])
    ORDER BY item_id LIMIT 1
) first ON first.project_id = %(project)s
WHERE ranked.rank <= 1 + %(closest)s ORDER BY ranked.print, ranked.rank
"""


def _find_others(of: Compared, rows: list[_Row], prints: Printed) -> dict[int, int]:
    """Give each row the earlier items that share most bands with it; return the clusters of all those."""
    arrived: dict[int, int] = {}
    for row in rows:
        arrived.setdefault(row.print_id, row.item_id)
    first = {print_id: at for at, print_id in reversed(list(enumerate(prints.ids)))}
    places = [at for at in first.values() if prints.present[at]]
    width = prints.bands.shape[1]
    values = {
        "print": np.repeat([prints.ids[at] for at in places], width).tolist(),
        "h": prints.bands[places].ravel().tolist(),
        "project": of.project_id,
        "arriving": [row.item_id for row in rows],
        "largest": LARGEST_BUCKET,
        "closest": CLOSEST,
    }
    others: dict[int, list[int]] = defaultdict(list)
    crowded: set[int] = set()
    clusters = {row.item_id: row.cluster for row in rows}
    for mine, other, full, item_id, cluster in run(_CLOSEST, values, prepare=len(rows) == 1):
        if full:
            crowded.add(mine)
        if item_id is not None:
            clusters[item_id] = cluster
        known = [each for each in (item_id, arrived.get(other)) if each is not None]
        others[mine] += [min(known)] if known else []
    for row in rows:
        row.others = [each for each in others[row.print_id] if each < row.item_id]
        row.crowded = row.print_id in crowded
    return clusters


def _find_nearest(
    of: Compared, rows: list[_Row], template: str, clusters: dict[int, int]
) -> dict[int, int]:
    """Compare each row with the others exactly, and give it the nearest one and its cluster; return which clusters became which."""
    known = {row.item_id: row.text for row in rows}
    known |= _texts({each for row in rows for each in row.others} - known.keys(), template)
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


_TEXTS = """
SELECT item.id, revision.prompt, revision.context
FROM feedback_item item JOIN feedback_itemrevision revision ON revision.id = item.revision_id
WHERE item.id = ANY(%(items)b::bigint[])
"""


def _texts(item_ids: Collection[int], template: str) -> dict[int, str]:
    """The compared prompts of items as they are now."""
    if not item_ids:
        return {}
    found = run(_TEXTS, {"items": list(item_ids)}, prepare=len(item_ids) <= CLOSEST + 1)
    texts = _compared(template, ((orjson.loads(row[1]), orjson.loads(row[2])) for row in found))
    return {row[0]: text for row, text in zip(found, texts, strict=True)}


def _compared(template: str, prompts: Iterable[tuple[Any, Any]]) -> list[str]:
    """Each by itself: what many share today is not what was shared when an earlier one came."""
    declared = [template]
    return [without_template([last_turn(*prompt)], declared)[0] for prompt in prompts]


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
