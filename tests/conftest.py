"""Fixtures that most tests share: a world of two workspaces, and a database that knows it is a test's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from tests.world import World, make_world

# A busy machine is no defect.
hypothesis.settings.register_profile("steady", deadline=None)
hypothesis.settings.load_profile("steady")


def pytest_configure() -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    # The server of static files warns of a folder that is not there, and warnings are errors here.
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Says in the test database that it is one, so that transactional tests may truncate permanent tables."""
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            name = connection.ops.quote_name(connection.settings_dict["NAME"])
            cursor.execute(f"ALTER DATABASE {name} SET touchstone.test_database = 'yes'")
        connection.close()


@pytest.fixture
def own_files(settings: Any, tmp_path: Path) -> Path:
    """What this test stores lies in a folder of its own, which is returned."""
    options = {"location": str(tmp_path), "base_url": "/"}
    default = {**settings.STORAGES["default"], "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": default}
    settings.FILES_ROOT = tmp_path
    return tmp_path


@pytest.fixture(autouse=True)
def fresh_cache() -> Iterator[None]:
    """Sign-in limits must not leak from one test to the next."""
    yield
    cache.clear()


@pytest.fixture
def now() -> dt.datetime:
    return timezone.now()


@pytest.fixture
def world(db: None, now: dt.datetime) -> World:
    """Northgate with Ines (owner), Mara (manager), Ana and Ben (reviewers of its project), and elsewhere Eve."""
    return make_world(now)
