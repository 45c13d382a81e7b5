"""The demonstration's people: made once, with passwords that are set when they are printed and stored nowhere."""

from __future__ import annotations

import datetime as dt
import secrets

from django.db import transaction

from feedback import access
from feedback.actions import keys, people
from feedback.errors import Refusal
from feedback.models import ApiKey, Membership, Project, Role, Scope, User

from .parts import MANAGER, OWNER, PEOPLE, REVIEWERS, WORKSPACE, Person

# Without 0, 1, i, l and o, which people mistake for each other.
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
KEY = "demo"


class NotOurs(Refusal):
    """There is a workspace “demo” already, and it is not the demonstration's. Start the demonstration on its own: TOUCHSTONE_STATE=/some/folder make demo."""

    code = "demo_not_ours"


def manager_place(now: dt.datetime) -> access.Place:
    """The demonstration's workspace as its manager sees it, made at the first call. Raises NotOurs."""
    owner = _user(OWNER) or _first_owner(now)
    if not Membership.objects.filter(workspace__slug=WORKSPACE, user=owner).exists():
        raise NotOurs
    place = access.workspace(access.Principal(owner), WORKSPACE, role=Role.OWNER)
    _join(place, MANAGER, [], now)
    manager = User.objects.get(email=MANAGER.email)
    return access.workspace(access.Principal(manager), WORKSPACE, role=Role.MANAGER)


def name_reviewers(place: access.Place, projects: list[Project], now: dt.datetime) -> None:
    """Invite the reviewers and the adjudicator to the projects, and let them in."""
    for person in REVIEWERS:
        _join(place, person, projects, now)


@transaction.atomic
def set_passwords(*, anew: bool) -> dict[Person, str]:
    """A random password for everybody who has none yet, or for everybody. What it returns is stored nowhere."""
    given = {}
    for person in PEOPLE:
        user = User.objects.get(email=person.email)
        if anew or not user.has_usable_password():
            given[person] = "-".join(_letters(4) for _ in range(4))
            user.set_password(given[person])
            user.save(update_fields=["password"])
    return given


def make_key(place: access.Place, now: dt.datetime) -> str | None:
    """A key that reads datasets, made once; None when it was made before."""
    if ApiKey.objects.filter(membership=place.membership, name=KEY).exists():
        return None
    return keys.make_key(place=place, name=KEY, scopes=[Scope.DATASETS_READ], now=now)[1]


def _user(person: Person) -> User | None:
    return User.objects.filter(email__iexact=person.email).first()


@transaction.atomic
def _first_owner(now: dt.datetime) -> User:
    user = _without_password(OWNER)
    try:
        people.create_workspace(name="Demonstration", slug=WORKSPACE, owner=user, now=now)
    except people.SlugTaken as taken:
        raise NotOurs from taken
    return user


@transaction.atomic
def _join(place: access.Place, person: Person, projects: list[Project], now: dt.datetime) -> None:
    """Invite somebody and accept for them; whoever joined before, and may have been changed since, is left alone."""
    user = _user(person) or _without_password(person)
    if Membership.objects.filter(workspace=place.workspace, user=user).exists():
        return
    _, token = people.invite(place=place, role=person.role, projects=projects, now=now)
    people.accept_invitation(token=token, now=now, user=user)


def _without_password(person: Person) -> User:
    return User.objects.create_user(email=person.email, password=None, name=person.name)


def _letters(count: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(count))
