"""The decision of a run: clusters, stages in the recipe's order, agreement; written in one transaction, all or nothing."""

from __future__ import annotations

import datetime as dt
import hashlib
import time
import traceback
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
import structlog

from curation import frames, parts, reports
from curation.frames import Frames
from curation.methods.digests import frame_sha256
from curation.models import Run, RunChunk
from curation.queries.truth import known_answers
from curation.stages.base import BrokenPromise, Facts
from curation.stages.gates import DETAILS, FLAGS
from curation.stages.recipes import Outcome, Recipe, curate
from feedback.errors import Refusal
from feedback.readers.identity import canonical

from .clusters import clustered
from .diversity import diversity_report
from .outcome import Decided, write_outcome
from .recipes import recipe_of
from .signals import gate_facts
from .start_run import question_kinds

log = structlog.get_logger(__name__)


class StageBroken(Refusal):
    """A stage did not keep what every stage promises; nothing of this run is used."""

    code = "stage_broken"


class StageFailed(Refusal):
    """A stage could not work on these pairs, which is a fault of Touchstone; the workers' log says where. Nothing of this run is used."""

    code = "stage_failed"


def decide(chunk: RunChunk, lease: uuid.UUID, clock: Callable[[], dt.datetime]) -> None:
    """Decide over everything that the run's chunks have read."""
    run, began = chunk.run, time.perf_counter()
    read = RunChunk.objects.filter(run=run, kind=RunChunk.Kind.READ).order_by("number")
    folders = list(read.values_list("output", flat=True))
    together = put_together(folders)
    pairs, clusters = clustered(run.project, together.pairs, folders)
    recipe = recipe_of(run.recipe_version)
    facts = Facts(
        votes=together.votes,
        ledger=run.frozen["ledger"],
        unconfirmed=clusters["unconfirmed"],
        rewrites=frozenset(
            id for id, kind in question_kinds(run.project).items() if kind == "rewrite"
        ),
        salt=f"{run.project.workspace.slug}/{run.project.slug}",
        **gate_facts(run, together.pairs, together.votes),
        truth=known_answers(run),
    )
    outcome = _curated(recipe, pairs, facts)
    decided = Decided(
        outcome=outcome,
        steps=[(step.does, dict(step.params)) for step in recipe.steps],
        input_sha256=_input_hash(run, together, facts),
        result_sha256=result_hash(outcome.pairs),
        agreement=reports.agreement(pairs, together.votes, together.ratings, seed=run.seed),
        clusters=clusters["report"],
        diversity=diversity_report(run, outcome.pairs),
        n_votes=len(together.votes),
        seconds=time.perf_counter() - began,
    )
    if write_outcome(chunk, lease, decided, now=clock()):
        parts.forget(parts.folder_of(run))
    log.info("run_decided", run=run.pk, pairs=len(pairs), held=int(outcome.pairs["held"].sum()))


def _curated(recipe: Recipe, pairs: pd.DataFrame, facts: Facts) -> Outcome:
    """What the stages make of the pairs. They are pure: what one of them raises, it raises every time."""
    try:
        return curate(recipe, pairs, facts)
    except BrokenPromise as broken:
        raise StageBroken(str(broken)) from broken
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        # Where, but not what: the words of such an error may be a reviewer's.
        frames_of = traceback.extract_tb(error.__traceback__)
        places = [f"{Path(at.filename).name}:{at.lineno} {at.name}" for at in frames_of]
        log.warning("stage_failed", error=type(error).__name__, places=places)
        raise StageFailed from error


def put_together(folders: Sequence[str]) -> Frames:
    """The frames of all chunks as one, in an order that depends on what they say and not on how they were cut."""
    pairs = parts.gather(folders, "pairs", by=["pair", "revision_id"])
    votes = parts.gather(folders, "votes", by=["pair", "rater", "outcome", "review"])
    ratings = parts.gather(folders, "ratings", by=list(frames.RATINGS))
    return Frames(parts.distinct(pairs, "pair").to_pandas(), votes.to_pandas(), ratings.to_pandas())


def _input_hash(run: Run, together: Frames, facts: Facts) -> bytes:
    """What went in, by content: the frozen facts, the seed, known answers, and every vote and rating in their order."""
    sha = hashlib.sha256(canonical([run.frozen, run.seed, sorted(facts.truth.items())]))
    for part in (together.votes, together.ratings):
        sha.update(frame_sha256(part, list(part.columns)))
    return sha.digest()


RESULT = (
    *("pair", "held", "stage", "reason", "chosen", "n_votes", "vote_share", "p_next", "p_true"),
    *(
        "p_basis",
        "method",
        "margin",
        "strength",
        "n_eff",
        "entropy",
        "contested",
        "weight",
        "cluster_key",
        "split",
    ),
    *FLAGS,
    *DETAILS,
)


def result_hash(pairs: pd.DataFrame) -> bytes:
    """What came out, by content, in the order of the pairs' hashes."""
    columns = [name for name in RESULT if name in pairs.columns]
    return frame_sha256(pairs.sort_values("pair"), columns)
