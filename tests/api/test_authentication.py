from __future__ import annotations

import datetime as dt

import pytest
from django.db import close_old_connections, connection
from django.test import Client
from django.utils import timezone

from feedback import access
from feedback.actions import keys, people, projects
from feedback.models import Access, ApiKey, Role, Scope, User
from tests.api.calls import Caller, by_key, by_session, nobody, refused
from tests.world import World, add_reviewer, make_project, make_world


def test_a_key_and_a_session_are_the_same_person(world: World) -> None:
    key, session = by_key(world, world.mara, Scope.ITEMS_READ), by_session(world.mara)
    assert key.get("/me").json() == {
        "name": "Mara",
        "email": "mara@example.org",
        "workspace": "northgate",
        "scopes": ["items:read"],
        "expires_at": None,
    }
    assert session.get("/me").json()["scopes"] is None


def test_without_key_or_session_the_answer_is_401_and_says_how(world: World) -> None:
    response = nobody().get("/me")
    refused(response, 401, "not_signed_in")
    assert response.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "token", ["", "ts_x", "ts_1234_", "nonsense", "ts_\x00_x", "ts_12345678_wrong", "tß_é_ü"]
)
def test_a_key_that_is_none_is_refused(world: World, token: str) -> None:
    caller = Caller(Client(), Authorization=f"Bearer {token}")
    refused(caller.get("/me"), 401, "bad_credentials")


def test_the_right_prefix_with_another_secret_is_refused(world: World) -> None:
    token = world.key(world.ana, Scope.REVIEWS_WRITE)
    caller = Caller(
        Client(), Authorization=f"Bearer {token[:-1]}{'A' if token[-1] != 'A' else 'B'}"
    )
    refused(caller.get("/me"), 401, "bad_credentials")


def test_a_revoked_key_stops_at_its_next_request_and_the_other_goes_on(world: World) -> None:
    first, second = by_key(world, world.mara), by_key(world, world.mara)
    assert first.get("/me").status_code == 200
    key = ApiKey.objects.earliest("pk")
    keys.revoke_key(place=world.place(world.mara), key=key, now=world.now)
    refused(first.get("/me"), 401, "bad_credentials")
    assert second.get("/me").status_code == 200


def test_a_key_that_has_run_out_is_refused(world: World) -> None:
    caller = by_key(world, world.mara)
    ApiKey.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    refused(caller.get("/me"), 401, "bad_credentials")


def test_a_key_ends_with_its_members_membership_and_account(world: World, ws: str) -> None:
    ana, ben = by_key(world, world.ana), by_key(world, world.ben)
    place = access.workspace(access.Principal(world.ines), "northgate")
    membership = world.place(world.ana).membership
    people.end_membership(place=place, membership=membership, now=world.now)
    world.ben.is_active = False
    world.ben.save()
    refused(ana.get(ws), 401, "bad_credentials")
    refused(ben.get(ws), 401, "bad_credentials")
    refused(by_session(world.ana).get(ws), 404, "not_found")


def test_a_key_does_only_what_its_scopes_name(world: World, at: str, ws: str) -> None:
    reader = by_key(world, world.mara, Scope.ITEMS_READ)
    assert reader.get(f"{at}/items").status_code == 200
    body = refused(reader.post(f"{at}/next"), 403, "not_allowed")
    assert "reviews:write" in body["detail"]
    refused(reader.patch(at, {"overlap": 2}), 403, "not_allowed")
    loader = by_key(world, world.mara, Scope.DATASETS_READ)
    refused(loader.get(at), 403, "not_allowed")
    assert loader.get(ws).status_code == 200


def test_a_key_does_no_more_than_its_member_may(world: World, at: str) -> None:
    key = by_key(world, world.mara, Scope.PROJECT_ADMIN)
    membership = world.place(world.mara).membership
    membership.role = Role.REVIEWER
    membership.save()
    refused(key.patch(at, {"overlap": 2}), 404, "not_found")
    membership = access.workspace(access.Principal(world.mara), "northgate").membership
    projects.add_reviewer(place=world.place(world.ines), membership=membership, now=world.now)
    refused(key.patch(at, {"overlap": 2}), 403, "not_allowed")


def test_a_key_opens_its_own_workspace_even_where_its_member_has_another(world: World) -> None:
    people.create_workspace(name="Southgate", owner=world.mara, now=world.now)
    key = by_key(world, world.mara)
    refused(key.get("/workspaces/southgate"), 404, "not_found")
    assert [row["slug"] for row in key.get("/workspaces").json()["rows"]] == ["northgate"]
    session = by_session(world.mara)
    assert session.get("/workspaces/southgate").json()["role"] == "owner"
    assert len(session.get("/workspaces").json()["rows"]) == 2


def test_a_session_needs_the_csrf_token_to_write(world: World, at: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.mara)
    session = Caller(client)
    assert session.get(at).status_code == 200
    refused(session.patch(at, {"overlap": 2}), 403, "csrf_failed")
    client.get("/account/logout/")
    token = client.cookies["csrftoken"].value
    session = Caller(client, **{"X-CSRFToken": token})
    assert session.patch(at, {"overlap": 2}).json()["overlap"] == 2


def test_the_use_of_a_key_is_remembered_once_an_hour(world: World) -> None:
    caller = by_key(world, world.mara)
    for _ in range(3):
        caller.get("/me")
    key = ApiKey.objects.get()
    assert key.last_used_at is not None
    assert list(Access.objects.values_list("what", "key_id")) == [("key_used", key.pk)]


def test_another_reviewers_project_is_not_there(world: World) -> None:
    make_project(world.ines, world.workspace, world.now, name="Secret")
    refused(by_key(world, world.ana).get("/projects/northgate/secret"), 404, "not_found")
    assert by_key(world, world.mara).get("/projects/northgate/secret").status_code == 200


def test_a_paused_reviewer_no_longer_sees_the_project(world: World, at: str) -> None:
    carl = User.objects.create_user(email="carl@example.org", name="Carl")
    membership = add_reviewer(world, carl)
    key = by_key(world, carl)
    assert key.get(at).status_code == 200
    by_key(world, world.mara).delete(f"{at}/reviewers/{membership.public_id}")
    refused(key.get(at), 404, "not_found")


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_died_between_two_requests_is_replaced(now: dt.datetime) -> None:
    """The first statement of a request is one of ours, so it has to look after the connection as Django's do."""
    world = make_world(now)
    caller = by_key(world, world.mara)
    assert caller.get("/me").status_code == 200
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid]
        )
    other.close()
    close_old_connections()
    assert caller.get("/me").status_code == 200
