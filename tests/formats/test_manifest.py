"""The manifest and the hashes that name a version's bytes."""

from __future__ import annotations

import hashlib
import json
import subprocess
from dataclasses import replace

import orjson
import pytest

from exports.gitsha import git_blob_sha1
from exports.manifest import manifest, version_sha256
from exports.package import write_package
from exports.shards import FileFacts
from tests.formats.samples import facts, pandalm

FILES = [FileFacts("b.parquet", 2, "bb", "c", "train", 1, 9), FileFacts("a.md", 1, "aa")]


@pytest.fixture
def written(tmp_path):
    return tmp_path, write_package(tmp_path, pandalm(), facts())


def test_every_file_of_the_folder_is_listed_with_its_true_hash(written):
    folder, package = written
    listed = json.loads((folder / "manifest.json").read_text())["files"]
    on_disk = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert {entry["path"] for entry in listed} == on_disk - {"manifest.json"}
    assert [entry["path"] for entry in listed] == sorted(entry["path"] for entry in listed)
    for entry in listed:
        content = (folder / entry["path"]).read_bytes()
        assert (entry["size"], entry["sha256"]) == (
            len(content),
            hashlib.sha256(content).hexdigest(),
        )
    assert {file.path: file.sha256 for file in package.files}.keys() == on_disk


def test_the_hash_of_a_version_is_what_anybody_can_compute(written):
    folder, package = written
    told = json.loads((folder / "manifest.json").read_text())
    listed = sorted([entry["path"], entry["sha256"], entry["size"]] for entry in told["files"])
    again = hashlib.sha256(json.dumps(listed, separators=(",", ":")).encode()).hexdigest()
    assert told["version_sha256"] == package.version_sha256 == again


def test_the_manifest_carries_what_the_version_was_made_from(written):
    folder, _ = written
    content = (folder / "manifest.json").read_bytes()
    told = orjson.loads(content)
    assert content == orjson.dumps(told, option=orjson.OPT_SORT_KEYS)
    assert told["recipe"]["name"] == "chat"
    assert (told["run_hash"], told["code_version"]) == ("7f" * 32, "0.1.0")
    assert told["waterfall"][1]["held"] == {"no_preference": 7}
    assert told["figures"]["epsilon"] == {
        "value": 0.233333,
        "over_known": 0.233333,
        "known": 39,
        "rows": 39,
    }
    assert told["figures"]["reviews"] == 117
    assert told["figures"]["agreements"][0]["value"] == 0.8642
    (shard,) = [
        entry for entry in told["files"] if entry["path"] == "trl_dpo/test-00000-of-00001.parquet"
    ]
    assert (shard["config"], shard["split"], shard["rows"]) == ("trl_dpo", "test", 6)
    assert set(told) == {
        *("version_sha256", "files", "recipe", "run_hash", "code_version", "waterfall", "figures"),
    }


def test_the_order_of_files_does_not_matter_and_every_fact_does():
    told = {"recipe": {}, "run_hash": "r", "code_version": "1", "waterfall": [], "figures": {}}
    assert manifest(FILES, **told) == manifest(FILES[::-1], **told)
    first = version_sha256(FILES)
    for other in (
        replace(FILES[0], size=3),
        replace(FILES[0], sha256="bc"),
        replace(FILES[0], path="c"),
    ):
        assert version_sha256([other, FILES[1]]) != first
    assert version_sha256([*FILES, FileFacts("manifest.json", 5, "mm")]) == first


@pytest.mark.parametrize("content", [b"", b"# Chat\n", bytes(range(256)) * 9])
def test_small_files_have_the_name_git_gives_them(content):
    git = subprocess.run(
        ["git", "hash-object", "--stdin"], input=content, capture_output=True, check=True
    )
    assert git_blob_sha1(content) == git.stdout.decode().strip()
