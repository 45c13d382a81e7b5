"""When static files are collected again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from config.stack.assets import fingerprint


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in (
        "static/css/base.css",
        "feedback/static/feedback/desk.js",
        "requirements/runtime.txt",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text("one")
    return tmp_path


def test_nothing_changed_is_the_same_fingerprint(checkout: Path) -> None:
    assert fingerprint(checkout) == fingerprint(checkout)


@pytest.mark.parametrize(
    "name", ["static/css/base.css", "feedback/static/feedback/desk.js", "requirements/runtime.txt"]
)
def test_a_changed_source_changes_it(checkout: Path, name: str) -> None:
    before = fingerprint(checkout)
    facts = (checkout / name).stat()
    os.utime(checkout / name, ns=(facts.st_atime_ns, facts.st_mtime_ns + 1))
    assert fingerprint(checkout) != before


def test_a_removed_or_a_new_file_changes_it(checkout: Path) -> None:
    before = fingerprint(checkout)
    (checkout / "static" / "new.css").touch()
    with_new = fingerprint(checkout)
    (checkout / "static" / "css" / "base.css").unlink()
    assert len({before, with_new, fingerprint(checkout)}) == 3
