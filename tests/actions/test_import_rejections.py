from __future__ import annotations

import gzip

import orjson
import pytest

from feedback.models import ImportRejection, Item, ItemRevision, Response, Review
from tests.steps import DATA, counts, import_content, import_rows, lines, read_data, rejections, row
from tests.world import World

LARGE = 10 * 1024 * 1024
# Arabic, Hebrew with points, a right-to-left override, emoji with joiners, a letter beyond the first plane.
RIGHT_TO_LEFT = "مرحبا, שָׁלוֹם \u202egnp.txt\u202c 👩‍👩‍👧 𝔘 e\u0301"


def test_a_refused_row_keeps_its_number_code_sentence_and_text(world: World) -> None:
    rows = [row("a"), {"id": "b"}, row("c"), row("d", purpose="fun")]
    job = import_rows(world.place(world.mara), rows, world.now)
    assert counts(job, "items") == (2, 0, 0, 2)
    assert rejections(job) == [
        (2, "item", None, "missing_field"),
        (4, "item", None, "not_one_of"),
        (4, "response", None, "item_rejected"),
    ]
    kept = {each.row: each for each in job.rejections.exclude(raw="")}
    assert {number: orjson.loads(each.raw)["id"] for number, each in kept.items()} == {
        2: "b",
        4: "d",
    }
    assert "prompt" in kept[2].sentence


def test_lines_that_are_no_rows_are_kept_as_they_came(world: World) -> None:
    content = lines(row("a")) + b"{broken\n" + b'"text"\n' + b"\xff\xfe\n" + lines(row("b"))
    job = import_content(world.place(world.mara), content, world.now)
    assert counts(job, "items") == (2, 0, 0, 3)
    codes = [(number, code) for number, _, _, code in rejections(job)]
    assert codes == [(2, "not_json"), (3, "not_a_row"), (4, "not_utf8")]
    raws = list(ImportRejection.objects.order_by("row").values_list("raw", flat=True))
    assert raws == ["{broken", '"text"', "\\xff\\xfe"]


@pytest.mark.parametrize(
    ("written", "code", "raw"),
    [
        (b'{"prompt": "a\\u0000b"}', "nul_byte", '{"prompt": "a\\u0000b"}'),
        (b'{"prompt": "a\x00b"}', "not_json", '{"prompt": "a\\x00b"}'),
        (b'{"prompt": "a\\ud800"}', "lone_surrogate", '{"prompt": "a\\ud800"}'),
        (b'{"prompt": "a", "id": "\\u0000"}', "nul_byte", '{"prompt": "a", "id": "\\u0000"}'),
        (
            b'{"prompt": "a", "context": [{"title": "\\udfff", "text": "t"}]}',
            "lone_surrogate",
            None,
        ),
    ],
)
def test_what_the_database_cannot_hold_is_refused_and_shown(
    world: World, written: bytes, code: str, raw: str | None
) -> None:
    content = lines(row("before")) + written + b"\n" + lines(row("behind"))
    job = import_content(world.place(world.mara), content, world.now)
    assert counts(job, "items") == (2, 0, 0, 1)
    assert [(number, given) for number, _, _, given in rejections(job)] == [(2, code)]
    rejection = ImportRejection.objects.get()
    assert raw is None or rejection.raw == raw
    assert "\x00" not in rejection.sentence


def test_a_review_whose_words_cannot_be_held_is_refused_alone(world: World) -> None:
    whole = row("a", 1)
    whole["reviews"].append({"rater": "r9", "answers": {"why": "a\x00b"}})
    job = import_rows(world.place(world.mara), [whole], world.now)
    assert counts(job, "items") == (1, 0, 0, 0)
    assert counts(job, "reviews") == (1, 0, 0, 1)


def test_a_text_of_ten_megabytes_comes_in_whole(world: World) -> None:
    long = "Legal text. " * (LARGE // 12)
    job = import_rows(world.place(world.mara), [row("a", responses=[long, "short"])], world.now)
    assert counts(job, "items") == (1, 0, 0, 0)
    stored = Response.objects.get(position=1).messages
    assert stored == [{"role": "assistant", "parts": [{"type": "text", "text": long}]}]


def test_a_text_beyond_the_limit_is_refused_and_the_next_row_taken(world: World) -> None:
    too_long = "x" * (16 * 1024 * 1024 + 1)
    rows = [row("a", prompt=too_long), row("b")]
    job = import_rows(world.place(world.mara), rows, world.now)
    assert counts(job, "items") == (1, 0, 0, 1)
    assert rejections(job)[0][3] == "field_too_large"


def test_texts_of_every_script_come_in_as_they_are(world: World) -> None:
    rows = [row(RIGHT_TO_LEFT, prompt=RIGHT_TO_LEFT, responses=[RIGHT_TO_LEFT, "b"])]
    import_rows(world.place(world.mara), rows, world.now)
    item = Item.objects.select_related("record", "revision").get()
    assert item.record.external_id == RIGHT_TO_LEFT
    assert item.revision.prompt[0]["parts"][0]["text"] == RIGHT_TO_LEFT
    shown = Response.objects.get(position=1).messages[0]["parts"][0]["text"]
    assert shown == RIGHT_TO_LEFT


def test_a_compressed_file_is_the_same_file(world: World) -> None:
    plain = lines(row("a", 1), row("b"))
    job = import_content(
        world.place(world.mara), gzip.compress(plain), world.now, name="rows.jsonl.gz"
    )
    assert counts(job, "items") == (2, 0, 0, 0)
    assert job.bytes_read == job.file_bytes == len(gzip.compress(plain))


def test_pandalm_comes_in_whole_with_its_three_annotators(world: World) -> None:
    """999 rows of real data through a mapping, with the counts that everybody can count."""
    content = (DATA / "pandalm_testset-v1.json.gz").read_bytes()
    job = import_content(
        world.place(world.mara), content, world.now, name="p.json.gz", mapping_name="pandalm"
    )
    assert (job.state, job.rows_read) == ("finished", 999)
    assert counts(job, "items") == (999, 0, 0, 0)
    assert counts(job, "responses") == (1998, 0, 0, 0)
    assert counts(job, "reviews") == (2997, 0, 0, 0)
    assert job.twins == 99
    assert ItemRevision.objects.values("content_hash").distinct().count() == 999
    assert Review.objects.values("rater__external_key").distinct().count() == 3
    assert len(orjson.loads(read_data("pandalm_testset-v1.json.gz"))) == 999
