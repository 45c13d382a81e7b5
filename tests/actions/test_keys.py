from __future__ import annotations

import datetime as dt

import pytest

from feedback import access
from feedback.actions import keys, people
from feedback.errors import Invalid, NotAllowed, NotThere
from feedback.models import ApiKey, Membership, Role, Scope, User
from feedback.rest.principal import principal_from_token
from tests.world import World

DAY = dt.timedelta(days=1)


def office(world: World, user: User) -> access.Place:
    return access.workspace(access.Principal(user), world.workspace.slug)


def make(world: World, user: User, *scopes: Scope, **more) -> tuple[ApiKey, str]:
    return keys.make_key(
        place=office(world, user), name="trainer", scopes=list(scopes), now=world.now, **more
    )


def test_a_key_is_shown_once_and_stored_as_a_hash(world: World) -> None:
    key, token = make(world, world.mara, Scope.DATASETS_READ)
    assert token.startswith(f"{key.prefix}_")
    row = ApiKey.objects.get(pk=key.pk)
    secret = token.removeprefix(f"{key.prefix}_")
    assert bytes(row.secret_hash) == people.hash_of(secret)
    assert secret not in str(ApiKey.objects.filter(pk=key.pk).values().get())


def test_only_the_whole_token_opens(world: World) -> None:
    key, token = make(world, world.mara, Scope.DATASETS_READ)
    opened = principal_from_token(token, now=world.now)
    assert opened is not None
    assert (opened.user, opened.key) == (world.mara, key)
    wrong = f"{key.prefix}_{'x' * 43}"
    for each in (wrong, token[:-1], key.prefix, f"{key.prefix}_", "", "ts_", token + "\x00"):
        assert principal_from_token(each, now=world.now) is None


def test_a_key_ends_when_it_said_it_would(world: World) -> None:
    _, token = make(world, world.mara, Scope.DATASETS_READ, days=2)
    assert principal_from_token(token, now=world.now + 2 * DAY - DAY / 100) is not None
    assert principal_from_token(token, now=world.now + 2 * DAY) is None


def test_a_revoked_key_stops_at_once_and_twice_is_once(world: World) -> None:
    key, token = make(world, world.mara, Scope.DATASETS_READ)
    keys.revoke_key(place=office(world, world.mara), key=key, now=world.now)
    assert principal_from_token(token, now=world.now) is None
    keys.revoke_key(place=office(world, world.mara), key=key, now=world.now + DAY)
    key.refresh_from_db()
    assert key.revoked_at == world.now


def test_one_revokes_ones_own_key_and_an_owner_anybodys(world: World) -> None:
    key, _ = make(world, world.mara, Scope.DATASETS_READ)
    with pytest.raises(NotThere):
        keys.revoke_key(place=office(world, world.ana), key=key, now=world.now)
    keys.revoke_key(place=office(world, world.ines), key=key, now=world.now)
    key.refresh_from_db()
    assert key.revoked_at is not None


@pytest.mark.parametrize("scope", [scope for scope in Scope if scope != Scope.REVIEWS_WRITE])
def test_a_reviewer_cannot_give_a_key_what_they_may_not_do(world: World, scope: Scope) -> None:
    with pytest.raises(NotAllowed):
        make(world, world.ana, Scope.REVIEWS_WRITE, scope)
    assert make(world, world.ana, Scope.REVIEWS_WRITE)[0].pk


def test_a_key_without_a_scope_is_refused(world: World) -> None:
    with pytest.raises(Invalid):
        make(world, world.mara)


def test_a_key_weakens_with_its_member(world: World) -> None:
    _, token = make(world, world.mara, Scope.ITEMS_READ)
    membership = Membership.objects.get(user=world.mara, workspace=world.workspace)
    people.change_role(place=office(world, world.ines), membership=membership, role=Role.REVIEWER)
    principal = principal_from_token(token, now=world.now)
    assert principal is not None
    with pytest.raises(NotAllowed):
        access.workspace(principal, world.workspace.slug, role=Role.MANAGER, scope=Scope.ITEMS_READ)


def test_a_key_opens_its_own_workspace_and_its_own_scopes(world: World) -> None:
    join = people.create_workspace(name="Second", owner=world.mara, now=world.now)
    _, token = make(world, world.mara, Scope.ITEMS_READ)
    principal = principal_from_token(token, now=world.now)
    assert principal is not None
    with pytest.raises(NotThere):
        access.workspace(principal, join.workspace.slug, scope=Scope.ITEMS_READ)
    with pytest.raises(NotAllowed, match="items:write"):
        access.workspace(principal, world.workspace.slug, scope=Scope.ITEMS_WRITE)
    with pytest.raises(NotAllowed, match="a person can"):
        access.workspace(principal, world.workspace.slug)


def test_a_locked_account_locks_its_keys(world: World) -> None:
    _, token = make(world, world.mara, Scope.ITEMS_READ)
    User.objects.filter(pk=world.mara.pk).update(is_active=False)
    assert principal_from_token(token, now=world.now) is None
