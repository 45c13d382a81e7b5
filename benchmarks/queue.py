"""The queue under load: `python -m benchmarks.queue`. Next and submit over HTTP, beside an empty view and the bare statements.

Everything is measured in one run on one machine, load generator included, so read the ratios: of `next` to an empty
view of the same server, and of pairs a second to the same actions without web, keys and JSON, and to bare SQL.
"""

from __future__ import annotations

import argparse
import http.client
import json
import platform
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from .bare_queue import bare_queue
from .house import servers, web

ANSWER = {
    "answers": {
        "preference": [{"a": "A", "b": "B", "value": 2}],
        "accuracy": {"A": 4, "B": 2},
        "answers": {"A": 4, "B": 3},
        "why": "The first names the mechanism and says when it holds; the second only says the question again.",
    },
    "cannot_judge": None,
}


@dataclass
class Times:
    """Milliseconds of each request of a kind, and the seconds the whole took."""

    next: list[float] = field(default_factory=list)
    submit: list[float] = field(default_factory=list)
    empty: list[float] = field(default_factory=list)
    seconds: float = 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--people", type=int, nargs="+", default=[1, 8])
    parser.add_argument(
        "--pairs", type=int, default=800, help="next + submit pairs in each measurement"
    )
    options = parser.parse_args()
    with servers() as base:
        import django

        django.setup()
        house = make_house(options.items, max(options.people))
        with web(base) as port:
            rows = []
            for people in options.people:
                empty = measure(house, port, people, options.pairs, ask_empty)
                pairs = measure(house, port, people, options.pairs, next_and_submit)
                alone = actions_alone(house, people, options.pairs)
                bare = Times(
                    *_in_order(bare_queue(options.items, people, options.pairs, json.dumps(ANSWER)))
                )
                rows.append((people, empty, pairs, alone, bare))
    report(options.items, rows)


@dataclass
class House:
    """A project full of items and people with keys to it."""

    path: str
    keys: list[str]
    places: list[object]


def make_house(items: int, people: int) -> House:
    """Items are written by COPY through the product's own import."""
    from django.utils import timezone

    from feedback import access
    from feedback.actions import agreements, keys, projects
    from feedback.actions import people as actions
    from feedback.actions.importing.run import run_import
    from feedback.actions.importing.start import Incoming, start_import
    from feedback.models import ImportJob, Membership, Role, Scope, User

    now = timezone.now()
    owner = User.objects.create_user(email="owner@example.org")
    actions.create_workspace(name="Bench", owner=owner, now=now)
    principal = access.Principal(owner)
    place = access.workspace(principal, "bench")
    projects.create_project(place=place, name="Queue", domain="chat", overlap=1, now=now)
    here = access.project(principal, "bench", "queue")
    rows = (_row(number) for number in range(items))
    job = start_import(place=here, incoming=Incoming("items.jsonl", rows), now=now)
    run_import(workspace_id=place.workspace.pk, job_id=job.pk, clock=timezone.now)
    assert ImportJob.objects.get(pk=job.pk).items_created == items
    made, places = [], []
    for number in range(people):
        user = User.objects.create_user(email=f"reviewer{number}@example.org")
        _invitation, token = actions.invite(
            place=place, role=Role.REVIEWER, projects=[here.project], now=now
        )
        actions.accept_invitation(token=token, user=user, now=now)
        theirs = access.project(access.Principal(user), "bench", "queue")
        agreements.accept_agreement(place=theirs, version=1, now=now)
        made.append(
            keys.make_key(place=theirs, name="bench", scopes=[Scope.REVIEWS_WRITE], now=now)[1]
        )
        places.append(theirs)
    assert Membership.objects.count() == people + 1
    return House("/api/v1/projects/bench/queue", made, places)


def _row(number: int) -> bytes:
    """About three kilobytes, as in the published measurements of peers."""
    text = (
        f"Response about item {number}. "
        + "It says what an answer of middling length would say. " * 26
    )
    row = {
        "id": str(number),
        "prompt": f"Question {number}?",
        "responses": [text, text + "And more."],
    }
    return json.dumps(row).encode() + b"\n"


Ask = Callable[[http.client.HTTPConnection, House, int, Times], None]


def measure(house: House, port: int, people: int, count: int, ask: Ask) -> Times:
    """So many rounds of `ask`, shared by `people` keep-alive connections at once."""
    times = Times()

    def work(person: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for _ in range(count // people):
            ask(connection, house, person, times)
        connection.close()

    work_warm = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for _ in range(16):
        ask(work_warm, house, 0, Times())
    began = time.perf_counter()
    with ThreadPoolExecutor(people) as pool:
        list(pool.map(work, range(people)))
    times.seconds = time.perf_counter() - began
    return times


def ask_empty(
    connection: http.client.HTTPConnection, house: House, person: int, times: Times
) -> None:
    times.empty.append(_timed(connection, "GET", "/health/live", house.keys[person])[0])


def next_and_submit(
    connection: http.client.HTTPConnection, house: House, person: int, times: Times
) -> None:
    key = house.keys[person]
    took, item = _timed(connection, "POST", f"{house.path}/next", key, {"ahead": False})
    times.next.append(took)
    address = f"{house.path}/assignments/{item['assignment']}/review"
    took, _ = _timed(connection, "POST", address, key, {"body": ANSWER, "active_ms": 60_000})
    times.submit.append(took)


def _timed(
    connection: http.client.HTTPConnection, method: str, path: str, key: str, body: object = None
) -> tuple[float, dict]:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    sent = json.dumps(body).encode() if body is not None else None
    began = time.perf_counter()
    connection.request(method, path, sent, headers)
    response = connection.getresponse()
    answer = response.read()
    took = (time.perf_counter() - began) * 1000
    assert response.status in {200, 201}, (response.status, answer[:500])
    return took, json.loads(answer)


def actions_alone(house: House, people: int, count: int) -> Times:
    """The same claim and submit as actions in threads of this process: no web server, no key, no JSON."""
    from django.db import connections
    from django.utils import timezone

    from feedback import access
    from feedback.actions.claim import claim_next
    from feedback.actions.submit import Effort, submit_review

    times = Times()

    def work(person: int) -> None:
        place = house.places[person]
        for _ in range(count // people):
            began = time.perf_counter()
            claim = claim_next(place=place, now=timezone.now())
            times.next.append((time.perf_counter() - began) * 1000)
            assignment = access.assignment(place, claim.public_id)
            began = time.perf_counter()
            submit_review(
                place=place,
                assignment=assignment,
                slots=ANSWER,
                effort=Effort(60_000),
                now=timezone.now(),
            )
            times.submit.append((time.perf_counter() - began) * 1000)
        connections.close_all()

    began = time.perf_counter()
    with ThreadPoolExecutor(people) as pool:
        list(pool.map(work, range(people)))
    times.seconds = time.perf_counter() - began
    return times


def _in_order(
    measured: tuple[list[float], list[float], float],
) -> tuple[list[float], list[float], list[float], float]:
    claims, submits, seconds = measured
    return claims, submits, [], seconds


def report(items: int, rows: list[tuple[int, Times, Times, Times, Times]]) -> None:
    print(
        f"\n{items:,} items of 3 kB, one review each; Python {platform.python_version()}, {platform.machine()}. "
        "Milliseconds are p50 / p95.\n"
    )
    print(
        "people | what         |        next |      submit | pairs/s | next ÷ empty view | pairs/s ÷ this"
    )
    print(
        "------ | ------------ | ----------- | ----------- | ------- | ----------------- | --------------"
    )
    for people, empty, pairs, alone, bare in rows:
        _line(people, "over HTTP", pairs, _p(pairs.next, 50) / _p(empty.empty, 50), None)
        _line(people, "actions", alone, None, _rate(pairs) / _rate(alone))
        _line(people, "bare SQL", bare, None, _rate(pairs) / _rate(bare))
        print(
            f"{people:6} | empty view   | {_p(empty.empty, 50):4.1f} / {_p(empty.empty, 95):4.1f} |             "
            f"| {len(empty.empty) / empty.seconds:5.0f}/s |                   |"
        )


def _line(
    people: int, what: str, times: Times, to_empty: float | None, to_this: float | None
) -> None:
    print(
        f"{people:6} | {what:12} | {_p(times.next, 50):4.1f} / {_p(times.next, 95):4.1f} "
        f"| {_p(times.submit, 50):4.1f} / {_p(times.submit, 95):4.1f} | {_rate(times):7.0f} "
        f"| {f'{to_empty:.1f}' if to_empty else '':>17} | {f'{to_this:.2f}' if to_this else ''}"
    )


def _rate(times: Times) -> float:
    return len(times.next) / times.seconds


def _p(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1]


if __name__ == "__main__":
    main()
