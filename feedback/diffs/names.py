"""What a file of a patch is called: on the page, and in an attribute of the page."""

from __future__ import annotations

from django.utils.html import escape
from unidiff.patch import PatchedFile

from feedback.unseen import HIDDEN


def title_of(file: PatchedFile) -> str:
    """The path, with what else happens to the file as a whole."""
    path: str = file.path
    if file.is_rename and len(file.source_file) > 2:
        return f"{_plain(file.source_file)} → {path}"
    if file.source_file == "/dev/null":
        return f"{path} (new)"
    if file.target_file == "/dev/null":
        return f"{path} (deleted)"
    return path


def in_attribute(text: str) -> str:
    """A foreign text inside an attribute: what is invisible stands as a reference, so that nothing in it is marked."""
    return HIDDEN.sub(lambda found: f"&#{ord(found.group())};", escape(text))


def _plain(path: str) -> str:
    return path[2:] if path[:2] in ("a/", "b/") else path
