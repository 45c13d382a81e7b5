"""A workspace with at least one row in every table that belongs to one, made as far as possible by the product itself."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from hashlib import sha256

from curation.actions.dry_run import start_dry_run
from curation.actions.evaluation_sets import register_bundled
from curation.actions.signals import signal
from curation.models import Decision, Encoding, ItemVector, NearPair, Pair, Run
from curation.queries.evaluation_sets import index_of
from exports.actions.pulls import record_pull
from exports.models import DatasetVersion
from feedback import access
from feedback.actions import (
    agreements,
    bulk,
    checks,
    drafts,
    erasure,
    flags,
    keys,
    people,
    projects,
    threads,
)
from feedback.actions.audit import note_read
from feedback.actions.citing import citations
from feedback.actions.importing.start import save_mapping
from feedback.actions.searching import index_texts
from feedback.actions.views import save_view
from feedback.models import (
    ItemRevision,
    Project,
    Provenance,
    Rater,
    RaterFacts,
    Response,
    Review,
    Role,
    Scope,
    User,
)
from feedback.queries.bulk import Chosen
from tests.steps import claim, import_rows, publish_run, recipe, row, run_recipe, send
from tests.world import World


def fill(world: World, owner: User, project: Project) -> None:
    """Import, review, erase, curate, publish and pull: everything once."""
    place, now = world.place(owner, project), world.now
    rows = [
        row(f"i{n}", 2, 1, prompt=f"Prompt number {n}", responses=[f"a{n}", f"b{n}"])
        for n in (1, 2, 3)
    ]
    import_rows(place, [*rows, {"id": "bad"}], now, source="tests")
    projects.add_reviewer(place=place, membership=place.membership, now=now)
    agreements.accept_agreement(place=place, version=1, now=now)
    _review(world, owner, project)
    _people(place, now)
    _items(place, now)
    register_bundled(place=place, name="HumanEval", now=now)
    signal(project, "tests", {"a text": sha256(b"a text").digest()}, index_of(project, ()))
    run = run_recipe(place, now, recipe(project, now))
    start_dry_run(place=place, document={"stages": [{"stage": "votes"}]}, now=now)
    version = publish_run(place, run, now)
    _read_by_key(place, version, now)
    pair = Pair.objects.filter(project=project).first()
    Decision.objects.create(
        workspace=place.workspace, pair=pair, action="hold", reason="why", decided_by=owner
    )
    _near_pair(run, pair)
    _vector(run, pair)
    _gone_on(run)


def _gone_on(base: Run) -> None:
    """A run that goes on from another."""
    same = ("workspace_id", "project_id", "recipe_version_id", "seed", "frozen", "input_sha256")
    Run.objects.create(
        **{name: getattr(base, name) for name in same}, number=base.number + 1, base=base
    )


def _vector(run: Run, pair: Pair) -> None:
    """A version of vectors with one item's."""
    encoding = Encoding.objects.create(
        workspace_id=run.workspace_id, project_id=run.project_id, version=1, encoder="lexical"
    )
    ItemVector.objects.create(
        workspace_id=run.workspace_id,
        encoding=encoding,
        item_id=pair.revision.item_id,
        revision=pair.revision,
        vector=b"",
    )


def _near_pair(run: Run, pair: Pair) -> None:
    """Two near-equal responses that wait for a person."""
    NearPair.objects.create(
        workspace_id=run.workspace_id,
        project_id=run.project_id,
        kind="response",
        left_hash=b"a" * 32,
        right_hash=b"b" * 32,
        left=pair.response_lo,
        right=pair.response_hi,
        similarity=0.95,
        why="legal",
        cluster=b"c" * 32,
        found_by=run,
    )


def _read_by_key(place: access.ProjectPlace, version: DatasetVersion, now: dt.datetime) -> None:
    key, _ = keys.make_key(place=place, name="trainer", scopes=[Scope.DATASETS_READ], now=now)
    principal = access.Principal(place.user, key)
    note_read(place=replace(place, principal=principal), what="test", now=now)
    asked = {"path": "README.md", "sent_bytes": 1, "principal": principal, "agent": ""}
    record_pull(version=version, now=now, **asked)


def _review(world: World, owner: User, project: Project) -> None:
    place, now = world.place(owner, project), world.now
    first = claim(world, owner, project=project)
    flags.flag(place=place, assignment=first, reason="other", note="note", now=now)
    threads.ask(place=place, assignment=first, text="asked", now=now)
    sent = send(world, owner, first, typed=120, reading={"A": 1000})
    review = Review.objects.get(public_id=sent.public_id)
    erasure.erase_review(place=place, review=review, reason="asked", now=now)
    kept = send(world, owner, claim(world, owner, project=project))
    review = Review.objects.get(public_id=kept.public_id)
    checks.ask(place=place, review=review, now=now)
    last = claim(world, owner, project=project)
    empty = {"answers": {}, "cannot_judge": None}
    drafts.save_draft(place=place, assignment=last, slots=empty, based_on=0, now=now)


def _people(place: access.ProjectPlace, now: dt.datetime) -> None:
    people.invite(place=place, role=Role.REVIEWER, projects=[place.project], now=now)
    save_mapping(place=place, name="kept", mapping={"prompt": "p"}, now=now)
    rater = Rater.objects.filter(workspace=place.workspace, user=place.user).get()
    RaterFacts.objects.create(
        workspace=place.workspace,
        project=place.project,
        rater=rater,
        log_odds=0.0,
        n_votes=1,
        method="one_coin",
        updated_at=now,
    )
    _rewrite(place, rater)


def _items(place: access.ProjectPlace, now: dt.datetime) -> None:
    """Items are searched, listed, changed by the dozen and changed back; a text cites an authority."""
    index_texts(now=now)
    save_view(place=place, name="all", query={}, shared=True, now=now)
    every = Chosen(filters={})
    tagged = bulk.start_bulk(
        place=place, action="tag", settings={"add": ["seen"]}, chosen=every, now=now
    )
    bulk.undo_bulk(place=place, job=tagged, now=now)
    citations(place.workspace.pk, [("See Roe v. Wade, 410 U.S. 113 (1973).", "plain")], now=now)


def _rewrite(place: access.ProjectPlace, rater: Rater) -> None:
    """A response with a parent and an author, and texts that say where they come from."""
    original, response = Response.objects.filter(workspace=place.workspace).order_by("pk")[:2]
    Response.objects.filter(pk=response.pk).update(author=rater, parent=original)
    told = Provenance.objects.filter(workspace=place.workspace).first()
    ItemRevision.objects.filter(pk=response.revision_id).update(
        prompt_provenance=told, context_provenance=told
    )
