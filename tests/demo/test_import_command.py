"""`manage.py import`: a file from the terminal, in a worker and in this process."""

from __future__ import annotations

import io
import json
from collections import Counter

import pytest
from django.core.management import CommandError, call_command

from config.demo.parts import DATA
from feedback.models import ImportJob, Item, Review
from tests.world import make_world

PANDALM = DATA / "chat/pandalm_testset-v1.json.gz"


def run(*arguments: object) -> list[str]:
    """The lines that the command prints, with single blanks."""
    out = io.StringIO()
    call_command("import", *map(str, arguments), stdout=out)
    return [" ".join(line.split()) for line in out.getvalue().splitlines()]


def rows(tmp_path, *written):
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in written))
    return path


def item(number, **more):
    return {"id": number, "prompt": f"Why {number}?", "responses": ["A.", "B."], **more}


@pytest.mark.django_db(transaction=True)
def test_a_worker_imports_the_file_while_the_command_waits(worker, now):
    make_world(now)
    lines = run("northgate/chat", PANDALM, "--mapping", "pandalm", "--source", "PandaLM")
    assert lines == [
        "pandalm_testset-v1.json.gz: 999 rows into northgate/chat",
        "created revised duplicate rejected",
        "items 999 0 0 0",
        "responses 1,998 0 0",
        "reviews 2,997 0 0",
        "99 items have the texts of another one, with other models.",
    ]
    assert (Item.objects.count(), Review.objects.count()) == (999, 2997)
    again = run("northgate/chat", PANDALM, "--mapping", "pandalm", "--source", "PandaLM")
    assert again[2:5] == ["items 0 0 999 0", "responses 0 1,998 0", "reviews 0 2,997 0"]


def test_in_this_process_it_tells_what_was_rejected_and_writes_it(world, tmp_path):
    vote = {"rater": "kim", "answers": {"preference": [{"a": 1, "b": 3, "value": 1}]}}
    file = rows(tmp_path, item(1), item(2, reviews=[vote]), {"responses": ["A.", "B."]})
    out = tmp_path / "rejected.ndjson"
    lines = run("northgate/chat", file, "--here", "--rejected", out)
    assert lines[2:5] == ["items 2 0 0 1", "responses 4 0 2", "reviews 0 0 1"]
    assert "1 review unknown_response" in lines[5]
    assert lines[6] == f"Each with its reason: {out}"
    rejected = [json.loads(line) for line in out.read_text().splitlines()]
    assert Counter((row["row"], row["scope"], row["code"]) for row in rejected) == {
        (2, "review", "unknown_response"): 1,
        (3, "item", "missing_field"): 1,
        (3, "response", "item_rejected"): 1,
    }
    assert json.loads(rejected[0]["raw"])["id"] == 2


def test_rejected_rows_can_be_seen_on_the_import_s_page(world, tmp_path, client):
    lines = run("northgate/chat", rows(tmp_path, {"prompt": ""}), "--here")
    job = ImportJob.objects.get()
    assert lines[-1].endswith(f"/w/northgate/p/chat/imports/{job.public_id}/")


def test_a_mapping_may_be_a_file_of_its_own(world, tmp_path):
    file = rows(tmp_path, {"q": "Why?", "left": "A.", "right": "B.", "who": "kim", "best": "1"})
    mapping = tmp_path / "mapping.json"
    preference = {"path": "best", "values": {"1": "first", "2": "second"}}
    review = {"rater": "who", "answers": {"preference": {"preference": preference}}}
    mapping.write_text(
        json.dumps({"prompt": "q", "responses": ["left", "right"], "reviews": [review]})
    )
    run("northgate/chat", file, "--here", "--mapping", mapping, "--consent", "By contract.")
    job, review = ImportJob.objects.get(), Review.objects.get()
    assert (job.consent, job.mapping["prompt"], review.rater.external_key) == (
        *("By contract.", "q"),
        "kim",
    )


def test_a_conflict_is_rejected_unless_revisions_are_allowed(world, tmp_path):
    run("northgate/chat", rows(tmp_path, item(1)), "--here", "--source", "s")
    changed = rows(tmp_path, item(1, responses=["A.", "C."]))
    assert run("northgate/chat", changed, "--here", "--source", "s")[2] == "items 0 0 0 1"
    lines = run("northgate/chat", changed, "--here", "--source", "s", "--on-conflict", "revise")
    assert lines[2] == "items 0 1 0 0"


def test_a_file_that_cannot_be_read_ends_with_its_reason(world, tmp_path):
    file = tmp_path / "rows.parquet"
    file.write_bytes(b"PAR1 but nothing else")
    with pytest.raises(CommandError, match=r"The import failed: .* \[\w+\]") as failed:
        run("northgate/chat", file, "--here", "--format", "parquet")
    assert failed.value.returncode == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("northgate/none",), "There is no project “northgate/none”."),
        (("nowhere/chat",), "There is no project “nowhere/chat”."),
        (("northgate/chat", "--as", "eve@example.org"), "for eve@example.org"),
        (("northgate/chat", "--as", "ana@example.org"), "needs the role data manager"),
        (("northgate/chat", "--mapping", "nope"), "no mapping “nope”"),
    ],
)
def test_what_the_importing_person_cannot_see_or_do_is_said(world, tmp_path, arguments, sentence):
    project, *options = arguments
    with pytest.raises(CommandError, match=sentence):
        run(project, rows(tmp_path, item(1)), "--here", *options)
    assert not ImportJob.objects.exists()


def test_the_faults_of_a_mapping_are_listed_with_their_places(world, tmp_path):
    mapping = tmp_path / "mapping.json"
    mapping.write_text('{"prompt": {"path": ""}, "colour": "c"}')
    with pytest.raises(CommandError, match="colour"):
        run("northgate/chat", rows(tmp_path, item(1)), "--here", "--mapping", mapping)


def test_a_missing_file_is_named(world, tmp_path):
    with pytest.raises(CommandError, match="There is no file"):
        run("northgate/chat", tmp_path / "none.jsonl", "--here")


def test_who_imports_may_be_named(world, tmp_path):
    run("northgate/chat", rows(tmp_path, item(1)), "--here", "--as", "mara@example.org")
    assert ImportJob.objects.get().created_by == world.mara
