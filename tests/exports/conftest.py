"""A finished run of a few real pairs, ready to be published."""

from __future__ import annotations

import itertools
import shutil

import orjson
import pytest

from curation.models import Run
from feedback import access
from tests.steps import files_root, import_content, read_data, run_recipe
from tests.world import World

FEW = 60


@pytest.fixture
def office(world: World) -> access.Place:
    """Northgate as Mara sees it."""
    return access.workspace(access.Principal(world.mara), world.workspace.slug)


@pytest.fixture
def run(world: World) -> Run:
    """The default recipe over PandaLM's first sixty rows; nothing of earlier tests is in storage."""
    shutil.rmtree(files_root() / "blobs", ignore_errors=True)
    rows = orjson.loads(read_data("pandalm_testset-v1.json.gz"))
    content = orjson.dumps(list(itertools.islice(rows, FEW)))
    place = world.place(world.mara)
    import_content(place, content, world.now, name="p.json", mapping_name="pandalm", source="s")
    return run_recipe(place, world.now)
