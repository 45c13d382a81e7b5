"""The result of a run goes into its tables: pairs with their statistics, the waterfall, reports, reliability, the ledger."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection, transaction

from curation import frames
from curation.late import np, pd
from curation.methods.arrays import Ints
from curation.models import RaterReliability, Run, RunChunk, RunPair, RunReport, RunStage
from curation.stages.base import Stage
from curation.stages.gates import DETAILS, EVERY_FLAG, details_of, flags_of
from curation.stages.mixture import MIXTURE, mixture_report
from curation.stages.recipes import Outcome
from curation.stages.waterfall import waterfall
from feedback.models import Review

from .copying import copy_columns, filled, hexed, pair_ids
from .ledger import write_ledger
from .waiting import Asked, write_asked


@dataclass(frozen=True)
class Decided:
    """Everything a decision found out, ready to be written.

    `whole` are all pairs of the run with what the books say of them; `outcome.pairs` may be those alone that are not as the
    run's base has them. `reports` may still be in the making: they are asked for when everything else is written. `keeps` is
    where the state lies from which other runs may go on.
    """

    outcome: Outcome
    whole: pd.DataFrame
    steps: list[tuple[Stage, dict[str, Any]]]
    input_sha256: bytes
    result_sha256: bytes
    reports: Callable[[], dict[str, Any]]
    n_votes: int
    asked: list[Asked]
    keeps: str = ""


def write_outcome(chunk: RunChunk, lease: uuid.UUID, decided: Decided, *, now: dt.datetime) -> bool:
    """Write it all, or nothing. False: the lease was lost, and another worker writes (the same)."""
    run = chunk.run
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(727003, %s)", [run.project_id])
        mine = RunChunk.objects.select_for_update().filter(pk=chunk.pk, lease=lease)
        if not mine.update(
            state=RunChunk.State.DONE, finished_at=now, lease=None, leased_until=None
        ):
            return False
        _write_pairs(run, decided.outcome.pairs)
        _write_stages(run, decided)
        if "since" not in run.frozen:
            _write_reliability(run, decided)
        else:
            cursor.execute(_SAME_RELIABILITY, [run.pk, run.project_id, run.frozen["since"]])
        write_ledger(run, decided.outcome.ledger, now)
        write_asked(run, decided.asked, now=now)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # checked now, and not when it is committed
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        _write_reports(run, decided)
        held = int(decided.whole["held"].sum())
        Run.objects.filter(pk=run.pk).update(
            state=Run.State.FINISHED,
            finished_at=now,
            input_sha256=decided.input_sha256,
            result_sha256=decided.result_sha256,
            n_votes=decided.n_votes,
            n_pairs=len(decided.whole),
            n_held=held,
            n_out=len(decided.whole) - held,
            keeps=decided.keeps,
        )
    return True


_SAME_RELIABILITY = """
INSERT INTO curation_raterreliability
    (workspace_id, run_id, rater_id, question, method, n_votes, accuracy, accuracy_lo, accuracy_hi)
SELECT workspace_id, %s, rater_id, question, method, n_votes, accuracy, accuracy_lo, accuracy_hi
FROM curation_raterreliability WHERE run_id = (
    SELECT max(id) FROM curation_run
    WHERE project_id = %s AND encode(result_sha256, 'hex') = %s AND NOT frozen ? 'since')
"""

# Column of the table → column of the frame, and what stands where a recipe has no stage that makes it.
_STATISTICS: dict[str, tuple[str, Any]] = {
    "chosen": ("chosen", None),
    "n_votes": ("n_votes", 0),
    "n_first": ("n_first", 0),
    "n_tie": ("n_tie", 0),
    "n_second": ("n_second", 0),
    "vote_share": ("vote_share", None),
    "vote_share_lo": ("vote_share_lo", None),
    "vote_share_hi": ("vote_share_hi", None),
    "p_next": ("p_next", None),
    "p_true": ("p_true", None),
    "p_basis": ("p_basis", ""),
    "method": ("method", ""),
    "margin": ("margin", 0.0),
    "strength": ("strength", 0.0),
    "n_eff": ("n_eff", 0.0),
    "entropy": ("entropy", None),
    "score_first": ("score_first", None),
    "score_second": ("score_second", None),
    "contested": ("contested", False),
    "weight": ("weight", 1.0),
    "group_id": ("group_id", ""),
    "split": ("split", ""),
    "overruled": ("overruled", ""),
}


# The one column of the gates that differs from row to row; of the others there are few combinations.
EACH_ITS_OWN = "length_ratio"
AT_ONCE = 50_000  # pairs


def _write_pairs(run: Run, pairs: pd.DataFrame) -> None:
    """The run's pairs in the order of their hashes, so that their serials follow it; so many at a time."""
    pairs = pairs.sort_values("pair")
    ids = np.array(pair_ids(run.workspace_id, run.project_id, pairs), dtype=np.int64)
    for start in range(0, len(pairs), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        copy_columns(RunPair, _columns(run, pairs.iloc[part], ids[part]))


def _columns(run: Run, pairs: pd.DataFrame, ids: Ints) -> dict[str, Any]:
    """What the table keeps of some pairs, column by column."""
    into = pairs.get("pooled_into", pd.Series(None, index=pairs.index, dtype="str"))
    columns = {
        "workspace_id": np.full(len(pairs), run.workspace_id),
        "run_id": np.full(len(pairs), run.pk),
        "pair_id": ids,
        "held": pairs["held"].to_numpy(dtype=bool),
        "stage": filled(pairs, "stage", ""),
        "reason": filled(pairs, "reason", ""),
        "detail": filled(pairs.assign(detail=pairs["detail"].str.slice(0, 400)), "detail", ""),
        "cluster": hexed(pairs["cluster_key"]),
        "pooled_into": hexed(into),
    }
    for name, (column, default) in _STATISTICS.items():
        columns[name] = filled(pairs, column, default)
    columns["flags"], columns["signals"] = _gates_said(pairs)
    return columns


def _gates_said(pairs: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Flags as an array's text and what else the gates say as JSON's, for each row."""
    columns = [name for name in (*EVERY_FLAG, *DETAILS) if name in pairs.columns]
    few = [name for name in columns if name != EACH_ITS_OWN]
    if not few:
        return ["{}"] * len(pairs), ["{}"] * len(pairs)
    group = pairs.groupby(few, sort=False, dropna=False).ngroup().to_numpy()
    _, first = np.unique(group, return_index=True)
    rows = list(frames.rows_of(pairs[few].iloc[first]))
    flags = np.array(["{" + ",".join(flags_of(row)) + "}" for row in rows], dtype=object)
    said = [orjson.dumps(details_of(row)).decode() for row in rows]
    return list(flags[group]), _with_own(np.array(said, dtype=object)[group], pairs)


def _with_own(said: Any, pairs: pd.DataFrame) -> list[str]:
    """What rows say in common, as JSON, with what each has for itself."""
    if EACH_ITS_OWN not in pairs.columns:
        return list(said)
    values = pairs[EACH_ITS_OWN].tolist()
    return [
        f'{most[:-1]}{"," if len(most) > 2 else ""}"{EACH_ITS_OWN}":{value!r}}}'
        if value == value and value
        else most
        for most, value in zip(said, values, strict=True)
    ]


def _write_stages(run: Run, decided: Decided) -> None:
    falls = waterfall(decided.whole, [stage for stage, _ in decided.steps]).falls
    RunStage.objects.bulk_create(
        RunStage(
            workspace_id=run.workspace_id,
            run=run,
            position=position,
            stage=fall.stage,
            params=params,
            n_in=fall.came,
            n_held=fall.held,
            n_out=fall.went,
            reasons=fall.reasons,
        )
        for position, (fall, (_, params)) in enumerate(
            zip(falls, decided.steps, strict=True), start=1
        )
    )


def _write_reports(run: Run, decided: Decided) -> None:
    by_hand = {"overruled": _overruled(decided.whole)}
    RunReport.objects.bulk_create(
        RunReport(workspace_id=run.workspace_id, run=run, name=name, body=body)
        for name, body in {**decided.reports(), **_mixed(decided), "by_hand": by_hand}.items()
    )


def _mixed(decided: Decided) -> dict[str, Any]:
    """What each group gave to the mixture, where the recipe mixes."""
    params = next((params for stage, params in decided.steps if stage is MIXTURE), None)
    if params is None:
        return {}
    return {"mixture": mixture_report(decided.whole, {**MIXTURE.defaults, **params})}


def _overruled(pairs: pd.DataFrame) -> dict[str, int]:
    """Why pairs that went on because a person released them would have been held, and how many."""
    counted = pairs["overruled"].dropna().value_counts().sort_index()
    return {str(reason): int(number) for reason, number in counted.items()}


def _write_reliability(run: Run, decided: Decided) -> None:
    """What the fit thinks of each rater who has a name."""
    people = Review.objects.filter(project_id=run.project_id).values_list("rater_id", flat=True)
    keys = frames.RaterKeys(set(people.distinct()))
    by_key = {keys[rater_id, 1]: rater_id for rater_id in set(people.distinct())}
    RaterReliability.objects.bulk_create(
        RaterReliability(
            workspace_id=run.workspace_id,
            run=run,
            rater_id=by_key[row.rater],
            question=row.question,
            method=row.method,
            n_votes=row.votes,
            accuracy=row.accuracy,
            accuracy_lo=row.low,
            accuracy_hi=row.high,
        )
        for row in frames.rows_of(decided.outcome.raters)
        if row.rater in by_key and not row.rater.startswith("unknown:")
    )
