"""The proof that splits do not leak: looked for anew when a run has decided, and asked for before anything is published."""

from __future__ import annotations

from typing import Any

from curation.late import np, pa, pd
from curation.methods.leaks import across
from curation.methods.lookup import places_in
from curation.models import Run, RunReport
from curation.stages.splits import TEST, TRAIN, VALIDATION
from feedback.errors import Refusal
from feedback.models import Project

from .clusters import ComparedWords, Texts
from .texts import NEAR, PROMPT, shingle_of

REPORT = "splits"
SPLITS = (TRAIN, VALIDATION, TEST)
MOST_NAMED = 20
READ = ("prompt_key", "split", "source_key")


class SplitsLeak(Refusal):
    """Near-equal prompts or items of one source are in different splits of this run, so it is not published. The run's report “splits” names them; merge their clusters, or take them out, and run again."""

    code = "splits_leak"


def splits_report(
    project: Project, pairs: pd.DataFrame, texts: Texts, shared: list[str]
) -> dict[str, Any]:
    """What joins two splits: prompts in both, near prompts (checked exactly), sources in both. Nothing of it may be there."""
    if "split" not in pairs.columns:
        return {}
    read = pairs[[name for name in READ if name in pairs.columns]]
    placed = read[pairs["split"].isin(SPLITS).to_numpy(dtype=bool)]
    prompts = placed[["prompt_key", "split"]].drop_duplicates()
    keys = prompts["prompt_key"]
    said = texts.prompts["text"].take(pa.array(places_in(texts.prompts["key"], keys)))
    sides = [SPLITS.index(split) for split in prompts["split"]]
    words, kind = ComparedWords(said, shared), shingle_of(project, PROMPT)
    found = across(words, np.asarray(sides, dtype=np.int64), kind, NEAR[PROMPT])
    left, right = (keys.iloc[places].tolist() for places in (found.left, found.right))
    near = list(zip(left, right, strict=True))
    return {
        "prompts": len(prompts),
        "checked": found.candidates,
        "near": len(near),
        "shared_prompts": int(keys.duplicated().sum()),
        "shared_sources": _torn(placed),
        "named": near[:MOST_NAMED],
    }


def refuse_leaks(run: Run) -> None:
    """Raise SplitsLeak unless the run has proved that nothing joins its splits."""
    report = RunReport.objects.filter(run=run, name=REPORT).first()
    body = report.body if report else {}
    if any(body.get(name) for name in ("near", "shared_prompts", "shared_sources")):
        raise SplitsLeak


def _torn(placed: pd.DataFrame) -> int:
    """Sources that are in more than one split."""
    if "source_key" not in placed.columns:
        return 0
    tied = placed[(placed["source_key"] != "").to_numpy(dtype=bool)]
    return int((tied.groupby("source_key")["split"].nunique() > 1).sum())
