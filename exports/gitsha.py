"""Names that git gives to contents, since hub clients know small files by them."""

from __future__ import annotations

import hashlib


def git_blob_sha1(content: bytes) -> str:
    """The object id (40 hex) that `git hash-object` prints for a file with this content."""
    header = f"blob {len(content)}\0".encode()
    return hashlib.sha1(header + content, usedforsecurity=False).hexdigest()
