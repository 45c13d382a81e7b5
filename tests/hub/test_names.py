"""Datasets, revisions and aliases as clients name them, and what the hub tells of each."""

from __future__ import annotations

import pytest

from exports.actions.datasets import withdraw
from tests.hub.maker import make_dataset, publish_bytes

API = "api/datasets/northgate/chat-prefs"


def sha(hub, address: str) -> str:
    answer = hub.get(address)
    assert answer.status_code == 200, answer.content
    return answer.json()["sha"]


@pytest.mark.parametrize(
    ("revision", "version"),
    [
        ("main", "v2.0"),
        ("v1.0", "v1.0"),
        ("v1.1", "v1.1"),
        ("refs/heads/main", "v2.0"),
        ("refs%2Fheads%2Fmain", "v2.0"),
        ("refs%2Ftags%2Fv1.0", "v1.0"),
    ],
)
def test_a_revision_names_a_version(hub, revision, version):
    commit = hub.versions[version].commit
    assert sha(hub, f"{API}/revision/{revision}") == commit
    for listing in (f"{API}/tree/{revision}", f"{API}/tree/{revision}/trl_dpo"):
        assert hub.get(listing)["X-Repo-Commit"] == commit
    for path in ("README.md", "trl_dpo/train-00000-of-00001.parquet"):
        address = f"datasets/northgate/chat-prefs/resolve/{revision}/{path}"
        assert hub.head(address)["X-Repo-Commit"] == commit


def test_a_commit_names_its_version_and_no_revision_the_latest(hub):
    for version in hub.versions.values():
        assert sha(hub, f"{API}/revision/{version.commit}") == version.commit
    assert sha(hub, API) == hub.versions["v2.0"].commit


@pytest.mark.parametrize("revision", ["main", "v1.0", "commit", None])
def test_an_alias_is_the_version_whatever_revision_the_tool_asks_for(hub, revision):
    commit = hub.versions["v1.0"].commit
    name = commit if revision == "commit" else revision
    told = hub.get(f"{API}.v1.0/revision/{name}" if name else f"{API}.v1.0").json()
    assert (told["id"], told["sha"]) == ("northgate/chat-prefs.v1.0", commit)


def test_an_alias_has_no_other_version(hub):
    for other in ("v2.0", hub.versions["v2.0"].commit):
        assert hub.get(f"{API}.v1.0/revision/{other}")["X-Error-Code"] == "RevisionNotFound"
    assert hub.get(f"{API}.v7.0")["X-Error-Code"] == "RepoNotFound"
    refs = hub.get(f"{API}.v1.0/refs").json()
    commit = hub.versions["v1.0"].commit
    assert [(ref["name"], ref["targetCommit"]) for ref in refs["branches"] + refs["tags"]] == [
        ("main", commit),
        ("v1.0", commit),
    ]
    assert [each["id"] for each in hub.get(f"{API}.v1.0/commits/main").json()] == [commit]


@pytest.mark.parametrize(
    "revision", ["v9.9", "nope", "0" * 40, "refs/pr/1", "refs/convert/parquet"]
)
def test_a_missing_revision_is_told_as_such_everywhere(hub, revision):
    for address in (
        f"{API}/revision/{revision}",
        f"{API}/tree/{revision}",
        f"{API}/commits/{revision}",
        f"datasets/northgate/chat-prefs/resolve/{revision}/README.md",
    ):
        answer = hub.get(address)
        assert (answer.status_code, answer["X-Error-Code"]) == (404, "RevisionNotFound")
        assert answer["X-Error-Message"] == f"northgate/chat-prefs has no version {revision}."
        assert answer.json() == {"error": answer["X-Error-Message"]}


def test_info_names_the_files_and_their_hashes_if_asked(hub):
    plain = hub.get(f"{API}/revision/v1.0").json()
    assert {"rfilename": "README.md"} in plain["siblings"]
    assert plain["private"] is True
    assert plain["lastModified"].endswith("Z")
    full = hub.get(f"{API}/revision/v1.0?blobs=true").json()
    files = {file.path: file for file in hub.versions["v1.0"].files.all()}
    assert [each["rfilename"] for each in full["siblings"]] == sorted(files)
    for each in full["siblings"]:
        file = files[each["rfilename"]]
        assert (each["size"], each["blobId"]) == (file.size, file.git_sha1)
        assert each["lfs"]["sha256"] == bytes(file.sha256).hex()


def test_refs_are_main_and_the_versions_that_can_be_loaded(hub):
    withdraw(version=hub.versions["v1.1"], because="Leak.", now=hub.world.now)
    refs = hub.get(f"{API}/refs").json()
    latest, first = hub.versions["v2.0"].commit, hub.versions["v1.0"].commit
    assert refs["branches"] == [{"name": "main", "ref": "refs/heads/main", "targetCommit": latest}]
    assert [(tag["ref"], tag["targetCommit"]) for tag in refs["tags"]] == [
        ("refs/tags/v2.0", latest),
        ("refs/tags/v1.0", first),
    ]
    assert refs["converts"] == refs["pullRequests"] == []


def test_commits_go_back_from_the_revision_and_name_no_person(hub):
    withdraw(version=hub.versions["v1.0"], because="Leak.", now=hub.world.now)
    told = hub.get(f"{API}/commits/v1.1").json()
    assert [(each["title"], each["message"]) for each in told] == [
        ("v1.1", ""),
        ("v1.0 (withdrawn)", "Leak."),
    ]
    assert [each["authors"] for each in told] == [[{"user": "northgate"}]] * 2
    assert len(hub.get(f"{API}/commits/main").json()) == 3


@pytest.mark.parametrize(
    "address",
    [
        f"{API}/revision/v1.0",
        f"{API}/tree/v1.0",
        f"{API}.v1.0",
        f"{API}.v1.0/refs",
        "datasets/northgate/chat-prefs/resolve/v1.0/README.md",
        "datasets/northgate/chat-prefs.v1.0/resolve/main/README.md",
    ],
)
def test_a_withdrawn_version_is_gone_and_its_successor_named(hub, address):
    withdraw(version=hub.versions["v1.0"], because="Two clients’ names.", now=hub.world.now)
    answer = hub.get(address)
    assert (answer.status_code, answer["X-Error-Code"]) == (410, "RevisionNotFound")
    said = answer.json()["error"]
    assert "was withdrawn: Two clients’ names. Load northgate/chat-prefs.v2.0 instead." in said
    assert answer["X-Error-Message"].encode("latin-1").decode() == said


def test_main_falls_back_to_what_is_left_and_says_when_nothing_is(hub):
    withdraw(version=hub.versions["v2.0"], because="Leak", now=hub.world.now)
    assert sha(hub, API) == hub.versions["v1.1"].commit
    for name in ("v1.0", "v1.1"):
        withdraw(version=hub.versions[name], because="Leak", now=hub.world.now)
    answer = hub.get(API)
    assert (answer.status_code, answer["X-Error-Code"]) == (410, "RevisionNotFound")
    assert "v2.0" in answer["X-Error-Message"]
    assert "No version takes its place yet." in answer["X-Error-Message"]


def test_a_dataset_without_a_version_has_no_revision(hub):
    make_dataset(hub.world.workspace, "empty")
    answer = hub.get("api/datasets/northgate/empty")
    assert (answer.status_code, answer["X-Error-Code"]) == (404, "RevisionNotFound")
    assert hub.get("api/datasets/northgate/empty/refs").json()["branches"] == []


def test_a_search_finds_datasets_by_name_or_title_a_page_at_a_time(hub):
    for slug in ("briefs", "code-prefs", "code-sft"):
        publish_bytes(
            make_dataset(hub.world.workspace, slug, "apache-2.0"), {"a": b"a"}, now=hub.world.now
        )
    make_dataset(hub.world.workspace, "empty")

    def found(query: str) -> list[str]:
        return [each["id"] for each in hub.get(f"api/datasets{query}").json()]

    everything = [
        f"northgate/{slug}" for slug in ("briefs", "chat-prefs", "code-prefs", "code-sft")
    ]
    assert found("") == everything
    assert found("?search=code") == everything[2:]
    assert found("?search=northgate/chat-p") == everything[1:2]
    assert found("?search=in+chat&author=northgate") == everything
    assert found("?author=elsewhere") == []
    assert found("?filter=license:mit") == everything[1:2]
    assert found("?filter=task_categories:text-generation") == []
    assert found("?search=%00briefs") == everything[:1]
    first = hub.get("api/datasets?limit=3&search=in chat")
    assert [each["id"] for each in first.json()] == everything[:3]
    link = first["Link"].removeprefix("<").removesuffix('>; rel="next"')
    last = hub.client.get(link)
    assert [each["id"] for each in last.json()] == everything[3:]
    assert "Link" not in last
    assert hub.get("api/datasets?cursor=nonsense").status_code == 400
    assert hub.get("api/datasets?limit=none").status_code == 400


def test_whoami_names_the_person_the_workspace_and_the_key(hub):
    told = hub.get("api/whoami-v2").json()
    assert (told["name"], told["type"]) == ("Mara", "user")
    assert [org["name"] for org in told["orgs"]] == ["northgate"]
    assert told["auth"]["accessToken"] == {"displayName": "trainer", "role": "read"}
