"""Tells whether the collected static files are older than their sources, so that a start collects them only then."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from config.places import CHECKOUT, STATE

_STAMP = STATE / "static.stamp"


def are_stale() -> bool:
    """Whether anything changed since the last `settle()`."""
    with suppress(OSError):
        return _STAMP.read_text() != fingerprint()
    return True


def settle() -> None:
    """Remember the sources as collected."""
    _STAMP.write_text(fingerprint())


def fingerprint(checkout: Path = CHECKOUT) -> str:
    """SHA-256 over name, size and time of every static source of ours, and over what fixes everybody else's:
    the pinned packages, the settings and the place they are collected to."""
    digest = hashlib.sha256(os.environ.get("STATIC_ROOT", "").encode())
    for path in sorted(_sources(checkout)):
        facts = path.stat()
        digest.update(
            f"{path.relative_to(checkout)}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode()
        )
    return digest.hexdigest()


def _sources(checkout: Path) -> Iterator[Path]:
    yield from (path for path in checkout.glob("static/**/*") if path.is_file())
    yield from (path for path in checkout.glob("*/static/**/*") if path.is_file())
    fixed = (
        "requirements/runtime.txt",
        "config/settings.py",
        "config/static.py",
        "config/modules.py",
        "feedback/web/desk_parts.py",
    )
    yield from (checkout / name for name in fixed if (checkout / name).exists())
