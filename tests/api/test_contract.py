"""Every documented operation answers as it is documented, whatever is sent to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from config.wsgi import application
from feedback.api.uploads import RAW
from tests.api.calls import EVERY
from tests.inhabited import inhabit
from tests.world import World

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
schema = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(public=True))
schema.app = application
# Boundary values of texts of a megabyte take minutes; the tests of each door have those that matter.
schema.config.phases.coverage.enabled = False


@schemathesis.serializer(*(RAW.keys() - {"application/json", "text/csv"}))
def raw_body(context, value) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


@pytest.fixture
def names(world: World) -> dict[str, str]:
    return inhabit(world)


@pytest.fixture(autouse=True)
def one_connection(settings, tmp_path: Path) -> Iterator[None]:
    """A bare WSGI call would close the test's connection, as Django's own client takes care not to."""
    options = {"location": str(tmp_path), "base_url": "/"}
    default = {**settings.STORAGES["default"], "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": default}
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@schema.exclude(path="/api/v1/schema").parametrize()
@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_every_operation_keeps_to_its_description(
    case, world: World, names: dict[str, str]
) -> None:
    for name, value in names.items():
        if name in case.path_parameters:
            case.path_parameters[name] = value
    token = world.key(world.ines, *EVERY)
    case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=CHECKS)
