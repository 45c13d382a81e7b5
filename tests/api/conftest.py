"""Where the doors of the world's project are."""

from __future__ import annotations

import pytest

from tests.world import World


@pytest.fixture
def ws(world: World) -> str:
    """Northgate's address."""
    return f"/workspaces/{world.workspace.slug}"


@pytest.fixture
def at(world: World) -> str:
    """The address of Northgate's project."""
    return f"/projects/{world.workspace.slug}/{world.project.slug}"
