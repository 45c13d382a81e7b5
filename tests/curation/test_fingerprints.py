from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from curation.actions.fingerprints import Compared, fingerprint
from curation.models import Band, Fingerprint
from feedback.models import Project
from tests.world import World, make_world

RESPONSE = "response"


def of(project: Project) -> Compared:
    return Compared(project.workspace_id, project.pk, RESPONSE, "word3")


LONG = "The court held that the contract was void because neither party had read its second page, "


def test_a_text_is_fingerprinted_once_whoever_asks_and_however_often(world: World) -> None:
    texts = [LONG + str(n) for n in range(5)]
    fingerprint(of(world.project), texts)
    before = list(Fingerprint.objects.order_by("pk").values("pk", "signature"))
    fingerprint(of(world.project), [*texts, *texts, "another one"])
    assert list(Fingerprint.objects.order_by("pk").values("pk", "signature"))[:5] == before
    assert Fingerprint.objects.count() == 6
    fingerprint(of(world.their_project), texts)
    assert Fingerprint.objects.filter(project=world.their_project).count() == 5


@pytest.mark.django_db(transaction=True)
def test_workers_that_fingerprint_the_same_texts_at_once_write_them_once(now: dt.datetime) -> None:
    world = make_world(now)
    texts = [LONG + str(n) for n in range(200)]

    def write(_: int) -> None:
        try:
            project = Project.objects.get(pk=world.project.pk)
            fingerprint(of(project), texts)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    assert Fingerprint.objects.count() == 200
    assert Band.objects.values("fingerprint").distinct().count() == 200
