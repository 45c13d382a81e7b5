"""The bytes of a file through the whole application: headers, ranges, and the log of pulls."""

from __future__ import annotations

import hashlib
import os
from unittest.mock import patch

import pytest
from django.core.files.storage import default_storage
from django.core.signals import request_finished
from django.db import DatabaseError

from exports import fetch
from exports.actions import pulls
from exports.blobs import name_of
from exports.models import Pull
from tests.hub.maker import content_of, publish_bytes

FILE = "trl_dpo/train-00000-of-00002.parquet"
README = "README.md"


def address(revision: str, path: str = README, name: str = "chat-prefs") -> str:
    return f"datasets/northgate/{name}/resolve/{revision}/{path}"


def leave(answer) -> None:
    """Close a response before its end, without what Django does then: that would end the test's own transaction."""
    with patch.object(request_finished, "send"):
        answer.close()


def test_a_head_tells_commit_hash_and_size_and_logs_no_pull(hub):
    version = hub.versions["v1.0"]
    expected = content_of(version, README)
    answer = hub.head(address("v1.0"))
    assert answer.status_code == 200
    assert answer.content == b""
    assert answer["X-Repo-Commit"] == version.commit
    assert answer["ETag"] == f'"{hashlib.sha256(expected).hexdigest()}"'
    assert answer["Content-Length"] == str(len(expected))
    assert answer["Accept-Ranges"] == "bytes"
    assert hub.pulls() == []


def test_a_get_gives_the_bytes_and_logs_who_fetched_them(hub):
    version = hub.versions["v1.0"]
    answer = hub.get(address("v1.0"), User_Agent="hf_hub/2.4.0; " + "x" * 300)
    content = b"".join(answer.streaming_content)
    assert content == content_of(version, README)
    pull = Pull.objects.get()
    assert (pull.version, pull.path, pull.sent_bytes) == (version, README, len(content))
    assert (pull.key, pull.user) == (hub.key, hub.world.mara)
    assert pull.agent == ("hf_hub/2.4.0; " + "x" * 300)[:200]


def test_a_range_gives_its_bytes_and_logs_only_those(hub):
    content = content_of(hub.versions["v1.0"], README)
    answer = hub.get(address("v1.0"), Range="bytes=10-19")
    assert (answer.status_code, answer["Content-Range"]) == (206, f"bytes 10-19/{len(content)}")
    assert b"".join(answer.streaming_content) == content[10:20]
    assert hub.pulls() == [(README, 10)]


def test_nothing_is_sent_or_logged_for_what_is_known_or_beyond_the_end(hub):
    tag = hub.head(address("v1.0"))["ETag"]
    known = hub.get(address("v1.0"), If_None_Match=tag)
    assert (known.status_code, known["X-Repo-Commit"]) == (304, hub.versions["v1.0"].commit)
    beyond = hub.get(address("v1.0"), Range="bytes=99999999-")
    assert (beyond.status_code, beyond.content) == (416, b"")
    assert hub.pulls() == []


def test_a_reader_who_leaves_is_logged_with_the_bytes_sent_so_far(hub):
    publish_bytes(hub.dataset, {"big.bin": b"x" * (3 << 20)}, now=hub.world.now, major=9)
    answer = hub.get(address("v9.0", "big.bin"))
    pieces = iter(answer.streaming_content)
    next(pieces), next(pieces)
    leave(answer)
    assert hub.pulls() == [("big.bin", 1 << 20)]


def test_a_body_that_nobody_began_to_read_is_no_pull(hub):
    leave(hub.get(address("v1.0")))
    assert hub.pulls() == []


def test_a_pull_that_cannot_be_logged_is_heard_of(hub, monkeypatch, caplog):
    tried = []

    def broken(**columns):
        tried.append(columns)
        raise DatabaseError("gone")

    monkeypatch.setattr(pulls.Pull.objects, "create", broken)
    monkeypatch.setattr(fetch, "close_old_connections", lambda: None)
    answer = hub.get(address("v1.0"))
    assert b"".join(answer.streaming_content) == content_of(hub.versions["v1.0"], README)
    assert len(tried) == 2
    assert "pull_not_recorded" in caplog.text


@pytest.mark.parametrize(
    ("revision", "lasts"),
    [("main", "private, no-cache"), ("v1.0", "private, no-cache"), ("commit", "immutable")],
)
def test_only_the_address_of_a_commit_is_cached_for_good(hub, revision, lasts):
    commit = hub.versions["v1.0"].commit
    answer = hub.head(address(commit if revision == "commit" else revision))
    assert answer["Cache-Control"].endswith(lasts)


def test_bytes_are_never_taken_for_a_page(hub):
    answer = hub.head(address("v2.0", FILE))
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"] == 'inline; filename="train-00000-of-00002.parquet"'


def test_no_cookie_is_set_and_nothing_is_compressed_or_redirected(hub):
    answer = hub.get(address("v2.0", FILE), Accept_Encoding="gzip")
    assert not answer.cookies
    told = {name.lower() for name in answer.headers}
    assert not told & {"content-encoding", "location", "set-cookie"}
    assert not [name for name in told if name.startswith("x-xet")]


@pytest.mark.parametrize(
    "path", ["chat-prefs.py", ".huggingface.yaml", "dataset_infos.json", "a%00b"]
)
def test_a_missing_file_is_told_with_the_commit(hub, path):
    answer = hub.head(address("main", path))
    assert (answer.status_code, answer["X-Error-Code"]) == (404, "EntryNotFound")
    assert answer["X-Repo-Commit"] == hub.versions["v2.0"].commit


def test_a_folder_is_no_file(hub):
    assert hub.head(address("main", "trl_dpo"))["X-Error-Code"] == "EntryNotFound"


def test_a_file_whose_bytes_are_lost_is_refused_in_a_sentence(hub):
    content = b"soon gone"
    publish_bytes(hub.dataset, {"data.bin": content}, now=hub.world.now, major=9)
    os.unlink(default_storage.path(name_of(hashlib.sha256(content).hexdigest())))
    answer = hub.get(address("v9.0", "data.bin"))
    assert answer.status_code == 503
    assert "are not where they are kept" in answer["X-Error-Message"]
    assert hub.pulls() == []
