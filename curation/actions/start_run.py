"""A run begins: what goes into it is frozen, cut into chunks, and workers are called."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import groupby

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max

from curation.models import RecipeVersion, Run, RunChunk, SplitEntry
from curation.queries.evaluation_sets import digests_of
from feedback import jobs
from feedback.access import ProjectPlace
from feedback.actions.archiving import refuse_archived
from feedback.bodies import form_of
from feedback.errors import Refusal
from feedback.models import FormVersion, Kind, Project, Vote

from .recipes import recipe_of

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
    WHERE project_id = %s AND kind = 'primary' AND NOT surplus
    ORDER BY item_id, rater_id, kind, occasion, revision DESC
) latest
WHERE NOT EXISTS (SELECT FROM feedback_reviewbody b WHERE b.review_id = latest.id AND b.erasure_id IS NOT NULL)
ORDER BY item_id, rater_id, kind, occasion
"""


@transaction.atomic
def start_run(
    *, place: ProjectPlace, version: RecipeVersion, now: dt.datetime, seed: int = 0
) -> Run:
    """Freeze the project's current reviews under a recipe version and call the workers.

    The same reviews, recipe, ledger and seed give the same result, whenever and by however many workers it is made.
    Raises NothingToCurate.
    """
    project = Project.objects.select_for_update().get(pk=place.project.pk)
    refuse_archived(project)
    chunks = list(_chunks(_current_reviews(project)))
    questions = recipe_of(version).questions_of(question_kinds(project))
    if not chunks or not questions or not _is_answered(project, questions):
        raise NothingToCurate
    run = Run.objects.create(
        workspace=place.workspace,
        project=project,
        number=(Run.objects.filter(project=project).aggregate(n=Max("number"))["n"] or 0) + 1,
        recipe_version=version,
        seed=seed,
        frozen=_frozen(project, version, list(questions)),
        created_at=now,
        created_by=place.user,
        n_reviews=sum(len(reviews) for _, reviews in chunks),
        n_items=sum(items for items, _ in chunks),
    )
    rows = RunChunk.objects.bulk_create(
        RunChunk(
            workspace=place.workspace,
            run=run,
            kind=RunChunk.Kind.READ,
            number=number,
            review_ids=reviews,
        )
        for number, (_, reviews) in enumerate(chunks, start=1)
    )
    RunChunk.objects.create(workspace=place.workspace, run=run, kind=RunChunk.Kind.DECIDE, number=1)
    for row in rows:
        jobs.announce(WAITING, workspace_id=run.workspace_id, now=now, chunk_id=row.pk)
    return run


def _is_answered(project: Project, questions: Sequence[str]) -> bool:
    """Whether anybody has voted on any of these questions; who could not judge has not."""
    votes = Vote.objects.filter(
        review__project=project,
        review__kind=Kind.PRIMARY,
        review__surplus=False,
        question__in=questions,
    )
    return votes.exists()


def question_kinds(project: Project) -> dict[str, str]:
    """Every question of every version of the project's form, by its id: its type."""
    versions = FormVersion.objects.filter(project=project).order_by("version")
    return {q.id: q.kind for version in versions for q in form_of(version).questions}


def _frozen(project: Project, version: RecipeVersion, questions: list[str]) -> dict[str, object]:
    """What decides the result beside the reviews, by content: all of it enters the run's hash."""
    ledger = SplitEntry.objects.filter(project=project).order_by("item_hash")
    return {
        "questions": questions,
        "recipe": bytes(version.sha256).hex(),
        "forms": [
            bytes(sha).hex()
            for sha in FormVersion.objects.filter(project=project)
            .order_by("version")
            .values_list("sha256", flat=True)
        ],
        "ledger": {
            bytes(item).hex(): split for item, split in ledger.values_list("item_hash", "split")
        },
        "prompt_template": project.prompt_template,
        "evaluation": digests_of(project),
        "code": settings.VERSION,
    }


def _current_reviews(project: Project) -> list[tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(_CURRENT, [project.pk])
        return list(cursor.fetchall())


def _chunks(rows: list[tuple[int, int]]) -> Iterator[tuple[int, list[int]]]:
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
