"""A version's files as the hub lists them: entries of files and folders, sorted by path. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

Entry = dict[str, Any]


@dataclass(frozen=True, slots=True)
class File:
    """A file of a version; hashes in hex."""

    path: str
    size: int
    sha256: str
    git_sha1: str


def file_entry(file: File) -> Entry:
    """A file in a listing.

    Every file is announced as large, because clients then check its SHA-256 instead of git's SHA-1.
    """
    return {
        "type": "file",
        "path": file.path,
        "size": file.size,
        "oid": file.git_sha1,
        "lfs": {
            "oid": file.sha256,
            "size": file.size,
            "pointerSize": _pointer_size(file.size),
        },
    }


def entries_at(files: Sequence[File], folder: str, *, recursive: bool) -> list[Entry] | None:
    """What lies in a folder ("" is the root), or under it, sorted by path; None if there is no such folder."""
    prefix = f"{folder}/" if folder else ""
    inside = [file for file in files if file.path.startswith(prefix)]
    if folder and not inside:
        return None
    found = [file_entry(f) for f in inside] + [_folder_entry(files, f) for f in _folders(inside)]
    shown = [e for e in found if _lies_in(e["path"], prefix, recursive)]
    return sorted(shown, key=lambda entry: str(entry["path"]))


def entries_of(files: Sequence[File], paths: Iterable[str]) -> list[Entry]:
    """The entries of those paths that exist, files or folders, in the order asked and once each."""
    by_path = {file.path: file for file in files}
    folders = _folders(files)
    asked = dict.fromkeys(path.strip("/") for path in paths)
    return [
        file_entry(by_path[path]) if path in by_path else _folder_entry(files, path)
        for path in asked
        if path in by_path or path in folders
    ]


def page_of(
    entries: Sequence[Entry], *, after: str, limit: int
) -> tuple[Sequence[Entry], str | None]:
    """The entries after the path `after`, and where the next page begins, or None at the end."""
    rest = [entry for entry in entries if entry["path"] > after]
    return rest[:limit], rest[limit - 1]["path"] if len(rest) > limit else None


def _lies_in(path: str, prefix: str, recursive: bool) -> bool:
    below = path.removeprefix(prefix)
    return path.startswith(prefix) and (recursive or "/" not in below)


def _folders(files: Iterable[File]) -> set[str]:
    found: set[str] = set()
    for file in files:
        parts = file.path.split("/")[:-1]
        found |= {"/".join(parts[:depth]) for depth in range(1, len(parts) + 1)}
    return found


def _folder_entry(files: Sequence[File], path: str) -> Entry:
    """A folder's id follows from what lies in it, so that clients see when that changes."""
    inside = sorted((f.path, f.sha256) for f in files if f.path.startswith(f"{path}/"))
    oid = hashlib.sha256(repr(inside).encode()).hexdigest()[:40]
    return {"type": "directory", "path": path, "oid": oid}


def _pointer_size(size: int) -> int:
    """Bytes of the git-lfs pointer that would stand for the file."""
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize {size}\n"
    return len(pointer)
