from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.db.models.functions import Now

from curation.models import ItemLikeness, NearPair, RunPair, RunStage
from exports.models import Dataset
from feedback.models import (
    Answer,
    CheckAnswer,
    Erasure,
    Item,
    Membership,
    Project,
    Rater,
    ReviewBody,
    SearchEntry,
    Vote,
)
from tests.schema.full_house import fill
from tests.world import World


def update(model: type[models.Model], **values: Any) -> Callable[[World], Any]:
    return lambda world: model.objects.filter(workspace=world.workspace).update(**values)


def _bare_member(world: World) -> None:
    Rater.objects.create(workspace=world.workspace, rater_kind="member")


def _both(world: World) -> None:
    """A body and a tombstone at once, by a new row: the trigger keeps old ones from it already."""
    gone = ReviewBody.objects.exclude(erasure=None).get()
    erasure = Erasure.objects.get()
    ReviewBody.objects.bulk_create(
        [ReviewBody(workspace=world.workspace, review_id=gone.pk + 10**6, body={}, erasure=erasure)]
    )


# Every check of every table, and rows that break it.
BROKEN: dict[str, list[Callable[[World], Any]]] = {
    "item_counters_sane": [
        update(Item, given=-1),
        update(Item, leased=-1),
        update(Item, cap=0, given=1),
    ],
    "project_overlap_sane": [update(Project, overlap=0), update(Project, overlap_cap=1)],
    "membership_role_known": [update(Membership, role="king")],
    "rater_member_has_user": [_bare_member],
    "vote_ordered": [
        update(Vote, response_lo=models.F("response_hi")),
        update(Vote, response_hi=models.F("response_lo") - 1),
    ],
    "vote_outcome_range": [update(Vote, outcome=4), update(Vote, outcome=-4)],
    "answer_number_or_choice": [
        update(Answer, number=None, choice=None),
        update(Answer, number=1.0, choice="x"),
    ],
    "body_or_tombstone": [_both],
    "search_of_one": [
        update(SearchEntry, revision=None, review=None),
    ],
    "checks_answered": [
        update(CheckAnswer, choice="keep"),
        update(CheckAnswer, choice="no"),
        update(CheckAnswer, answered_at=Now()),
    ],
    "run_pair_reason_when_held": [
        update(RunPair, held=True),
        update(RunPair, held=True, stage="decided"),
        update(RunPair, held=False, reason="tie"),
    ],
    "run_stage_adds_up": [update(RunStage, n_held=models.F("n_held") + 1)],
    "likeness_nearest_has_similarity": [
        update(ItemLikeness, similarity=0.5, nearest=None),
        update(ItemLikeness, similarity=None, nearest=models.F("item")),
        update(ItemLikeness, similarity=1.5, nearest=models.F("item")),
    ],
    "near_pair_ordered": [update(NearPair, right_hash=models.F("left_hash"))],
    "near_pair_decided": [update(NearPair, verdict="same"), update(NearPair, decided_at=Now())],
    "dataset_slug_no_alias": [update(Dataset, slug="pairs.v1"), update(Dataset, slug="a.v2.b")],
}


def checks() -> set[str]:
    found = [
        m
        for app in ("feedback", "curation", "exports")
        for m in apps.get_app_config(app).get_models()
    ]
    constraints = [each for model in found for each in model._meta.constraints]
    return {each.name for each in constraints if isinstance(each, models.CheckConstraint)}


def test_every_check_is_tried_here() -> None:
    assert checks() == set(BROKEN)


def test_the_database_refuses_what_makes_no_sense(world: World) -> None:
    fill(world, world.ines, world.project)
    for name, attempts in BROKEN.items():
        for attempt in attempts:
            with pytest.raises(IntegrityError) as refusal, transaction.atomic():
                attempt(world)
            assert refusal.value.__cause__.diag.constraint_name == name
