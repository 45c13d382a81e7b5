"""After a restore: is every file of every version what was published?"""

from __future__ import annotations

import io
from pathlib import Path

from django.core.files.storage import default_storage
from django.core.management import call_command

from curation.models import Run
from exports import blobs
from exports.models import DatasetVersion
from feedback import access
from tests.steps import publish_run
from tests.world import World

SHARD = "trl_dpo/train-00000-of-00001.parquet"


def verify() -> tuple[int, str, list[str]]:
    out, err = io.StringIO(), io.StringIO()
    code = 0
    try:
        call_command("verify_versions", stdout=out, stderr=err)
    except SystemExit as end:
        code = int(str(end.code))
    return code, out.getvalue(), err.getvalue().splitlines()


def stored(version: DatasetVersion, path: str) -> tuple[Path, str]:
    sha256 = bytes(version.files.get(path=path).sha256).hex()
    return Path(default_storage.path(blobs.name_of(sha256))), sha256


def test_files_that_are_as_published_are_counted(
    world: World, office: access.Place, run: Run
) -> None:
    version = publish_run(office, run, world.now)
    code, said, faults = verify()
    assert (code, faults) == (0, [])
    assert said.startswith(f"1 version, {version.files.count()} files, ")
    assert said.endswith("Every file is there, as it was published.\n")


def test_what_is_missing_and_what_is_changed_is_named(
    world: World, office: access.Place, run: Run
) -> None:
    version = publish_run(office, run, world.now)
    (card, its_hash), (shard, shards_hash) = stored(version, "README.md"), stored(version, SHARD)
    whole = shard.read_bytes()
    card.unlink()
    shard.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])  # of the same size
    code, _, faults = verify()
    shard.write_bytes(whole)  # other tests publish the same bytes
    assert code == 1
    name = f"northgate/{version.dataset.slug} v1.0"
    assert sorted(faults) == [
        f"Changed: {SHARD} of {name}, {shards_hash}",
        f"Missing: README.md of {name}, {its_hash}",
        "Not what was published: 2 files.",
    ]
