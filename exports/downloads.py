"""A file of a version for a person or a program outside of the hub: an attachment, whole or in part, that is remembered."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.http import content_disposition_header

from exports.fetch import Fetch
from exports.models import DatasetVersion, VersionFile
from exports.serving import part
from feedback.access import Place
from feedback.actions.audit import note_read
from feedback.errors import NotThere, Refusal

BYTES = "application/octet-stream"
LONGEST_SUBJECT = 200


class VersionWithdrawn(Refusal):
    """This version was withdrawn, so its files are no longer given out. Its page says why, and what to load instead."""

    code = "version_withdrawn"
    status = 410


def file_of(version: DatasetVersion, path: str) -> VersionFile:
    """A file that may be fetched. Raises NotThere, and VersionWithdrawn."""
    # PostgreSQL refuses to look for a NUL.
    found = None if "\0" in path else VersionFile.objects.filter(version=version, path=path).first()
    if found is None:
        raise NotThere
    if version.state == DatasetVersion.State.WITHDRAWN:
        raise VersionWithdrawn
    found.version = version
    return found


def attachment(
    method: str, asked: Mapping[str, str], place: Place, file: VersionFile
) -> HttpResponseBase:
    """The file, or the range that a request with these headers asks for. No browser shows or sniffs it."""
    sha256 = bytes(file.sha256).hex()
    wanted = part(method, asked, size=file.size, sha256=sha256)
    headers = {**wanted.headers, **_headers(file.path)}
    if method == "HEAD" or not wanted.length:
        return HttpResponse(status=wanted.status, headers=headers, content_type=BYTES)
    fetch = Fetch(file.version, file.path, place.principal, asked.get("User-Agent", ""))
    body = fetch.body(sha256, wanted)
    subject = f"{file.version.dataset.slug} {file.version.name} {file.path}"[:LONGEST_SUBJECT]
    note_read(place=place, what="download", subject=subject, now=timezone.now())
    return StreamingHttpResponse(body, status=wanted.status, headers=headers, content_type=BYTES)


def _headers(path: str) -> dict[str, str]:
    name = "-".join(path.split("/"))
    return {
        "Cache-Control": "private, no-cache",
        "Content-Disposition": content_disposition_header(True, name) or "attachment",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
