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


def test_a_text_alone_has_the_bands_that_it_has_in_company(world: World) -> None:
    texts = [LONG + str(n) for n in range(3)]
    fingerprint(of(world.project), texts[1:2])
    alone = set(Band.objects.values_list("h", flat=True))
    Band.objects.all().delete()
    Fingerprint.objects.all().delete()
    ids = fingerprint(of(world.project), texts).ids
    together = Band.objects.filter(fingerprint=ids[texts[1]]).values_list("h", flat=True)
    assert len(alone) == 21
    assert set(together) == alone


def test_a_text_without_words_has_a_fingerprint_and_neither_signature_nor_bands(
    world: World,
) -> None:
    for texts in ([""], [" ", LONG, LONG + "which is blank"]):
        fingerprint(of(world.project), texts)
    signatures = Fingerprint.objects.order_by("pk").values_list("signature", flat=True)
    assert [each and len(each) for each in signatures] == [None, None, 512, 512]
    assert Band.objects.count() == 42


def test_who_is_in_the_buckets_of_a_text_is_told_before_and_with_it(world: World) -> None:
    texts = [LONG + str(n) for n in range(3)]
    first = fingerprint(of(world.project), texts[:1])
    found = fingerprint(of(world.project), texts)
    assert found.fresh.tolist() == [False, True, True]
    assert found.ids[texts[0]] == first.ids[texts[0]]
    filled = [set(found.members[found.starts[b] : found.starts[b + 1]]) for b in found.buckets[0]]
    assert set(found.ids.values()) == set().union(*filled)
    assert all(found.ids[texts[0]] in bucket for bucket in filled)


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
