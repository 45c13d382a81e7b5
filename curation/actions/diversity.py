"""How varied the kept pairs of a run are, and how new against the run before: a report, and an alarm where it collapses."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pandas as pd

from curation.methods.diversity import SAMPLE, alarms, diversity, novelty, sketch_of
from curation.models import Run, RunReport

from .clusters import Texts

REPORT = "diversity"


def diversity_report(run: Run, pairs: pd.DataFrame, texts: Texts) -> dict[str, Any]:
    """The report on the chosen responses of the kept pairs; on both responses where a recipe chooses none.

    It is compared with the latest earlier run of the project that has such a report. Nothing is held because of it.
    """
    kept = pairs[~pairs["held"].to_numpy(dtype=bool)]
    found = diversity(_sample(_keys(kept), texts)).document()
    before = _before(run)
    against = before.body["measured"] if before else None
    return {
        "measured": found,
        "before": before.run.number if before else None,
        "novelty": novelty(sketch_of(found), sketch_of(against)) if against else None,
        "alarms": [asdict(each) for each in alarms(found, against)],
    }


def _sample(keys: list[str], texts: Texts) -> list[str]:
    """The texts of these responses that would be drawn; of a large set no others are read."""
    place = pd.Index(texts.responses["key"].to_pylist()).get_indexer(pd.Index([*set(keys)]))
    drawn = texts.responses.select(["key", "draw"]).take(place).to_pandas()
    first = drawn.dropna().drop_duplicates("draw").nsmallest(SAMPLE, "draw")["key"]
    return list(texts.said(first.tolist()).values())


def _keys(kept: pd.DataFrame) -> list[str]:
    """What a trainer would learn to say, by the hashes of its responses."""
    if "chosen" not in kept.columns or not kept["chosen"].notna().any():
        return [*kept["first_hash"], *kept["second_hash"]]
    first = (kept["chosen"] == "first").to_numpy(dtype=bool)
    second = (kept["chosen"] == "second").to_numpy(dtype=bool)
    return [*kept["first_hash"][first], *kept["second_hash"][second]]


def _before(run: Run) -> RunReport | None:
    rows = RunReport.objects.filter(
        run__project=run.project_id, run__number__lt=run.number, name=REPORT
    )
    return rows.select_related("run").order_by("-run__number").first()
