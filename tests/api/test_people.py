from __future__ import annotations

import uuid
from urllib.parse import urlsplit

import pytest

from feedback.actions import people
from feedback.models import Access, ApiKey, Invitation, Membership, Review, Role, User
from tests.api.calls import by_key, by_session, faults, refused
from tests.world import PASSWORD, World


def member_of(world: World, user: User) -> Membership:
    return Membership.objects.get(user=user, workspace=world.workspace)


def test_a_manager_sees_who_belongs_here_and_the_look_is_remembered(world: World, ws: str) -> None:
    rows = by_key(world, world.mara).get(f"{ws}/people").json()["rows"]
    assert {row["name"]: row["role"] for row in rows} == {
        "Ines": "owner",
        "Mara": "manager",
        "Ana": "reviewer",
        "Ben": "reviewer",
    }
    look = Access.objects.get(what="people")
    assert (look.user, look.key) == (world.mara, ApiKey.objects.get())


def test_a_reviewer_does_not_see_the_people(world: World, ws: str) -> None:
    refused(by_session(world.ana).get(f"{ws}/people"), 403, "not_allowed")


def test_a_role_is_changed_and_owners_only_by_owners(world: World, ws: str) -> None:
    path = f"{ws}/people/{member_of(world, world.ana).public_id}"
    assert (
        by_key(world, world.mara).patch(path, {"role": "adjudicator"}).json()["role"]
        == "adjudicator"
    )
    refused(by_key(world, world.mara).patch(path, {"role": "owner"}), 403, "not_allowed")
    assert by_key(world, world.ines).patch(path, {"role": "owner"}).status_code == 200
    assert member_of(world, world.ana).role == Role.OWNER


def test_the_last_owner_stays(world: World, ws: str) -> None:
    owner, path = by_key(world, world.ines), f"{ws}/people/{member_of(world, world.ines).public_id}"
    refused(owner.delete(path), 409, "last_owner")
    refused(owner.patch(path, {"role": "manager"}), 409, "last_owner")


@pytest.mark.parametrize(
    "body", [{}, {"role": "king"}, {"role": None}, [], {"role": "owner", "extra": 1}]
)
def test_a_role_that_is_none_is_refused(world: World, ws: str, body: object) -> None:
    path = f"{ws}/people/{member_of(world, world.ana).public_id}"
    assert faults(by_key(world, world.ines).patch(path, body))


def test_who_leaves_is_gone_and_their_reviews_stay(world: World, ws: str) -> None:
    manager = by_key(world, world.mara)
    path = f"{ws}/people/{member_of(world, world.ana).public_id}"
    before = Review.objects.count()
    assert manager.delete(path).status_code == 204
    refused(manager.delete(path), 404, "not_found")
    assert Review.objects.count() == before
    refused(by_session(world.ana).get(ws), 404, "not_found")


def test_an_invitation_is_a_link_that_is_shown_once(world: World, ws: str) -> None:
    manager = by_key(world, world.mara)
    body = {"role": "reviewer", "email": "dora@example.org", "projects": ["chat", "chat"]}
    made = manager.post(f"{ws}/invitations", body)
    assert made.status_code == 201
    token = urlsplit(made.json()["link"]).path.strip("/").removeprefix("invite/")
    listed = manager.get(f"{ws}/invitations").json()["rows"]
    assert [(row["email"], row["projects"]) for row in listed] == [("dora@example.org", ["chat"])]
    assert token not in str(listed)
    joined = people.accept_invitation(
        token=token, now=world.now, person=people.NewPerson("dora@example.org", "Dora", PASSWORD)
    )
    assert by_key(world, joined.user).get("/projects/northgate/chat").status_code == 200
    assert manager.get(f"{ws}/invitations").json()["rows"] == []


def test_nobody_invites_above_themselves_or_to_a_project_that_is_not_there(
    world: World, ws: str
) -> None:
    manager = by_key(world, world.mara)
    refused(manager.post(f"{ws}/invitations", {"role": "owner"}), 403, "not_allowed")
    body = {"role": "reviewer", "projects": ["nowhere"]}
    refused(manager.post(f"{ws}/invitations", body), 404, "not_found")
    refused(by_key(world, world.ana).post(f"{ws}/invitations", body), 403, "not_allowed")
    assert faults(manager.post(f"{ws}/invitations", {"role": "reviewer", "email": "no"})) == [
        ("email", "invalid")
    ]
    assert not Invitation.objects.exists()


def test_a_withdrawn_invitation_no_longer_works(world: World, ws: str) -> None:
    manager = by_key(world, world.mara)
    made = manager.post(f"{ws}/invitations", {"role": "reviewer"}).json()
    path = f"{ws}/invitations/{made['id']}"
    assert manager.delete(path).status_code == 204
    refused(manager.delete(path), 404, "not_found")
    refused(manager.delete(f"{ws}/invitations/{uuid.uuid4()}"), 404, "not_found")
    token = urlsplit(made["link"]).path.strip("/").removeprefix("invite/")
    with pytest.raises(people.LinkUsed):
        people.open_invitation(token, now=world.now)
