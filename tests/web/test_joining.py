"""How somebody gets in: by the set-up link, by invitation; once each, and nobody else."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from django.core.management import call_command

from feedback import access
from feedback.actions import people
from feedback.models import Invitation, Membership, ProjectReviewer, Role, User, Workspace
from tests.web.pages import Reader
from tests.world import World

NEW = {"name": "Zoe Sand", "email": "zoe@example.org", "password": "a horse that reads the law"}


def invited(world: World, role: Role = Role.REVIEWER, **options: Any) -> str:
    place = access.workspace(access.Principal(world.ines), world.workspace.slug)
    projects = [world.project] if role == Role.REVIEWER else []
    made = people.invite(place=place, role=role, projects=projects, now=world.now, **options)
    return f"/invite/{made[1]}/"


@pytest.fixture
def link(db: None, now: dt.datetime) -> str:
    token = people.make_setup_link(now=now)
    assert token is not None
    return f"/setup/{token}/"


def test_the_command_prints_a_whole_address_that_works(db: None, settings: Any) -> None:
    settings.PUBLIC_URL = "https://touchstone.example"
    told = io.StringIO()
    call_command("setup_link", stdout=told)
    address = told.getvalue().strip()
    assert address.startswith("https://touchstone.example/setup/")
    assert Reader().get(address.removeprefix("https://touchstone.example")).status == 200


def test_the_command_is_silent_when_somebody_owns_the_house(world: World) -> None:
    told = io.StringIO()
    call_command("setup_link", stdout=told)
    assert told.getvalue() == ""


def test_the_set_up_link_makes_an_owner_and_a_workspace_and_signs_in(link: str) -> None:
    visitor = Reader()
    seen = visitor.post(link, {**NEW, "workspace_name": "Sand & Sons"})
    assert seen.to == "/w/sand-sons/"
    assert "Sand & Sons is yours" in visitor.get(seen.to)
    owner = Membership.objects.get()
    assert (owner.role, owner.user.email) == (Role.OWNER, NEW["email"])


def test_the_set_up_link_works_once(link: str) -> None:
    Reader().post(link, {**NEW, "workspace_name": "Sand"})
    again = Reader().post(link, {**NEW, "email": "b@example.org", "workspace_name": "Other"})
    assert again.status == 410
    assert "This link has been used or has run out" in again
    assert Reader().get("/setup/made-up/").status == 410
    assert Workspace.objects.count() == 1


def test_a_weak_password_is_refused_at_its_field_and_the_link_still_works(link: str) -> None:
    seen = Reader().post(link, {**NEW, "password": "short", "workspace_name": "Sand"})
    assert seen.status == 422
    assert 'id="id_password_error"' in seen.source
    assert "at least 12 characters" in seen
    assert not User.objects.exists()
    assert Reader().post(link, {**NEW, "workspace_name": "Sand"}).status == 302


def test_an_invitation_says_who_invites_as_what_and_where_to(world: World) -> None:
    seen = Reader().get(invited(world, email="zoe@example.org"))
    assert "Join Northgate" in seen
    assert "Ines invites you as reviewer, to review in Chat" in seen
    assert 'value="zoe@example.org"' in seen.source


def test_a_new_person_joins_reviews_in_the_projects_named_and_is_signed_in(world: World) -> None:
    visitor = Reader()
    assert visitor.post(invited(world), NEW).to == "/w/northgate/p/chat/desk/start/"
    assert "You belong to Northgate now" in visitor.get("/")
    member = Membership.objects.get(user__email=NEW["email"])
    assert member.role == Role.REVIEWER
    assert ProjectReviewer.objects.filter(project=world.project, membership=member).exists()


def test_somebody_with_an_account_joins_as_themselves(world: World) -> None:
    address = invited(world, Role.MANAGER)
    eve = Reader(world.eve)
    assert "You are signed in as Eve" in eve.get(address)
    assert eve.post(address).to == f"/w/{world.workspace.slug}/"
    assert Membership.objects.get(user=world.eve, workspace=world.workspace).role == Role.MANAGER


def test_accepting_twice_is_accepting_once(world: World) -> None:
    address = invited(world, Role.MANAGER)
    eve = Reader(world.eve)
    eve.post(address)
    assert eve.post(address).to == "/"
    assert eve.get(address).to == "/"
    assert Reader(world.ben).post(address).status == 410


def test_a_taken_address_is_told_to_sign_in_and_the_link_stays_good(world: World) -> None:
    address = invited(world)
    seen = Reader().post(address, {**NEW, "email": "EVE@example.org"})
    assert seen.status == 422
    assert (
        "There is already an account with this address. Sign in, then open the link again." in seen
    )
    assert Invitation.objects.get().accepted_at is None


@pytest.mark.parametrize("spoilt", ["withdrawn_at", "expires_at"])
def test_a_link_that_was_withdrawn_or_ran_out_opens_nothing(world: World, spoilt: str) -> None:
    address = invited(world)
    Invitation.objects.update(**{spoilt: world.now - dt.timedelta(seconds=1)})
    assert Reader().get(address).status == 410
    assert Reader().post(address, NEW).status == 410
    assert not User.objects.filter(email=NEW["email"]).exists()
