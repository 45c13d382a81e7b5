"""The decision of a run: clusters, stages in the recipe's order, agreement; written in one transaction, all or nothing."""

from __future__ import annotations

import datetime as dt
import hashlib
import time
import traceback
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import structlog

from curation import frames, reports
from curation.frames import Frames
from curation.methods.arrays import Ints
from curation.methods.jaccard import large, smallest_members
from curation.methods.templates import without_template
from curation.models import Run, RunChunk
from curation.queries.truth import known_answers
from curation.stages.base import BrokenPromise, Facts
from curation.stages.gates import DETAILS, FLAGS
from curation.stages.recipes import Outcome, Recipe, curate
from feedback.errors import Refusal
from feedback.models import Project
from feedback.readers.identity import canonical

from .diversity import diversity_report
from .fingerprints import Near, near_groups
from .outcome import Decided, write_outcome
from .recipes import recipe_of
from .signals import gate_facts
from .start_run import question_kinds
from .texts import NEAR, PROMPT, RESPONSE, shingle_of

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
    outputs = list(read.values_list("output", flat=True))
    together = frames.put_together([frames.restore(name) for name in outputs])
    pairs, clusters = _clustered(run.project, together.pairs)
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
        result_sha256=_result_hash(outcome.pairs),
        agreement=reports.agreement(pairs, together.votes, together.ratings, seed=run.seed),
        clusters=clusters["report"],
        diversity=diversity_report(run, outcome.pairs),
        n_votes=len(together.votes),
        seconds=time.perf_counter() - began,
    )
    if write_outcome(chunk, lease, decided, now=clock()):
        frames.forget(frames.folder_of(run))
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


def _clustered(project: Project, pairs: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The pairs with comparison prompts, prompt clusters and groups of near-equal responses."""
    prompts = without_template(list(pairs["prompt"]), [project.prompt_template])
    pairs = pairs.assign(prompt=pd.Series(prompts, index=pairs.index, dtype="str"))
    labels, near = _clusters_of(project, prompts)
    keys = smallest_members(labels, list(pairs["item"]))
    big = {key for key, is_big in zip(keys, _large(labels, pairs), strict=True) if is_big}
    first, second, close = _response_groups(project, pairs, labels)
    pairs = pairs.assign(
        prompt_cluster=labels,
        cluster_key=pd.Series(keys, index=pairs.index, dtype="str"),
        response_group_first=first,
        response_group_second=second,
    )
    report = {
        "prompts": len(set(prompts)),
        "clusters": len(set(keys)),
        "near_prompts": near.near,
        "near_responses": close.near,
        "crowded": near.crowded + close.crowded,
        "waiting": sorted(big),
    }
    return pairs, {"unconfirmed": frozenset(big), "report": report}


def _clusters_of(project: Project, prompts: list[str]) -> tuple[Ints, Near]:
    """A cluster label for each pair's prompt; equal prompts share one, empty ones too."""
    distinct, place = np.unique(np.array(prompts, dtype=object), return_inverse=True)
    texts = [str(text) for text in distinct]
    near = near_groups(project, PROMPT, shingle_of(project, PROMPT), texts, NEAR[PROMPT])
    return near.groups[place], near


def _large(labels: Ints, pairs: pd.DataFrame) -> list[bool]:
    """Which pairs lie in a cluster so large that a person must look first: counted in items, not in pairs."""
    items = pd.DataFrame({"item": pairs["item"], "label": labels}).drop_duplicates()
    marked = large(items["label"].to_numpy())
    suspicious = set(items["label"][marked])
    return [label in suspicious for label in labels.tolist()]


def _response_groups(
    project: Project, pairs: pd.DataFrame, labels: Ints
) -> tuple[Ints, Ints, Near]:
    """A group for each side of each pair: responses to one prompt cluster that hardly differ share it."""
    sides = pd.DataFrame(
        {
            "text": pd.concat([pairs["first"], pairs["second"]], ignore_index=True),
            "label": np.tile(labels, 2),
        }
    )
    distinct = sides.drop_duplicates().sort_values(["label", "text"]).reset_index(drop=True)
    near = near_groups(
        project,
        RESPONSE,
        shingle_of(project, RESPONSE),
        list(distinct["text"]),
        NEAR[RESPONSE],
        within=distinct["label"].to_numpy(dtype=np.int64),
    )
    groups = sides.merge(distinct.assign(group=near.groups), on=["label", "text"], how="left")
    group = groups["group"].to_numpy(dtype=np.int64)
    return group[: len(pairs)], group[len(pairs) :], near


def _input_hash(run: Run, together: Frames, facts: Facts) -> bytes:
    """What went in, by content: the frozen facts, the seed, known answers, and every vote and rating in their order."""
    sha = hashlib.sha256(canonical([run.frozen, run.seed, sorted(facts.truth.items())]))
    for part in (together.votes, together.ratings):
        for row in frames.rows_of(part):
            sha.update(canonical([*row]))
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


def _result_hash(pairs: pd.DataFrame) -> bytes:
    """What came out, by content, in the order of the pairs' hashes."""
    columns = [name for name in RESULT if name in pairs.columns]
    sha = hashlib.sha256(canonical(columns))
    for row in frames.rows_of(pairs.sort_values("pair")[columns]):
        sha.update(canonical([*row]))
    return sha.digest()
