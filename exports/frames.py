"""The bridge from a run's rows to what formats read: kept pairs with texts and statistics, and responses with labels."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from curation.frames import read_reviews, rows_of, text_of
from curation.late import pd
from curation.methods.licences import UNSTATED, Terms
from curation.methods.process import pooled
from curation.models import Run, RunPair
from curation.queries.frozen import reviews_behind
from curation.scored import GOOD, THUMBS, kind_of, reading_of, steps_of
from curation.stages.absolute import response_labels
from exports.formats import PAIR_COLUMNS, RESPONSE_COLUMNS, SPLITS, STEP_COLUMNS, Sources
from exports.screen import Screen
from feedback.bodies import form_of
from feedback.forms.questions.rating import Rating
from feedback.models import FormVersion, ItemRevision, Project, Purpose, Response
from feedback.readers.identity import digest

STATISTICS = (
    *("n_votes", "vote_share", "vote_share_lo", "vote_share_hi", "p_next", "p_true", "p_basis"),
    *("method", "margin", "strength", "n_eff", "entropy", "contested", "weight"),
)


def sources_of(run: Run) -> Sources:
    """Everything of a run that may reach a file: kept pairs with a chosen side, and labelled responses."""
    return Sources(
        pairs=kept_pairs(run), responses=labelled_responses(run), steps=labelled_steps(run)
    )


def kept_pairs(run: Run) -> pd.DataFrame:
    """One row a kept pair, in no order that matters; the statistics point to the chosen side."""
    rows = (
        RunPair.objects.of(run)
        .filter(held=False)
        .exclude(chosen=None)
        .select_related(
            "pair__revision__item__record",
            "pair__revision__prompt_provenance",
            "pair__revision__context_provenance",
            "pair__response_lo__provenance",
            "pair__response_hi__provenance",
        )
        .order_by("pk")
    )
    screen = Screen.of(run)
    found = (_pair(row, run.project, screen) for row in rows.iterator(chunk_size=500))
    return _frame(PAIR_COLUMNS, found)


def labelled_responses(run: Run) -> pd.DataFrame:
    """One row a response to a prompt, with what its votes and ratings say of it by itself; training items only."""
    found = read_reviews(reviews_behind(run), reading_of(run))
    prompts = dict(zip(found.ratings["item"], found.ratings["prompt_hash"], strict=True))
    pairs = found.pairs[found.pairs["purpose"] == Purpose.TRAIN]
    texts = _Texts(run, pairs)
    votes = found.votes.merge(
        pairs[["pair", "item", "first_hash", "second_hash"]], on="pair", how="inner"
    )
    prompts |= texts.prompts
    votes = votes.assign(prompt=votes["item"].map(prompts))
    ratings = found.ratings[found.ratings["item"].isin(texts.prompts)]
    ratings = ratings.rename(columns={"prompt_hash": "prompt"}).assign(
        acceptable_from=ratings["question"].map(anchors(run)).astype("float64")
    )
    labels = response_labels(votes, ratings)
    return _frame(RESPONSE_COLUMNS, texts.responses(labels))


def labelled_steps(run: Run) -> pd.DataFrame:
    """One row a response whose steps were labelled, pooled over raters; of items that the run gave a split."""
    given = steps_of(reviews_behind(run), reading_of(run))
    places = _places(run)
    ids = {revision for _, revision, _ in given if revision in places}
    revisions = _revisions(ids)
    responses = {
        (row.revision_id, row.position): row
        for row in Response.objects.filter(revision_id__in=ids)
        .select_related("provenance")
        .iterator(chunk_size=500)
    }
    screen = Screen.of(run)
    seen: dict[tuple[str, str, str], tuple[Any, ...]] = {}
    for (question, revision, position), labelled in given.items():
        response = responses.get((revision, position))
        item = revisions.get(revision)
        if response is None or item is None:
            continue
        if screen.refuses_terms(**item["terms"], response=_terms(response.provenance)):
            continue
        shown = _shown(screen, (item["prompt"], item["context"], _json(response.messages)))
        if shown is None:
            continue
        prompt, context, messages = shown
        # What is hidden is hidden at equal length, so that steps keep their places.
        process, text = pooled(labelled), text_of(orjson.loads(messages))
        sha = bytes(response.text_hash).hex()
        steps = [text[start:end] for start, end in process.spans]
        row = (prompt, context, sha, question, *places[revision], steps, [*process.labels])
        # Of items that say the very same the oldest speaks for all, as with pairs.
        seen.setdefault((item["prompt_hash"], sha, question), (*row, process.raters))
    return _frame(STEP_COLUMNS, seen.values())


def anchors(run: Run) -> dict[str, float]:
    """From which value on a rating or a choice says "acceptable", by question, in the forms that the run froze."""
    frozen = [bytes.fromhex(sha) for sha in run.frozen["forms"]]
    versions = FormVersion.objects.filter(project=run.project, sha256__in=frozen)
    versions = versions.order_by("version")
    found: dict[str, float] = {}
    for question in (each for version in versions for each in form_of(version).questions):
        if isinstance(question, Rating) and question.acceptable_from is not None:
            found[question.id] = float(question.acceptable_from)
        elif kind_of(question) == THUMBS:
            found[question.id] = GOOD
    return found


class _Texts:
    """The texts behind labels, found by content: the item of a prompt, its responses, its split and cluster."""

    def __init__(self, run: Run, pairs: pd.DataFrame) -> None:
        self._revisions = _revisions(set(pairs["revision_id"].tolist()))
        self._by_item = {item: r for r in self._revisions.values() for item in [r["item"]]}
        self._responses = _responses(set(self._revisions))
        self._screen = Screen.of(run)
        self._places = _places(run)
        self.prompts: dict[str, str] = {i: r["prompt_hash"] for i, r in self._by_item.items()}

    def responses(self, labels: pd.DataFrame) -> Iterable[tuple[Any, ...]]:
        """The rows of labels that the gates let leave, as they may leave; hiding may make two of them one."""
        seen: set[tuple[str, str, str]] = set()
        for label in rows_of(labels):
            revision = self._by_item[label.item]
            response = self._responses.get((revision["pk"], label.response_hash))
            place = self._places.get(revision["pk"])
            if response is None or place is None:
                continue
            split, cluster = place
            if self._screen.refuses_terms(**revision["terms"], response=response["terms"]):
                continue
            texts = (revision["prompt"], revision["context"], response["messages"])
            shown = _shown(self._screen, texts)
            if shown is None or shown in seen:
                continue
            seen.add(shown)
            yield (
                *shown,
                *(label.response_hash, split, cluster),
                *(label.win_share, label.n, label.label, label.basis, label.acceptable),
                *revision["provenance"],
                *response["provenance"],
            )


def _shown(screen: Screen, texts: tuple[str, str, str]) -> tuple[str, str, str] | None:
    """The stored prompt, context and response of a row as they may leave; None where a gate holds one of them."""
    if screen.is_open:
        return texts
    parsed = [orjson.loads(text) for text in texts]
    if screen.refuses(parsed):
        return None
    prompt, context, response = (_json(screen.shown(value)) for value in parsed)
    return prompt, context, response


def _pair(row: RunPair, project: Project, screen: Screen) -> tuple[Any, ...]:
    pair = row.pair
    lo, hi = pair.response_lo, pair.response_hi
    chosen, rejected = (lo, hi) if row.chosen == RunPair.Chosen.FIRST else (hi, lo)
    revision = pair.revision
    return (
        *(bytes(pair.pair_hash).hex(), pair.question, row.split, _hex(row.cluster)),
        *(row.group_id or None, project.domain, list(revision.item.record.tags)),
        *(getattr(row, name) for name in STATISTICS),
        *(
            (row.score_first, row.score_second)
            if chosen is lo
            else (row.score_second, row.score_first)
        ),
        *(_json(screen.shown(revision.prompt)), _json(screen.shown(revision.context))),
        *(_json(screen.shown(chosen.messages)), _json(screen.shown(rejected.messages))),
        *(chosen.provenance.model or None, rejected.provenance.model or None),
        *_origin(revision.prompt_provenance),
        *_origin(revision.context_provenance),
        *_origin(chosen.provenance),
        *_origin(rejected.provenance),
    )


def _revisions(ids: set[int]) -> dict[int, dict[str, Any]]:
    rows = ItemRevision.objects.filter(pk__in=ids).select_related(
        "prompt_provenance", "context_provenance"
    )
    return {
        row.pk: {
            "pk": row.pk,
            "item": bytes(row.content_hash).hex(),
            "prompt_hash": digest([row.prompt, row.context]),
            "prompt": _json(row.prompt),
            "context": _json(row.context),
            "provenance": (*_origin(row.prompt_provenance), *_origin(row.context_provenance)),
            "terms": {
                "prompt": _terms(row.prompt_provenance),
                "context": _terms(row.context_provenance),
            },
        }
        # Of items that say the very same the oldest speaks for all, as with pairs.
        for row in rows.order_by("-pk").iterator(chunk_size=500)
    }


def _responses(revisions: set[int]) -> dict[tuple[int, str], dict[str, Any]]:
    rows = Response.objects.filter(revision_id__in=revisions).select_related("provenance")
    return {
        (row.revision_id, bytes(row.text_hash).hex()): {
            "messages": _json(row.messages),
            "provenance": _origin(row.provenance),
            "terms": _terms(row.provenance),
        }
        for row in rows.order_by("-position").iterator(chunk_size=500)
    }


def _places(run: Run) -> dict[int, tuple[str, str]]:
    """Split and cluster of each item revision, where its pairs were given one."""
    rows = RunPair.objects.of(run).filter(split__in=SPLITS)  # quarantine is in no file
    values = rows.values_list("pair__revision_id", "split", "cluster")
    return {revision: (split, _hex(cluster)) for revision, split, cluster in values}


def _origin(provenance: Any) -> tuple[str | None, str | None]:
    if provenance is None:
        return None, None
    return provenance.origin, provenance.licence or None


def _terms(provenance: Any) -> Terms:
    if provenance is None:
        return UNSTATED
    return Terms(
        origin=provenance.origin,
        licence=provenance.licence,
        provider_terms=provenance.provider_terms,
    )


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _hex(value: Any) -> str:
    return bytes(value).hex() if value is not None else ""


def _frame(columns: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(columns))
