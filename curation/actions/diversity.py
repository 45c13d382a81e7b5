"""How varied the kept pairs of a run are, and how new against the run before: a report, and an alarm where it collapses."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pandas as pd

from curation.methods.diversity import alarms, diversity, novelty, sketch_of
from curation.models import Run, RunReport

REPORT = "diversity"


def diversity_report(run: Run, pairs: pd.DataFrame) -> dict[str, Any]:
    """The report on the chosen responses of the kept pairs; on both responses where a recipe chooses none.

    It is compared with the latest earlier run of the project that has such a report. Nothing is held because of it.
    """
    kept = pairs[~pairs["held"].to_numpy(dtype=bool)]
    found = diversity(_texts(kept)).document()
    before = _before(run)
    against = before.body["measured"] if before else None
    return {
        "measured": found,
        "before": before.run.number if before else None,
        "novelty": novelty(sketch_of(found), sketch_of(against)) if against else None,
        "alarms": [asdict(each) for each in alarms(found, against)],
    }


def _texts(kept: pd.DataFrame) -> list[str]:
    """What a trainer would learn to say."""
    if "chosen" not in kept.columns or not kept["chosen"].notna().any():
        return [*kept["first"], *kept["second"]]
    first = (kept["chosen"] == "first").to_numpy(dtype=bool)
    second = (kept["chosen"] == "second").to_numpy(dtype=bool)
    return [*kept["first"][first], *kept["second"][second]]


def _before(run: Run) -> RunReport | None:
    rows = RunReport.objects.filter(
        run__project=run.project_id, run__number__lt=run.number, name=REPORT
    )
    return rows.select_related("run").order_by("-run__number").first()
