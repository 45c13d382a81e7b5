"""The result of a run goes into its tables: pairs with their statistics, the waterfall, reports, reliability, the ledger."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd
from django.db import connection, transaction

from curation import frames
from curation.models import (
    Pair,
    RaterReliability,
    Run,
    RunChunk,
    RunPair,
    RunReport,
    RunStage,
    SplitEntry,
)
from curation.stages.base import Stage
from curation.stages.gates import details_of, flag_counts, flags_of
from curation.stages.recipes import Outcome
from curation.stages.waterfall import waterfall
from feedback.actions.importing.rows import as_json, copy_rows, draw_ids
from feedback.models import Review

PairKey = tuple[int, int, int, str]


@dataclass(frozen=True)
class Decided:
    """Everything a decision found out, ready to be written."""

    outcome: Outcome
    steps: list[tuple[Stage, dict[str, Any]]]
    input_sha256: bytes
    result_sha256: bytes
    agreement: list[dict[str, Any]]
    clusters: dict[str, Any]
    diversity: dict[str, Any]
    n_votes: int
    seconds: float


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
        pairs = decided.outcome.pairs
        ids = _pair_ids(run, pairs)
        copy_rows(RunPair, _COLUMNS, _run_pairs(run, pairs, ids))
        _write_stages(run, decided)
        _write_reports(run, decided)
        _write_reliability(run, decided)
        _write_ledger(run, decided.outcome.ledger, now)
        held = int(pairs["held"].sum())
        Run.objects.filter(pk=run.pk).update(
            state=Run.State.FINISHED,
            finished_at=now,
            input_sha256=decided.input_sha256,
            result_sha256=decided.result_sha256,
            n_votes=decided.n_votes,
            n_pairs=len(pairs),
            n_held=held,
            n_out=len(pairs) - held,
        )
    return True


def _pair_ids(run: Run, pairs: pd.DataFrame) -> dict[PairKey, int]:
    """The lasting row of each pair, made for those seen for the first time."""
    known = {
        (revision, lo, hi, question): pk
        for pk, revision, lo, hi, question in Pair.objects.filter(
            project_id=run.project_id, question__in=run.frozen["questions"]
        )
        .values_list("pk", "revision_id", "response_lo_id", "response_hi_id", "question")
        .iterator(chunk_size=5000)
    }
    fresh = [row for row in frames.rows_of(pairs[list(_KEY)]) if _key(row) not in known]
    ids = draw_ids(Pair, len(fresh))
    columns = (
        *("id", "public_id", "workspace_id", "project_id", "revision_id", "response_lo_id"),
        *("response_hi_id", "question", "pair_hash"),
    )
    copy_rows(
        Pair,
        columns,
        (
            (
                *(pk, uuid.uuid4(), run.workspace_id, run.project_id, row.revision_id, row.lo_id),
                *(row.hi_id, row.question, bytes.fromhex(row.pair)),
            )
            for pk, row in zip(ids, fresh, strict=True)
        ),
    )
    return known | {_key(row): pk for pk, row in zip(ids, fresh, strict=True)}


_KEY = ("pair", "revision_id", "lo_id", "hi_id", "question")


def _key(row: Any) -> PairKey:
    return int(row.revision_id), int(row.lo_id), int(row.hi_id), str(row.question)


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
    "contested": ("contested", False),
    "weight": ("weight", 1.0),
    "group_id": ("group_id", ""),
    "split": ("split", ""),
}
_COLUMNS = (
    *("workspace_id", "run_id", "pair_id", "held", "stage", "reason", "detail", "cluster"),
    *("pooled_into", *_STATISTICS, "flags", "signals"),
)


def _run_pairs(run: Run, pairs: pd.DataFrame, ids: dict[PairKey, int]) -> Iterator[tuple[Any, ...]]:
    for row in frames.rows_of(pairs.sort_values("pair")):
        into = getattr(row, "pooled_into", None)
        yield (
            *(run.workspace_id, run.pk, ids[_key(row)], row.held, row.stage or ""),
            *(row.reason or "", (row.detail or "")[:400], bytes.fromhex(str(row.cluster_key))),
            bytes.fromhex(into) if into else None,
            *(_value(row, name, default) for name, default in _STATISTICS.values()),
            *(flags_of(row), as_json(details_of(row))),
        )


def _value(row: Any, name: str, default: Any) -> Any:
    value = getattr(row, name, None)
    return default if value is None else value


def _write_stages(run: Run, decided: Decided) -> None:
    falls = waterfall(decided.outcome.pairs, [stage for stage, _ in decided.steps]).falls
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
    bodies = {
        "agreement": decided.agreement,
        "clusters": decided.clusters,
        "flags": flag_counts(decided.outcome.pairs),
        "diversity": decided.diversity,
        "methods": decided.outcome.methods,
        "votes": {
            "votes": decided.n_votes,
            "duplicates": decided.outcome.duplicate_votes,
            "seconds": round(decided.seconds, 3),
            # Votes that can be held against somebody else's; without them an accuracy is its prior.
            "shared": [
                {"rater": row.rater, "question": row.question, "shared": int(row.shared)}
                for row in frames.rows_of(decided.outcome.raters)
            ],
        },
    }
    RunReport.objects.bulk_create(
        RunReport(workspace_id=run.workspace_id, run=run, name=name, body=body)
        for name, body in bodies.items()
    )


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


def _write_ledger(run: Run, entries: dict[str, str], now: dt.datetime) -> None:
    """Freeze where new items were put. Two runs at once: the first one's word stays."""
    SplitEntry.objects.bulk_create(
        (
            SplitEntry(
                workspace_id=run.workspace_id,
                project_id=run.project_id,
                item_hash=bytes.fromhex(item),
                split=split,
                run=run,
                frozen_at=now,
            )
            for item, split in sorted(entries.items())
        ),
        ignore_conflicts=True,
    )
