"""A world with one row behind every kind of name that an address can hold."""

from __future__ import annotations

from curation.actions.dry_run import start_dry_run
from curation.models import DryRun, Encoding, NearPair, Recipe, RecipeVersion, Run, RunChunk
from exports.models import Dataset, DatasetVersion
from feedback import access
from feedback.actions import flags, people, projects, threads
from feedback.actions.agreements import accept_agreement
from feedback.actions.bulk import start_bulk
from feedback.actions.claim import claim_next
from feedback.actions.importing.start import Incoming, save_mapping, start_import
from feedback.actions.submit import Effort, submit_review
from feedback.actions.views import save_view
from feedback.models import (
    ApiKey,
    BulkJob,
    ImportJob,
    ImportRejection,
    ItemRevision,
    Membership,
    Response,
    Review,
    Role,
    Scope,
)
from feedback.queries.bulk import Chosen
from tests.published import publish_rows
from tests.world import FULL, World, make_item

MARK = "Nobody-elsewhere-may-read-this"


def inhabit(world: World) -> dict[str, str]:
    """Parameter of a route → what it names in Northgate. Ines reviews too, and holds the open assignment."""
    place, now = world.place(world.ines), world.now
    projects.add_reviewer(place=place, membership=place.membership, now=now)
    accept_agreement(place=place, version=1, now=now)
    for rank in range(3):
        item = make_item(world.project, MARK, (f"{MARK} A", f"{MARK} B"), wanted=3, rank=rank)
    sent = _claim(place, world)
    flag = flags.flag(place=place, assignment=sent, reason="other", note=MARK, now=now)
    review = submit_review(place=place, assignment=sent, slots=FULL, effort=Effort(), now=now)
    open_one = _claim(place, world)
    here = access.workspace(place.principal, world.workspace.slug)
    thread = threads.ask(place=place, assignment=open_one, text=MARK, now=now)
    invitation, _ = people.invite(
        place=here,
        role=Role.REVIEWER,
        projects=[world.project],
        now=now,
        email=f"{MARK}@example.org",
    )
    save_mapping(place=place, name="mapping-of-northgate", mapping={"prompt": MARK}, now=now)
    job = start_import(
        place=place, incoming=Incoming(f"{MARK}.jsonl", [b'{"prompt": 1}\n']), source=MARK, now=now
    )
    ImportRejection.objects.create(
        workspace=world.workspace,
        job=job,
        row=1,
        scope="item",
        code="not_json",
        sentence=MARK,
        raw=MARK,
    )
    settings = {"reason": MARK}
    done = start_bulk(
        place=place, action="retire", settings=settings, chosen=Chosen(filters={}), now=now
    )
    view = save_view(place=place, name=MARK, query={"tag": MARK}, shared=True, now=now)
    world.key(world.ines, Scope.ITEMS_READ)
    ana = Membership.objects.get(user=world.ana, workspace=world.workspace)
    return {
        "workspace": world.workspace.slug,
        "project": world.project.slug,
        "member": str(ana.public_id),
        "invitation": str(invitation.public_id),
        "key": str(ApiKey.objects.latest("pk").public_id),
        "item": str(item.public_id),
        "flag": str(flag.public_id),
        "bulk": str(done.public_id),
        "view": str(view.public_id),
        "job": str(job.public_id),
        "name": "mapping-of-northgate",
        "assignment": str(open_one.public_id),
        "thread": str(thread.public_id),
        "review": str(review.public_id),
        "recipe_version": "1",
        "trial": _trial(place, world),
        **publish_rows(world, Review.objects.get(public_id=review.public_id), MARK),
        "texts": _near_texts(world),
    }


def _claim(place: access.ProjectPlace, world: World):
    claim = claim_next(place=place, now=world.now)
    assert claim is not None
    return access.assignment(place, claim.public_id)


def _near_texts(world: World) -> str:
    """Two near-equal texts that wait for a person; to be asked for when there is a run."""
    left, right = Response.objects.filter(workspace=world.workspace).order_by("pk")[:2]
    made = NearPair.objects.create(
        workspace=world.workspace,
        project=world.project,
        kind="response",
        left_hash=b"\x01" * 32,
        right_hash=b"\x02" * 32,
        left=left,
        right=right,
        similarity=0.95,
        why="legal",
        cluster=b"\x03" * 32,
        found_by=Run.objects.filter(project=world.project).latest("pk"),
    )
    return str(made.public_id)


def _trial(place: access.ProjectPlace, world: World) -> str:
    document = {"questions": [MARK], "stages": [{"stage": "votes"}]}
    return str(start_dry_run(place=place, document=document, now=world.now).public_id)


def _encoding(world: World) -> int:
    """Vectors that are to be made."""
    made = Encoding.objects.create(
        workspace=world.workspace, project=world.project, version=1, encoder="lexical"
    )
    return made.pk


def waiting_rows(world: World) -> dict[str, int]:
    """Parameter of a task → a row of Northgate that waits for it. To be asked for after `inhabit`."""
    at = {"workspace_id": world.workspace.pk}
    recipe = Recipe.objects.create(**at, project=world.project, slug="first")
    version = RecipeVersion.objects.create(
        **at, recipe=recipe, version=1, stages=[], sha256=b"\x01" * 32
    )
    run = Run.objects.create(
        **at, project=world.project, number=1, recipe_version=version, seed=1, frozen={}
    )
    chunk = RunChunk.objects.create(**at, run=run, kind="read", number=0)
    dataset = Dataset.objects.create(**at, slug="pairs")
    files = DatasetVersion.objects.create(**at, dataset=dataset, major=1, runs_key=b"\x02" * 32)
    job = ImportJob.objects.get(workspace=world.workspace)
    done = BulkJob.objects.get(workspace=world.workspace)
    BulkJob.objects.filter(pk=done.pk).update(state="waiting", lease=None, leased_until=None)
    return {
        "job_id": job.pk,
        "bulk_id": done.pk,
        "project_id": world.project.pk,
        "copy_id": world.project.pk,
        "revision_id": ItemRevision.objects.filter(workspace=world.workspace).latest("pk").pk,
        "chunk_id": chunk.pk,
        "version_id": files.pk,
        "run_id": run.pk,
        "encoding_id": _encoding(world),
        "dry_run_id": DryRun.objects.get(workspace=world.workspace).pk,
    }
