"""How many queries each route makes, whatever the number of files and versions."""

from __future__ import annotations

from tests.hub.maker import publish_bytes

API = "api/datasets/northgate/chat-prefs"


MOST = {
    API: 4,
    f"{API}/revision/v1.0": 4,
    f"{API}.v1.0": 4,
    f"{API}/tree/v1.0?recursive=true&expand=true": 4,
    f"{API}/refs": 3,
    f"{API}/commits/main": 4,
    "api/datasets?search=chat": 3,
    "api/whoami-v2": 1,
    "datasets/northgate/chat-prefs/resolve/v1.0/README.md": 5,
    "datasets/northgate/chat-prefs.v1.0/resolve/main/nope": 4,
}


def test_a_route_makes_a_few_queries_at_any_size(hub, django_assert_max_num_queries):
    for major in (8, 9):
        many = {f"data/{n:03}.bin": bytes([major, n]) for n in range(40)}
        publish_bytes(hub.dataset, many, now=hub.world.now, major=major)
    hub.get("api/whoami-v2")  # a key notes its use once a minute
    for address, most in MOST.items():
        with django_assert_max_num_queries(most):
            b"".join(hub.get(address))
