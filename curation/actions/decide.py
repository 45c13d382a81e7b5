"""The decision of a run: clusters, stages in the recipe's order, agreement; written in one transaction, all or nothing."""

from __future__ import annotations

import datetime as dt
import hashlib
import time
import traceback
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import structlog

from curation import frames, parts, reports
from curation.frames import Frames
from curation.late import pa, pc, pd
from curation.leaderboards import leaderboards
from curation.memory import let_go
from curation.methods.digests import frame_sha256
from curation.methods.lookup import places_in
from curation.models import Run, RunChunk, RunReport
from curation.queries.truth import known_answers
from curation.scored import question_kinds
from curation.stages.base import BrokenPromise, Facts
from curation.stages.gates import flag_counts
from curation.stages.recipes import After, Outcome, Recipe, curate, unheard
from feedback.errors import Refusal
from feedback.readers.identity import canonical

from .clusters import Clustered, Elsewhere, Texts, clustered
from .diversity import diversity_report, report_before
from .ledger import ledger_of
from .outcome import Decided, write_outcome
from .partitions import found_in
from .reading import table_of
from .recipes import recipe_of
from .result import result_hash
from .signals import evidence_facts
from .split_gate import splits_report
from .states import keep, keep_prompts
from .texts import code_view_of

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
    folders, recipe = _folders(run), recipe_of(run.recipe_version)
    together, truth = _everything(folders), known_answers(run)
    sha256 = input_hash(run, together, truth)
    together = replace(together, votes=_placed(together))
    found, texts = _clusters(run, lease, recipe, folders, together.pairs)
    facts = replace(
        facts_of(run, together, ledger_of(run)),
        unconfirmed=found.unconfirmed,
        estimates=run.frozen.get("estimates", {}),
        usual=run.frozen.get("usual", {}),
        truth=truth,
    )
    read_of = (found.pairs, together.votes, together.ratings)
    outcome = curated(recipe, found.pairs, facts, lambda *_: let_go())
    before = report_before(run)
    keeps = keep(run, lease, recipe, outcome, found, together.votes)
    let_go()
    # While PostgreSQL takes the pairs in, the other processor makes the reports.
    with ThreadPoolExecutor(1) as beside:
        others = beside.submit(_found_out, run, _own(outcome.pairs), found, texts, read_of, before)
        votes = {
            "votes": len(together.votes),
            "duplicates": outcome.duplicate_votes,
            "seconds": round(time.perf_counter() - began, 3),
            "shared": shared_of(outcome),
        }
        decided = Decided(
            outcome=outcome,
            whole=outcome.pairs,
            steps=[(step.does, dict(step.params)) for step in recipe.steps],
            input_sha256=sha256,
            result_sha256=result_hash(outcome.pairs.sort_values("pair")),
            reports=lambda: {
                "methods": outcome.methods,
                "votes": votes,
                **others.result(),
            },
            n_votes=len(together.votes),
            asked=found.asked,
            keeps=keeps,
        )
        written = write_outcome(chunk, lease, decided, now=clock())
    if written:
        parts.forget(parts.folder_of(run))
    log.info("run_decided", run=run.pk, pairs=len(outcome.pairs))


def _found_out(
    run: Run,
    pairs: pd.DataFrame,
    found: Clustered,
    texts: Texts,
    read_of: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame],
    before: RunReport | None,
) -> dict[str, Any]:
    """What is reported of the pairs when all is decided. It asks the database nothing: it works beside its writer."""
    agreement = reports.agreement(*map(_own, read_of), seed=run.seed)
    let_go()
    return {
        "agreement": agreement,
        "clusters": found.report,
        "flags": flag_counts(pairs),
        "diversity": diversity_report(pairs, texts, before),
        "leaderboard": leaderboards(*map(_own, read_of), seed=run.seed),
        "splits": splits_report(run.project, pairs, texts, found.shared),
    }


def _everything(folders: Sequence[str]) -> Frames:
    """What all chunks have read."""
    judged = judged_questions(
        parts.load(f"{each}/ratings", ["question", "value"]) for each in folders
    )

    def stored(name: str) -> list[pa.Table]:
        if name != "ratings":
            return [parts.load(f"{folder}/{name}") for folder in folders]
        if not judged:
            return [table_of(frames.none_of(frames.RATINGS))]
        return [rated_of(parts.load(f"{folder}/ratings"), judged) for folder in folders]

    together = put_together(stored)
    let_go()
    return together


def _placed(together: Frames) -> pd.DataFrame:
    """The votes without what their hash alone needs: of their pair they keep the place, a ninth of its name."""
    votes = together.votes
    row = places_in(together.pairs["pair"], votes["pair"])
    return votes.drop(columns=["pair", "review"]).assign(row=row)


def _clusters(
    run: Run, lease: uuid.UUID, recipe: Recipe, folders: Sequence[str], pairs: pd.DataFrame
) -> tuple[Clustered, Texts]:
    """What is near what, and the texts, without the bands that were needed to find it: those of prompts are kept for other runs."""
    joined = found_in(run)
    texts = texts_in(folders, banded=joined is None)
    let_go()
    rest = Elsewhere(joined.shared, None) if joined else _rest_of(run)
    view = code_view_of(recipe)
    found = clustered(run.project, pairs, texts, rest, said_of(run), view, joined)
    keep_prompts(run, lease, found.prompts)
    found, texts = found.without_prompts(), texts.without_bands()
    let_go()
    return found, texts


def _folders(run: Run) -> list[str]:
    """Where its chunks have left what they read, in order."""
    read = RunChunk.objects.filter(run=run, kind=RunChunk.Kind.READ).order_by("number")
    return list(read.values_list("output", flat=True))


def _own(frame: pd.DataFrame) -> pd.DataFrame:
    """Another frame over the same columns: pandas may rearrange one that is only read."""
    return frame.copy(deep=False)


def facts_of(run: Run, together: Frames, ledger: Mapping[str, str]) -> Facts:
    """What the run froze, and what is known of the texts that were read, as its stages read it."""
    kinds = question_kinds(run.project)
    return Facts(
        votes=together.votes,
        ledger=ledger,
        seed=run.seed,
        by_hand=run.frozen.get("by_hand", {}),
        rewrites=frozenset(id for id, kind in kinds.items() if kind == "rewrite"),
        salt=f"{run.project.workspace.slug}/{run.project.slug}",
        evidence=evidence_facts(run, together.pairs, together.votes),
    )


def shared_of(outcome: Outcome) -> list[dict[str, Any]]:
    """Votes that can be held against somebody else's; without them an accuracy is its prior."""
    return [
        {"rater": row.rater, "question": row.question, "shared": int(row.shared)}
        for row in frames.rows_of(outcome.raters)
    ]


def said_of(run: Run) -> list[list[str]]:
    """What people had said of near texts when the run began; one that an older version began knows of nothing."""
    found: list[list[str]] = run.frozen.get("near_pairs", [])
    return found


def _rest_of(run: Run) -> Elsewhere | None:
    """A run whose estimates are an earlier run's takes from there also which paragraphs are shared."""
    shared = run.frozen.get("shared")
    return None if shared is None else Elsewhere(shared, None)


def curated(recipe: Recipe, pairs: pd.DataFrame, facts: Facts, after: After = unheard) -> Outcome:
    """What the stages make of the pairs. They are pure: what one of them raises, it raises every time."""
    try:
        return curate(recipe, pairs, facts, after)
    except BrokenPromise as broken:
        raise StageBroken(str(broken)) from broken
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        # Where, but not what: the words of such an error may be a reviewer's.
        frames_of = traceback.extract_tb(error.__traceback__)
        places = [f"{Path(at.filename).name}:{at.lineno} {at.name}" for at in frames_of]
        log.warning("stage_failed", error=type(error).__name__, places=places)
        raise StageFailed from error


def put_together(tables: Callable[[str], Sequence[pa.Table]]) -> Frames:
    """The frames of all chunks as one, in an order that depends on what they say and not on how they were cut.

    `tables` gives those of one name, which are not held while the others are put together.
    """
    pairs = parts.joined(tables("pairs"), by=["pair", "revision_id"])
    pairs = parts.distinct(pairs, "pair").to_pandas()
    votes = parts.joined(tables("votes"), by=["pair", "rater", "outcome", "review"]).to_pandas()
    said = tables("ratings")
    judged = judged_questions(said)
    ratings = parts.joined([rated_of(each, judged) for each in said], by=list(frames.RATINGS))
    return Frames(pairs, votes, ratings.to_pandas())


def judged_questions(ratings: Iterable[pa.Table]) -> set[str]:
    """Questions with a rating that is not 0: critiques that were asked for, and nobody made one, say nothing."""
    found: set[str] = set()
    for table in ratings:
        some = table.filter(pc.not_equal(table["value"], 0.0))
        found |= set(some["question"].unique().to_pylist())
    return found


def rated_of(ratings: pa.Table, judged: Collection[str]) -> pa.Table:
    """The ratings of some questions."""
    wanted = pa.array(sorted(judged), pa.large_string())
    return ratings.filter(pc.is_in(ratings["question"].cast(pa.large_string()), wanted))


def texts_in(folders: Sequence[str], *, banded: bool = True) -> Texts:
    """The distinct texts of all chunks; those of responses are read when they are asked for, and their bands if `banded`."""

    def said(keys: Collection[str]) -> dict[str, str]:
        return parts.looked_up(folders, "responses", "key", "text", keys)

    prompts = parts.gather(folders, "prompts", by=["key"])
    columns = ["key", "draw", *(["bands"] if banded else [])]
    responses = parts.gather(folders, "responses", columns, by=["key"])
    return Texts(parts.distinct(prompts, "key"), parts.distinct(responses, "key"), said)


def input_hash(run: Run, together: Frames, truth: Mapping[str, int]) -> bytes:
    """What went in, by content: the frozen facts, the seed, known answers, and every vote and rating in their order."""
    sha = hashlib.sha256(canonical([run.frozen, run.seed, sorted(truth.items())]))
    for part in (together.votes, together.ratings.drop(columns="revision_id")):
        sha.update(frame_sha256(part, list(part.columns)))
    return sha.digest()
