"""Addresses of the hub that training jobs read from, as Hugging Face Hub clients spell them under HF_ENDPOINT."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path, re_path

from . import resolve, views

_API = "api/datasets/<str:workspace>/<str:name>"

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/whoami-v2", views.whoami, name="hub_whoami"),
    path("api/datasets", views.datasets, name="hub_datasets"),
    path(_API, views.info, name="hub_info"),
    path(f"{_API}/revision/<path:revision>", views.info, name="hub_revision"),
    path(f"{_API}/tree/<path:rest>", views.tree, name="hub_tree"),
    path(f"{_API}/paths-info/<path:revision>", views.paths_info, name="hub_paths_info"),
    path(f"{_API}/refs", views.refs, name="hub_refs"),
    path(f"{_API}/commits/<path:revision>", views.commits, name="hub_commits"),
    path(
        "datasets/<str:workspace>/<str:name>/resolve/<path:rest>",
        resolve.resolve,
        name="hub_resolve",
    ),
    re_path("", views.nothing, name="hub_nothing"),
]
