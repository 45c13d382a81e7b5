"""Keys: made within one's role, shown once, revoked."""

from __future__ import annotations

from typing import Any

import pytest

from feedback.models import ApiKey, Scope
from tests.web.pages import Reader
from tests.world import World

BASE = "/w/northgate/keys/"


def asked(reader: Reader, **changes: Any) -> dict[str, Any]:
    fields = {"name": "training", "scopes": ["datasets:read"], "days": "90"}
    return {**fields, "once": reader.get(BASE).once, **changes}


def test_a_key_is_shown_once_and_opens_the_api(world: World) -> None:
    ines = Reader(world.ines)
    made = ines.post(BASE, asked(ines, scopes=["items:read"], days="never"))
    key = ApiKey.objects.get()
    assert made.secret.startswith(key.prefix)
    assert (key.expires_at, key.scopes) == (None, ["items:read"])
    bearer = {"Authorization": f"Bearer {made.secret}"}
    assert Reader().get("/api/v1/me", **bearer).status == 200
    assert made.secret not in ines.get(BASE).source
    assert f"training {key.prefix}…" in ines.get(BASE)


def test_the_same_form_sent_twice_makes_one_key(world: World) -> None:
    ines = Reader(world.ines)
    fields = asked(ines)
    ines.post(BASE, fields)
    assert "This key was made already" in ines.follow(BASE, fields)
    assert ApiKey.objects.count() == 1


def test_a_key_may_be_for_one_dataset_and_ends_by_itself(world: World) -> None:
    ines = Reader(world.ines)
    ines.post(BASE, asked(ines, dataset_slug="chat-prefs"))
    key = ApiKey.objects.get()
    assert key.dataset_slug == "chat-prefs"
    assert key.expires_at is not None
    assert "only chat-prefs" in ines.get(BASE)


def test_a_reviewer_is_offered_only_what_their_role_allows(world: World) -> None:
    ana = Reader(world.ana)
    page = ana.get(BASE)
    assert "Claim items and send reviews" in page
    assert "Publish versions" not in page
    assert "Only for the dataset" not in page
    seen = ana.post(BASE, asked(ana, scopes=["datasets:write"]))
    assert seen.status == 422
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("scopes", []), ("days", "7"), ("dataset_slug", "no/such name")],
)
def test_what_does_not_fit_is_told_at_its_field(world: World, field: str, value: Any) -> None:
    ines = Reader(world.ines)
    seen = ines.post(BASE, asked(ines, **{field: value}))
    assert seen.status == 422
    assert f'id="id_{field}_error"' in seen.source
    assert not ApiKey.objects.exists()


def test_a_revoked_key_stops_and_revoking_twice_is_once(world: World) -> None:
    whole = world.key(world.ana, Scope.REVIEWS_WRITE)
    key = ApiKey.objects.get()
    path = f"{BASE}{key.public_id}/revoke/"
    assert Reader(world.ben).post(path).status == 404
    ana = Reader(world.ana)
    assert "is revoked" in ana.follow(path)
    key.refresh_from_db()
    first = key.revoked_at
    ana.post(path)
    key.refresh_from_db()
    assert key.revoked_at == first
    assert Reader().get("/api/v1/me", Authorization=f"Bearer {whole}").status == 401


def test_an_owner_sees_and_revokes_everybodys_keys_others_their_own(world: World) -> None:
    world.key(world.ana, Scope.REVIEWS_WRITE)
    prefix = ApiKey.objects.get().prefix
    assert prefix in Reader(world.ines).get(BASE)
    assert prefix in Reader(world.ana).get(BASE)
    assert prefix not in Reader(world.mara).get(BASE)
    path = f"{BASE}{ApiKey.objects.get().public_id}/revoke/"
    assert Reader(world.ines).post(path).status == 302
    assert ApiKey.objects.get().revoked_at is not None
