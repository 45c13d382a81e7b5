"""A recipe tried on a sample: begun in a moment, worked on by a worker that tells of each stage, forgotten after a day."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import structlog
from django.db import connection, transaction

from curation.frames import read_reviews
from curation.late import pd
from curation.models import DryRun, Recipe, RecipeVersion, Run
from curation.queries.near_pairs import verdicts
from curation.queries.truth import known_answers
from curation.scored import question_kinds, reading_of
from curation.stages.base import Stage
from curation.stages.waterfall import waterfall
from feedback import jobs
from feedback.access import ProjectPlace
from feedback.actions.archiving import refuse_archived
from feedback.errors import Refusal
from feedback.models import Project

from .clusters import clustered
from .decide import curated, facts_of, put_together
from .increment import tables_of, texts_of
from .ledger import ledger_end, ledger_of
from .reading import prepared
from .recipes import checked_recipe, recipe_of
from .signals import read_chunk
from .start_run import NothingToCurate, current_reviews, frozen_facts
from .texts import code_view_of

log = structlog.get_logger(__name__)
WAITING = "curation.dry_run_waiting"
SAMPLE, MOST_SAMPLE = 500, 2000
MOST_REVIEWS = 20_000
LEASE_MINUTES = 3.0
MOST_ATTEMPTS = 3
KEPT_FOR = dt.timedelta(days=1)
EXAMPLES = 3

# A sample that is the same every time, whatever order items came in.
_SAMPLED = """
SELECT id FROM feedback_item WHERE project_id = %s AND given > 0 ORDER BY md5(public_id::text) LIMIT %s
"""


class _Lost(Exception):
    """Another worker has the dry run, or it was forgotten."""


@transaction.atomic
def start_dry_run(
    *, place: ProjectPlace, document: dict[str, Any], now: dt.datetime, sample: int = SAMPLE
) -> DryRun:
    """Try a recipe on a sample of items. The person's earlier dry runs of the project are forgotten. Raises Invalid."""
    recipe = checked_recipe({**document, "name": "trial"}).document()
    refuse_archived(place.project)
    DryRun.objects.filter(project=place.project, created_by=place.user).delete()
    row = DryRun.objects.create(
        workspace=place.workspace,
        project=place.project,
        questions=recipe["questions"],
        stages=recipe["stages"],
        sample=max(1, min(sample, MOST_SAMPLE)),
        created_at=now,
        created_by=place.user,
    )
    jobs.announce(WAITING, workspace_id=place.workspace.pk, now=now, dry_run_id=row.pk)
    return row


def work_on_dry_run(
    *, workspace_id: int, dry_run_id: int, clock: Callable[[], dt.datetime]
) -> None:
    """Do it, telling of each stage as it is done. Boring when it is done, forgotten, or with another worker."""
    rows = DryRun.objects.filter(
        pk=dry_run_id, workspace_id=workspace_id, state__in=["waiting", "running"]
    )
    lease = jobs.take(rows, now=clock(), minutes=LEASE_MINUTES, state=DryRun.State.RUNNING)
    if lease is None:
        return
    row = rows.select_related("project__workspace").get()
    if row.attempts > MOST_ATTEMPTS:
        _end(row, lease, clock(), error_code="gave_up", error="Workers died over it.")
        return
    try:
        _rehearse(row, lease, clock)
        _end(row, lease, clock())
    except Refusal as refusal:
        _end(row, lease, clock(), error_code=refusal.code, error=refusal.sentence[:1000])
    except _Lost:
        return


def resume_dry_runs(*, now: dt.datetime) -> int:
    """Call a new worker for those whose worker has died, and forget old ones. Returns how many were resumed."""
    DryRun.objects.filter(created_at__lt=now - KEPT_FOR).delete()
    at_work = DryRun.objects.filter(state=DryRun.State.RUNNING)
    return jobs.resume(at_work, now=now, name=WAITING, key="dry_run_id")


def _rehearse(row: DryRun, lease: uuid.UUID, clock: Callable[[], dt.datetime]) -> None:
    """The very stages of a run on the sample's reviews; nothing is written but how far they are."""
    run = _like_a_run(row)
    reviews = _sampled(row.project, row.sample)
    if not reviews or not run.frozen["questions"]:
        raise NothingToCurate
    found = read_reviews([each for _, each in reviews], reading_of(run))
    if not len(found.pairs):
        raise NothingToCurate
    items = len({item for item, _ in reviews})
    told = _Telling(row, lease, clock)
    told.write(n_items=items, n_reviews=len(reviews))
    found = replace(found, pairs=read_chunk(run, found.pairs))
    view = code_view_of(recipe_of(run.recipe_version))
    read = prepared(found, row.project, view)
    together = put_together(tables_of(read))
    told.write(n_pairs=len(together.pairs))
    near = clustered(row.project, together.pairs, texts_of(read), None, verdicts(row.project), view)
    facts = replace(
        facts_of(run, together, ledger_of(run)),
        unconfirmed=near.unconfirmed,
        truth=known_answers(run),
    )
    curated(recipe_of(run.recipe_version), near.pairs, facts, told.stage)


def _like_a_run(row: DryRun) -> Run:
    """What a run begun now would freeze; it is never saved."""
    recipe = Recipe(workspace_id=row.workspace_id, project=row.project, slug="trial")
    version = RecipeVersion(recipe=recipe, questions=row.questions, stages=row.stages, sha256=b"")
    questions = list(recipe_of(version).questions_of(question_kinds(row.project)))
    frozen = frozen_facts(row.project, version, questions)
    return Run(
        workspace_id=row.workspace_id,
        project=row.project,
        recipe_version=version,
        seed=0,
        frozen=frozen,
        ledger_end=ledger_end(row.project_id)[0],
        created_at=row.created_at,
    )


class _Telling:
    """Writes down each stage when it is done, as long as the lease is ours."""

    def __init__(self, row: DryRun, lease: uuid.UUID, clock: Callable[[], dt.datetime]) -> None:
        self.rows = DryRun.objects.filter(pk=row.pk)
        self.lease, self.clock = lease, clock
        self.done: list[Stage] = []
        self.falls: list[dict[str, Any]] = []

    def write(self, **changes: Any) -> None:
        now = self.clock()
        if not jobs.keep(self.rows, lease=self.lease, now=now, minutes=LEASE_MINUTES, **changes):
            raise _Lost

    def stage(self, stage: Stage, pairs: pd.DataFrame) -> None:
        """What a stage made of the pairs: its line of the waterfall, and a few pairs for each reason."""
        self.done.append(stage)
        fall = waterfall(pairs, self.done).falls[-1]
        line = {
            "stage": stage.name,
            "n_in": fall.came,
            "n_held": fall.held,
            "n_out": fall.went,
            "reasons": fall.reasons,
            "examples": {reason: _examples(pairs, stage, reason) for reason in fall.reasons},
        }
        self.falls.append(line)
        self.write(falls=self.falls)


def _examples(pairs: pd.DataFrame, stage: Stage, reason: str) -> list[int]:
    """The item revisions of the first few pairs held for a reason."""
    held = pairs[(pairs["stage"] == stage.name) & (pairs["reason"] == reason)]
    return [int(each) for each in held.sort_values("pair")["revision_id"].head(EXAMPLES)]


def _sampled(project: Project, count: int) -> list[tuple[int, int]]:
    """(item, review) of a sample of the project's reviewed items: all reviews of an item or none."""
    with connection.cursor() as cursor:
        cursor.execute(_SAMPLED, [project.pk, count])
        items = [row[0] for row in cursor.fetchall()]
    return current_reviews(project, items)[:MOST_REVIEWS]


def _end(row: DryRun, lease: uuid.UUID, now: dt.datetime, **error: str) -> None:
    state = DryRun.State.FAILED if error else DryRun.State.FINISHED
    done = DryRun.objects.filter(pk=row.pk, lease=lease).update(
        state=state, lease=None, leased_until=None, finished_at=now, **error
    )
    log.info("dry_run_ended", dry_run=row.pk, state=state, told=bool(done))
