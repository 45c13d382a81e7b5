"""The live index answers at import: which earlier item of the project each new one looks like.

Only the `CLOSEST` earlier texts that share most bands are compared, each exactly, so that an answer takes milliseconds
whatever the project holds; a run compares all.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.db import connection

from curation.methods.jaccard import jaccard
from curation.methods.minhash import LARGEST_BUCKET
from curation.methods.shingles import shingles
from curation.methods.templates import last_turn, without_template
from curation.models import ItemLikeness
from feedback.models import ItemRevision, Project
from feedback.ports import Arriving

from .fingerprints import fingerprint
from .texts import NEAR, PROMPT, shingle_of

CLOSEST = 8


@dataclass(frozen=True, slots=True)
class _Near:
    """An earlier item whose prompt is near."""

    item_id: int
    similarity: float


def remember(*, project_id: int, job_id: int, items: Sequence[Arriving]) -> None:
    """Fingerprint the prompts of arriving items, find the nearest earlier item of each, and join their clusters.

    Runs inside the import's transaction, which holds the project's lock: nobody else writes likenesses meanwhile.
    """
    if not items:
        return
    project = Project.objects.get(pk=project_id)
    texts = _compared(project, [last_turn(item.prompt, item.context) for item in items])
    prints = fingerprint(project, PROMPT, shingle_of(project, PROMPT), texts)
    rows = [
        ItemLikeness(
            workspace_id=project.workspace_id,
            project=project,
            item_id=item.item_id,
            fingerprint_id=print_id,
            import_job_id=job_id,
            cluster=item.item_id,
        )
        for item, print_id in zip(items, prints, strict=True)
    ]
    changing = ("fingerprint", "import_job", "cluster", "nearest", "similarity", "crowded")
    _upsert(rows, changing)
    _find_nearest(project, rows, texts)
    _upsert(rows, ("cluster", "nearest", "similarity", "crowded"))


def _upsert(rows: list[ItemLikeness], changing: Sequence[str]) -> None:
    ItemLikeness.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["item"], update_fields=changing
    )


def _find_nearest(project: Project, rows: list[ItemLikeness], texts: list[str]) -> None:
    """Fill in each row's nearest earlier item, and the cluster that it joins or makes one of several."""
    sharing = _sharing([row.fingerprint_id for row in rows])
    earlier = _first_items({other for found in sharing.values() for other in found.others})
    own = {row.item_id: text for row, text in zip(rows, texts, strict=True)}
    wanted = {
        item_id
        for row in rows
        for item_id in _before(row, sharing[row.fingerprint_id].others, earlier)
    }
    known = own | _texts(project, wanted - own.keys())
    clusters = dict(
        ItemLikeness.objects.filter(item_id__in=wanted | own.keys()).values_list(
            "item_id", "cluster"
        )
    )
    asked = [
        (row.item_id, other)
        for row in rows
        for other in _before(row, sharing[row.fingerprint_id].others, earlier)
        if other in known
    ]
    near = _near(project, known, asked)
    merged: dict[int, int] = {}
    for row in rows:
        row.crowded = sharing[row.fingerprint_id].crowded
        found = near[row.item_id]
        if found:
            row.similarity, row.nearest_id = found[0].similarity, found[0].item_id
        _join({clusters[row.item_id], *(clusters[each.item_id] for each in found)}, merged)
    for row in rows:
        row.cluster = _root(clusters[row.item_id], merged)
    _rename(project, {old: _root(old, merged) for old in merged})


@dataclass(frozen=True, slots=True)
class _Sharing:
    """Fingerprints that share a band with one, those that share most first, itself before all."""

    others: list[int]
    crowded: bool


# One more than a bucket may hold tells that it holds more.
_SHARING = """
SELECT mine.fingerprint_id, ARRAY(
    SELECT other.fingerprint_id FROM curation_band other WHERE other.h = mine.h ORDER BY other.fingerprint_id LIMIT %s
) FROM curation_band mine WHERE mine.fingerprint_id = ANY(%s)
"""


def _sharing(prints: list[int]) -> dict[int, _Sharing]:
    counts: dict[int, Counter[int]] = {each: Counter() for each in prints}
    crowded: set[int] = set()
    with connection.cursor() as cursor:
        cursor.execute(_SHARING, [LARGEST_BUCKET + 1, list(counts)])
        for mine, others in cursor.fetchall():
            counts[mine].update(others[:LARGEST_BUCKET])
            if len(others) > LARGEST_BUCKET:
                crowded.add(mine)
    return {
        mine: _Sharing([mine, *_most_shared(mine, count)], mine in crowded)
        for mine, count in counts.items()
    }


def _most_shared(mine: int, counts: Counter[int]) -> list[int]:
    counts.pop(mine, None)
    return sorted(counts, key=lambda other: (-counts[other], other))[:CLOSEST]


_FIRST_ITEMS = """
SELECT DISTINCT ON (fingerprint_id) fingerprint_id, item_id FROM curation_itemlikeness
WHERE fingerprint_id = ANY(%s) ORDER BY fingerprint_id, item_id
"""


def _first_items(prints: set[int]) -> dict[int, int]:
    """The oldest item with each fingerprint, where there is one."""
    with connection.cursor() as cursor:
        cursor.execute(_FIRST_ITEMS, [list(prints)])
        return dict(cursor.fetchall())


def _before(row: ItemLikeness, others: list[int], earlier: dict[int, int]) -> list[int]:
    found = (earlier[other] for other in others if other in earlier)
    return [item_id for item_id in found if item_id < row.item_id]


def _near(
    project: Project, known: dict[int, str], asked: list[tuple[int, int]]
) -> dict[int, list[_Near]]:
    """For each item the others it was asked about that are near, the nearest first; exactly compared."""
    found: dict[int, list[_Near]] = defaultdict(list)
    if not asked:
        return found
    place = {item_id: i for i, item_id in enumerate(known)}
    sets = shingles(list(known.values()), shingle_of(project, PROMPT))
    pairs = np.array([(place[item], place[other]) for item, other in asked], dtype=np.int64)
    exact = jaccard(sets, pairs[:, 0].copy(), pairs[:, 1].copy()).tolist()
    for (item, other), similarity in zip(asked, exact, strict=True):
        if similarity >= NEAR[PROMPT]:
            found[item].append(_Near(other, similarity))
    for near in found.values():
        near.sort(key=lambda each: (-each.similarity, each.item_id))
    return found


def _texts(project: Project, item_ids: set[int]) -> dict[int, str]:
    """The compared prompts of items as they are now."""
    rows = ItemRevision.objects.filter(item_id__in=item_ids).order_by("item_id", "-number")
    found = list(rows.distinct("item_id"))
    texts = _compared(project, [last_turn(row.prompt, row.context) for row in found])
    return {row.item_id: text for row, text in zip(found, texts, strict=True)}


def _compared(project: Project, prompts: list[str]) -> list[str]:
    """Each by itself: what many share today is not what was shared when an earlier one came."""
    declared = [project.prompt_template]
    return [without_template([prompt], declared)[0] for prompt in prompts]


def _join(clusters: set[int], merged: dict[int, int]) -> None:
    roots = {_root(cluster, merged) for cluster in clusters}
    least = min(roots)
    merged.update(dict.fromkeys(roots - {least}, least))


def _root(cluster: int, merged: dict[int, int]) -> int:
    while cluster in merged:
        cluster = merged[cluster]
    return cluster


_RENAME = """
UPDATE curation_itemlikeness SET cluster = renamed.now
FROM unnest(%s::bigint[], %s::bigint[]) AS renamed(before, now)
WHERE project_id = %s AND cluster = renamed.before
"""


def _rename(project: Project, renamed: dict[int, int]) -> None:
    """The smaller name wins, for every item of both clusters."""
    if renamed:
        with connection.cursor() as cursor:
            cursor.execute(_RENAME, [list(renamed), list(renamed.values()), project.pk])
