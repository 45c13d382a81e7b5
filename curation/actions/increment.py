"""A run that goes on from another: it decides again over what is new and whatever that touches, and over nothing else.

Clusters, held repeats, weights and splits depend on a whole cluster, every other figure on a pair's own votes once raters are
estimated. So it is enough to read the clusters that a new review, a new near prompt, a common source or a person's
decision touches, with the estimates of the run it goes on from. Where that cannot be told, the whole is read again.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog
from django.db import connection

from curation.frames import asked_of, read_reviews
from curation.late import np, pa, pc, pd
from curation.methods.arrays import Bools, Ints
from curation.methods.code import View
from curation.methods.digests import in_one
from curation.methods.jaccard import LARGE_SIZE, large
from curation.methods.minhash import BANDS, LARGEST_BUCKET, places_of
from curation.models import Run
from curation.queries.frozen import standing
from curation.queries.leaderboards import NOTHING
from curation.queries.runs import reports_of
from curation.scored import reading_of
from curation.stages.base import BOOKS
from curation.stages.gates import EVERY_FLAG, flag_counts
from curation.stages.recipes import Recipe
from curation.stages.splits import SPLITS, placed_clusters
from feedback.readers.identity import canonical

from .clusters import Elsewhere, Texts, bands_of, clustered, compared_words
from .decide import curated, facts_of, put_together, said_of
from .ledger import ledger_of
from .outcome import Decided
from .reading import Read, prepared, prompts_of
from .result import result_hash
from .signals import read_chunk
from .split_gate import splits_report
from .states import State, state_of
from .texts import PROMPT, code_view_of, shingle_of
from .whole import Whole

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
    view = code_view_of(recipe)
    touched = _touched(run, state, view)
    together = put_together(tables_of(touched.read))
    before = state.pairs.filter(pa.array(touched.rows)).to_pandas()
    _refuse_lost(before, together.pairs, together.votes)
    items = _distinct(state, touched.rows, "item", together.pairs)
    _refuse_other_alarms(state, touched.rows, items)
    texts = texts_of(touched.read)
    rest = Elsewhere(state.shared, items)
    found = clustered(run.project, together.pairs, texts, rest, said_of(run), view)
    facts = replace(
        facts_of(run, together, ledger_of(run, set(together.pairs["item"]))),
        unconfirmed=found.unconfirmed,
        estimates=state.estimates,
        usual=state.usual,
        elsewhere=_elsewhere(state, before, recipe),
    )
    outcome = curated(recipe, found.pairs, facts)
    whole = Whole.of(state.pairs, touched.rows, outcome.pairs)
    books = whole.frame((*BOOKS, *EVERY_FLAG))
    n_votes = (
        (pc.sum(state.pairs["cast"]).as_py() or 0) - int(before["cast"].sum()) + len(together.votes)
    )
    log.info("run_went_on", run=run.pk, touched=len(outcome.pairs), pairs=len(whole))
    reports = _reports(run.base, state, touched.rows, outcome.pairs)
    reports["flags"] = flag_counts(books)
    reports["splits"] = _splits(run, outcome.pairs, texts, found.shared)
    reports["votes"] |= {"votes": n_votes, "seconds": round(time.perf_counter() - began, 3)}
    return Decided(
        outcome=outcome,
        whole=books,
        steps=[(step.does, dict(step.params)) for step in recipe.steps],
        input_sha256=_input_hash(run),
        result_sha256=result_hash(whole),
        reports=lambda: reports,
        n_votes=n_votes,
        asked=found.asked,
    )


def _touched(run: Run, state: State, view: View) -> Touched:
    fresh = _items_of(run)
    prompts, sources = asked_of(fresh)
    labels = _near_labels(run, prompts_of(prompts, run.project), state)
    labels |= _labels_of(state, _decided_anew(run))
    rows = _closed(state, labels, sources)
    if rows.sum() > MOST_TOUCHED * max(len(rows), 50):
        raise Wider
    items = fresh | _items_with(state.pairs["revision_id"].to_numpy()[rows].tolist())
    found = read_reviews([pk for _, pk in standing(run, items)], reading_of(run))
    found = replace(found, pairs=read_chunk(run, found.pairs))
    read = prepared(found, run.project, view)
    _refuse_crowds(run, read.prompts, state)
    return Touched(rows, read)


def _near_labels(run: Run, prompts: pa.Table, state: State) -> set[int]:
    """The clusters of known prompts that are among these, or share a band with one that is new: checked later, exactly."""
    label = state.prompts["label"].to_numpy()
    hashes, present = bands_of(state.prompts)
    words = compared_words(prompts, shingle_of(run.project, PROMPT), state.shared)
    known, new = _met(state, words.keys)
    near = places_of(words.hashes[words.present & new], hashes.ravel()) // BANDS
    return {*label[known].tolist(), *label[near[present[near]]].tolist()}


def _met(state: State, keys: Sequence[str]) -> tuple[Bools, Bools]:
    """Which prompts of the state are among these, and which of these are not among those of the state."""
    known = state.prompts["key"].cast(pa.string())  # of no prompt at all it has no type
    wanted = pa.array(keys, known.type)
    there = pc.is_in(known, wanted)
    new = pc.invert(pc.is_in(wanted, known.filter(there)))
    return there.to_numpy(), new.to_numpy(zero_copy_only=False)


def _refuse_crowds(run: Run, read: pa.Table, state: State) -> None:
    """A band too full to be paired wholly pairs its texts by their order among all: a part cannot tell."""
    hashes, present = bands_of(state.prompts)
    words = compared_words(read, shingle_of(run.project, PROMPT), state.shared)
    _, new = _met(state, words.keys)
    ours = words.hashes[words.present].ravel()
    met = places_of(ours, hashes.ravel())
    met = hashes.ravel()[met[present[met // BANDS]]]
    fresh = words.hashes[words.present & new].ravel()
    _, counts = np.unique(np.concatenate([met, fresh]), return_counts=True)
    if counts.max(initial=0) > LARGEST_BUCKET:
        raise Wider


def _closed(state: State, labels: set[int], sources: set[str]) -> Bools:
    """The rows of these clusters and sources, and of all that those are tied to by a common source."""
    label = state.pairs["prompt_cluster"].to_numpy()
    source, names = _sources(state)
    touched = np.isin(np.arange(label.max(initial=-1) + 1), sorted(labels))
    tied = pc.is_in(names, pa.array(sorted(sources), names.type)).to_numpy(zero_copy_only=False)
    alone = pc.equal(names, "").to_numpy(zero_copy_only=False)
    count = -1
    while True:
        rows: Bools = touched[label] | tied[source]
        if rows.sum() == count:
            return rows
        count = rows.sum()
        touched[label[rows]] = True
        tied[source[rows]] = True
        tied &= ~alone


def _sources(state: State) -> tuple[Ints, pa.Array]:
    """The conversation or document that each pair's item is a part of, as its place among all; empty where it stands alone."""
    if "source_key" not in state.pairs.column_names:
        return np.zeros(len(state.pairs), dtype=np.int64), pa.array([""])
    coded = in_one(state.pairs["source_key"]).dictionary_encode()
    return coded.indices.to_numpy(), coded.dictionary


def _labels_of(state: State, pairs: set[str]) -> set[int]:
    """The clusters of some pairs."""
    known = state.pairs["pair"]
    there = pc.is_in(known, pa.array(sorted(pairs), known.type))
    return set(state.pairs["prompt_cluster"].filter(there).to_pylist())


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


def _refuse_other_alarms(state: State, rows: Bools, items: int) -> None:
    """A cluster that is left alone waits for a person exactly if it did so before, however many items there are now."""
    label = state.pairs["prompt_cluster"].to_numpy()
    pairs = np.bincount(label[~rows], minlength=label.max(initial=0) + 1)
    crowd = pairs >= LARGE_SIZE  # of items there are no more
    some = state.pairs.select(["item", "prompt_cluster"]).filter(pa.array(crowd[label] & ~rows))
    each = some.to_pandas().drop_duplicates()["prompt_cluster"].to_numpy(dtype=np.int64)
    if not np.array_equal(large(each, total=state.distinct["item"]), large(each, total=items)):
        raise Wider


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


def _reports(base: Run, state: State, rows: Bools, pairs: pd.DataFrame) -> dict[str, Any]:
    """Agreement, fit and variety are those of the base, and say so; counts are of the whole. `pairs` stand in the place of `rows`."""
    before, as_of = reports_of(base), {"as_of": base.number}
    waiting = set(before["clusters"]["waiting"])
    there = _left(state, rows, "cluster_key", waiting) | (waiting & set(pairs["cluster_key"]))
    clusters = {
        **before["clusters"],
        "clusters": _distinct(state, rows, "cluster_key", pairs),
        "prompts": _distinct(state, rows, "prompt", pairs),
        "waiting": sorted(there),
    }
    fresh = {"clusters": clusters | as_of, "votes": before["votes"] | as_of}
    return {**before, **fresh, "leaderboard": before.get("leaderboard", NOTHING) | as_of}


def _distinct(state: State, rows: Bools, name: str, now: pd.DataFrame) -> int:
    """How many distinct values a column of the whole has: those of the state, but for those that only its `rows` have, and new ones."""
    before = set(state.pairs[name].filter(pa.array(rows)).to_pylist())
    ours = set(now[name])
    rest = _left(state, rows, name, before | ours)
    return state.distinct[name] - len(before - rest) + len(ours - rest)


def _left(state: State, rows: Bools, name: str, values: set[str]) -> set[str]:
    """Which of some values pairs have that stay as they are."""
    column = state.pairs[name]
    there = pc.and_(pc.is_in(column, pa.array(sorted(values), column.type)), pa.array(~rows))
    return set(column.filter(there).to_pylist())


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


def tables_of(read: Read) -> Callable[[str], list[pa.Table]]:
    """What was read, as `put_together` takes it."""
    return lambda name: [getattr(read, name)]


def texts_of(read: Read) -> Texts:
    """The texts of what was read, where they are."""
    responses = read.responses
    words = dict(zip(responses["key"].to_pylist(), responses["text"].to_pylist(), strict=True))
    return Texts(read.prompts, responses, lambda keys: {key: words[key] for key in keys})
