"""The child that reads files: what it may not do, how it ends, and how reading goes on behind the last row."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from feedback.readers import Limits, Reading, ReadingFailed, check_mapping, preset, preview, read
from feedback.readers.confined import ENVIRONMENT, ROOT
from tests.readers.files import codes, jsonl, written

MANY = 4000


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """A file of several frames: 4,000 rows of 1 kB."""
    return jsonl(tmp_path, *({"id": n, "prompt": "p" * 1000} for n in range(1, MANY + 1)))


def failure(path: Path, limits: Limits | None = None, **asked: Any) -> ReadingFailed:
    with (
        pytest.raises(ReadingFailed) as caught,
        read(path, limits=limits or Limits(), **asked) as r,
    ):
        list(r)
    return caught.value


def confined(code: str) -> list[str]:
    """Runs code in a process that has been confined as the reader is; gives what it printed."""
    prelude = """
        import os, sys
        from feedback.readers.confinement import forbid, leave_network, limit
        from feedback.readers.limits import Limits
        leave_network()
        limit(Limits(), 20)
        forbid()
        def attempt(what):
            try:
                what()
            except BaseException as error:
                print(type(error).__name__)
            else:
                print("allowed")
    """
    script = textwrap.dedent(prelude) + textwrap.dedent(code)
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.split()


# What it may not do


def test_the_reader_has_no_network() -> None:
    assert confined("""
        import socket
        attempt(lambda: socket.socket())
        attempt(lambda: socket.create_connection(("127.0.0.1", 9)))
    """) == ["PermissionError", "PermissionError"]


def test_the_kernel_itself_has_taken_the_network_where_it_can() -> None:
    script = """
        import socket
        from feedback.readers.confinement import leave_network
        before = len(socket.if_nameindex())
        leave_network()
        print(before, [name for _, name in socket.if_nameindex()])
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    before, after = done.stdout.split(maxsplit=1)
    if subprocess.run(["unshare", "-rn", "true"], check=False, capture_output=True).returncode:
        pytest.skip("this kernel grants no network namespaces")
    assert int(before) >= 1
    assert after.strip() == "['lo']"


def test_the_reader_cannot_start_programs() -> None:
    assert (
        confined("""
        import subprocess
        attempt(lambda: os.system("true"))
        attempt(lambda: subprocess.run(["true"]))
        attempt(lambda: os.fork())
        attempt(lambda: os.execv("/bin/true", ["true"]))
    """)
        == ["PermissionError"] * 4
    )


def test_the_reader_cannot_write_files(tmp_path: Path) -> None:
    existing = written(tmp_path, "there", "text")
    printed = confined(f"""
        attempt(lambda: open({str(tmp_path / "new")!r}, "w"))
        attempt(lambda: open({str(existing)!r}, "r+"))
        attempt(lambda: os.open({str(tmp_path / "new")!r}, os.O_CREAT | os.O_RDWR))
        attempt(lambda: open({str(existing)!r}).read())
    """)
    assert printed == ["PermissionError"] * 3 + ["allowed"]
    assert os.listdir(tmp_path) == ["there"]


def test_the_reader_has_512_mib() -> None:
    assert confined("""
        attempt(lambda: bytearray(300 << 20))
        attempt(lambda: bytearray(600 << 20))
    """) == ["allowed", "MemoryError"]


def test_the_reader_sees_nothing_of_the_servers_settings(
    many: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    with read(many) as reading:
        environment = Path(f"/proc/{reading.child.pid}/environ").read_bytes()
    assert b"LC_ALL" in environment
    assert b"secret" not in environment


# How it ends


def test_a_gzip_bomb_is_stopped(tmp_path: Path) -> None:
    bomb = gzip.compress(b'{"prompt":"' + b"a" * (100 << 20) + b'"}')
    failed = failure(written(tmp_path, "bomb.jsonl.gz", bomb))
    assert failed.code == "compressed_too_far"
    assert "100 times" in failed.sentence


def test_what_a_file_unpacks_to_has_an_end(tmp_path: Path) -> None:
    path = written(tmp_path, "rows.jsonl.gz", gzip.compress(os.urandom(1 << 20).hex().encode()))
    assert failure(path, Limits(unpacked_bytes=1 << 20)).code == "too_large"


def test_a_file_beyond_the_limit_is_not_opened(many: Path) -> None:
    failed = failure(many, Limits(file_bytes=1000))
    assert failed.code == "too_large"
    assert "1,000 are read at most" in failed.sentence


def test_a_cut_gzip_fails_behind_its_good_rows(many: Path, tmp_path: Path) -> None:
    cut = written(tmp_path, "cut.jsonl.gz", gzip.compress(many.read_bytes())[:-50])
    rows = []
    with pytest.raises(ReadingFailed, match="not whole as gzip") as caught, read(cut) as reading:
        rows.extend(reading)
    assert caught.value.code == "not_readable"
    assert not rows or [row.number for row in rows] == list(range(1, len(rows) + 1))


def test_a_file_that_needs_too_much_memory_fails_with_a_reason(tmp_path: Path) -> None:
    path = written(tmp_path, "rows.jsonl", '{"prompt":[' + "[]," * 4_000_000 + "[]]}")
    for mib in (60, 100, 150):
        assert failure(path, Limits(memory_bytes=mib << 20)).code == "out_of_memory"


def test_the_largest_row_fits_into_the_memory_there_is(tmp_path: Path) -> None:
    text = "a" * ((16 << 20) - 100) + "👍"  # four bytes a character in memory
    (row,) = read(jsonl_of(tmp_path, {"prompt": text, "responses": [text]}))
    assert row.problems == []
    assert row.item is not None
    assert row.item.prompt[0].parts[0].text == text


def jsonl_of(folder: Path, row: Any) -> Path:
    return written(folder, "rows.jsonl", json.dumps(row, ensure_ascii=False) + "\n")


def test_a_file_that_takes_too_long_fails_with_a_reason(tmp_path: Path) -> None:
    path = written(tmp_path, "rows.json", "[" + "[]," * 8_000_000 + "1]")
    limits = Limits(cpu_seconds=1, cpu_seconds_per_mib=0)
    assert failure(path, limits).code == "out_of_time"


def test_a_child_that_falls_silent_is_ended(tmp_path: Path) -> None:
    path = written(tmp_path, "rows.json", '[{"prompt":"a"},' + "[]," * 8_000_000 + "1]")
    assert failure(path, Limits(silent_seconds=0.05)).code == "out_of_time"


def test_a_killed_child_is_one_clear_failure(many: Path) -> None:
    with read(many) as reading:
        first = next(reading)
        os.kill(reading.child.pid, 9)
        with pytest.raises(ReadingFailed) as caught:
            list(reading)
    assert first.number == 1
    assert caught.value.code == "reader_killed"


def test_a_fault_of_the_readers_own_is_told_without_a_word_of_the_file(
    tmp_path: Path,
) -> None:
    path = jsonl(tmp_path, {"prompt": "a secret"})
    with pytest.raises(ReadingFailed) as caught:
        read(path, skip_rows="three")  # type: ignore[arg-type]
    assert caught.value.code == "reader_failed"
    assert "ValidationError" in caught.value.sentence


@pytest.mark.parametrize("path", ["/nowhere/at/all", "/tmp", "/dev/zero"])
def test_only_regular_files_are_read(path: str) -> None:
    assert failure(Path(path)).code == "not_readable"


def test_no_child_stays_behind_when_reading_is_broken_off(many: Path) -> None:
    with read(many) as reading:
        next(reading)
    assert reading.child.returncode is not None
    assert list(reading) == []


def test_a_broken_mapping_is_refused_before_anything_is_read(many: Path) -> None:
    with pytest.raises(ReadingFailed) as caught:
        read(many, mapping={"prompt": "a..b"})
    assert [problem.path for problem in caught.value.problems] == ["prompt"]
    studio = {"prompt": "a", "label_studio": {"config": "<View>"}}
    assert failure(many, mapping=studio, format="label_studio").code == "bad_mapping"


# How reading goes on


def numbers(reading: Iterator[Any]) -> list[int]:
    return [row.number for row in reading]


def test_reading_goes_on_behind_the_last_row_it_gave(many: Path) -> None:
    with read(many) as reading:
        before = [next(reading) for _ in range(1234)]
    after = list(read(many, skip_rows=before[-1].number))
    assert [row.number for row in before + after] == list(range(1, MANY + 1))
    assert [row.item.id for row in after[:2] if row.item] == ["1235", "1236"]


@pytest.mark.parametrize("packed", [False, True])
def test_progress_grows_to_the_size_of_the_file(many: Path, tmp_path: Path, packed: bool) -> None:
    path = many
    if packed:
        lines = "".join(json.dumps({"prompt": os.urandom(500).hex()}) + "\n" for _ in range(MANY))
        path = written(tmp_path, "many.jsonl.gz", gzip.compress(lines.encode(), 1))
    with read(path) as reading:
        seen = [reading.bytes_done for _ in reading]
        assert reading.bytes_done == reading.bytes_total == path.stat().st_size
    assert seen == sorted(seen)
    assert len(set(seen)) > 2
    assert 0 < seen[0] < path.stat().st_size


def test_rows_arrive_with_their_problems_and_their_text(tmp_path: Path) -> None:
    path = written(tmp_path, "rows.jsonl", b'{"prompt":"a","id":1}\n{"prompt":"\xff"}\n')
    good, bad = read(path)
    assert good.item is not None
    assert (good.item.id, good.raw) == ("1", '{"prompt":"a","id":1}')
    assert (codes(bad), bad.raw) == (["not_utf8"], '{"prompt":"\\xff"}')


def test_a_preview_shows_the_first_rows_as_they_would_be_imported(many: Path) -> None:
    seen = preview(many, limit=3)
    assert seen.format == "jsonl"
    assert [row.item.id for row in seen.rows if row.item] == ["1", "2", "3"]
    mapped = preview(many, mapping={"prompt": {"template": "Row {id}"}}, limit=1)
    assert mapped.rows[0].item is not None
    assert mapped.rows[0].item.prompt[0].parts[0].text == "Row 1"


def test_the_name_of_an_upload_helps_to_recognise_it(tmp_path: Path) -> None:
    stored = written(tmp_path, "a81f", "prompt,id\na,1\n")
    assert failure(stored).code == "unknown_format"
    with read(stored, name="rows.csv") as reading:
        assert reading.format == "csv"
        assert len(list(reading)) == 1


def test_a_mapping_can_be_checked_without_a_file() -> None:
    check_mapping(preset("pandalm_label_studio"))


def test_importing_the_readers_does_not_load_what_only_the_child_needs() -> None:
    heavy = "{'pyarrow', 'numpy', 'pandas', 'label_studio_sdk', 'lxml'}"
    script = f"import sys, feedback.readers; print({heavy} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"


def test_a_reading_is_an_iterator_of_rows(many: Path) -> None:
    with read(many) as reading:
        assert isinstance(reading, Reading)
        assert numbers(reading) == list(range(1, MANY + 1))
