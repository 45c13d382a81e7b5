"""Addresses of the desk."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from . import desk, desk_asking, desk_authorities, desk_checks, desk_quotations, onboarding, pausing

_DESK: list[URLPattern | URLResolver] = [
    path("", desk.next_item, name="desk-next"),
    path("pause/", pausing.pause, name="desk-pause"),
    path("go-on/", pausing.go_on, name="desk-go-on"),
    path("start/", onboarding.start, name="desk-start"),
    path("practice/", onboarding.practise, name="desk-practice"),
    path("practice/<uuid:assignment>/", onboarding.practised, name="desk-practised"),
    path("ahead/", desk.ahead, name="desk-ahead"),
    path("<uuid:assignment>/", desk.desk, name="desk"),
    path("<uuid:assignment>/disclose/", desk.disclose, name="desk-disclose"),
    path("<uuid:assignment>/draft/", desk.draft, name="desk-draft"),
    path("<uuid:assignment>/hold/", desk.hold, name="desk-hold"),
    path("<uuid:assignment>/skip/", desk_asking.skip, name="desk-skip"),
    path("<uuid:assignment>/flag/", desk_asking.flag, name="desk-flag"),
    path("<uuid:assignment>/authorities/", desk_authorities.authorities, name="desk-authorities"),
    path(
        "<uuid:assignment>/quotations/",
        desk_quotations.quotations,
        name="desk-quotations",
    ),
    path("<uuid:assignment>/ask/", desk_asking.ask, name="desk-ask"),
    path("sent/<uuid:review>/", desk.change, name="desk-change"),
    path("sent/<uuid:review>/checks/", desk_checks.checks, name="desk-checks"),
    path("sent/<uuid:review>/draft/", desk.change_draft, name="desk-change-draft"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("w/<slug:workspace>/p/<slug:project>/desk/", include(_DESK)),
]
