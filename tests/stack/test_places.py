"""Where things are, and how their addresses read."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
import redis
from kombu.utils.url import url_to_parts

from config import places

from .helpers import CHECKOUT, user_environment

In = Callable[[Path], None]
SHOW = "from config import places; print(places.{})"


@pytest.fixture
def users(monkeypatch: pytest.MonkeyPatch) -> In:
    """Puts the state of an ordinary user into a folder."""

    def put(state: Path) -> None:
        monkeypatch.setattr(places, "STATE", state)
        monkeypatch.setattr("os.geteuid", lambda: 12345)

    return put


def start(what: str, state: str) -> subprocess.Popen[str]:
    environment = {**user_environment(Path("/")), "TOUCHSTONE_STATE": state}
    command = [sys.executable, "-c", SHOW.format(what)]
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command, cwd=CHECKOUT, env=environment, text=True, stdout=pipe, stderr=pipe
    )


def test_the_state_is_var_in_the_checkout_unless_named(tmp_path: Path) -> None:
    assert start("STATE", "").communicate()[0].strip() == str(CHECKOUT / "var")
    named = start("STATE", str(tmp_path / "x" / ".." / "y"))
    assert named.communicate()[0].strip() == str(tmp_path / "y")


def test_a_users_servers_live_in_the_state_folder(users: In, tmp_path: Path) -> None:
    users(tmp_path)
    assert places.service_home() == tmp_path


@pytest.mark.skipif(os.geteuid() != 0, reason="about root")
def test_roots_servers_live_under_var_lib_one_folder_for_each_state(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    homes = set()
    for state in (tmp_path / "one", tmp_path / "two", tmp_path / "one"):
        monkeypatch.setattr(places, "STATE", state)
        homes.add(places.service_home())
    assert len(homes) == 2
    assert {home.parent for home in homes} == {Path("/var/lib/touchstone")}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_root_finds_a_users_servers_where_the_user_put_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    os.chown(tmp_path, 12345, 12345)
    monkeypatch.setattr(places, "STATE", tmp_path)
    assert places.service_home() == tmp_path


@pytest.mark.parametrize(("name", "fits"), [("a b", True), ("s" * 120, False), ("a,b", False)])
def test_a_socket_folder_can_always_be_reached(
    users: In, tmp_path: Path, name: str, fits: bool
) -> None:
    """93 bytes are the most an address leaves for the folder, and libpq splits hosts at commas."""
    users(tmp_path / name)
    folder = places.socket_folder()
    assert (folder == tmp_path / name / "run") is fits
    assert len(os.fsencode(folder)) <= 93
    assert "," not in str(folder)
    assert folder == places.socket_folder()


def test_the_addresses_of_broker_and_cache_survive_awkward_paths(users: In) -> None:
    users(Path("/a b%20?#ö"))
    broker = url_to_parts(places.embedded_broker_url().removeprefix("redis+")).path
    cache = redis.Redis.from_url(places.embedded_cache_url()).connection_pool.connection_kwargs
    assert (f"/{broker}", cache["path"], cache["db"]) == (
        "/a b%20?#ö/run/valkey.sock",
        "/a b%20?#ö/run/valkey.sock",
        1,
    )


def test_the_secret_key_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    state = tmp_path / "var"
    starts = [start("secret_key()", str(state)) for _ in range(3)]
    keys = {one.communicate()[0].strip() for one in starts}
    assert len(keys) == 1
    assert len(keys.pop()) > 60
    assert (state / "secret.key").stat().st_mode & 0o777 == 0o600
    assert state.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in state.iterdir()] == ["secret.key"]


def test_two_processes_of_one_number_agree_on_a_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the first processes of two containers that share a folder."""
    both, link = Barrier(2, timeout=60), os.link

    def when_both_have_written(draft: str, path: Path) -> None:
        both.wait()
        link(draft, path)

    monkeypatch.setattr(places, "STATE", tmp_path)
    monkeypatch.setattr(os, "link", when_both_have_written)
    with ThreadPoolExecutor(2) as pool:
        keys = list(pool.map(lambda _: places.secret_key(), range(2)))
    assert keys[0] == keys[1]
    assert len(keys[0]) > 60
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]


def test_a_state_folder_that_cannot_be_written_is_one_sentence_and_status_2() -> None:
    """Settings ask for the key before any command runs, so nobody could catch an exception."""
    asked = start("secret_key()", "/proc/no/such/folder")
    error = asked.communicate()[1]
    assert asked.returncode == 2
    assert error.startswith("touchstone: Cannot write to /proc/no/such/folder: ")
    assert error.endswith("[state_not_writable]\n")
    assert error.count("\n") == 1


def test_a_file_in_place_of_the_state_folder_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "var").touch()
    asked = start("secret_key()", str(tmp_path / "var"))
    assert "it is not a folder" in asked.communicate()[1]
    assert asked.returncode == 2


def test_a_link_is_not_accepted_as_a_private_folder(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "run").symlink_to(tmp_path / "theirs")
    with pytest.raises(places.Refusal, match="it is not a folder"):
        places.private_folder(tmp_path / "run")


@pytest.mark.parametrize("name", ["DATABASE_URL", "DATABASE_URL_FILE"])
def test_a_server_is_external_when_the_environment_names_it(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert not places.is_external("DATABASE_URL")
    monkeypatch.setenv(name, "x")
    assert places.is_external("DATABASE_URL")
