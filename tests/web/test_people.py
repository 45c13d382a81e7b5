"""People of a workspace: invited, given roles, ended, helped to a new password."""

from __future__ import annotations

from typing import Any

import pytest

from feedback.models import Access, ApiKey, Invitation, Membership, Role, Scope, User
from tests.web.pages import Reader
from tests.world import PASSWORD, World, join

BASE = "/w/northgate/people/"


def member(world: World, user: User) -> Membership:
    return Membership.objects.get(workspace=world.workspace, user=user)


def at(world: World, user: User, what: str) -> str:
    return f"{BASE}{member(world, user).public_id}/{what}/"


def test_a_manager_sees_everybody_with_role_and_address(world: World) -> None:
    seen = Reader(world.mara).get(BASE)
    assert seen.status == 200
    assert "Ana ana@example.org Reviewer 1 project" in seen
    assert "Mara you mara@example.org Data manager 0 projects" in seen


def test_a_reviewer_is_told_what_it_needs(world: World) -> None:
    seen = Reader(world.ana).get(BASE)
    assert seen.status == 403
    assert "This needs the role data manager; ask an owner." in seen


def test_an_invitation_shows_its_link_once_and_sends_nothing_twice(world: World) -> None:
    ines = Reader(world.ines)
    fields = {"role": "reviewer", "projects": [world.project.slug], "once": ines.get(BASE).once}
    made = ines.post(BASE, fields)
    assert made.status == 200
    assert made.secret.startswith("http://")
    path = "/" + made.secret.split("/", 3)[3]
    assert "Join Northgate" in Reader().get(path)
    assert made.headers["Cache-Control"].find("no-store") >= 0
    again = ines.follow(BASE, fields)
    assert "This link was made already and is shown only once" in again
    assert made.secret not in again.source
    assert Invitation.objects.count() == 1


def test_a_manager_cannot_invite_an_owner(world: World) -> None:
    mara = Reader(world.mara)
    seen = mara.post(BASE, {"role": "owner", "once": mara.get(BASE).once})
    assert seen.status == 422
    assert not Invitation.objects.exists()


def test_an_unknown_project_or_role_is_refused_at_its_field(world: World) -> None:
    ines = Reader(world.ines)
    seen = ines.post(BASE, {"role": "king", "projects": ["nope"], "once": "1"})
    assert seen.status == 422
    assert 'id="id_role_error"' in seen.source
    assert 'id="id_projects_error"' in seen.source


def test_a_withdrawn_invitation_stays_withdrawn_when_asked_twice(world: World) -> None:
    ines = Reader(world.ines)
    ines.post(BASE, {"role": "reviewer", "once": "a"})
    row = Invitation.objects.get()
    path = f"{BASE}invitations/{row.public_id}/withdraw/"
    assert "The invitation is withdrawn" in ines.follow(path)
    row.refresh_from_db()
    at_first = row.withdrawn_at
    assert "The invitation is withdrawn" in ines.follow(path)
    row.refresh_from_db()
    assert row.withdrawn_at == at_first
    assert "No open invitations" in ines.get(BASE)


def test_a_role_is_changed(world: World) -> None:
    seen = Reader(world.mara).follow(at(world, world.ana, "role"), {"role": "adjudicator"})
    assert "Ana is now adjudicator." in seen
    assert member(world, world.ana).role == Role.ADJUDICATOR


def test_a_manager_makes_nobody_an_owner_and_touches_no_owner(world: World) -> None:
    mara = Reader(world.mara)
    for who, role in ((world.mara, "owner"), (world.ines, "reviewer")):
        assert "Only an owner can change owners." in mara.follow(
            at(world, who, "role"), {"role": role}
        )
    assert "Only an owner can end an owner" in mara.follow(at(world, world.ines, "end"))
    assert member(world, world.ines).role == Role.OWNER
    assert member(world, world.mara).role == Role.MANAGER


def test_the_last_owner_stays_one(world: World) -> None:
    seen = Reader(world.ines).follow(at(world, world.ines, "role"), {"role": "manager"})
    assert "A workspace needs an owner" in seen
    assert "Choose one of the roles." in Reader(world.ines).follow(
        at(world, world.ana, "role"), {"role": "king"}
    )


def test_who_is_ended_is_out_at_once_with_their_keys(world: World) -> None:
    world.key(world.ana, Scope.REVIEWS_WRITE)
    path = at(world, world.ana, "end")
    assert "Ana no longer belongs here" in Reader(world.ines).follow(path)
    assert Reader(world.ana).get("/w/northgate/").status == 404
    assert ApiKey.objects.get().revoked_at is not None
    assert Reader(world.ines).post(path).status == 404


def test_an_owner_makes_a_link_with_which_a_member_sets_a_new_password(world: World) -> None:
    made = Reader(world.ines).post(at(world, world.ana, "password"))
    path = "/" + made.secret.split("/", 3)[3]
    visitor = Reader()
    form = visitor.get(path).to
    done = visitor.post(form, {"password1": PASSWORD + "!", "password2": PASSWORD + "!"})
    assert done.status == 302
    world.ana.refresh_from_db()
    assert world.ana.check_password(PASSWORD + "!")
    assert "This link no longer works" in Reader().get(path)
    assert Access.objects.get(what="password_link").user == world.ines


def test_nobody_but_an_owner_makes_such_a_link(world: World) -> None:
    assert Reader(world.mara).post(at(world, world.ana, "password")).status == 403
    assert not Access.objects.exists()


@pytest.mark.parametrize("elsewhere", [True, False])
def test_no_link_opens_an_account_that_belongs_elsewhere_too(world: World, elsewhere: bool) -> None:
    if elsewhere:
        join(world.elsewhere, world.ana, Role.REVIEWER, world.now)
    else:
        User.objects.filter(pk=world.ana.pk).update(is_superuser=True)
    seen = Reader(world.ines).follow(at(world, world.ana, "password"))
    assert "This person also belongs where you are not an owner" in seen
    assert 'class="secret"' not in seen.source


def test_the_list_asks_a_fixed_number_of_questions(
    world: World, django_assert_max_num_queries: Any
) -> None:
    for number in range(6):
        user = User.objects.create_user(email=f"n{number}@example.org", password="x")
        join(world.workspace, user, Role.REVIEWER, world.now)
    ines = Reader(world.ines)
    with django_assert_max_num_queries(8):
        ines.get(BASE)
