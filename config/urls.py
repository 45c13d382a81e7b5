"""Every address, app by app."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView

from . import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("health/live", health.live, name="live"),
    path("health/ready", health.ready, name="ready"),
    path("api/v1/schema", SpectacularAPIView.as_view(), name="schema"),
    path("api/v1/", include("feedback.api.urls")),
    path("api/v1/", include("curation.api.urls")),
    path("api/v1/", include("exports.api.urls")),
    path("hub/", include("exports.hub.urls")),
    path("account/", include("allauth.account.urls")),
    path("account/2fa/", include("allauth.mfa.urls")),
    path("", include("exports.web.urls")),
    path("", include("curation.web.urls")),
    path("", include("feedback.web.urls")),
]

handler400 = "feedback.web.failures.bad_request"
handler403 = "feedback.web.failures.forbidden"
handler404 = "feedback.web.failures.not_found"
handler500 = "feedback.web.failures.server_error"
