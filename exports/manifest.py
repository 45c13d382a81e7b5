"""manifest.json: what a version holds, byte for byte, and what it was made from; never a clock, a host or its own number."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from .shards import FileFacts

NAME = "manifest.json"


def canonical(value: Any) -> bytes:
    """The one JSON spelling of a value: sorted keys, no blanks."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def version_sha256(files: Iterable[FileFacts]) -> str:
    """SHA-256 (hex) over the sorted (path, sha256, size) of every file but the manifest: the name of a version's bytes.

    The hub's commit is its first 40 digits.
    """
    listed = sorted((f.path, f.sha256, f.size) for f in files if f.path != NAME)
    return hashlib.sha256(canonical(listed)).hexdigest()


def manifest(
    files: Iterable[FileFacts],
    *,
    recipe: Mapping[str, Any],
    run_hash: str,
    code_version: str,
    waterfall: Iterable[Mapping[str, Any]],
    figures: Mapping[str, Any],
) -> bytes:
    """The manifest's bytes for files already written; the same facts give the same bytes."""
    listed = sorted(files, key=lambda f: f.path)
    return canonical(
        {
            "version_sha256": version_sha256(listed),
            "files": [_entry(f) for f in listed],
            "recipe": dict(recipe),
            "run_hash": run_hash,
            "code_version": code_version,
            "waterfall": [dict(step) for step in waterfall],
            "figures": dict(figures),
        }
    )


def _entry(facts: FileFacts) -> dict[str, Any]:
    entry = {
        "path": facts.path,
        "size": facts.size,
        "sha256": facts.sha256,
        "config": facts.config,
        "split": facts.split,
        "rows": facts.rows,
    }
    return {key: value for key, value in entry.items() if value is not None}
