"""The bytes of a file at a revision, whole or in ranges."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from exports.fetch import Fetch
from exports.models import DatasetVersion
from exports.serving import part
from feedback.access import Principal

from .doors import door
from .lane import LANE
from .repos import repo_of, split_revision, version_at
from .rows import file_at

_BYTES = "application/octet-stream"


@require_safe
@door
def resolve(
    request: HttpRequest, principal: Principal, workspace: str, name: str, rest: str
) -> HttpResponseBase:
    """HEAD: the file's commit, hash and size. GET: its bytes, or the range that was asked for."""
    revision, path = split_revision(rest)
    version = version_at(repo_of(principal, workspace, name), revision)
    file = file_at(version, path)
    wanted = part(request.method or "", request.headers, size=file.size, sha256=file.sha256)
    headers = {**wanted.headers, **_headers(version, revision, path)}
    if request.method == "HEAD" or not wanted.length:
        return HttpResponse(status=wanted.status, headers=headers, content_type=_BYTES)
    agent = request.headers.get("User-Agent", "")
    body = Fetch(version, path, principal, agent, then=LANE.leave).body(file.sha256, wanted)
    LANE.enter(body)
    return StreamingHttpResponse(body, status=wanted.status, headers=headers, content_type=_BYTES)


def _headers(version: DatasetVersion, revision: str, path: str) -> dict[str, str]:
    lasts = "max-age=31536000, immutable" if revision == version.commit else "no-cache"
    return {
        "X-Repo-Commit": version.commit,
        "Cache-Control": f"private, {lasts}",
        "Content-Disposition": content_disposition_header(False, path.rpartition("/")[2]) or "",
    }
