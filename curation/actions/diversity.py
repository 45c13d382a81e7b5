"""How varied the kept pairs of a run are, and how new against the run before: a report, and an alarm where it collapses."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from curation.late import np, pa, pc, pd
from curation.methods.diversity import SAMPLE, alarms, diversity, novelty, sketch_of
from curation.models import Run, RunReport

from .clusters import Texts

REPORT = "diversity"
READ = ("chosen", "first_hash", "second_hash")


def diversity_report(pairs: pd.DataFrame, texts: Texts, before: RunReport | None) -> dict[str, Any]:
    """The report on the chosen responses of the kept pairs; on both responses where a recipe chooses none.

    It is compared with an earlier run's, where there is one. Nothing is held because of it.
    """
    read = pairs[[name for name in READ if name in pairs.columns]]
    kept = read[~pairs["held"].to_numpy(dtype=bool)]
    found = diversity(_sample(_keys(kept), texts)).document()
    against = before.body["measured"] if before else None
    return {
        "measured": found,
        "before": before.run.number if before else None,
        "novelty": novelty(sketch_of(found), sketch_of(against)) if against else None,
        "alarms": [asdict(each) for each in alarms(found, against)],
    }


def _sample(keys: pa.Array, texts: Texts) -> list[str]:
    """The texts of these responses that would be drawn; of a large set no others are read."""
    table = texts.responses.select(["key", "draw"])
    ours = table.filter(pc.is_in(table["key"].cast(pa.large_string()), keys)).to_pandas()
    first = ours.dropna().drop_duplicates("draw").nsmallest(SAMPLE, "draw")["key"]
    return list(texts.said(first.tolist()).values())


def _keys(kept: pd.DataFrame) -> pa.Array:
    """What a trainer would learn to say, by the hashes of its responses."""
    sides = {side: np.ones(len(kept), dtype=np.bool_) for side in ("first", "second")}
    if "chosen" in kept.columns and kept["chosen"].notna().any():
        sides = {side: (kept["chosen"] == side).to_numpy(dtype=bool) for side in sides}
    said = pd.concat([kept[f"{side}_hash"][rows] for side, rows in sides.items()])
    return pc.unique(pa.array(said, pa.large_string()))


def report_before(run: Run) -> RunReport | None:
    """The report of the latest earlier run of the project that has one."""
    rows = RunReport.objects.filter(
        run__project=run.project_id, run__number__lt=run.number, name=REPORT
    )
    return rows.select_related("run").order_by("-run__number").first()
