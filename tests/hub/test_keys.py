"""Who may load what: by key only, and whoever may not cannot tell what exists."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from django.test import Client

from feedback import access
from feedback.actions import keys
from feedback.models import Membership, Role, Scope
from tests.hub.conftest import client_of
from tests.hub.maker import make_dataset, publish_bytes

API = "api/datasets/northgate/chat-prefs"
ROUTES = [
    ("get", API),
    ("get", f"{API}/revision/main"),
    ("get", f"{API}/tree/main"),
    ("post", f"{API}/paths-info/main"),
    ("get", f"{API}/refs"),
    ("get", f"{API}/commits/main"),
    ("get", "datasets/northgate/chat-prefs/resolve/main/README.md"),
    ("head", "datasets/northgate/chat-prefs/resolve/main/README.md"),
    ("get", f"{API}.v1.0"),
]
LISTS = [("get", "api/datasets"), ("get", "api/whoami-v2")]


def ask(client: Client, method: str, address: str):
    return getattr(client, method)(f"/hub/{address}")


@pytest.mark.parametrize("name", ["chat-prefs", "nope"])
def test_without_a_key_nothing_exists(hub, name):
    signed_in = Client()
    signed_in.force_login(hub.world.mara, "allauth.account.auth_backends.AuthenticationBackend")
    for client, (method, address) in itertools.product((Client(), signed_in), ROUTES):
        answer = ask(client, method, address.replace("chat-prefs", name))
        assert (answer.status_code, answer["X-Error-Code"]) == (401, "RepoNotFound")
        assert answer["WWW-Authenticate"] == "Bearer"
        assert "HF_TOKEN" in answer["X-Error-Message"]


@pytest.mark.parametrize("header", ["Bearer hf_abcdef", "Bearer ts_1_2", "Basic eDp5", "Bearer"])
def test_a_wrong_key_is_told_in_the_words_that_clients_know(hub, header):
    for method, address in ROUTES + LISTS:
        answer = ask(Client(headers={"Authorization": header}), method, address)
        assert answer.status_code == 401
        assert answer["X-Error-Message"] == "Invalid credentials in Authorization header"
        assert "X-Error-Code" not in answer


def test_another_workspace_sees_what_is_not_there(hub):
    stranger = client_of(hub.world.key(hub.world.eve, Scope.DATASETS_READ))
    for method, address in ROUTES:
        answer = ask(stranger, method, address)
        missing = ask(stranger, method, address.replace("chat-prefs", "nope"))
        nowhere = ask(stranger, method, address.replace("northgate", "nowhere"))
        assert (answer.status_code, answer["X-Error-Code"]) == (404, "RepoNotFound")
        assert answer.content == missing.content == nowhere.content
        assert answer.headers == missing.headers == nowhere.headers


def test_another_workspace_finds_nothing_by_searching(hub):
    stranger = client_of(hub.world.key(hub.world.eve, Scope.DATASETS_READ))
    for query in ("", "?search=chat", "?author=northgate"):
        assert ask(stranger, "get", f"api/datasets{query}").json() == []


def test_a_key_without_the_scope_hears_which_one_it_lacks(hub):
    client = client_of(hub.world.key(hub.world.mara, Scope.ITEMS_READ))
    for method, address in [*ROUTES, LISTS[0]]:
        answer = ask(client, method, address)
        assert (answer.status_code, answer["X-Error-Code"]) == (403, "RepoNotFound")
        assert "datasets:read" in answer["X-Error-Message"]


def test_a_key_of_one_dataset_opens_no_other(hub):
    publish_bytes(make_dataset(hub.world.workspace, "other"), {"a": b"a"}, now=hub.world.now)
    place = access.workspace(access.Principal(hub.world.mara), hub.world.workspace.slug)
    _, token = keys.make_key(
        place=place,
        name="one",
        scopes=[Scope.DATASETS_READ],
        now=hub.world.now,
        dataset_slug="chat-prefs",
    )
    client = client_of(token)
    assert ask(client, "get", API).status_code == 200
    assert ask(client, "get", f"{API}.v1.0").status_code == 200
    other = ask(client, "get", "api/datasets/northgate/other")
    assert (other.status_code, other["X-Error-Code"]) == (404, "RepoNotFound")
    found = ask(client, "get", "api/datasets").json()
    assert [each["id"] for each in found] == ["northgate/chat-prefs"]


def test_a_key_ends_with_its_revocation_its_time_and_its_members_role(hub):
    hub.key.revoked_at = hub.world.now
    hub.key.save()
    assert hub.get(API).status_code == 401
    hub.key.revoked_at, hub.key.expires_at = None, hub.world.now - dt.timedelta(seconds=1)
    hub.key.save()
    assert hub.get(API).status_code == 401
    hub.key.expires_at = None
    hub.key.save()
    mara = Membership.objects.filter(user=hub.world.mara)
    mara.update(role=Role.REVIEWER)
    answer = hub.get(API)
    assert answer.status_code == 403
    assert "data manager" in answer["X-Error-Message"]
    mara.update(ended_at=hub.world.now)
    assert hub.get(API).status_code == 401


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("get", "api/agent-harnesses"),
        ("get", "api/models/gpt2"),
        ("head", "northgate/model/resolve/main/config.json"),
        ("post", "api/repos/create"),
        ("post", f"{API}/commit/main"),
        ("get", ""),
    ],
)
def test_what_is_no_dataset_to_read_is_not_here(db, method, address):
    answer = ask(Client(enforce_csrf_checks=True), method, address)
    assert answer.status_code == 404
    assert "serves datasets" in answer["X-Error-Message"]


@pytest.mark.parametrize("name", ["a%00b", "%00.v1.0"])
def test_a_name_that_no_database_can_hold_is_not_there(hub, name):
    assert hub.get(f"api/datasets/northgate/{name}").status_code == 404
    assert hub.get(f"api/datasets/{name}/chat-prefs").status_code == 404


def test_the_question_for_paths_needs_no_csrf_token_and_every_other_method_is_refused(hub):
    strict = Client(enforce_csrf_checks=True, headers=hub.client.defaults.get("headers"))
    token = hub.client.defaults["HTTP_AUTHORIZATION"]
    answer = strict.post(f"/hub/{API}/paths-info/main", headers={"Authorization": token})
    assert answer.status_code == 200
    assert hub.get(f"{API}/paths-info/main").status_code == 405
    assert hub.client.delete(f"/hub/{API}").status_code == 405
