"""Where Touchstone keeps what it writes, and how its own servers are reached: paths and addresses, nothing started."""

from __future__ import annotations

import hashlib
import os
import secrets
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import NoReturn
from urllib.parse import quote

CHECKOUT = Path(__file__).resolve().parent.parent
STATE = Path(os.environ.get("TOUCHSTONE_STATE") or CHECKOUT / "var").expanduser().resolve()
ROOTS_HOME = Path("/var/lib/touchstone")
DATABASE_NAME = "touchstone"
DATABASE_USER = "postgres"

# sockaddr_un holds 108 bytes including the closing zero; PostgreSQL adds its own file name to the folder's.
_LONGEST_SOCKET_FOLDER = 107 - len("/.s.PGSQL.5432")


class Refusal(Exception):
    """Touchstone cannot go on: a sentence for the person at the keyboard, and a code that stays the same."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


def service_home() -> Path:
    """The folder of the embedded servers.

    PostgreSQL refuses to run as root, and another user cannot enter a checkout in root's home; so root's servers
    live under /var/lib, and everybody else's beside the rest of the state.
    """
    return ROOTS_HOME / _key() if _is_roots() else STATE


def socket_folder() -> Path:
    """Where the servers' sockets are; a folder in /tmp where the usual path would not do as an address.

    PostgreSQL's clients take a comma for the end of a host's name.
    """
    folder = service_home() / "run"
    if len(os.fsencode(folder)) <= _LONGEST_SOCKET_FOLDER and "," not in str(folder):
        return folder
    # Not the folder TMPDIR names: a command in another terminal must arrive at the same place.
    return Path("/tmp") / f"touchstone-{_key()}"  # noqa: S108  (private_folder() checks whose it is)


def embedded_database() -> dict[str, str]:
    """Django's HOST, NAME and USER for the embedded PostgreSQL."""
    return {"HOST": str(socket_folder()), "NAME": DATABASE_NAME, "USER": DATABASE_USER}


def valkey_socket() -> Path:
    return socket_folder() / "valkey.sock"


def embedded_broker_url() -> str:
    """Celery's address of the embedded Valkey."""
    return f"redis+socket://{quote(str(valkey_socket()))}"


def embedded_cache_url() -> str:
    """Django's address of the embedded Valkey, in a database the broker does not use."""
    return f"unix://{quote(str(valkey_socket()))}?db=1"


def is_external(setting: str) -> bool:
    """Whether the environment names a server (`DATABASE_URL`, or a file that holds it: `DATABASE_URL_FILE`)."""
    return bool(os.environ.get(setting) or os.environ.get(f"{setting}_FILE"))


def secret_key() -> str:
    """The signing key of this state folder, made at first use and readable by its owner only.

    Ends the process with a sentence when the folder cannot be written: settings are read before any command could
    catch an exception of ours.
    """
    path = STATE / "secret.key"
    try:
        if not path.exists():
            private_folder(STATE)
            _write_once(path, secrets.token_urlsafe(64))
        return path.read_text().strip()
    except OSError as error:
        _end(cannot_write(STATE, error))
    except Refusal as refusal:
        _end(refusal)


def private_folder(path: Path) -> Path:
    """Make the folder with mode 0700 if it is missing; refuse one that somebody else could have prepared for us."""
    try:
        path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        with suppress(FileExistsError):
            path.mkdir(mode=0o700)
    except OSError as error:
        raise cannot_write(path, error) from error
    if path.is_symlink() or not path.is_dir():
        raise Refusal("not_a_folder", f"{path} is in the way: it is not a folder. Move it away.")
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        raise cannot_write(path, PermissionError("permission denied"))
    return path


def cannot_write(path: Path, error: OSError) -> Refusal:
    """The refusal that fits an error met while writing below `path`."""
    reason = (error.strerror or str(error)).lower()
    return Refusal(
        "state_not_writable",
        f"Cannot write to {path}: {reason}. Make the folder writable for this user, free some space, "
        "or name another folder: TOUCHSTONE_STATE=/path make run",
    )


def print_refusal(refusal: Refusal) -> None:
    sys.stderr.write(f"touchstone: {refusal.sentence} [{refusal.code}]\n")


def _end(refusal: Refusal) -> NoReturn:
    print_refusal(refusal)
    raise SystemExit(2)


def _write_once(path: Path, text: str) -> None:
    """Create the file whole or not at all; of two writers at once the first one counts."""
    # A name of its own, which a number of the process is not: containers that share a folder each have a process 1.
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    with suppress(FileExistsError):
        os.link(draft, path)
    os.unlink(draft)


def _is_roots() -> bool:
    """Whether root runs this on a state folder of its own (and not on some user's, to look into it)."""
    if os.geteuid() != 0:
        return False
    try:
        return STATE.stat().st_uid == 0
    except OSError:
        return True


def _key() -> str:
    return hashlib.sha256(os.fsencode(STATE)).hexdigest()[:8]
