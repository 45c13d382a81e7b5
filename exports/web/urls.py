"""Addresses of exports' pages."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from . import datasets, publish, version

_RUN = "w/<slug:workspace>/p/<slug:project>/runs/<int:number>/"
_DATASET = "w/<slug:workspace>/datasets/<str:dataset>/"
_VERSION = _DATASET + "<str:tag>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("w/<slug:workspace>/datasets/", datasets.datasets, name="datasets"),
    path(_DATASET, datasets.dataset, name="dataset"),
    path(_VERSION, version.version, name="version"),
    path(_VERSION + "withdraw/", version.withdraw, name="version-withdraw"),
    path(_VERSION + "files/<path:path>", version.file, name="version-file"),
    path(_RUN + "publish/", publish.publish_run, name="run-publish"),
    path(_RUN + "versions/", publish.run_versions, name="run-versions"),
]
