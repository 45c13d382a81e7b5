from __future__ import annotations

import datetime as dt

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from feedback.actions.tidying import tidy
from feedback.models import ApiKey, Flag, IdempotencyKey, Project, Review
from tests.api.calls import by_key, by_session, refused
from tests.world import FULL, World, make_item

BODY = {"name": "Briefs", "domain": "legal_brief"}


def test_the_same_request_with_the_same_key_is_done_once(world: World, ws: str) -> None:
    manager = by_key(world, world.mara)
    first = manager.post(f"{ws}/projects", BODY, Idempotency_Key="a")
    again = manager.post(f"{ws}/projects", BODY, Idempotency_Key="a")
    assert first.status_code == again.status_code == 201
    assert again.json() == first.json()
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert Project.objects.filter(name="Briefs").count() == 1
    refused(manager.post(f"{ws}/projects", BODY), 409, "slug_taken")


def test_the_same_key_for_another_body_is_refused(world: World, ws: str) -> None:
    manager = by_key(world, world.mara)
    manager.post(f"{ws}/projects", BODY, Idempotency_Key="a")
    other = manager.post(f"{ws}/projects", {**BODY, "name": "Others"}, Idempotency_Key="a")
    refused(other, 422, "idempotency_key_reused")
    assert not Project.objects.filter(name="Others").exists()


def test_two_callers_and_two_routes_may_use_the_same_key(world: World, ws: str, at: str) -> None:
    for caller in (by_key(world, world.mara), by_key(world, world.mara), by_session(world.mara)):
        path = f"{at}/guidelines"
        assert caller.post(path, {"text": "Same"}, Idempotency_Key="a").status_code == 201
        assert (
            caller.post(f"{ws}/invitations", {"role": "reviewer"}, Idempotency_Key="a").status_code
            == 201
        )
    assert world.project.guidelines.count() == 4


def test_a_refusal_is_not_kept_so_that_it_can_be_mended(world: World, at: str, ws: str) -> None:
    manager = by_key(world, world.mara)
    taken = {"name": "Chat", "domain": "chat"}
    refused(manager.post(f"{ws}/projects", taken, Idempotency_Key="a"), 409, "slug_taken")
    Project.objects.filter(slug="chat").update(slug="old-chat")
    assert manager.post(f"{ws}/projects", taken, Idempotency_Key="a").status_code == 201


def test_a_secret_is_shown_once_and_not_kept(world: World, ws: str) -> None:
    person = by_session(world.mara)
    body = {"name": "k", "scopes": ["items:read"]}
    secret = person.post(f"{ws}/keys", body, Idempotency_Key="a").json()["secret"]
    assert person.post(f"{ws}/keys", body, Idempotency_Key="a").json()["secret"] is None
    link = person.post(f"{ws}/invitations", {"role": "reviewer"}, Idempotency_Key="b").json()[
        "link"
    ]
    assert (
        person.post(f"{ws}/invitations", {"role": "reviewer"}, Idempotency_Key="b").json()["link"]
        is None
    )
    kept = str(list(IdempotencyKey.objects.values()))
    assert secret not in kept
    assert link not in kept
    assert ApiKey.objects.count() == 1


def test_a_request_still_at_work_is_told_so_and_a_dead_one_is_done_again(
    world: World, at: str
) -> None:
    manager = by_key(world, world.mara)
    manager.post(f"{at}/guidelines", {"text": "Once"}, Idempotency_Key="a")
    IdempotencyKey.objects.update(status=None, answer=None)
    again = manager.post(f"{at}/guidelines", {"text": "Once"}, Idempotency_Key="a")
    refused(again, 409, "still_at_work")
    IdempotencyKey.objects.update(created_at=timezone.now() - dt.timedelta(minutes=11))
    redone = manager.post(f"{at}/guidelines", {"text": "Once"}, Idempotency_Key="a")
    assert (redone.status_code, redone.json()["version"]) == (201, 3)


def test_a_request_that_broke_leaves_no_key_behind(world: World, at: str) -> None:
    """A form whose table refuses it stands for anything unforeseen."""
    manager = by_key(world, world.mara)
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE feedback_guideline ADD CHECK (text <> 'boom')")
    with pytest.raises(DatabaseError):
        manager.post(f"{at}/guidelines", {"text": "boom"}, Idempotency_Key="a")
    assert not IdempotencyKey.objects.exists()


@pytest.mark.parametrize("key", ["x" * 201])
def test_a_key_that_does_not_fit_is_refused(world: World, at: str, key: str) -> None:
    response = by_key(world, world.mara).post(
        f"{at}/guidelines", {"text": "x"}, Idempotency_Key=key
    )
    refused(response, 422, "bad_idempotency_key")


def test_reviews_and_flags_take_keys_too(world: World, at: str) -> None:
    make_item(world.project)
    ana = by_key(world, world.ana)
    path = f"{at}/assignments/{ana.post(f'{at}/next').json()['assignment']}"
    for _ in range(2):
        assert ana.post(f"{path}/flag", {"reason": "other"}, Idempotency_Key="a").status_code == 201
        assert ana.post(f"{path}/review", {"body": FULL}, Idempotency_Key="a").status_code == 201
    assert (Review.objects.count(), Flag.objects.count()) == (1, 1)


def test_keys_are_forgotten_after_two_days(world: World, at: str) -> None:
    by_key(world, world.mara).post(f"{at}/guidelines", {"text": "x"}, Idempotency_Key="a")
    tidy(now=timezone.now() + dt.timedelta(hours=47))
    assert IdempotencyKey.objects.count() == 1
    tidy(now=timezone.now() + dt.timedelta(hours=49))
    assert IdempotencyKey.objects.count() == 0
