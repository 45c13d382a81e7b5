"""Addresses of exports' API, under /api/v1/."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from feedback.rest.routes import route

from . import datasets

W = "datasets/<slug:workspace>"
D = f"{W}/<str:dataset>"
V = f"{D}/versions/<str:tag>"

urlpatterns: list[URLPattern | URLResolver] = [
    path(W, route(get=datasets.list_datasets, post=datasets.make_dataset)),
    path(D, route(get=datasets.read_dataset)),
    path(f"{D}/versions", route(get=datasets.list_versions, post=datasets.publish_version)),
    path(V, route(get=datasets.read_version)),
    path(f"{V}/withdraw", route(post=datasets.withdraw_version)),
    path(f"{V}/files/<path:path>", route(get=datasets.read_file)),
    path(f"{V}/pulls", route(get=datasets.list_pulls)),
]
