"""The hub's questions about datasets: what there is, at which commit, with which files."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from exports.models import DatasetVersion
from exports.queries import latest_of
from feedback import access
from feedback.access import Principal
from feedback.models import Role, Scope
from feedback.queries.pages import page

from . import shapes
from .doors import door, limit_of, next_page
from .refusals import NoRepo
from .repos import repo_of, split_revision, version_at
from .rows import (
    files_of,
    loadable_datasets,
    no_entry,
    versions_of,
    versions_up_to,
    with_tags,
)
from .tree import Entry, entries_at, entries_of, page_of


@require_safe
@door
def whoami(request: HttpRequest, principal: Principal) -> HttpResponse:  # noqa: ARG001
    """Whose key this is."""
    return JsonResponse(shapes.whoami(principal))


@require_safe
@door
def datasets(request: HttpRequest, principal: Principal) -> HttpResponse:
    """The datasets of the key's workspace that can be loaded, by name."""
    asked, key = request.GET, principal.key
    assert key is not None
    slug = key.membership.workspace.slug
    place = access.workspace(principal, slug, role=Role.MANAGER, scope=Scope.DATASETS_READ)
    words = asked.get("search", "").replace("\0", "").removeprefix(f"{slug}/")
    rows = loadable_datasets(place.workspace, only=key.dataset_slug, search=words)
    rows = with_tags(rows, asked.getlist("filter"))
    if asked.get("author", slug) != slug:
        rows = rows.none()
    found = page(rows, after=asked.get("cursor", ""), limit=limit_of(request), by=("slug",))
    latest = latest_of(found.rows)
    told = [shapes.dataset_info(row, latest[row.pk], f"{slug}/{row.slug}") for row in found.rows]
    answer = JsonResponse(told, safe=False)
    if found.after:
        answer["Link"] = next_page(request, found.after)
    return answer


@require_safe
@door
def info(
    request: HttpRequest, principal: Principal, workspace: str, name: str, revision: str = "main"
) -> HttpResponse:
    """A dataset at a revision: its commit and the names of its files."""
    repo = repo_of(principal, workspace, name)
    version = version_at(repo, revision)
    told = shapes.dataset_info(repo.dataset, version, repo.name)
    with_blobs = _is_true(request.GET.get("blobs", ""))
    told["siblings"] = shapes.siblings(files_of(version), with_blobs=with_blobs)
    return JsonResponse(told)


@require_safe
@door
def tree(
    request: HttpRequest, principal: Principal, workspace: str, name: str, rest: str
) -> HttpResponse:
    """The entries of a folder, a page at a time."""
    revision, folder = split_revision(rest)
    version = version_at(repo_of(principal, workspace, name), revision)
    recursive = _is_true(request.GET.get("recursive", ""))
    entries = entries_at(files_of(version), folder, recursive=recursive)
    if entries is None:
        raise no_entry(version, folder)
    after, limit = request.GET.get("cursor", ""), limit_of(request)
    shown, cursor = page_of(entries, after=after, limit=limit)
    answer = _listing(version, shown, request.GET.get("expand", ""))
    if cursor:
        answer["Link"] = next_page(request, cursor)
    return answer


@csrf_exempt
@require_POST
@door
def paths_info(
    request: HttpRequest, principal: Principal, workspace: str, name: str, revision: str
) -> HttpResponse:
    """The entries of the paths that exist. A POST because the list may be long; it changes nothing."""
    version = version_at(repo_of(principal, workspace, name), revision)
    entries = entries_of(files_of(version), request.POST.getlist("paths"))
    return _listing(version, entries, request.POST.get("expand", ""))


@require_safe
@door
def refs(request: HttpRequest, principal: Principal, workspace: str, name: str) -> HttpResponse:  # noqa: ARG001
    """The branch `main` and a tag for every version that can be loaded; an alias has its own alone."""
    repo = repo_of(principal, workspace, name)
    published = versions_of(repo.dataset).filter(state=DatasetVersion.State.PUBLISHED)
    versions = [version_at(repo, "main")] if repo.pinned else list(published)
    return JsonResponse(shapes.refs(versions))


@require_safe
@door
def commits(
    request: HttpRequest,  # noqa: ARG001
    principal: Principal,
    workspace: str,
    name: str,
    revision: str,
) -> HttpResponse:
    """A version and those before it, newest first; an alias has its own alone."""
    repo = repo_of(principal, workspace, name)
    version = version_at(repo, revision)
    versions = [version] if repo.pinned else versions_up_to(repo.dataset, version)
    return JsonResponse([shapes.commit(each, workspace) for each in versions], safe=False)


@csrf_exempt
def nothing(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Models, uploads and whatever else clients ask a hub for."""
    return NoRepo(
        "This hub serves datasets, and to read only; models and the rest are not here."
    ).response()


def _listing(version: DatasetVersion, entries: Sequence[Entry], expand: str) -> JsonResponse:
    more = {"lastCommit": shapes.last_commit(version)} if _is_true(expand) else {}
    answer = JsonResponse([{**entry, **more} for entry in entries], safe=False)
    answer["X-Repo-Commit"] = version.commit
    return answer


def _is_true(value: str) -> bool:
    return value.lower() in {"true", "1"}
