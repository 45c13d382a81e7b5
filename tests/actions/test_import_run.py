from __future__ import annotations

import datetime as dt
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connections

from feedback.actions.importing import run as running
from feedback.actions.importing.chunk import LeaseLost
from feedback.actions.importing.run import MOST_ATTEMPTS, resume_imports, run_import
from feedback.actions.importing.start import Empty, Incoming, TooLarge, save_mapping, start_import
from feedback.errors import Invalid
from feedback.models import (
    Announcement,
    ImportJob,
    ImportRejection,
    Item,
    Response,
    Review,
    SavedMapping,
    Source,
    Vote,
)
from tests.steps import begin_import, carry_on, counts, files_root, import_rows, lines, row
from tests.world import World, make_world

MINUTE = dt.timedelta(minutes=1)
ROWS = [
    *(row(f"i{n}", 1, -1, prompt=f"P{n}") for n in range(25)),
    {"id": "bad"},
    row("i3", 2, 2, 2, prompt="P3"),
]


class Killed(Exception):
    """What a killed process leaves behind, for the length of a test."""


def totals(job: ImportJob) -> dict[str, Any]:
    """What came of an import, without names that are drawn by chance."""
    items = Item.objects.filter(project=job.project)
    return {
        "counts": [counts(job, what) for what in ("items", "responses", "reviews")],
        "rows": (job.rows_read, job.twins, job.state, job.bytes_read),
        "items": sorted(items.values_list("record__external_id", "given", "wanted", "cap")),
        "responses": Response.objects.filter(revision__item__in=items).count(),
        "votes": sorted(
            Vote.objects.filter(review__item__in=items).values_list(
                "review__item__record__external_id", "review__rater__external_key", "outcome"
            )
        ),
        "rejected": list(
            ImportRejection.objects.filter(job=job)
            .order_by("row")
            .values_list("row", "scope", "code", "raw")
        ),
        "raters": sorted(job.source.raters.values_list("external_key", flat=True)),
    }


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "CHUNK_ROWS", 4)


@pytest.mark.parametrize("dies_before", [0, 1, 3, 6])
def test_an_import_whose_worker_dies_is_carried_on_where_it_stood(
    world: World, monkeypatch: pytest.MonkeyPatch, small_chunks: None, dies_before: int
) -> None:
    undisturbed = totals(_imported(world.place(world.eve, world.their_project), world.now))
    place = world.place(world.mara)
    job = begin_import(place, lines(*ROWS), world.now)
    write, chunks = running.write_chunk, iter(range(dies_before))

    def die(*args: Any, **kwargs: Any) -> None:
        if next(chunks, None) is None:
            raise Killed
        write(*args, **kwargs)

    monkeypatch.setattr(running, "write_chunk", die)
    with pytest.raises(Killed):
        carry_on(job, world.now)
    job.refresh_from_db()
    assert (job.state, job.rows_read) == ("running", 4 * dies_before)
    monkeypatch.setattr(running, "write_chunk", write)
    carry_on(job, world.now + MINUTE)
    assert job.rows_read == 4 * dies_before  # its lease still runs: nobody touches it
    assert resume_imports(now=world.now + MINUTE) == 0
    late = world.now + 3 * MINUTE
    assert resume_imports(now=late) == 1
    job.refresh_from_db()
    assert (job.state, job.lease) == ("waiting", None)
    assert totals(carry_on(job, late)) == undisturbed


def _imported(place: Any, now: dt.datetime) -> ImportJob:
    return carry_on(begin_import(place, lines(*ROWS), now), now)


def test_a_worker_without_its_lease_writes_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch, small_chunks: None
) -> None:
    job = begin_import(world.place(world.mara), lines(*ROWS), world.now)
    write, seen = running.write_chunk, []

    def lose_before_the_third(importing: Any, rows: Any, **more: Any) -> None:
        seen.append(len(rows))
        if len(seen) == 3:
            ImportJob.objects.filter(pk=job.pk).update(lease=uuid.uuid4())
            before = (Item.objects.count(), Review.objects.count(), ImportRejection.objects.count())
            with pytest.raises(LeaseLost):
                write(importing, rows, **more)
            after = (Item.objects.count(), Review.objects.count(), ImportRejection.objects.count())
            assert after == before
            raise LeaseLost
        write(importing, rows, **more)

    monkeypatch.setattr(running, "write_chunk", lose_before_the_third)
    carry_on(job, world.now)
    assert (job.state, job.rows_read, len(seen)) == ("running", 8, 3)


def test_a_finished_import_is_boring_and_so_is_a_strangers(world: World) -> None:
    job = _imported(world.place(world.mara), world.now)
    before = totals(job)
    assert totals(carry_on(job, world.now + MINUTE)) == before
    waiting = begin_import(world.place(world.mara), lines(row("z")), world.now)
    run_import(workspace_id=world.elsewhere.pk, job_id=waiting.pk, clock=lambda: world.now)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempts) == ("waiting", 0)
    run_import(workspace_id=world.workspace.pk, job_id=10**9, clock=lambda: world.now)


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"\x00\x01\x02binary", "x.bin", "unknown_format"),
        (b"PAR1 but not really", "x.parquet", "not_readable"),
        (b"\x1f\x8b broken", "x.jsonl.gz", None),
    ],
)
def test_a_file_that_cannot_be_read_fails_with_a_sentence(
    world: World, content: bytes, name: str, code: str | None
) -> None:
    job = carry_on(begin_import(world.place(world.mara), content, world.now, name=name), world.now)
    assert job.state == "failed"
    assert code is None or job.error_code == code
    assert job.error.endswith(".")
    assert (job.lease, job.leased_until, job.finished_at) == (None, None, world.now)


def test_an_upload_that_is_gone_fails_with_a_sentence(world: World) -> None:
    job = begin_import(world.place(world.mara), lines(row()), world.now)
    default_storage.delete(job.stored_at)
    carry_on(job, world.now)
    assert (job.state, job.error_code) == ("failed", "not_readable")


def test_five_deaths_at_one_place_are_enough(
    world: World, monkeypatch: pytest.MonkeyPatch, small_chunks: None
) -> None:
    job = begin_import(world.place(world.mara), lines(*ROWS), world.now)
    write, now = running.write_chunk, world.now

    def die_at_the_third(importing: Any, rows: Any, **more: Any) -> None:
        if rows[0].number > 8:
            raise Killed
        write(importing, rows, **more)

    monkeypatch.setattr(running, "write_chunk", die_at_the_third)
    for _ in range(MOST_ATTEMPTS):
        with pytest.raises(Killed):
            carry_on(job, now)
        now += 3 * MINUTE
        assert resume_imports(now=now) == 1
    carry_on(job, now)
    assert (job.state, job.error_code, job.rows_read) == ("failed", "gave_up", 8)
    assert "What is in stays in" in job.error
    assert resume_imports(now=now + 3 * MINUTE) == 0


def test_who_gets_further_each_time_is_not_given_up(
    world: World, monkeypatch: pytest.MonkeyPatch, small_chunks: None
) -> None:
    job = begin_import(world.place(world.mara), lines(*ROWS), world.now)
    write, now = running.write_chunk, world.now

    def one_chunk_a_worker(*args: Any, **more: Any) -> None:
        write(*args, **more)
        raise Killed

    monkeypatch.setattr(running, "write_chunk", one_chunk_a_worker)
    for _ in range(7):
        with pytest.raises(Killed):
            carry_on(job, now)
        now += 3 * MINUTE
        resume_imports(now=now)
    monkeypatch.setattr(running, "write_chunk", write)
    assert carry_on(job, now).state == "finished"
    assert job.rows_read == len(ROWS)


def test_a_reader_that_fails_a_worker_without_lease_fails_nobody_else(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = begin_import(world.place(world.mara), b"\x00\x01", world.now, name="x.bin")
    read, theirs = running.read, uuid.uuid4()

    def lose_the_lease(*args: Any, **more: Any) -> Any:
        ImportJob.objects.filter(pk=job.pk).update(lease=theirs)
        return read(*args, **more)

    monkeypatch.setattr(running, "read", lose_the_lease)
    carry_on(job, world.now)
    assert (job.state, job.lease) == ("running", theirs)


class TestTheBeginning:
    def test_is_a_row_a_file_and_an_announcement(self, world: World) -> None:
        content = lines(row())
        job = begin_import(world.place(world.mara), content, world.now)
        assert (job.state, job.file_bytes, job.created_by) == ("waiting", len(content), world.mara)
        with default_storage.open(job.stored_at) as stored:
            assert stored.read() == content
        called = Announcement.objects.get(name="feedback.import_waiting")
        assert called.payload == {"job_id": job.pk}

    @pytest.mark.parametrize(
        ("pieces", "refusal"), [([], Empty), ([b""], Empty), ([b"x" * 60] * 2, TooLarge)]
    )
    def test_refuses_nothing_and_too_much_and_keeps_neither(
        self, world: World, settings: Any, pieces: list[bytes], refusal: type[Exception]
    ) -> None:
        settings.IMPORT_MAX_BYTES = 100
        before = _uploads()
        with pytest.raises(refusal):
            start_import(
                place=world.place(world.mara), incoming=Incoming("x", pieces), now=world.now
            )
        assert _uploads() == before
        assert not ImportJob.objects.exists()

    def test_keeps_no_file_of_an_upload_that_breaks_off(self, world: World) -> None:
        def broken() -> Any:
            yield b"x" * 10
            raise ConnectionResetError

        before = _uploads()
        with pytest.raises(ConnectionResetError):
            start_import(
                place=world.place(world.mara), incoming=Incoming("x", broken()), now=world.now
            )
        assert _uploads() == before

    @pytest.mark.parametrize(
        "wish",
        [
            {"format": "epub"},
            {"on_conflict": "overwrite"},
            {"source": "x" * 121},
            {"mapping_name": "nobody's"},
            {"mapping": {"prompt": {"path": 7}}},
            {"mapping": {"prompt": "a\x00"}},
        ],
    )
    def test_refuses_a_wish_it_cannot_fulfil_before_anything_is_stored(
        self, world: World, wish: dict[str, Any]
    ) -> None:
        before = _uploads()
        with pytest.raises(Invalid):
            begin_import(world.place(world.mara), b"{}", world.now, **wish)
        assert _uploads() == before
        assert not Source.objects.exists()

    def test_takes_a_saved_mapping_by_its_name(self, world: World) -> None:
        place = world.place(world.mara)
        mapping = {"prompt": "question", "responses": [{"text": "a"}, {"text": "b"}]}
        for document in ({"prompt": "old"}, mapping):
            save_mapping(place=place, name="ours", mapping=document, now=world.now)
        assert SavedMapping.objects.get().mapping == mapping
        job = import_rows(
            place, [{"question": "Q", "a": "x", "b": "y"}], world.now, mapping_name="ours"
        )
        assert (job.mapping, counts(job, "items")) == (mapping, (1, 0, 0, 0))


def _uploads() -> set[str]:
    folder = files_root() / "imports"
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("small_chunks")
class TestAtOnce:
    def test_three_workers_with_one_message_import_the_file_once(self, now: dt.datetime) -> None:
        world = make_world(now)
        job = begin_import(world.place(world.mara), lines(*ROWS), now)
        self._together([job] * 3, now)
        job.refresh_from_db()
        assert (job.state, job.attempts) == ("finished", 1)
        assert counts(job, "items") == (25, 0, 1, 1)
        assert Review.objects.count() == 53

    def test_two_imports_of_the_same_rows_make_each_item_once(self, now: dt.datetime) -> None:
        world = make_world(now)
        place = world.place(world.mara)
        files = [begin_import(place, lines(*ROWS), now, source="s") for _ in range(2)]
        self._together(files, now)
        for job in files:
            job.refresh_from_db()
            assert job.state == "finished"
            assert sum(counts(job, "items")) == len(ROWS)
        assert sum(job.items_created for job in files) == Item.objects.count() == 25
        assert sum(job.reviews_created for job in files) == Review.objects.count() == 53
        assert set(Item.objects.values_list("given", flat=True)) == {2, 5}

    @staticmethod
    def _together(files: list[ImportJob], now: dt.datetime) -> None:
        def work(job: ImportJob) -> None:
            try:
                run_import(workspace_id=job.workspace_id, job_id=job.pk, clock=lambda: now)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(len(files)) as pool:
            list(pool.map(work, files))
