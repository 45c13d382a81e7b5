from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from tests.api.calls import nobody
from tests.world import World

ROOT = Path(__file__).parents[2]
DOCUMENT = SchemaGenerator().get_schema(public=True)
OPERATIONS = [
    (method.upper(), path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]
NAMES = [f"{method} {path}" for method, path, _ in OPERATIONS]


def test_the_description_is_valid_and_made_without_a_warning(tmp_path: Path) -> None:
    validate_schema(DOCUMENT)
    command = [
        "spectacular",
        "--validate",
        "--fail-on-warn",
        "--file",
        str(tmp_path / "schema.yml"),
    ]
    subprocess.run(
        [sys.executable, "manage.py", *command], cwd=ROOT, check=True, capture_output=True
    )
    assert (
        yaml.safe_load((tmp_path / "schema.yml").read_text())["paths"].keys()
        == DOCUMENT["paths"].keys()
    )


def test_it_is_served_to_everybody(world: World) -> None:
    response = nobody().get("/schema")
    assert response.status_code == 200
    assert b"/api/v1/projects/{workspace}/{project}/next" in response.content


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS, ids=NAMES)
def test_every_operation_says_what_it_does_and_how_it_refuses(
    method: str, path: str, operation: dict
) -> None:
    if path == "/api/v1/schema":
        return
    assert operation["summary"]
    assert len(operation["tags"]) == 1
    assert {"key": []} in operation["security"]
    assert {"401", "403", "404"} <= operation["responses"].keys()
    refusals = {status: each for status, each in operation["responses"].items() if status >= "4"}
    assert all(list(each["content"]) == ["application/problem+json"] for each in refusals.values())
    if method in {"POST", "PUT", "PATCH", "DELETE"}:
        assert {"409", "422"} <= refusals.keys()
    assert any(status < "4" for status in operation["responses"])


def test_names_of_operations_are_not_repeated() -> None:
    names = [operation["operationId"] for _, _, operation in OPERATIONS]
    assert len(names) == len(set(names))


def test_the_guide_names_every_address_of_feedback() -> None:
    from feedback.api.urls import urlpatterns

    guide = (ROOT / "docs" / "api.md").read_text()
    for pattern in urlpatterns:
        address = "/" + re.sub(r"<\w+:(\w+)>", r"{\1}", str(pattern.pattern))
        assert f"`{address}`" in guide, address


def test_the_doors_load_nothing_that_only_workers_need() -> None:
    """Frames and formats of columns cost a second and a hundred megabytes; the web would pay them at its first request."""
    program = (
        "import django, sys; django.setup(); import feedback.api.urls; "
        "print({'pandas', 'pyarrow', 'numpy', 'scipy', 'label_studio_sdk'} & sys.modules.keys())"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert loaded.stdout.strip() == "set()"
