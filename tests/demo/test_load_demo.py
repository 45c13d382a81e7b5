"""The demonstration from end to end: its command, a real worker, and what a visitor is shown."""

from __future__ import annotations

import io
import re

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum
from django.test import Client
from django.utils import timezone

from config.demo.parts import PEOPLE, REVIEWERS, WORKSPACE
from curation.models import Run, RunPair
from exports.models import Dataset, DatasetVersion, VersionFile
from feedback import access, following
from feedback.actions.people import create_workspace, hash_of
from feedback.models import (
    Acceptance,
    Announcement,
    ApiKey,
    ImportJob,
    Item,
    Membership,
    ProjectReviewer,
    Review,
    Scope,
    User,
)
from tests.demo.test_known_data import everything

PASSWORD = re.compile(
    r"^  (?:owner|data manager|reviewer|adjudicator) +(\S+@\S+) +(\S+)$", re.MULTILINE
)
KEY = re.compile(r"HF_TOKEN=(ts_\w{8})_(\S+)")


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """A worker that fails is no reason to wait for minutes."""
    monkeypatch.setattr(following, "UNTIL_TAKEN_S", 30.0)
    monkeypatch.setattr(following, "UNTIL_MOVED_S", 60.0)


def load_demo(*options: str) -> str:
    out = io.StringIO()
    call_command("load_demo", *options, stdout=out)
    return out.getvalue()


@pytest.mark.django_db(transaction=True)
def test_the_demonstration_is_loaded_by_a_worker_and_a_second_call_changes_nothing(worker):
    first = load_demo()
    assert_everything_is_there()
    assert_the_table_says_so(first)
    passwords = dict(PASSWORD.findall(first))
    assert_people_can_sign_in(passwords)
    assert_the_key_reads_datasets_and_nothing_else(first)
    before = everything()
    second = load_demo()
    assert everything() == before
    assert table_of(second) == table_of(first)
    assert not PASSWORD.search(second)
    assert not KEY.search(second)
    assert "load_demo --reset-passwords" in second
    assert "/w/demo/keys/" in second
    assert_new_passwords_replace_the_old(passwords)


def table_of(words: str) -> str:
    return words[words.index("items  reviews") : words.index("Sign in")]


def assert_everything_is_there() -> None:
    by_project = {
        slug: (
            Item.objects.filter(project__slug=slug).count(),
            Review.objects.filter(project__slug=slug).count(),
        )
        for slug in ("chat", "code", "legal")
    }
    assert by_project == {"chat": (999, 2997), "code": (81, 95), "legal": (10, 0)}
    runs = {run.project.slug: (run.n_pairs, run.n_out) for run in Run.objects.all()}
    assert runs == {"chat": (999, 744), "code": (3555, 474)}
    held = RunPair.objects.filter(held=True, contested=True)
    assert set(held.values_list("stage", flat=True)) <= {
        "degenerate",
        "repeats",
        "decided",
        "cap_per_prompt",
    }
    for slug, pairs in (("chat-prefs", 744), ("code-prefs", 474)):
        version = DatasetVersion.objects.get(dataset__slug=slug)
        rows = VersionFile.objects.filter(version=version, config="trl_dpo").aggregate(
            n=Sum("rows")
        )
        assert (version.name, version.state, rows["n"]) == ("v1.0", "published", pairs)
    assert not Dataset.objects.get(slug="legal-prefs").versions.exists()
    assert set(Item.objects.filter(project__slug="legal").values_list("wanted", "given")) == {
        (2, 0)
    }
    named = ProjectReviewer.objects.values_list("project__slug", "membership__user__email")
    assert set(named) == {
        (slug, person.email) for slug in ("chat", "code", "legal") for person in REVIEWERS
    }
    assert not Acceptance.objects.exists()
    assert not Announcement.objects.filter(rung_at=None).exists()
    rejected = ImportJob.objects.aggregate(n=Sum("items_rejected") + Sum("reviews_rejected"))
    assert rejected["n"] == 0


def assert_the_table_says_so(words: str) -> None:
    lines = [" ".join(line.split()) for line in words.splitlines()]
    assert any(line.startswith("chat 999 2,997 999 744 14 α 0.865 (") for line in lines)
    assert any(line.startswith("code 81 95 3,555 474 17 α 0.551 (") for line in lines)
    assert "legal 10 0 – – – waits for reviews" in lines
    fall = (
        "999 pairs − 54 empty_response − 2 conflict − 123 repeat_pair − 76 no_preference = 744 kept"
    )
    assert fall in lines
    for version in DatasetVersion.objects.all():
        assert f"sha256 {bytes(version.sha256).hex()}" in lines
    assert "load_dataset('demo/chat-prefs', revision='v1.0')" in words
    assert "/hub\n" in words
    assert "Apache-2.0" in words


def assert_people_can_sign_in(passwords: dict[str, str]) -> None:
    assert set(passwords) == {person.email for person in PEOPLE}
    assert len(set(passwords.values())) == len(PEOPLE)
    for email, password in passwords.items():
        assert Client().login(request=None, email=email, password=password)
    roles = Membership.objects.values_list("user__email", "role")
    assert dict(roles) == {person.email: person.role for person in PEOPLE}


def assert_the_key_reads_datasets_and_nothing_else(words: str) -> None:
    prefix, secret = KEY.search(words).groups()
    key = ApiKey.objects.get()
    assert (key.prefix, bytes(key.secret_hash)) == (prefix, hash_of(secret))
    assert key.scopes == [Scope.DATASETS_READ]
    principal = access.principal_of_key(prefix, now=timezone.now())
    assert access.workspace(principal, WORKSPACE, scope=Scope.DATASETS_READ)


def assert_new_passwords_replace_the_old(old: dict[str, str]) -> None:
    new = dict(PASSWORD.findall(load_demo("--reset-passwords")))
    assert_people_can_sign_in(new)
    for email, password in old.items():
        assert not Client().login(request=None, email=email, password=password)


@pytest.mark.django_db
def test_a_workspace_of_somebody_else_called_demo_is_left_alone(now):
    somebody = User.objects.create_user("somebody@example.org", "x")
    create_workspace(name="Demo", slug="demo", owner=somebody, now=now)
    before = everything()
    with pytest.raises(CommandError, match="demo_not_ours"):
        load_demo()
    assert everything() == before
