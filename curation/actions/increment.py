"""A run that goes on from another: it decides again over what is new and whatever that touches, and over nothing else.

Clusters, held repeats, weights and splits depend on a whole cluster, every other figure on a pair's own votes once raters are
estimated. So it is enough to read the clusters that a new review, a new near prompt, a common source or a person's
decision touches, with the estimates of the run it goes on from. Where that cannot be told, the whole is read again.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import structlog
from django.db import connection

from curation.frames import read_reviews
from curation.methods.arrays import Bools, Ints
from curation.methods.code import View
from curation.methods.jaccard import large
from curation.methods.minhash import LARGEST_BUCKET
from curation.models import Run
from curation.queries.frozen import standing
from curation.queries.leaderboards import NOTHING
from curation.queries.runs import reports_of
from curation.scored import reading_of
from curation.stages.gates import flag_counts
from curation.stages.recipes import Recipe
from curation.stages.splits import SPLITS, placed_clusters
from feedback.readers.identity import canonical

from .clusters import Elsewhere, Texts, banded_of, clustered, compared_words
from .decide import curated, facts_of, put_together, result_hash, said_of
from .ledger import ledger_of
from .outcome import Decided
from .reading import Read, prepared
from .signals import read_chunk
from .split_gate import splits_report
from .states import State, read_once, state_of
from .texts import PROMPT, code_view_of, shingle_of

log = structlog.get_logger(__name__)
MOST_TOUCHED = 0.2  # of the pairs; from there on reading the whole costs little more


class Wider(Exception):
    """What is new touches more than can be told from the state; the whole must be read."""


@dataclass(frozen=True)
class Touched:
    """Rows of the state whose clusters must be decided again, and everything that was read of them anew."""

    rows: Bools
    read: Read


def went_on(run: Run, recipe: Recipe) -> Decided:
    """The decision of a run that has a base. Raises Wider."""
    began = time.perf_counter()
    assert run.base is not None
    if any(step.does.whole for step in recipe.steps):
        raise Wider
    state = state_of(run.base)
    touched = _touched(run, state, code_view_of(recipe))
    together = put_together([tables_of(touched.read)])
    before, rest = state.pairs[touched.rows], state.pairs[~touched.rows]
    _refuse_lost(before, together.pairs, together.votes)
    items = len(set(rest["item"])) + len(set(together.pairs["item"]))
    _refuse_other_alarms(rest, state, items)
    texts = texts_of(touched.read)
    rest_of = Elsewhere(state.shared, items)
    view = code_view_of(recipe)
    found = clustered(run.project, together.pairs, texts, rest_of, said_of(run), view)
    facts = replace(
        facts_of(run, together, ledger_of(run, set(together.pairs["item"]))),
        unconfirmed=found.unconfirmed,
        estimates=state.estimates,
        usual=state.usual,
        elsewhere=_elsewhere(state, before, recipe),
    )
    outcome = curated(recipe, found.pairs, facts)
    without = outcome.pairs.drop(columns=read_once(outcome.pairs))
    whole = pd.concat([rest, without], ignore_index=True)
    n_votes = int(rest["cast"].sum()) + len(together.votes)
    log.info("run_went_on", run=run.pk, touched=len(outcome.pairs), pairs=len(whole))
    return Decided(
        outcome=outcome,
        whole=whole,
        steps=[(step.does, dict(step.params)) for step in recipe.steps],
        input_sha256=_input_hash(run),
        result_sha256=result_hash(whole),
        reports={
            **_reports(run.base, whole, n_votes, time.perf_counter() - began),
            "splits": _splits(run, outcome.pairs, texts, found.shared),
        },
        n_votes=n_votes,
        asked=found.asked,
    )


def _touched(run: Run, state: State, view: View) -> Touched:
    reading = reading_of(run)
    fresh_items = _items_of(run)
    fresh = prepared(
        read_reviews([pk for _, pk in standing(run, fresh_items)], reading), run.project, view
    )
    labels = _near_labels(run, fresh.prompts, state)
    labels |= _labels_of(state, state.pairs["pair"].isin(_decided_anew(run)))
    labels |= _labels_of(state, state.pairs["pair"].isin(fresh.pairs["pair"].to_pylist()))
    sources = {source for source in _sources(fresh.pairs.to_pandas()) if source}
    rows = _closed(state, labels, sources)
    if rows.sum() > MOST_TOUCHED * max(len(rows), 50):
        raise Wider
    items = fresh_items | _items_with(state.pairs["revision_id"][rows].tolist())
    reviews = [pk for _, pk in standing(run, items)]
    found = read_reviews(reviews, reading)
    found = replace(found, pairs=read_chunk(run, found.pairs))
    read = prepared(found, run.project, view)
    _refuse_crowds(run, read.prompts, fresh.prompts, state)
    return Touched(rows, read)


def _near_labels(run: Run, prompts: pa.Table, state: State) -> set[int]:
    """The clusters of known prompts that are among the new ones, or share a band with one: checked later, exactly."""
    known = banded_of(state.prompts)
    label = state.prompts["label"].to_numpy()
    words = compared_words(prompts, shingle_of(run.project, PROMPT), state.shared)
    place = pd.Index(known.keys).get_indexer(pd.Index(words.keys))
    near = np.isin(known.hashes, words.hashes[words.present & (place < 0)]) & known.present[:, None]
    return {*label[place[place >= 0]].tolist(), *label[near.any(axis=1)].tolist()}


def _refuse_crowds(run: Run, read: pa.Table, fresh: pa.Table, state: State) -> None:
    """A band too full to be paired wholly pairs its texts by their order among all: a part cannot tell."""
    kind = shingle_of(run.project, PROMPT)
    ours = [compared_words(table, kind, state.shared) for table in (read, fresh)]
    bands = np.unique(np.concatenate([of.hashes[of.present].ravel() for of in ours]))
    known = banded_of(state.prompts)
    there = set(known.keys)
    new = np.array([key not in there for key in ours[1].keys], dtype=np.bool_)
    hit = np.concatenate(
        [known.hashes[known.present].ravel(), ours[1].hashes[new & ours[1].present].ravel()]
    )
    place = np.minimum(np.searchsorted(bands, hit), max(len(bands) - 1, 0))
    counts = np.bincount(place[bands[place] == hit], minlength=1) if len(bands) else np.zeros(1)
    if counts.max(initial=0) > LARGEST_BUCKET:
        raise Wider


def _closed(state: State, labels: set[int], sources: set[str]) -> Bools:
    """The rows of these clusters and sources, and of all that those are tied to by a common source."""
    label, source = state.pairs["prompt_cluster"], _sources(state.pairs)
    while True:
        rows = label.isin(labels) | source.isin(sources)
        wider = set(label[rows]), set(source[rows]) - {""}
        if wider[0] <= labels and wider[1] <= sources:
            return rows.to_numpy(dtype=bool)
        labels, sources = labels | wider[0], sources | wider[1]


def _sources(pairs: pd.DataFrame) -> pd.Series:
    """The conversation or document that each pair's item is a part of; empty where it stands alone."""
    nothing = pd.Series("", index=pairs.index, dtype="str")
    return pairs.get("source_key", nothing)


def _labels_of(state: State, rows: pd.Series) -> set[int]:
    return set(state.pairs["prompt_cluster"][rows].tolist())


def _decided_anew(run: Run) -> set[str]:
    """Pairs about which a person has said something else since."""
    assert run.base is not None
    before, now = (each.frozen.get("by_hand", {}) for each in (run.base, run))
    return {pair for pair in {*before, *now} if before.get(pair) != now.get(pair)}


def _refuse_lost(before: pd.DataFrame, now: pd.DataFrame, votes: pd.DataFrame) -> None:
    """Every pair that was there is there again, and one that nobody has judged since has the votes it had."""
    counts = votes.groupby("pair").size()
    cast = counts.reindex(before["pair"], fill_value=0).to_numpy()
    if not set(before["pair"]) <= set(now["pair"]) or (cast < before["cast"].to_numpy()).any():
        raise Wider


def _refuse_other_alarms(rest: pd.DataFrame, state: State, items: int) -> None:
    """A cluster that is left alone waits for a person exactly if it did so before, however many items there are now."""
    each = rest[["item", "prompt_cluster"]].drop_duplicates()
    labels = each["prompt_cluster"].to_numpy(dtype=np.int64)
    total = len(set(state.pairs["item"]))
    if not np.array_equal(_large(labels, total), _large(labels, items)):
        raise Wider


def _large(labels: Ints, total: int) -> Bools:
    return large(labels, total=total)


def _elsewhere(state: State, before: pd.DataFrame, recipe: Recipe) -> dict[str, dict[str, int]]:
    """The clusters that are left alone, by stratum and split: those of the whole less those that are decided again."""
    ours = placed_clusters(before, recipe.params_of(SPLITS)) if "split" in before.columns else {}
    return {
        stratum: {split: n - ours.get(stratum, {}).get(split, 0) for split, n in counts.items()}
        for stratum, counts in state.placed.items()
    }


def _input_hash(run: Run) -> bytes:
    """What went in, by content: what the base is made of, and every review that came since."""
    assert run.base is not None
    fresh = run.chunks.get(kind="read").review_ids
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT encode(body_sha256, 'hex') FROM feedback_review WHERE id = ANY(%s) ORDER BY 1",
            [fresh],
        )
        bodies = [row[0] for row in cursor.fetchall()]
    base = bytes(run.base.input_sha256 or b"").hex()
    return hashlib.sha256(canonical([run.frozen, run.seed, base, bodies])).digest()


def _reports(base: Run, whole: pd.DataFrame, n_votes: int, seconds: float) -> dict[str, Any]:
    """Agreement, fit and variety are those of the base, and say so; counts, of flags too, are of the whole."""
    before = reports_of(base)
    waiting = sorted(set(before["clusters"]["waiting"]) & set(whole["cluster_key"]))
    clusters = {
        **before["clusters"],
        "clusters": int(whole["cluster_key"].nunique()),
        "prompts": int(whole["prompt"].nunique()),
        "waiting": waiting,
        "as_of": base.number,
    }
    votes = {
        **before["votes"],
        "votes": n_votes,
        "seconds": round(seconds, 3),
        "as_of": base.number,
    }
    ranked = {**before.get("leaderboard", NOTHING), "as_of": base.number}
    counts = {"clusters": clusters, "votes": votes, "flags": flag_counts(whole)}
    return {**before, **counts, "leaderboard": ranked}


def _splits(run: Run, pairs: pd.DataFrame, texts: Texts, shared: list[str]) -> dict[str, Any]:
    """The proof for what was decided again, beside that of the base: nothing else has changed its place."""
    assert run.base is not None
    before = reports_of(run.base).get("splits", {})
    now = splits_report(run.project, pairs, texts, shared)
    counts = ("checked", "near", "shared_prompts", "shared_sources")
    return {**now, **{name: before.get(name, 0) + now.get(name, 0) for name in counts}}


def _items_of(run: Run) -> set[int]:
    """The items of the reviews that are new."""
    fresh = run.chunks.get(kind="read").review_ids
    return _ids("SELECT DISTINCT item_id FROM feedback_review WHERE id = ANY(%s)", fresh)


def _items_with(revisions: Iterable[int]) -> set[int]:
    """The items of these revisions, and those that say the same."""
    return _ids(_ITEMS, list(revisions))


_ITEMS = """
SELECT DISTINCT twin.item_id FROM feedback_itemrevision v
JOIN feedback_itemrecord r ON r.item_id = v.item_id
JOIN feedback_itemrecord twin ON twin.project_id = r.project_id AND twin.text_hash = r.text_hash
WHERE v.id = ANY(%s)
"""


def _ids(statement: str, values: Collection[int]) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(values)])
        return {row[0] for row in cursor.fetchall()}


def tables_of(read: Read) -> Mapping[str, pa.Table]:
    """What was read, as `put_together` takes it."""
    return {"pairs": read.pairs, "votes": read.votes, "ratings": read.ratings}


def texts_of(read: Read) -> Texts:
    """The texts of what was read, where they are."""
    responses = read.responses
    words = dict(zip(responses["key"].to_pylist(), responses["text"].to_pylist(), strict=True))
    return Texts(read.prompts, responses, lambda keys: {key: words[key] for key in keys})
