"""A run begins: what goes into it is frozen, cut into chunks, and workers are called."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max

from curation.models import RecipeVersion, Run, RunChunk
from curation.queries.by_hand import frozen_decisions
from curation.queries.evaluation_sets import digests_of
from curation.queries.frozen import standing
from curation.queries.near_pairs import verdicts
from curation.scored import question_kinds, silent_questions
from feedback import jobs
from feedback.access import ProjectPlace
from feedback.actions.archiving import refuse_archived
from feedback.errors import Refusal
from feedback.models import Answer, Erasure, FormVersion, Kind, Project, Vote

from .ledger import ledger_end
from .recipes import recipe_of
from .states import known_to

CHUNK_REVIEWS = 15_000
WAITING = "curation.chunk_waiting"


class NothingToCurate(Refusal):
    """No review of this project answers a question of this recipe yet."""

    code = "nothing_to_curate"


# The current revision of every review that counts and was not erased, in the order of its item: chunks then hold
# whole items.
_CURRENT = """
SELECT item_id, id FROM (
    SELECT DISTINCT ON (item_id, rater_id, kind, occasion) item_id, rater_id, kind, occasion, id FROM feedback_review
    WHERE project_id = %s AND kind = 'primary' AND NOT surplus AND (%s::bigint[] IS NULL OR item_id = ANY(%s))
    ORDER BY item_id, rater_id, kind, occasion, revision DESC
) latest
WHERE NOT EXISTS (SELECT FROM feedback_reviewbody b WHERE b.review_id = latest.id AND b.erasure_id IS NOT NULL)
ORDER BY item_id, rater_id, kind, occasion
"""


class CannotGoOn(Refusal):
    """This run cannot be gone on from: it has to be finished, to have read everything itself, and of the same recipe version; forms, evaluation sets, template and version of Touchstone have to be what they were. Begin a run over everything."""

    code = "cannot_go_on"


@transaction.atomic
def start_run(
    *,
    place: ProjectPlace,
    version: RecipeVersion,
    now: dt.datetime,
    seed: int = 0,
    since: Run | None = None,
) -> Run:
    """Freeze the project's current reviews under a recipe version and call the workers.

    The same reviews, recipe, ledger and seed give the same result, whenever and by however many workers it is made.
    `since` is a finished run to go on from: its estimates of raters stay, and only what is new since then and what that
    touches is decided again. Raises NothingToCurate, CannotGoOn.
    """
    project = Project.objects.select_for_update().get(pk=place.project.pk)
    refuse_archived(project)
    questions = recipe_of(version).questions_of(question_kinds(project))
    if not questions or not _is_answered(project, questions):
        raise NothingToCurate
    last, ledger = ledger_end(project.pk)
    review_end, reviews_seen = _seen(project)
    run = Run(
        workspace=place.workspace,
        project=project,
        number=(Run.objects.filter(project=project).aggregate(n=Max("number"))["n"] or 0) + 1,
        recipe_version=version,
        seed=seed,
        frozen={**frozen_facts(project, version, list(questions)), "ledger": ledger},
        created_at=now,
        created_by=place.user,
        ledger_end=last,
        review_end=review_end,
        reviews_seen=reviews_seen,
    )
    if since is not None:
        go_on(run, since)
    if run.base is None or not _only_new(run, run.base, now):
        reviews = current_reviews(project)
        if not reviews:
            raise NothingToCurate
        _read_all(run, reviews, now)
    return run


def go_on(run: Run, since: Run) -> None:
    """Take the estimates of another run. Raises CannotGoOn unless both are made of the same."""
    if since.project_id != run.project_id or since.state != Run.State.FINISHED:
        raise CannotGoOn
    if since.recipe_version_id != run.recipe_version_id or since.seed != run.seed:
        raise CannotGoOn
    if since.base_id is not None or not since.keeps:
        raise CannotGoOn
    if changed := changed_since(since, run.frozen):
        raise CannotGoOn(changed)
    try:
        known = known_to(since)
    except FileNotFoundError as error:
        raise CannotGoOn(LEFT_NOTHING.format(since.number)) from error
    origin = bytes(since.result_sha256 or b"").hex()
    run.frozen = {**run.frozen, **known, "since": origin}
    run.base = since


LEFT_NOTHING = "What run {} had left to go on from is not there any more; only the latest run of a recipe version keeps it."
# What a run freezes that another may have otherwise and still go on from it.
MOVING = ("ledger", "by_hand", "estimates", "usual", "shared", "since", "silent")
IN_WORDS = {
    "questions": "the questions that are compared",
    "recipe": "the recipe",
    "forms": "the form",
    "prompt_template": "the template of prompts",
    "evaluation": "the evaluation sets",
    "near_pairs": "what people say of near texts",
    "code": "Touchstone itself",
}


def changed_since(since: Run, frozen: Mapping[str, object]) -> str:
    """A sentence on what is otherwise than a run had frozen it, so that none can go on from it; empty where nothing is."""
    names = sorted(({*since.frozen} | {*frozen}) - {*MOVING})
    changed = [name for name in names if since.frozen.get(name) != frozen.get(name)]
    if not changed:
        return ""
    words = " and ".join(IN_WORDS.get(name, name) for name in changed)
    return f"Since run {since.number} {words} changed, so that everything must be read again."


def _only_new(run: Run, base: Run, now: dt.datetime) -> bool:
    """Freeze what came since the base and call for the decision at once. False: what came cannot be told by its serials."""
    fresh = _since(run.project, base.review_end)
    if run.reviews_seen != base.reviews_seen + fresh.seen or _erased(run, base.created_at):
        return False
    run.state = Run.State.DECIDING
    run.n_reviews = base.n_reviews + fresh.first
    run.n_items = base.n_items + _new_items(fresh.reviews, base.review_end)
    run.save()
    RunChunk.objects.create(
        workspace_id=run.workspace_id,
        run=run,
        kind=RunChunk.Kind.READ,
        number=1,
        state=RunChunk.State.DONE,
        review_ids=fresh.reviews,
        finished_at=now,
    )
    decision = RunChunk.objects.create(
        workspace_id=run.workspace_id, run=run, kind=RunChunk.Kind.DECIDE, number=1
    )
    jobs.announce(WAITING, workspace_id=run.workspace_id, now=now, chunk_id=decision.pk)
    return True


def _read_all(run: Run, reviews: Sequence[tuple[int, int]], now: dt.datetime) -> None:
    """Cut (item, review) into chunks and call for each to be read."""
    chunks = list(_chunks(reviews))
    run.base, run.state = None, Run.State.READING
    run.frozen = {**run.frozen, "silent": silent_questions(run.project)}
    run.n_reviews = sum(len(ids) for _, ids in chunks)
    run.n_items = sum(items for items, _ in chunks)
    run.save()
    RunChunk.objects.filter(run=run).delete()
    rows = RunChunk.objects.bulk_create(
        RunChunk(
            workspace_id=run.workspace_id,
            run=run,
            kind=RunChunk.Kind.READ,
            number=number,
            review_ids=ids,
        )
        for number, (_, ids) in enumerate(chunks, start=1)
    )
    RunChunk.objects.create(
        workspace_id=run.workspace_id, run=run, kind=RunChunk.Kind.DECIDE, number=1
    )
    for row in rows:
        jobs.announce(WAITING, workspace_id=run.workspace_id, now=now, chunk_id=row.pk)


@transaction.atomic
def widen(run: Run, *, lease: uuid.UUID, now: dt.datetime) -> None:
    """Read everything that the run has frozen after all, with the estimates it has taken. Boring when the lease is lost."""
    locked = Run.objects.select_for_update().get(pk=run.pk)
    mine = RunChunk.objects.filter(run=locked, kind=RunChunk.Kind.DECIDE, lease=lease)
    if mine.exists():
        _read_all(locked, standing(locked), now)


@dataclass(frozen=True)
class _Fresh:
    """Reviews that came since: how many there are in all, those that a run reads, and how many of them correct no other."""

    seen: int
    reviews: list[int]
    first: int


_SINCE = """
SELECT id, kind = 'primary' AND NOT surplus AND EXISTS (
    SELECT FROM feedback_reviewbody b WHERE b.review_id = r.id AND b.erasure_id IS NULL), revision
FROM feedback_review r WHERE project_id = %s AND id > %s ORDER BY id
"""


def _since(project: Project, end: int) -> _Fresh:
    with connection.cursor() as cursor:
        cursor.execute(_SINCE, [project.pk, end])
        rows = cursor.fetchall()
    read = [(pk, revision) for pk, counts, revision in rows if counts]
    return _Fresh(len(rows), [pk for pk, _ in read], sum(revision == 1 for _, revision in read))


_NEW_ITEMS = """
SELECT count(*) FROM (SELECT DISTINCT item_id FROM feedback_review WHERE id = ANY(%s)) r WHERE NOT EXISTS (
    SELECT FROM feedback_review o
    WHERE o.item_id = r.item_id AND o.id <= %s AND o.kind = 'primary' AND NOT o.surplus
    OFFSET 0)  -- so that it is looked up item by item, and not joined with every review there is
"""


def _new_items(reviews: list[int], end: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_NEW_ITEMS, [reviews, end])
        return int(cursor.fetchone()[0])


def _seen(project: Project) -> tuple[int, int]:
    """The last review there is, and how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(max(id), 0), count(*) FROM feedback_review WHERE project_id = %s",
            [project.pk],
        )
        last, count = cursor.fetchone()
    return last, count


def _erased(run: Run, since: dt.datetime) -> bool:
    """Whether anything was erased since: what it touches cannot be told from what is left."""
    return Erasure.objects.filter(workspace_id=run.workspace_id, requested_at__gte=since).exists()


def _is_answered(project: Project, questions: Sequence[str]) -> bool:
    """Whether anybody has answered any of these questions; who could not judge has not."""
    counted = {
        "review__project": project,
        "review__kind": Kind.PRIMARY,
        "review__surplus": False,
        "question__in": questions,
    }
    return any(rows.objects.filter(**counted).exists() for rows in (Vote, Answer))


def frozen_facts(
    project: Project, version: RecipeVersion, questions: list[str]
) -> dict[str, object]:
    """What decides the result beside the reviews, by content: all of it enters the run's hash."""
    return {
        "questions": questions,
        "recipe": bytes(version.sha256).hex(),
        "forms": [
            bytes(sha).hex()
            for sha in FormVersion.objects.filter(project=project)
            .order_by("version")
            .values_list("sha256", flat=True)
        ],
        "by_hand": frozen_decisions(project),
        "prompt_template": project.prompt_template,
        "evaluation": digests_of(project),
        "near_pairs": verdicts(project),
        "code": settings.VERSION,
    }


def current_reviews(project: Project, items: list[int] | None = None) -> list[tuple[int, int]]:
    """(item, review) of every review that counts as it is now; of some items or of all."""
    with connection.cursor() as cursor:
        cursor.execute(_CURRENT, [project.pk, items, items])
        return list(cursor.fetchall())


def _chunks(rows: Sequence[tuple[int, int]]) -> Iterator[tuple[int, list[int]]]:
    """(items, reviews) of about CHUNK_REVIEWS reviews; an item's reviews stay together."""
    items, reviews = 0, []
    for _, group in groupby(rows, key=lambda row: row[0]):
        items += 1
        reviews += [review_id for _, review_id in group]
        if len(reviews) >= CHUNK_REVIEWS:
            yield items, reviews
            items, reviews = 0, []
    if reviews:
        yield items, reviews
