from __future__ import annotations

import uuid

import pytest
from django.test import Client

from feedback.actions import agreements
from feedback.models import Acceptance, Agreement, ApiKey
from tests.api.calls import Caller, by_key, by_session, faults, refused
from tests.world import World, make_item


def test_a_key_is_made_by_a_person_shown_once_and_works(world: World, ws: str) -> None:
    person = by_session(world.mara)
    made = person.post(f"{ws}/keys", {"name": "import", "scopes": ["items:write"], "days": 30})
    assert made.status_code == 201
    secret = made.json()["secret"]
    assert secret.startswith(made.json()["prefix"])
    caller = Caller(Client(), Authorization=f"Bearer {secret}")
    assert caller.get("/me").json()["scopes"] == ["items:write"]
    listed = person.get(f"{ws}/keys").json()["rows"]
    assert [row["name"] for row in listed] == ["import"]
    assert secret not in str(listed)
    assert listed[0]["expires_at"] is not None


def test_a_key_makes_and_sees_no_keys(world: World, ws: str) -> None:
    key = by_key(world, world.ines)
    refused(key.post(f"{ws}/keys", {"name": "x", "scopes": ["items:read"]}), 403, "not_allowed")
    refused(key.get(f"{ws}/keys"), 403, "not_allowed")
    path = f"{ws}/keys/{ApiKey.objects.get().public_id}"
    refused(key.delete(path), 403, "not_allowed")


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"scopes": ["items:read"]}, "name"),
        ({"name": "x"}, "scopes"),
        ({"name": "x", "scopes": []}, "scopes"),
        ({"name": "x", "scopes": ["everything"]}, "scopes.0"),
        ({"name": "x", "scopes": ["items:read"], "days": 0}, "days"),
        ({"name": "x\x00", "scopes": ["items:read"]}, "name"),
    ],
)
def test_a_key_that_makes_no_sense_is_refused(
    world: World, ws: str, body: object, where: str
) -> None:
    response = by_session(world.mara).post(f"{ws}/keys", body)
    assert [place for place, _ in faults(response)] == [where]


def test_a_role_cannot_give_a_key_more_than_it_has(world: World, ws: str) -> None:
    reviewer = by_session(world.ana)
    refused(
        reviewer.post(f"{ws}/keys", {"name": "x", "scopes": ["items:read"]}), 403, "not_allowed"
    )
    assert (
        reviewer.post(f"{ws}/keys", {"name": "x", "scopes": ["reviews:write"]}).status_code == 201
    )


def test_one_revokes_ones_own_and_an_owner_anybodys(world: World, ws: str) -> None:
    for user in (world.ana, world.mara):
        by_key(world, user)
    anas, maras = (f"{ws}/keys/{key.public_id}" for key in ApiKey.objects.order_by("pk"))
    refused(by_session(world.mara).delete(anas), 404, "not_found")
    assert len(by_session(world.mara).get(f"{ws}/keys").json()["rows"]) == 1
    assert by_session(world.mara).delete(maras).status_code == 204
    owner = by_session(world.ines)
    assert len(owner.get(f"{ws}/keys").json()["rows"]) == 2
    assert owner.delete(anas).status_code == 204
    assert not ApiKey.objects.filter(revoked_at=None).exists()
    refused(owner.delete(f"{ws}/keys/{uuid.uuid4()}"), 404, "not_found")


def test_the_agreement_is_read_accepted_and_published_anew(world: World, ws: str, at: str) -> None:
    make_item(world.project)
    owner, reviewer = by_key(world, world.ines), by_session(world.ana)
    assert reviewer.get(f"{ws}/agreement").json()["accepted"] is True
    second = owner.post(f"{ws}/agreement", {"text": "# New terms\n"})
    assert (second.status_code, second.json()["version"]) == (201, 2)
    assert reviewer.get(f"{ws}/agreement").json()["accepted"] is False
    refused(reviewer.post(f"{at}/next"), 403, "agreement_needed")
    refused(reviewer.post(f"{ws}/agreement/acceptance", {"version": 1}), 409, "agreement_changed")
    for _ in range(2):
        accepted = reviewer.post(f"{ws}/agreement/acceptance", {"version": 2})
        assert accepted.json()["version"] == 2
    assert reviewer.post(f"{at}/next").status_code == 200
    assert Acceptance.objects.filter(agreement__version=2).count() == 1


def test_only_a_person_accepts_and_only_an_owner_publishes(world: World, ws: str) -> None:
    by = by_key(world, world.ana)
    assert by.get(f"{ws}/agreement").json()["version"] == 1
    refused(by.post(f"{ws}/agreement/acceptance", {"version": 1}), 403, "not_allowed")
    refused(by_key(world, world.mara).post(f"{ws}/agreement", {"text": "x"}), 403, "not_allowed")
    assert faults(by_key(world, world.ines).post(f"{ws}/agreement", {"text": ""})) == [
        ("text", "blank")
    ]
    assert Agreement.objects.filter(workspace=world.workspace).count() == 1
    assert agreements.latest_agreement(world.workspace).version == 1
