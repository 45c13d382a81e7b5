from __future__ import annotations

import csv
import gzip
import io
import json
import uuid
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory
from django.utils import timezone
from rest_framework.request import Request

from feedback.actions.importing.run import run_import
from feedback.api.uploads import pieces_of
from feedback.models import Access, Announcement, ImportJob, Item, SavedMapping, Scope
from tests.api.calls import by_key, by_session, faults, refused
from tests.world import World

pytestmark = pytest.mark.usefixtures("own_files")

NDJSON = "application/x-ndjson"


def lines(*rows: dict) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


GOOD = {"id": "q1", "prompt": "Name a colour.", "responses": [{"text": "Blue"}, {"text": "Seven"}]}
BAD = {"id": "q2", "responses": [{"text": "=cmd|' /C calc'!A0"}]}


def finish(job: str) -> ImportJob:
    row = ImportJob.objects.get(public_id=job)
    run_import(workspace_id=row.workspace_id, job_id=row.pk, clock=timezone.now)
    row.refresh_from_db()
    return row


def stored(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_raw_body_becomes_items_and_its_counts_add_up(world: World, at: str) -> None:
    key = by_key(world, world.mara, Scope.ITEMS_WRITE)
    sent = key.raw(f"{at}/imports?source=lab&consent=own+work", lines(GOOD, BAD, GOOD), NDJSON)
    assert sent.status_code == 202, sent.content
    job = sent.json()
    assert (job["state"], job["file_name"], job["source"]) == ("waiting", "upload.jsonl", "lab")
    assert Announcement.objects.filter(name="feedback.import_waiting").count() == 1
    finish(job["id"])
    done = key.get(f"{at}/imports/{job['id']}").json()
    assert (done["state"], done["rows_read"], done["error"]) == ("finished", 3, "")
    assert done["items"] == {"created": 1, "revised": 0, "duplicate": 1, "rejected": 1}
    assert done["responses"] == {"created": 2, "duplicate": 2, "rejected": 1}
    assert done["reasons"] == [
        {"scope": "item", "code": "missing_field", "n": 1},
        {"scope": "response", "code": "item_rejected", "n": 1},
    ]
    assert Item.objects.filter(project=world.project).count() == 1
    assert key.get(f"{at}/imports").json()["rows"][0]["id"] == job["id"]


def test_a_form_with_a_file_does_the_same(world: World, at: str) -> None:
    file = SimpleUploadedFile("colours.jsonl", lines(GOOD), content_type="application/octet-stream")
    fields = {"file": file, "source": "form", "on_conflict": "revise"}
    job = by_key(world, world.mara).form(f"{at}/imports", fields).json()
    assert (job["file_name"], job["source"], job["on_conflict"]) == (
        "colours.jsonl",
        "form",
        "revise",
    )
    assert finish(job["id"]).items_created == 1


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("application/json", json.dumps([GOOD]).encode()),
        ("application/gzip", gzip.compress(lines(GOOD), mtime=0)),
        (
            "text/csv; charset=utf-8",
            b"id,prompt,responses.0.text,responses.1.text\nq1,Name a colour.,Blue,Seven\n",
        ),
    ],
)
def test_other_raw_bodies_are_read_by_their_content(
    world: World, at: str, kind: str, content: bytes
) -> None:
    job = by_key(world, world.mara).raw(f"{at}/imports", content, kind).json()
    done = finish(job["id"])
    assert (done.state, done.items_created, done.error) == ("finished", 1, "")


def test_a_mapping_is_named_or_brought_along(world: World, at: str) -> None:
    manager = by_key(world, world.mara)
    mapping = {"prompt": "q", "responses": [{"text": "a"}, {"text": "b"}]}
    assert manager.put(f"{at}/mappings/pairs", {"mapping": mapping}).status_code == 200
    content = lines({"q": "Name a colour.", "a": "Blue", "b": "Seven"})
    for wish in ("pairs", json.dumps({**mapping, "tags": [{"constant": "own"}]})):
        file = SimpleUploadedFile("rows.jsonl", content)
        job = manager.form(f"{at}/imports", {"file": file, "mapping": wish}).json()
        assert finish(job["id"]).items_rejected == 0
    detail = manager.get(f"{at}/imports/{job['id']}").json()
    assert detail["mapping"]["tags"] == [{"constant": "own"}]
    assert Item.objects.count() == 1


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("mapping=nowhere", "mapping_name"),
        ("format=epub", "format"),
        ("on_conflict=shout", "on_conflict"),
        ("sauce=lab", "sauce"),
        ('mapping={"prompt":1}', "prompt"),
        ("source=" + "x" * 121, "source"),
    ],
)
def test_wishes_that_do_not_fit_are_refused_before_anything_is_stored(
    world: World, at: str, own_files: Path, query: str, where: str
) -> None:
    response = by_key(world, world.mara).raw(f"{at}/imports?{query}", lines(GOOD), NDJSON)
    assert [place for place, _ in faults(response)] == [where]
    assert stored(own_files) == []


def test_bodies_that_are_no_file_are_refused(world: World, at: str, own_files: Path) -> None:
    manager = by_key(world, world.mara)
    refused(manager.raw(f"{at}/imports", b"x", "image/png"), 415, "unsupported_media_type")
    refused(manager.raw(f"{at}/imports", b"", NDJSON), 422, "file_empty")
    assert faults(manager.form(f"{at}/imports", {"source": "x"})) == [("file", "required")]
    refused(manager.raw(f"{at}/imports?mapping={{", lines(GOOD), NDJSON), 400, "not_json")
    assert stored(own_files) == []
    assert not ImportJob.objects.exists()


def test_a_file_beyond_the_limit_leaves_nothing_behind(
    world: World, at: str, own_files: Path, settings
) -> None:
    settings.IMPORT_MAX_BYTES = 3 << 20
    body = refused(
        by_key(world, world.mara).raw(f"{at}/imports", b"x" * (5 << 20), NDJSON),
        413,
        "file_too_large",
    )
    assert "IMPORT_MAX_BYTES" in body["detail"]
    huge = by_key(world, world.mara).raw(f"{at}/imports", b"x" * (9 << 20), NDJSON)
    refused(huge, 413, "file_too_large")
    assert stored(own_files) == []


def test_a_body_is_read_in_pieces_whether_or_not_its_length_is_announced() -> None:
    class Counted(io.BytesIO):
        largest = 0

        def read(self, size: int | None = -1) -> bytes:
            assert size is not None
            assert 0 <= size <= 1 << 20
            return super().read(size)

    content = b"y" * (3 << 20)
    announced = RequestFactory().generic("POST", "/", b"")
    announced.META["CONTENT_LENGTH"] = str(len(content))
    announced._stream = Counted(content)
    chunked = RequestFactory().generic("POST", "/", b"")
    chunked.META.update(
        {"CONTENT_LENGTH": "", "wsgi.input_terminated": True, "wsgi.input": Counted(content)}
    )
    for request in (announced, chunked):
        assert b"".join(pieces_of(Request(request))) == content


def test_the_same_upload_with_the_same_key_is_one_import(
    world: World, at: str, own_files: Path
) -> None:
    manager = by_key(world, world.mara)

    def send(content: bytes, query: str = "") -> object:
        return manager.raw(f"{at}/imports{query}", content, NDJSON, **{"Idempotency-Key": "k1"})

    first, again = send(lines(GOOD)), send(lines(GOOD))
    assert first.status_code == again.status_code == 202
    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    refused(send(lines(BAD)), 422, "idempotency_key_reused")
    refused(send(lines(GOOD), "?source=other"), 422, "idempotency_key_reused")
    assert ImportJob.objects.count() == len(stored(own_files)) == 1
    other = manager.raw(f"{at}/imports", lines(GOOD), NDJSON, **{"Idempotency-Key": "k2"})
    assert other.json()["id"] != first.json()["id"]
    refused(
        manager.raw(f"{at}/imports", lines(GOOD), NDJSON, **{"Idempotency-Key": "x" * 201}),
        422,
        "bad_idempotency_key",
    )


def test_rejected_rows_are_downloaded_for_programs_and_for_people(world: World, at: str) -> None:
    manager = by_key(world, world.mara)
    rows = lines(GOOD, {"prompt": "=HYPERLINK(1)", "responses": 3}) + b'=1+1 is "no" JSON\n'
    job = manager.raw(f"{at}/imports", rows, NDJSON).json()["id"]
    finish(job)
    plain = manager.get(f"{at}/imports/{job}/rejections")
    assert plain.headers["Content-Type"] == "application/x-ndjson"
    assert "attachment" in plain.headers["Content-Disposition"]
    found = [json.loads(line) for line in b"".join(plain.streaming_content).splitlines()]
    assert [row["row"] for row in found] == [2, 3]
    assert found[-1]["raw"] == '=1+1 is "no" JSON'
    sheet = manager.get(f"{at}/imports/{job}/rejections", format="csv")
    text = b"".join(sheet.streaming_content).decode("utf-8-sig")
    cells = list(csv.reader(io.StringIO(text)))
    assert cells[0] == ["row", "scope", "number", "code", "sentence", "raw"]
    assert cells[-1][-1] == '\'=1+1 is "no" JSON'
    assert faults(manager.get(f"{at}/imports/{job}/rejections", format="pdf")) == [
        ("format", "invalid_choice")
    ]
    assert Access.objects.filter(what="rejections", subject=job).count() == 2


def test_only_managers_import_and_look(world: World, at: str) -> None:
    reviewer = by_session(world.ana)
    refused(reviewer.raw(f"{at}/imports", lines(GOOD), NDJSON), 403, "not_allowed")
    reader = by_key(world, world.mara, Scope.ITEMS_READ)
    refused(reader.raw(f"{at}/imports", lines(GOOD), NDJSON), 403, "not_allowed")
    assert reader.get(f"{at}/imports").status_code == 200
    for path in (f"{at}/imports/{uuid.uuid4()}", f"{at}/imports/{uuid.uuid4()}/rejections"):
        refused(reviewer.get(path), 403, "not_allowed")
        refused(reader.get(path), 404, "not_found")
    assert settings.IMPORT_MAX_BYTES > 0


def test_mappings_are_kept_listed_and_read(world: World, at: str) -> None:
    manager = by_key(world, world.mara)
    for name, prompt in (("b", "x"), ("a", "y"), ("a", "z")):
        assert (
            manager.put(f"{at}/mappings/{name}", {"mapping": {"prompt": prompt}}).status_code == 200
        )
    assert [row["name"] for row in manager.get(f"{at}/mappings").json()["rows"]] == ["a", "b"]
    assert manager.get(f"{at}/mappings/a").json()["mapping"] == {"prompt": "z"}
    refused(manager.get(f"{at}/mappings/c"), 404, "not_found")
    assert SavedMapping.objects.get(name="a").changed_by == world.mara


@pytest.mark.parametrize(
    "mapping",
    [
        {},
        {"prompt": 3},
        [],
        "x",
        None,
        {"prompt": {"constant": "\x00"}},
        {"prompt": "a", "colour": "b"},
    ],
)
def test_a_mapping_that_cannot_be_used_is_refused(world: World, at: str, mapping: object) -> None:
    assert faults(by_key(world, world.mara).put(f"{at}/mappings/m", {"mapping": mapping}))
    assert not SavedMapping.objects.exists()


def test_a_mappings_name_fits_its_column(world: World, at: str) -> None:
    response = by_key(world, world.mara).put(
        f"{at}/mappings/{'n' * 61}", {"mapping": {"prompt": "x"}}
    )
    assert faults(response) == [("name", "too_long")]


def test_a_mapping_is_tried_on_a_few_rows_and_nothing_is_stored(
    world: World, at: str, own_files: Path
) -> None:
    body = {
        "text": "q,a,b\nName a colour.,Blue,Seven\n,Red,Two\n",
        "format": "csv",
        "mapping": {"prompt": "q", "responses": [{"text": "a"}, {"text": "b"}]},
    }
    shown = by_key(world, world.mara).post(f"{at}/mappings/preview", body).json()
    assert shown["format"] == "csv"
    good, bad = shown["rows"]
    assert good["item"]["responses"][1]["messages"][0]["parts"][0]["text"] == "Seven"
    assert good["problems"] == []
    assert bad["item"] is None
    assert bad["problems"][0]["scope"] == "item"
    assert stored(own_files) == []
    assert not Item.objects.exists()


def test_a_preview_says_what_is_wrong_with_text_or_mapping(world: World, at: str) -> None:
    manager = by_key(world, world.mara)
    assert faults(manager.post(f"{at}/mappings/preview", {"text": "\x7fELF"})) == [
        ("text", "unknown_format")
    ]
    found = faults(manager.post(f"{at}/mappings/preview", {"text": "{}", "mapping": {"prompt": 1}}))
    assert found == [("prompt", "wrong_type")]
    found = faults(manager.post(f"{at}/mappings/preview", {"text": "{}", "mapping_name": "no"}))
    assert found == [("mapping_name", "unknown_mapping")]
    refused(
        by_session(world.ana).post(f"{at}/mappings/preview", {"text": "{}"}), 403, "not_allowed"
    )
