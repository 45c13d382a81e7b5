"""Imports: a file sent with a form, its progress, its counts, and what could not be taken, to download."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from feedback.actions.importing.run import run_import
from feedback.actions.importing.start import save_mapping
from feedback.models import ImportJob, ImportRejection
from tests.web.pages import Reader, Seen
from tests.world import World

pytestmark = pytest.mark.usefixtures("own_files")

BASE = "/w/northgate/p/chat/imports/"
ROWS: list[dict[str, Any]] = [
    {"id": "1", "prompt": "Why is the sky blue?", "responses": ["Scattering.", "It is not."]},
    {"id": "2", "prompt": "Why is the sea salt?", "responses": ["Rivers.", "Tears."]},
    {"id": "2", "prompt": "Another with the same id", "responses": ["a", "b"]},
]


def file(rows: list[dict[str, Any]], tail: bytes = b"", name: str = "rows.jsonl") -> Any:
    lines = "\n".join(json.dumps(row) for row in rows).encode()
    return SimpleUploadedFile(name, lines + b"\n" + tail)


def send(world: World, **fields: Any) -> Seen:
    asked = {"file": file(ROWS), "on_conflict": "reject", "mapping_name": "", **fields}
    return Reader(world.mara).post(BASE, asked)


def done(world: World, **fields: Any) -> tuple[ImportJob, str]:
    """Send a file and let it be read. Returns the job and the address of its page."""
    seen = send(world, **fields)
    assert seen.status == 302, seen.words
    job = ImportJob.objects.latest("pk")
    run_import(workspace_id=world.workspace.pk, job_id=job.pk, clock=timezone.now)
    job.refresh_from_db()
    return job, seen.to


def test_a_file_is_taken_and_its_page_says_a_worker_reads_it(world: World) -> None:
    seen = send(world, source="October", consent="as agreed")
    job = ImportJob.objects.get()
    assert seen.to == f"{BASE}{job.public_id}/"
    assert (job.file_name, job.source.name, job.consent) == ("rows.jsonl", "October", "as agreed")
    page = Reader(world.mara).get(seen.to)
    assert "0 rows read 0 B of" in page
    assert 'hx-trigger="every 1s"' in page.source
    assert "See how far it is now" in page.source.split("<noscript>")[1]
    assert "rows.jsonl Waiting for a worker" in Reader(world.mara).get(BASE)


def test_the_counts_of_a_finished_import_add_up_and_polling_stops(world: World) -> None:
    _, path = done(world, file=file(ROWS, b"not json\n"))
    page = Reader(world.mara).get(path)
    assert "4 rows read Not everything could be taken" in page
    assert "Items 2 0 0 2 4" in page
    assert "Responses 4 – 0 2 6" in page
    assert "Reviews 0 – 0 0 0" in page
    assert "external_id_conflict item 1" in page
    assert "3 item An item with this id is there already" in page
    assert "every 1s" not in page.source
    assert "<noscript>" not in page.source


def test_htmx_gets_the_part_that_changes_and_nothing_else(world: World) -> None:
    seen = send(world)
    part = Reader(world.mara).get(seen.to, HX_Request="true")
    assert part.source.lstrip().startswith('<div id="progress"')
    assert "<html" not in part.source
    job = ImportJob.objects.get()
    run_import(workspace_id=world.workspace.pk, job_id=job.pk, clock=timezone.now)
    part = Reader(world.mara).get(seen.to, HX_Request="true")
    assert "every 1s" not in part.source
    assert "What became of it" in part


def test_a_file_that_cannot_be_read_says_why(world: World) -> None:
    _, path = done(world, file=SimpleUploadedFile("x.bin", b"\x00\x01 no format"))
    page = Reader(world.mara).get(path)
    assert "The file could not be read to its end The file is neither JSON Lines" in page
    assert "unknown_format" in page
    assert "x.bin Failed" in Reader(world.mara).get(BASE)


def test_the_same_file_sent_twice_makes_its_items_once(world: World) -> None:
    first, _ = done(world, file=file(ROWS[:2]), source="s")
    again, path = done(world, file=file(ROWS[:2]), source="s")
    assert (first.items_created, again.items_created, again.items_duplicate) == (2, 0, 2)
    assert "Items 0 0 2 0 2" in Reader(world.mara).get(path)


def test_a_saved_mapping_a_preset_and_a_written_one_are_chosen(world: World) -> None:
    mapping = {"id": "n", "prompt": "q", "responses": [{"text": "a"}, {"text": "b"}]}
    save_mapping(place=world.place(world.ines), name="mine", mapping=mapping, now=world.now)
    page = Reader(world.mara).get(BASE)
    for name in ("mine", "pandalm", "finegrained_rlhf"):
        assert f'<option value="{name}">' in page.source
    rows = [{"n": "1", "q": "Why?", "a": "So.", "b": "No."}]
    job, _ = done(world, file=file(rows), mapping_name="mine")
    assert (job.mapping_name, job.items_created) == ("mine", 1)
    rows[0]["n"] = "2"
    job, path = done(world, file=file(rows), mapping=json.dumps(mapping), mapping_name="pandalm")
    assert (job.mapping_name, job.items_created) == ("", 1)
    assert "Mapping one of its own" in Reader(world.mara).get(path)


def test_a_wrong_mapping_is_told_with_the_path_of_each_fault(world: World) -> None:
    seen = send(world, mapping='{"prompt": {"path": ""}, "colour": "x"}')
    assert seen.status == 422
    assert "<details open>" in seen.source
    assert "colour" in seen.words.split("What is wrong")[1]
    assert not ImportJob.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("file", ""),
        ("mapping", "{not json"),
        ("mapping", "[1]"),
        ("format", "tarot"),
        ("on_conflict", "fight"),
        ("mapping_name", "nobodys"),
        ("consent", "x" * 401),
    ],
)
def test_what_does_not_fit_is_told_at_its_field(world: World, field: str, value: str) -> None:
    seen = send(world, **{field: value})
    assert seen.status == 422
    assert f'id="id_{field}_error"' in seen.source
    assert not ImportJob.objects.exists()


def test_a_file_beyond_the_limit_is_refused_with_a_sentence(world: World, settings: Any) -> None:
    settings.IMPORT_MAX_BYTES = 10
    seen = send(world)
    assert seen.status == 422
    assert "The file is larger than this installation takes" in seen
    assert not ImportJob.objects.exists()


def test_rejected_rows_come_as_csv_that_no_spreadsheet_runs(world: World) -> None:
    _, path = done(world, file=file(ROWS[:1], b"=cmd|' /C calc'!A0\n"))
    seen = Reader(world.mara).get(path + "rejected.csv")
    assert seen.headers["Content-Disposition"].startswith("attachment; filename=")
    assert seen.headers["X-Content-Type-Options"] == "nosniff"
    rows = list(csv.DictReader(io.StringIO(seen.bytes.decode("utf-8-sig"))))
    assert (rows[0]["row"], rows[0]["code"]) == ("2", "not_json")
    assert rows[0]["raw"] == "'=cmd|' /C calc'!A0"


def test_rejected_rows_come_as_json_lines_as_they_were(world: World) -> None:
    _, path = done(world, file=file(ROWS[:1], "=Grüße\n".encode()))
    seen = Reader(world.mara).get(path + "rejected.ndjson")
    row = json.loads(seen.bytes)
    assert (row["row"], row["scope"], row["raw"]) == (2, "item", "=Grüße")
    assert seen.headers["Content-Type"] == "application/x-ndjson"


def test_a_reviewer_imports_nothing_and_downloads_nothing(world: World) -> None:
    _job, path = done(world)
    ana = Reader(world.ana)
    for address in (BASE, path, path + "rejected.csv", path + "rejected.ndjson"):
        assert ana.get(address).status == 403
    assert ana.post(BASE, {"file": file(ROWS)}).status == 403
    assert ImportJob.objects.count() == 1


def test_the_list_and_one_import_ask_a_fixed_number_of_questions(
    world: World, django_assert_max_num_queries: Any
) -> None:
    for number in range(4):
        job, path = done(world, file=file(ROWS), source=str(number))
    ImportRejection.objects.bulk_create(
        ImportRejection(
            workspace=world.workspace, job=job, row=n, scope="item", code="x", sentence="y", raw=""
        )
        for n in range(30)
    )
    mara = Reader(world.mara)
    with django_assert_max_num_queries(11):
        mara.get(BASE)
    with django_assert_max_num_queries(11):
        mara.get(path)
