from __future__ import annotations

import io
import json
import logging
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from django.db import DatabaseError, transaction
from django.test import Client
from structlog.stdlib import ProcessorFormatter

from feedback.actions import people
from feedback.actions.importing.rows import copy_rows
from feedback.models import Announcement, Draft, ImportJob, Role, Scope, User
from feedback.web import home
from tests.api.calls import by_key
from tests.steps import begin_import, carry_on, claim, lines, row, run_recipe, send
from tests.world import FULL, PASSWORD, World, make_item

MARK = "Zwetschgendatschi"
TAKEN = f"{MARK}@example.org"  # a name, so that a traceback does not show it by its line of code
ADDRESS = "203.0.113.77"
AGENT = "Mosaic/0.9 (Zwetschge)"


@pytest.fixture(autouse=True)
def clean_context() -> Iterator[None]:
    structlog.contextvars.clear_contextvars()
    yield
    structlog.contextvars.clear_contextvars()


@pytest.fixture
def browser() -> Client:
    """From a house in Munich, with a browser that says what it is."""
    return Client(REMOTE_ADDR=ADDRESS, HTTP_X_FORWARDED_FOR=ADDRESS, HTTP_USER_AGENT=AGENT)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the product's own handler writes: the same formatter, another paper."""
    paper = io.StringIO()
    root = logging.getLogger()
    ours = next(h for h in root.handlers if isinstance(h.formatter, ProcessorFormatter))
    copy = logging.StreamHandler(paper)
    copy.setFormatter(ours.formatter)
    root.addHandler(copy)
    yield paper
    root.removeHandler(copy)


def written(log: io.StringIO) -> list[dict[str, Any]]:
    """Every line that was logged, none of which may say a word of anybody."""
    text = log.getvalue()
    for forbidden in (MARK, ADDRESS, AGENT, PASSWORD, "@example.org"):
        assert forbidden.lower() not in text.lower(), f"the log says {forbidden}"
    return [json.loads(line) for line in text.splitlines()]


def test_a_request_is_logged_by_its_route_and_never_by_its_path(
    world: World, browser: Client, log: io.StringIO
) -> None:
    browser.force_login(world.mara)
    at = f"/w/{world.workspace.slug}/p/{world.project.slug}"
    for path in (f"{at}/items/?tag={MARK}", f"/nowhere/{MARK}/", f"/invitation/{MARK}/"):
        browser.get(path)
    ended = [each for each in written(log) if each["event"] == "request_finished"]
    assert len(ended) == 3
    assert all(each["request_id"] and each["code"] for each in ended)
    assert world.project.slug not in ended[0]["request"]


def test_what_people_type_when_they_sign_in_is_not_logged(
    world: World, browser: Client, log: io.StringIO
) -> None:
    for password in (PASSWORD, MARK):
        browser.post("/account/login/", {"login": "mara@example.org", "password": password})
    browser.post("/account/login/", {"login": f"{MARK}@example.org", "password": MARK})
    assert written(log)


def test_invitations_and_passwords_are_not_logged(
    world: World, browser: Client, log: io.StringIO
) -> None:
    place = world.place(world.ines)
    _, token = people.invite(
        place=place, role=Role.REVIEWER, projects=[], now=world.now, email=f"{MARK}@example.org"
    )
    sent = {"email": f"{MARK}@example.org", "name": MARK, "password": PASSWORD}
    browser.post(f"/invitation/{token}/", sent)
    browser.get(f"/invitation/{token}/")
    written(log)
    assert token not in str(structlog.contextvars.get_contextvars())


def test_reviews_drafts_notes_and_what_is_wrong_with_them_are_not_logged(
    world: World, log: io.StringIO
) -> None:
    for rank in range(3):
        make_item(world.project, MARK, (MARK, f"{MARK}!"), rank=rank)
    api = by_key(world, world.ana, Scope.REVIEWS_WRITE)
    at = f"/projects/{world.workspace.slug}/{world.project.slug}"
    desk = api.post(f"{at}/next").json()
    path = f"{at}/assignments/{desk['assignment']}"
    words = {"answers": {"why": MARK}, "cannot_judge": None}
    statuses = [
        api.put(f"{path}/draft", {"body": words, "revision": 0}).status_code,
        api.post(f"{path}/review", {"body": words}).status_code,
        api.post(f"{path}/flag", {"reason": MARK, "note": MARK}).status_code,
        api.post(f"{path}/skip", {"reason": "other", "note": MARK}).status_code,
        api.get(f"{at}/items?tag={MARK}").status_code,
    ]
    assert {status // 100 for status in statuses} == {2, 4}
    assert written(log)


def test_imports_runs_and_versions_are_logged_without_what_is_in_them(
    world: World, log: io.StringIO
) -> None:
    place = world.place(world.mara)
    rows = [row(MARK, 2, prompt=MARK, responses=[MARK, "b"]), {"id": MARK, "purpose": MARK}]
    for name, content in ((f"{MARK}.jsonl", lines(*rows)), (f"{MARK}.parquet", MARK.encode())):
        carry_on(begin_import(place, content, world.now, name=name), world.now)
    assert set(ImportJob.objects.values_list("state", flat=True)) == {"finished", "failed"}
    make_item(world.project)
    send(world, world.ana, claim(world, world.ana), FULL)
    run_recipe(place, world.now)
    events = {each["event"] for each in written(log)}
    assert {"import_chunk", "run_chunk_read", "run_decided"} <= events


def broken_row(world: World) -> None:
    """A statement that PostgreSQL refuses, and tells whose address is there already."""
    User.objects.create_user(email=TAKEN, password=PASSWORD)
    with transaction.atomic():
        User.objects.create_user(email=TAKEN.upper(), password=PASSWORD)


def broken_copy(world: World) -> None:
    """A COPY that fails in the middle of somebody's words."""
    with transaction.atomic():
        copy_rows(Draft, ("assignment_id", "body"), [(1, f'{{"why": "{MARK}'), (2, "{}")])


@pytest.mark.parametrize("fail", [broken_row, broken_copy])
def test_what_the_database_says_of_a_row_it_refuses_is_not_logged(
    world: World,
    browser: Client,
    log: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
    fail: Callable[[World], None],
) -> None:
    """As a request that fails, as a task that fails, and as a library tells it."""
    monkeypatch.setattr(home, "memberships_of", lambda user: fail(world))
    browser.raise_request_exception = False
    browser.force_login(world.mara)
    assert browser.get("/").status_code == 500
    with pytest.raises(DatabaseError, match=f"(?i){MARK}") as caught:
        fail(world)
    told = {"error": str(caught.value), "exc_info": caught.value}
    structlog.get_logger("tests").error("task_failed", **told)
    library = logging.getLogger("celery.app.trace")
    library.error("raised: %r", caught.value, exc_info=caught.value)
    events = written(log)
    assert {"request_failed", "task_failed"} <= {each["event"] for each in events}
    kept = [each["exception"] for each in events if "exception" in each]
    assert len(kept) == 3
    assert all("Traceback" in each and "psycopg.errors" in each for each in kept)


@pytest.mark.parametrize("fail", [broken_row, broken_copy])
def test_the_embedded_database_logs_that_a_row_was_refused_and_not_the_row(
    world: World, fail: Callable[[World], None]
) -> None:
    logged = Path(os.environ["TOUCHSTONE_TEST_BASE"]) / "postgres.log"
    if not logged.exists():
        pytest.skip("the tests run on somebody else's server")
    before = logged.stat().st_size
    with pytest.raises(DatabaseError):
        fail(world)
    told = logged.read_bytes()[before:].decode().lower()
    assert "error:" in told
    assert MARK.lower() not in told


@pytest.mark.django_db(transaction=True)
def test_a_request_is_found_again_in_the_log_of_the_worker_it_called(
    world: World, worker: subprocess.Popen[bytes], log: io.StringIO
) -> None:
    api = by_key(world, world.mara, Scope.ITEMS_WRITE)
    at = f"/projects/{world.workspace.slug}/{world.project.slug}/imports"
    answer = api.raw(at, lines(row("a", 1, prompt=MARK)), "application/x-ndjson")
    assert answer.status_code in {201, 202}
    request_id = Announcement.objects.get(name="feedback.import_waiting").request_id
    assert request_id
    ended = [each for each in written(log) if each["event"] == "request_finished"]
    assert [each["request_id"] for each in ended] == [request_id]
    theirs = Path(f"/proc/{worker.pid}/fd/1").readlink()
    deadline = time.monotonic() + 30
    while not _chunk_of(request_id, theirs):
        assert time.monotonic() < deadline, theirs.read_text()
        time.sleep(0.05)
    assert MARK not in theirs.read_text()


def _chunk_of(request_id: str, theirs: Path) -> bool:
    """Whether the worker's log tells of the import's chunk under this request."""
    logged = [json.loads(line) for line in theirs.read_text().splitlines() if line.startswith("{")]
    return any(
        each.get("event") == "import_chunk" and each.get("request_id") == request_id
        for each in logged
    )
