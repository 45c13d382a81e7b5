from __future__ import annotations

import datetime as dt
import gzip
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from django.db import connections

from curation.actions.fingerprints import fingerprint, near_groups
from curation.models import Band, Fingerprint
from feedback.models import Project
from tests.steps import DATA
from tests.world import World, make_world

PROMPT, RESPONSE = "prompt", "response"
LONG = "The court held that the contract was void because neither party had read its second page, "


def articles() -> tuple[list[str], list[str], set[frozenset[str]]]:
    text = gzip.decompress((DATA / "neardup" / "articles_1000.train.gz").read_bytes()).decode()
    named = [line.partition(" ")[::2] for line in text.splitlines()]
    truth = (DATA / "neardup" / "articles_1000.truth").read_text().splitlines()
    names, texts = zip(*named, strict=True)
    return list(names), list(texts), {frozenset(line.split()) for line in truth}


def groups_of(groups: np.ndarray, names: list[str]) -> set[frozenset[str]]:
    together: dict[int, set[str]] = {}
    for group, name in zip(groups.tolist(), names, strict=True):
        together.setdefault(group, set()).add(name)
    return {frozenset(each) for each in together.values() if len(each) > 1}


def test_the_index_finds_ten_of_ten_near_duplicate_articles_and_no_other(world: World) -> None:
    names, texts, truth = articles()
    near = near_groups(world.project, RESPONSE, "word3", texts, 0.5)
    assert groups_of(near.groups, names) == truth
    assert len(truth) == near.near == 10
    assert Fingerprint.objects.count() == len(set(texts)) == 1000


def test_a_text_is_fingerprinted_once_whoever_asks_and_however_often(world: World) -> None:
    texts = [LONG + str(n) for n in range(5)]
    fingerprint(world.project, RESPONSE, "word3", texts)
    before = list(Fingerprint.objects.order_by("pk").values("pk", "signature"))
    fingerprint(world.project, RESPONSE, "word3", [*texts, *texts, "another one"])
    assert list(Fingerprint.objects.order_by("pk").values("pk", "signature"))[:5] == before
    assert Fingerprint.objects.count() == 6
    fingerprint(world.their_project, RESPONSE, "word3", texts)
    assert Fingerprint.objects.filter(project=world.their_project).count() == 5


def test_who_asked_before_changes_nobodys_neighbours(world: World) -> None:
    texts = [LONG + word for word in ("at all.", "at all!", "and was sorry.")] + ["short", "other"]
    alone = near_groups(world.project, RESPONSE, "word3", texts, 0.6)
    for text in texts[::-1]:
        fingerprint(world.their_project, RESPONSE, "word3", [text, text + " more", LONG])
    after = near_groups(world.their_project, RESPONSE, "word3", texts, 0.6)
    assert alone.groups.tolist() == after.groups.tolist()
    assert groups_of(alone.groups, ["a", "b", "c", "d", "e"]) == {frozenset("abc")}


def test_equal_texts_share_a_group_except_empty_ones(world: World) -> None:
    near = near_groups(world.project, PROMPT, "char5", ["same", "same", "", "", "other"], 0.7)
    first, second, *others = near.groups.tolist()
    assert first == second
    assert len({first, *others}) == 4


def test_inside_a_label_only_texts_of_that_label_are_near(world: World) -> None:
    texts, labels = [LONG, LONG, LONG + "indeed", LONG + "indeed"], np.array([0, 1, 0, 1])
    near = near_groups(world.project, RESPONSE, "word3", texts, 0.6, within=labels)
    assert groups_of(near.groups, ["a0", "a1", "b0", "b1"]) == {
        frozenset({"a0", "b0"}),
        frozenset({"a1", "b1"}),
    }


def test_no_texts_have_no_neighbours(world: World) -> None:
    assert near_groups(world.project, PROMPT, "char5", [], 0.7).groups.tolist() == []


@pytest.mark.django_db(transaction=True)
def test_workers_that_fingerprint_the_same_texts_at_once_write_them_once(now: dt.datetime) -> None:
    world = make_world(now)
    texts = [LONG + str(n) for n in range(200)]

    def write(_: int) -> None:
        try:
            project = Project.objects.get(pk=world.project.pk)
            fingerprint(project, RESPONSE, "word3", texts)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    assert Fingerprint.objects.count() == 200
    assert Band.objects.values("fingerprint").distinct().count() == 200
