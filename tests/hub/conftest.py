"""A hub with one dataset of three versions, and people with keys to ask it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from exports.models import Dataset, DatasetVersion, Pull
from feedback import access
from feedback.actions import keys
from feedback.models import ApiKey, Scope
from tests.hub.maker import make_dataset, pandalm_package, publish
from tests.world import World


@dataclass
class Hub:
    """`northgate/chat-prefs` at v1.0, v1.1 and v2.0, and a client of Mara's key."""

    world: World
    dataset: Dataset
    versions: dict[str, DatasetVersion]
    client: Client
    key: ApiKey

    def get(self, address: str, **headers: str) -> Any:
        return self.client.get(f"/hub/{address}", headers=headers or None)

    def head(self, address: str, **headers: str) -> Any:
        return self.client.head(f"/hub/{address}", headers=headers or None)

    def pulls(self) -> list[tuple[str, int]]:
        return list(Pull.objects.order_by("pk").values_list("path", "sent_bytes"))


def client_of(token: str | None) -> Client:
    return Client(headers={"Authorization": f"Bearer {token}"} if token else None)


def make_hub(world: World) -> Hub:
    dataset = make_dataset(world.workspace)
    published = {
        f"v{major}.{minor}": publish(
            dataset,
            pandalm_package(prompts),
            now=world.now + dt.timedelta(days=prompts),
            major=major,
            minor=minor,
        )
        for major, minor, prompts in ((1, 0, 4), (1, 1, 6), (2, 0, 8))
    }
    place = access.workspace(access.Principal(world.mara), world.workspace.slug)
    key, token = keys.make_key(
        place=place, name="trainer", scopes=[Scope.DATASETS_READ], now=world.now
    )
    return Hub(world, dataset, published, client_of(token), key)


@pytest.fixture(scope="session", autouse=True)
def static_folder() -> None:
    """The server of static files warns of a folder that is not there, and warnings are errors here."""
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.fixture
def hub(world: World) -> Hub:
    return make_hub(world)
