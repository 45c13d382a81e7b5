"""The system user that runs the embedded servers when Touchstone itself runs as root."""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from config.places import Refusal, cannot_write, private_folder

NAME = "touchstone"
_ALREADY_THERE = 9


@dataclass(frozen=True)
class Account:
    """Numbers of a user of this machine."""

    uid: int
    gid: int


def service_account(say: Callable[[str], None]) -> Account | None:
    """Whom the servers run as: None for an ordinary user (as themselves); root's system user, made when missing."""
    if os.geteuid() != 0:
        return None
    if not _exists():
        _create()
        say(f"Made the system user “{NAME}”: PostgreSQL refuses to run as root.")
    entry = pwd.getpwnam(NAME)
    return Account(entry.pw_uid, entry.pw_gid)


def owned_folder(path: Path, account: Account | None) -> Path:
    """A private folder (0700) that belongs to the account; Refusal when somebody else's stands there."""
    private_folder(path)
    here = path.stat().st_uid
    wanted = account.uid if account else os.geteuid()
    if here not in {wanted, os.geteuid()}:
        raise Refusal(
            "folder_of_another_user",
            f"{path} belongs to user number {here}, not to you. Start as that user, or name a folder of your own: "
            "TOUCHSTONE_STATE=/path make run",
        )
    try:
        if account:
            os.chown(path, account.uid, account.gid)
        path.chmod(0o700)
    except OSError as error:
        raise cannot_write(path, error) from error
    return path


def plain_environment(state: Path) -> dict[str, str]:
    """What a server gets to see: none of our secrets, but whose server it is."""
    return {"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin", "TOUCHSTONE_STATE": str(state)}


def _exists() -> bool:
    try:
        pwd.getpwnam(NAME)
    except KeyError:
        return False
    return True


def _create() -> None:
    command = ["useradd", "--system", "--no-create-home", "--home-dir", "/nonexistent"]
    command += ["--shell", "/usr/sbin/nologin", NAME]
    advice = f"Make it yourself (useradd --system {NAME}), or start Touchstone as an ordinary user."
    try:
        made = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    except FileNotFoundError as error:
        raise Refusal("no_system_user", f"useradd is not installed. {advice}") from error
    if made.returncode not in {0, _ALREADY_THERE}:
        raise Refusal(
            "no_system_user", f"Cannot make the system user: {made.stderr.strip()} {advice}"
        )
