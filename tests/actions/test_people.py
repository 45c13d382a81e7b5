from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from feedback import access
from feedback.actions import people
from feedback.actions.people import (
    AddressTaken,
    LastOwner,
    LinkUsed,
    NewPerson,
    SlugTaken,
)
from feedback.errors import Invalid, NotAllowed, NotThere
from feedback.models import (
    Invitation,
    Membership,
    ProjectReviewer,
    Rater,
    Role,
    Scope,
    SetupLink,
    User,
    Workspace,
)
from feedback.rest.principal import principal_from_token
from tests.world import PASSWORD, World, join, make_world

DAY = dt.timedelta(days=1)


def newcomer(email: str = "nora@example.org", password: str = PASSWORD) -> NewPerson:
    return NewPerson(email, "Nora", password)


def office(world: World, user: User | None = None) -> access.Place:
    return access.workspace(access.Principal(user or world.ines), world.workspace.slug)


def membership_of(world: World, user: User) -> Membership:
    return Membership.objects.get(workspace=world.workspace, user=user)


def invited(world: World, role: Role = Role.REVIEWER, email: str = "") -> str:
    _, token = people.invite(
        place=office(world), role=role, projects=[world.project], now=world.now, email=email
    )
    return token


class TestTheFirstOwner:
    def test_is_made_by_a_link_once(self, db: None, now: dt.datetime) -> None:
        token = people.make_setup_link(now=now)
        assert token is not None
        made = people.make_first_owner(
            token=token, person=newcomer(), workspace_name="Northgate", now=now
        )
        assert (made.role, made.workspace.slug) == (Role.OWNER, "northgate")
        assert made.user.check_password(PASSWORD)
        assert Rater.objects.get(user=made.user).rater_kind == "member"
        assert made.workspace.agreements.get().version == 1
        with pytest.raises(LinkUsed):
            people.make_first_owner(
                token=token, person=newcomer("b@example.org"), workspace_name="B", now=now
            )
        assert User.objects.count() == 1

    def test_needs_the_latest_link(self, db: None, now: dt.datetime) -> None:
        old, new = people.make_setup_link(now=now), people.make_setup_link(now=now)
        with pytest.raises(LinkUsed):
            people.make_first_owner(token=old, person=newcomer(), workspace_name="A", now=now)
        assert people.make_first_owner(token=new, person=newcomer(), workspace_name="A", now=now).pk

    def test_gets_no_link_where_somebody_has_an_account(self, world: World) -> None:
        assert people.make_setup_link(now=world.now) is None

    def test_cannot_use_an_old_link_once_somebody_has_an_account(
        self, db: None, now: dt.datetime
    ) -> None:
        token = people.make_setup_link(now=now)
        make_world(now)
        with pytest.raises(LinkUsed):
            people.make_first_owner(token=token, person=newcomer(), workspace_name="X", now=now)
        assert Workspace.objects.count() == 2

    def test_leaves_the_link_whole_when_the_password_is_too_weak(
        self, db: None, now: dt.datetime
    ) -> None:
        token = people.make_setup_link(now=now)
        with pytest.raises(Invalid):
            people.make_first_owner(
                token=token, person=newcomer(password="short"), workspace_name="A", now=now
            )
        assert SetupLink.objects.filter(used_at=None).count() == 1
        assert not Workspace.objects.exists()

    def test_token_is_stored_as_its_hash_alone(self, db: None, now: dt.datetime) -> None:
        token = people.make_setup_link(now=now)
        assert token is not None
        assert token.encode() not in bytes(SetupLink.objects.get().token_hash)


class TestAnInvitation:
    def test_makes_an_account_once(self, world: World) -> None:
        token = invited(world)
        made = people.accept_invitation(token=token, now=world.now, person=newcomer())
        assert (made.role, made.workspace) == (Role.REVIEWER, world.workspace)
        named = ProjectReviewer.objects.filter(membership=made)
        assert named.get().project == world.project
        with pytest.raises(LinkUsed):
            people.accept_invitation(token=token, now=world.now, person=newcomer("b@example.org"))
        assert not User.objects.filter(email="b@example.org").exists()

    def test_runs_out_after_fourteen_days(self, world: World) -> None:
        token = invited(world)
        with pytest.raises(LinkUsed):
            people.accept_invitation(token=token, now=world.now + 14 * DAY, person=newcomer())
        before = world.now + 14 * DAY - dt.timedelta(seconds=1)
        assert people.accept_invitation(token=token, now=before, person=newcomer()).pk

    def test_stops_working_when_it_is_withdrawn(self, world: World) -> None:
        token = invited(world)
        invitation = Invitation.objects.get()
        people.withdraw_invitation(place=office(world), invitation=invitation, now=world.now)
        with pytest.raises(LinkUsed):
            people.accept_invitation(token=token, now=world.now, person=newcomer())
        with pytest.raises(NotThere):
            people.withdraw_invitation(place=office(world), invitation=invitation, now=world.now)

    def test_joins_somebody_who_is_signed_in(self, world: World) -> None:
        made = people.accept_invitation(token=invited(world), now=world.now, user=world.eve)
        assert made.user == world.eve
        assert Rater.objects.filter(user=world.eve, workspace=world.workspace).count() == 1
        assert membership_of(world, world.eve).role == Role.REVIEWER

    def test_brings_back_who_had_left_in_the_role_it_names(self, world: World) -> None:
        gone = membership_of(world, world.ana)
        people.end_membership(place=office(world), membership=gone, now=world.now)
        made = people.accept_invitation(
            token=invited(world, Role.ADJUDICATOR), now=world.now, user=world.ana
        )
        assert (made.pk, made.role, made.ended_at) == (gone.pk, Role.ADJUDICATOR, None)
        assert Rater.objects.filter(user=world.ana, workspace=world.workspace).count() == 1

    def test_is_not_for_a_new_account_with_a_taken_address(self, world: World) -> None:
        token = invited(world)
        with pytest.raises(AddressTaken):
            people.accept_invitation(token=token, now=world.now, person=newcomer("EVE@Example.org"))
        assert people.accept_invitation(token=token, now=world.now, user=world.eve).pk

    def test_of_an_owner_needs_an_owner(self, world: World) -> None:
        with pytest.raises(NotAllowed):
            people.invite(
                place=office(world, world.mara), role=Role.OWNER, projects=[], now=world.now
            )

    def test_says_in_words_what_is_wrong_with_a_password(self, world: World) -> None:
        weak = newcomer("ana.lopez@example.org", "password123")
        with pytest.raises(Invalid) as refusal:
            people.accept_invitation(token=invited(world), now=world.now, person=weak)
        assert "at least 12 characters" in refusal.value.sentence
        assert {p["code"] for p in refusal.value.problems} == {"weak_password"}
        like_the_address = newcomer("constantinople@example.org", "constantinople")
        with pytest.raises(Invalid, match="similar to the email"):
            people.accept_invitation(token=invited(world), now=world.now, person=like_the_address)

    @pytest.mark.django_db(transaction=True)
    def test_is_used_once_by_two_people_at_once(self, now: dt.datetime) -> None:
        world = make_world(now)
        token = invited(world)

        def accept(number: int) -> bool:
            try:
                person = newcomer(f"n{number}@example.org")
                people.accept_invitation(token=token, now=now, person=person)
            except LinkUsed:
                return False
            finally:
                connections.close_all()
            return True

        with ThreadPoolExecutor(4) as pool:
            assert sum(pool.map(accept, range(4))) == 1
        assert User.objects.filter(email__startswith="n").count() == 1

    @pytest.mark.django_db(transaction=True)
    def test_a_form_sent_twice_makes_one_account_and_the_other_is_told(
        self, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        token, both = invited(make_world(now)), Barrier(2, timeout=60)
        # Either has seen by now that nobody has the address.
        monkeypatch.setattr(people, "validate_password", lambda *_, **__: both.wait())

        def accept(_: int) -> str:
            try:
                people.accept_invitation(token=token, now=now, person=newcomer())
            except AddressTaken:
                return "told"
            finally:
                connections.close_all()
            return "in"

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(accept, range(2))) == ["in", "told"]
        assert User.objects.filter(email="nora@example.org").count() == 1


class TestRoles:
    def test_the_last_owner_stays(self, world: World) -> None:
        mine = membership_of(world, world.ines)
        with pytest.raises(LastOwner):
            people.change_role(place=office(world), membership=mine, role=Role.MANAGER)
        with pytest.raises(LastOwner):
            people.end_membership(place=office(world), membership=mine, now=world.now)
        people.change_role(
            place=office(world), membership=membership_of(world, world.mara), role=Role.OWNER
        )
        people.end_membership(place=office(world), membership=mine, now=world.now)
        with pytest.raises(NotThere):
            office(world)

    def test_an_owner_who_left_does_not_count_as_one(self, world: World) -> None:
        mara = membership_of(world, world.mara)
        people.change_role(place=office(world), membership=mara, role=Role.OWNER)
        people.end_membership(place=office(world), membership=mara, now=world.now)
        with pytest.raises(LastOwner):
            people.change_role(
                place=office(world), membership=membership_of(world, world.ines), role=Role.REVIEWER
            )

    def test_who_was_read_as_a_manager_and_is_the_last_owner_by_now_stays(
        self, world: World
    ) -> None:
        at_owners, at_managers = office(world), office(world, world.mara)
        read_before = [membership_of(world, world.mara) for _ in range(3)]
        people.change_role(
            place=at_owners, membership=membership_of(world, world.mara), role=Role.OWNER
        )
        with pytest.raises(NotAllowed):
            people.change_role(place=at_managers, membership=read_before[0], role=Role.REVIEWER)
        people.end_membership(
            place=at_owners, membership=membership_of(world, world.ines), now=world.now
        )
        with pytest.raises(LastOwner):
            people.change_role(place=at_owners, membership=read_before[1], role=Role.REVIEWER)
        with pytest.raises(LastOwner):
            people.end_membership(place=at_owners, membership=read_before[2], now=world.now)
        assert office(world, world.mara)

    def test_only_owners_touch_owners(self, world: World) -> None:
        place = office(world, world.mara)
        with pytest.raises(NotAllowed):
            people.change_role(
                place=place, membership=membership_of(world, world.ana), role=Role.OWNER
            )
        ines = membership_of(world, world.ines)
        with pytest.raises(NotAllowed):
            people.change_role(place=place, membership=ines, role=Role.REVIEWER)
        with pytest.raises(NotAllowed):
            people.end_membership(place=place, membership=ines, now=world.now)

    @pytest.mark.django_db(transaction=True)
    def test_two_owners_cannot_remove_each_other_at_once(self, now: dt.datetime) -> None:
        world = make_world(now)
        people.change_role(
            place=office(world), membership=membership_of(world, world.mara), role=Role.OWNER
        )
        places = {user: office(world, user) for user in (world.ines, world.mara)}

        def remove(pair: tuple[User, User]) -> bool:
            me, other = pair
            try:
                people.end_membership(
                    place=places[me], membership=membership_of(world, other), now=now
                )
            except LastOwner:
                return False
            finally:
                connections.close_all()
            return True

        with ThreadPoolExecutor(2) as pool:
            pairs = [(world.ines, world.mara), (world.mara, world.ines)]
            assert sum(pool.map(remove, pairs)) == 1
        owners = Membership.objects.filter(workspace=world.workspace, role=Role.OWNER)
        assert owners.filter(ended_at=None).count() == 1


def test_who_leaves_is_a_stranger_at_once_and_their_keys_stop(world: World) -> None:
    token = world.key(world.mara, Scope.ITEMS_READ)
    assert principal_from_token(token, now=world.now) is not None
    mara = membership_of(world, world.mara)
    people.end_membership(place=office(world), membership=mara, now=world.now)
    assert principal_from_token(token, now=world.now) is None
    with pytest.raises(NotThere):
        office(world, world.mara)
    people.accept_invitation(token=invited(world, Role.MANAGER), now=world.now, user=world.mara)
    assert principal_from_token(token, now=world.now) is None


def test_a_reviewer_sees_only_projects_that_name_them(world: World) -> None:
    stranger = join(world.workspace, world.eve, Role.REVIEWER, world.now)
    with pytest.raises(NotThere):
        world.place(world.eve, world.project)
    people.change_role(place=office(world), membership=stranger, role=Role.MANAGER)
    assert world.place(world.eve, world.project).project == world.project


def test_an_address_is_one_person_however_it_is_written(world: World) -> None:
    made = people.accept_invitation(
        token=invited(world), now=world.now, person=newcomer(" Nora.Lind@Example.ORG ")
    )
    assert made.user.email == "Nora.Lind@Example.ORG"
    assert User.objects.get_by_natural_key("nora.lind@example.org") == made.user
    with pytest.raises(AddressTaken):
        people.accept_invitation(
            token=invited(world), now=world.now, person=newcomer("NORA.LIND@example.org")
        )


def test_a_short_name_is_taken_for_good(world: World) -> None:
    with pytest.raises(SlugTaken):
        people.create_workspace(name="Northgate", owner=world.eve, now=world.now)
    assert people.create_workspace(
        name="Northgate", slug="northgate-2", owner=world.eve, now=world.now
    ).pk
