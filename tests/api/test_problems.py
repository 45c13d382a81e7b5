from __future__ import annotations

import pytest
from django.conf import settings

from tests.api.calls import by_key, by_session, faults, nobody, refused
from tests.world import World


@pytest.mark.parametrize(
    "content", [b"{", b"", b"\xff", b'{"overlap": NaN}', b'{"name": "\\ud800"}', b"[" * 2000]
)
def test_a_body_that_is_no_json_is_refused(world: World, at: str, content: bytes) -> None:
    caller = by_key(world, world.mara)
    response = caller.client.generic(
        "PATCH",
        f"/api/v1{at}",
        content or b" ",
        headers={**caller.headers, "Content-Type": "application/json"},
    )
    refused(response, 400, "not_json")


def test_an_empty_body_is_an_empty_object(world: World, at: str) -> None:
    caller = by_key(world, world.mara)
    response = caller.client.generic("PATCH", f"/api/v1{at}", b"", headers=caller.headers)
    assert response.status_code == 200


def test_a_body_of_another_type_is_refused(world: World, at: str) -> None:
    caller = by_key(world, world.mara)
    for kind in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ):
        response = caller.client.generic(
            "PATCH", f"/api/v1{at}", b"overlap=2", headers={**caller.headers, "Content-Type": kind}
        )
        refused(response, 415, "unsupported_media_type")


def test_a_body_beyond_the_limit_is_refused_before_it_is_read(world: World, at: str) -> None:
    settings_limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    content = b'{"name": "' + b"x" * settings_limit + b'"}'
    caller = by_key(world, world.mara)
    for headers in ({}, {"Idempotency-Key": "a"}):
        refused(
            caller.raw(f"{at}/guidelines", content, "application/json", **headers),
            413,
            "body_too_large",
        )


def test_every_fault_is_listed_with_its_place(world: World, ws: str) -> None:
    body = {"domain": "poetry", "overlap": "many", "slug": "a b", "colour": 1}
    assert faults(by_key(world, world.mara).post(f"{ws}/projects", body)) == [
        ("colour", "unknown_field")
    ]
    del body["colour"]
    assert set(faults(by_key(world, world.mara).post(f"{ws}/projects", body))) == {
        ("name", "required"),
        ("domain", "invalid_choice"),
        ("overlap", "invalid"),
        ("slug", "invalid"),
    }


def test_a_method_that_is_none_is_refused(world: World, at: str) -> None:
    caller = by_key(world, world.mara)
    response = caller.delete(at)
    refused(response, 405, "method_not_allowed")
    assert set(response.headers["Allow"].split(", ")) >= {"GET", "PATCH"}
    refused(
        caller.client.options(f"/api/v1{at}", headers=caller.headers), 405, "method_not_allowed"
    )


def test_an_address_that_is_none_is_a_problem_too(world: World) -> None:
    refused(nobody().get("/nothing"), 404, "not_found")
    refused(
        by_session(world.mara).get("/projects/northgate/chat/items/not-a-uuid"), 404, "not_found"
    )


def test_json_comes_whatever_is_asked_for_and_is_kept_nowhere(world: World, at: str) -> None:
    caller = by_key(world, world.mara)
    caller.headers["Accept"] = "text/html"
    response = caller.get(at)
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    refused(caller.get("/projects/northgate/none"), 404, "not_found")


def test_head_is_get_without_a_body(world: World, at: str) -> None:
    caller = by_key(world, world.mara)
    response = caller.client.head(f"/api/v1{at}", headers=caller.headers)
    assert (response.status_code, response.content) == (200, b"")
