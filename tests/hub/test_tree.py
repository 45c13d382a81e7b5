"""Listings of a version's files: folders, pages, and only what exists."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from exports.hub.tree import File, entries_at, entries_of, file_entry, page_of

TREE = "api/datasets/northgate/chat-prefs/tree/v2.0"
NAMES = st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map("/".join)


def file(path: str, sha256: str = "0" * 64) -> File:
    return File(path, 7, sha256, "1" * 40)


def trees() -> st.SearchStrategy[list[File]]:
    """Files of which none is a folder of another."""
    return st.sets(NAMES).map(
        lambda paths: [
            file(path) for path in paths if not any(other.startswith(f"{path}/") for other in paths)
        ]
    )


@given(files=trees(), limit=st.integers(1, 5))
def test_pages_give_every_entry_once_and_in_order(files, limit):
    whole = entries_at(files, "", recursive=True)
    seen, after = [], ""
    while after is not None:
        shown, after = page_of(whole, after=after, limit=limit)
        seen += shown
    assert seen == whole
    assert {e["path"] for e in whole if e["type"] == "file"} == {f.path for f in files}


@given(files=trees())
def test_walking_down_the_folders_finds_what_the_whole_listing_finds(files):
    def walk(folder: str) -> list:
        found = []
        for entry in entries_at(files, folder, recursive=False):
            found.append(entry)
            if entry["type"] == "directory":
                found += walk(entry["path"])
        return found

    whole = entries_at(files, "", recursive=True)
    assert sorted(walk(""), key=lambda entry: entry["path"]) == whole
    assert entries_of(files, [entry["path"] for entry in whole]) == whole


def test_a_folder_that_does_not_exist_has_no_listing():
    files = [file("data/a.parquet")]
    assert entries_at(files, "dat", recursive=True) is None
    assert entries_at(files, "data/a.parquet", recursive=True) is None
    assert entries_at([], "", recursive=True) == []


def test_a_folder_changes_its_id_with_its_content():
    def oid(sha256: str) -> str:
        (entry,) = entries_of([file("data/a", sha256)], ["data"])
        return entry["oid"]

    assert oid("0" * 64) == oid("0" * 64) != oid("1" * 64)
    assert len(oid("0" * 64)) == 40


def test_the_pointer_of_a_large_file_is_as_long_as_that_of_git_lfs():
    assert file_entry(File("a", 123456789, "0" * 64, "1" * 40))["lfs"]["pointerSize"] == 134


def test_the_root_lists_files_and_folders_and_a_folder_its_shards(hub):
    root = {entry["path"]: entry["type"] for entry in hub.get(TREE).json()}
    assert root["README.md"] == root["manifest.json"] == "file"
    assert root["trl_dpo"] == "directory"
    assert not [path for path in root if "/" in path]
    paths = [entry["path"] for entry in hub.get(f"{TREE}/trl_dpo").json()]
    assert paths == sorted(paths)
    assert all(path.startswith("trl_dpo/") for path in paths)


def test_an_entry_carries_the_hash_of_its_bytes(hub):
    entries = hub.get(f"{TREE}?recursive=True").json()
    files = {file.path: file for file in hub.versions["v2.0"].files.all()}
    listed = {entry["path"]: entry for entry in entries if entry["type"] == "file"}
    assert set(listed) == set(files)
    for path, entry in listed.items():
        assert entry["lfs"]["oid"] == bytes(files[path].sha256).hex()
        assert entry["size"] == entry["lfs"]["size"] == files[path].size
        assert "xetHash" not in entry


def test_a_long_listing_is_paged_by_absolute_links(hub):
    whole = hub.get(f"{TREE}?recursive=true").json()
    seen, address = [], f"/hub/{TREE}?recursive=true&limit=5"
    while address:
        answer = hub.client.get(address)
        seen += answer.json()
        link = answer.get("Link", "")
        address = link.removeprefix("<").removesuffix('>; rel="next"')
        assert not link or address.startswith("http://testserver/hub/api/datasets/northgate/")
    assert seen == whole
    assert hub.get(f"{TREE}?limit=0").status_code == 400


def test_the_last_commit_is_told_only_if_asked_for(hub):
    (plain, *_) = hub.get(TREE).json()
    assert "lastCommit" not in plain
    (told, *_) = hub.get(f"{TREE}?expand=True").json()
    assert told["lastCommit"]["id"] == hub.versions["v2.0"].commit
    assert told["lastCommit"]["title"] == "v2.0"
    assert "securityFileStatus" not in told


def test_a_missing_folder_is_told_with_the_commit(hub):
    answer = hub.get(f"{TREE}/nope")
    assert (answer.status_code, answer["X-Error-Code"]) == (404, "EntryNotFound")
    assert answer["X-Repo-Commit"] == hub.versions["v2.0"].commit


def test_paths_info_answers_for_those_that_exist(hub):
    address = "/hub/api/datasets/northgate/chat-prefs/paths-info/refs%2Ftags%2Fv2.0"
    asked = {"paths": ["README.md", "trl_dpo", "nope", "trl_dpo/"], "expand": "true"}
    told = hub.client.post(address, asked).json()
    assert [(entry["path"], entry["type"]) for entry in told] == [
        ("README.md", "file"),
        ("trl_dpo", "directory"),
    ]
    assert told[0]["lastCommit"]["date"].endswith("Z")
    assert hub.client.post(address, {}).json() == []
