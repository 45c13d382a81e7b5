"""How the reviews behind a run's votes came about: read only where the recipe asks, and kept as counts alone."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from curation import frames
from curation.methods.integrity import hasty, one_sided, pasted
from curation.models import Run, RunChunk
from curation.stages.base import Evidence
from feedback.models import Review

BATCH = 20_000
COLUMNS = ("rater", "revision_id", "active_ms", "typed", "pasted")


def evidence_of(run: Run, pairs: pd.DataFrame, votes: pd.DataFrame) -> Mapping[str, Evidence]:
    """Pair → its evidence, for pairs that have any. Pairs and votes are as they were read."""
    length = pairs["prompt_size"] + pairs["first_size"] + pairs["second_size"]
    about = pairs[["pair", "revision_id"]].assign(characters=length.to_numpy(dtype=np.int64))
    table = votes.merge(about, on="pair").merge(
        _effort(run), on=["rater", "revision_id"], how="left"
    )
    reviews = table.drop_duplicates(["rater", "revision_id"])
    fast = hasty(
        reviews["active_ms"].to_numpy(np.float64), reviews["characters"].to_numpy(np.int64)
    )
    copied = pasted(reviews["typed"].to_numpy(np.float64), reviews["pasted"].to_numpy(np.float64))
    marked = reviews[["rater", "revision_id"]].assign(hasty=fast, copied=copied)
    table = table.merge(marked, on=["rater", "revision_id"])
    counted = (
        table.assign(one_sided=_one_sided(table))
        .groupby("pair")[["hasty", "copied", "one_sided"]]
        .sum()
    )
    some = counted[counted.sum(axis=1) > 0]
    return {
        str(pair): Evidence(hasty=int(a), pasted=int(b), one_sided=int(c))
        for pair, a, b, c in some.itertuples()
    }


def _one_sided(table: pd.DataFrame) -> pd.Series:
    """Votes of raters who prefer one side of the screen; only decided ones whose order is known are counted against them."""
    decided = (table["outcome"] != 0) & (table["order"] != 0) & ~table["both_unacceptable"]
    codes, _ = pd.factorize(table["rater"], sort=True)
    rows = np.flatnonzero(decided.to_numpy(dtype=bool))
    shown_first = np.sign(table["outcome"].to_numpy()[rows]) == table["order"].to_numpy()[rows]
    marked = np.zeros(len(table), dtype=bool)
    marked[rows] = one_sided(codes[rows].astype(np.int64), shown_first)
    return pd.Series(marked, index=table.index)


def _effort(run: Run) -> pd.DataFrame:
    """What is still kept of the effort behind the frozen reviews; what its retention has ended is gone."""
    # A recipe on a sample has no chunks, and shows nothing of this.
    chunks = RunChunk.objects.filter(run_id=run.pk, kind=RunChunk.Kind.READ)
    ids = [pk for each in chunks.values_list("review_ids", flat=True) for pk in each]
    rows = [
        row
        for start in range(0, len(ids), BATCH)
        for row in Review.objects.filter(
            pk__in=ids[start : start + BATCH], active_ms__isnull=False
        ).values_list(
            "rater_id",
            "occasion",
            "item_revision_id",
            "active_ms",
            "effort__typed",
            "effort__pasted",
        )
    ]
    keys = frames.RaterKeys({row[0] for row in rows})
    named = [(keys[rater, occasion], *rest) for rater, occasion, *rest in rows]
    frame = pd.DataFrame(named, columns=list(COLUMNS)).drop_duplicates(["rater", "revision_id"])
    kinds = {"rater": "str", "revision_id": "int64"}
    return frame.astype(kinds | dict.fromkeys(COLUMNS[2:], "float64"))
