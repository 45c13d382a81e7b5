from __future__ import annotations

import copy
import datetime as dt
import hashlib
import io
import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import orjson
import pgtrigger
import pyarrow.parquet as pq
import pytest
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import connections

from curation.actions.recipes import save_recipe
from curation.models import Run, RunPair
from curation.stages.recipes import RECIPES
from exports import blobs
from exports.actions import build as building
from exports.actions.build import (
    MOST_ATTEMPTS,
    build_version,
    forget_unfinished,
    resume_versions,
)
from exports.actions.datasets import make_dataset, publish
from exports.formats import FormatError
from exports.manifest import version_sha256
from exports.models import DatasetVersion, VersionFile, VersionRun
from exports.shards import FileFacts
from feedback import access
from feedback.actions import projects
from feedback.models import Announcement
from tests.steps import build, files_root, import_rows, publish_run, recipe, row, run_recipe
from tests.web.pages import Reader
from tests.world import World, make_world

HOUR = dt.timedelta(hours=1)


def bytes_of(file: VersionFile) -> bytes:
    return b"".join(blobs.pieces(bytes(file.sha256).hex(), 0, file.size + 1))


def hashes(version: DatasetVersion) -> dict[str, str]:
    return {file.path: bytes(file.sha256).hex() for file in version.files.all()}


def undo(version: DatasetVersion) -> None:
    """As if the version had never been: its rows and every byte."""
    with pgtrigger.ignore():
        version.files.all().delete()
        version.version_runs.all().delete()
        version.delete()
    for path in (files_root() / "blobs").rglob("*"):
        if path.is_file():
            path.unlink()


def test_a_version_is_written_by_a_worker_and_says_what_it_holds(
    world: World, office: access.Place, run: Run
) -> None:
    dataset = make_dataset(place=office, slug="pairs", now=world.now)
    version = publish(place=office, dataset=dataset, run=run, now=world.now)
    assert (version.state, version.name) == ("building", "v1.0")
    called = Announcement.objects.get(name="exports.version_waiting")
    assert called.payload == {"version_id": version.pk}
    build(version, world.now + HOUR)
    assert (version.state, version.published_at) == ("published", world.now + HOUR)
    assert (version.lease, version.leased_until) == (None, None)
    assert [each.run for each in version.version_runs.all()] == [run]
    kept = RunPair.objects.filter(run=run, held=False).count()
    dpo = version.files.filter(config="trl_dpo")
    assert sum(file.rows for file in dpo) == kept == run.n_out
    assert version.figures


def test_run_and_card_show_the_mixture_before_and_after(
    world: World, office: access.Place, run: Run
) -> None:
    stages = [*RECIPES["decided_only"].document()["stages"]]
    stages.append({"stage": "mixture", "params": {"by": "model", "temperature": 4, "least": 1}})
    document = {"name": "mixed", "stages": [*stages, {"stage": "weights"}]}
    mixed = save_recipe(
        project=world.project, slug="mixed", document=document, by=None, now=world.now
    )
    again = run_recipe(world.place(world.mara), world.now + HOUR, mixed)
    groups = again.reports.get(name="mixture").body["groups"]
    assert sum(each["before"] for each in groups) > sum(each["after"] for each in groups)
    assert len(groups) > 2
    version = publish_run(office, again, world.now + HOUR)
    card = bytes_of(version.files.get(path="README.md")).decode()
    page = Reader(world.mara).get(f"/w/northgate/p/chat/runs/{again.number}/")
    assert "temperature 4, held what is too much" in page
    for each in groups:
        assert f"| {each['group']} | {each['before']} |" in card
        assert re.search(
            rf"{each['group']} {each['before']} [\d.]+ % {each['after']} [\d.]+ %", page.words
        )


def test_the_facts_of_every_file_are_those_of_its_bytes(
    world: World, office: access.Place, run: Run
) -> None:
    version = publish_run(office, run, world.now)
    files = list(version.files.all())
    assert {"README.md", "manifest.json"} < {file.path for file in files}
    for file in files:
        content = bytes_of(file)
        assert len(content) == file.size
        assert hashlib.sha256(content).digest() == bytes(file.sha256)
        blob = b"blob %d\x00" % len(content) + content
        assert hashlib.sha1(blob, usedforsecurity=False).hexdigest() == file.git_sha1
        if file.path.endswith(".parquet"):
            assert pq.read_metadata(io.BytesIO(content)).num_rows == file.rows
            assert file.path.startswith(f"{file.config}/{file.split}-")
    named = [FileFacts(f.path, f.size, bytes(f.sha256).hex()) for f in files]
    assert version_sha256(named) == bytes(version.sha256).hex()
    assert version.commit == bytes(version.sha256).hex()[:40]
    manifest = orjson.loads(bytes_of(next(f for f in files if f.path == "manifest.json")))
    assert manifest["version_sha256"] == bytes(version.sha256).hex()
    assert {f["path"]: f["sha256"] for f in manifest["files"]} == {
        path: sha256 for path, sha256 in hashes(version).items() if path != "manifest.json"
    }


def test_the_same_run_twice_is_the_version_that_is_there(
    world: World, office: access.Place, run: Run
) -> None:
    first = publish_run(office, run, world.now)
    again = publish(place=office, dataset=first.dataset, run=run, now=world.now + HOUR)
    assert again.pk == first.pk
    assert build(again, world.now + HOUR).published_at == world.now
    assert (DatasetVersion.objects.count(), VersionRun.objects.count()) == (1, 1)


def test_another_run_of_the_same_reviews_is_the_next_version_with_the_same_pairs(
    world: World, office: access.Place, run: Run
) -> None:
    first = publish_run(office, run, world.now)
    second_run = run_recipe(world.place(world.mara), world.now + HOUR)
    second = publish_run(office, second_run, world.now + HOUR, first.dataset)
    assert second.name == "v2.0"
    assert hashes(second) == hashes(first)
    assert second.commit == first.commit
    assert (first.figures["novelty"], second.figures["novelty"]) == (None, 0)
    assert len(_stored()) == len(set(hashes(first).values()))


def test_two_datasets_of_one_run_differ_in_the_card_and_what_hashes_it(
    world: World, office: access.Place, run: Run
) -> None:
    first = publish_run(office, run, world.now)
    other = make_dataset(place=office, slug="other", now=world.now)
    second = publish_run(office, run, world.now, other)
    differing = {path for path, sha256 in hashes(second).items() if hashes(first)[path] != sha256}
    assert differing == {"README.md", "manifest.json"}
    assert hashes(first).keys() == hashes(second).keys()


def test_a_version_made_anew_has_the_same_bytes_whatever_happened_since(
    world: World, office: access.Place, run: Run
) -> None:
    """Another day, other items with another licence, another form and another overlap in the project meanwhile."""
    first = publish_run(office, run, world.now)
    before, card = hashes(first), bytes_of(first.files.get(path="README.md"))
    undo(first)
    place, later = world.place(world.mara), world.now + 99 * HOUR
    told = [{"text": "x", "licence": "gpl"}, {"text": "y", "model": "gpt9"}]
    import_rows(place, [row("new", 3, responses=told)], later, source="elsewhere")
    form = copy.deepcopy(world.project.forms.get().schema)
    form["questions"][1]["acceptable_from"] = 3
    projects.publish_form(place=place, schema=form, now=later)
    projects.change_project(place=place, changes={"overlap": 4})
    again = publish_run(office, run, later, first.dataset)
    assert hashes(again) == before
    assert bytes_of(again.files.get(path="README.md")) == card


def test_no_file_names_its_version_or_a_time(world: World, office: access.Place, run: Run) -> None:
    version = publish_run(office, run, world.now)
    for path in ("README.md", "manifest.json"):
        text = bytes_of(version.files.get(path=path)).decode()
        assert "v1.0" not in text
        assert f"{world.now:%Y-%m-%d}" not in text


def test_bytes_are_stored_once_under_their_hash(
    world: World, office: access.Place, run: Run
) -> None:
    version = publish_run(office, run, world.now)
    assert {path.name for path in _stored()} == set(hashes(version).values())
    times = {path: path.stat().st_mtime_ns for path in _stored()}
    other = make_dataset(place=office, slug="other", now=world.now)
    publish_run(office, run, world.now, other)
    assert {path: path.stat().st_mtime_ns for path in times} == times
    assert len(_stored()) == len(times) + 2  # the other card and manifest


def _stored() -> list[Path]:
    return [path for path in (files_root() / "blobs").rglob("*") if path.is_file()]


def test_the_beginning_of_a_file_that_a_killed_worker_left_is_not_published(
    world: World, office: access.Place, run: Run
) -> None:
    first = publish_run(office, run, world.now)
    before, dataset = hashes(first), first.dataset
    contents = {path: path.read_bytes() for path in _stored()}
    undo(first)
    for path, content in contents.items():
        path.write_bytes(content[: len(content) // 2])
    again = publish_run(office, run, world.now, dataset)
    assert hashes(again) == before
    assert all(
        hashlib.sha256(bytes_of(file)).digest() == bytes(file.sha256) for file in again.files.all()
    )


def test_two_workers_who_store_the_same_bytes_at_once_both_succeed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = b"first half, second half"
    path, digest = tmp_path / "file", hashlib.sha256(content).hexdigest()
    path.write_bytes(content)

    class OverTaken(File):
        def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
            yield content[:12]
            monkeypatch.undo()
            assert not default_storage.exists(blobs.name_of(digest)), "a beginning is to be seen"
            blobs.keep(path, digest)  # the other worker, while this one is half-way
            assert b"".join(blobs.pieces(digest, 0, 100)) == content
            yield content[12:]

    monkeypatch.setattr(blobs, "File", OverTaken)
    blobs.keep(path, digest)
    assert b"".join(blobs.pieces(digest, 0, 100)) == content
    assert os.listdir(files_root() / blobs.UNFINISHED) == []


def test_what_a_killed_worker_had_begun_to_store_goes_after_a_day(now: dt.datetime) -> None:
    folder = files_root() / blobs.UNFINISHED
    folder.mkdir(parents=True, exist_ok=True)
    for name, age in (("dead", 25), ("alive", 23)):
        (folder / name).write_bytes(b"PAR1")
        written = (now - age * HOUR).timestamp()
        os.utime(folder / name, (written, written))
    assert forget_unfinished(now=now) == 1
    assert os.listdir(folder) == ["alive"]
    (folder / "alive").unlink()
    folder.rmdir()
    assert forget_unfinished(now=now) == 0


def test_a_late_worker_writes_nothing(
    world: World, office: access.Place, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = make_dataset(place=office, slug="pairs", now=world.now)
    version = publish(place=office, dataset=dataset, run=run, now=world.now)
    write, late = building.write_package, world.now + HOUR

    def fall_asleep(*args: Any) -> Any:
        package = write(*args)
        monkeypatch.setattr(building, "write_package", write)
        assert resume_versions(now=late) == 1
        build(version, late)
        return package

    monkeypatch.setattr(building, "write_package", fall_asleep)
    build(version, world.now)
    assert (version.state, version.published_at, version.attempts) == ("published", late, 2)
    assert len(hashes(version)) == version.files.count()


def test_a_version_whose_worker_died_is_given_to_another(
    world: World, office: access.Place, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(Exception):
        pass

    def die(*args: Any) -> Any:
        raise Killed

    dataset = make_dataset(place=office, slug="pairs", now=world.now)
    version = publish(place=office, dataset=dataset, run=run, now=world.now)
    write, now = building.write_package, world.now
    monkeypatch.setattr(building, "write_package", die)
    for _ in range(MOST_ATTEMPTS):
        with pytest.raises(Killed):
            build(version, now)
        assert resume_versions(now=now) == 0
        now += HOUR
        assert resume_versions(now=now) == 1
    monkeypatch.setattr(building, "write_package", write)
    build(version, now)
    assert (version.state, version.error_code) == ("failed", "gave_up")
    assert resume_versions(now=now + HOUR) == 0
    fresh = publish_run(office, run, now, dataset)
    assert (fresh.state, fresh.name) == ("published", "v2.0")


def test_a_version_that_cannot_be_written_fails_with_a_sentence(
    world: World, office: access.Place, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any) -> Any:
        raise FormatError("no_pairs", "No kept pair can be published.")

    monkeypatch.setattr(building, "write_package", refuse)
    version = publish_run(office, run, world.now)
    assert (version.state, version.error_code, version.error) == (
        "failed",
        "no_pairs",
        "No kept pair can be published.",
    )
    assert not VersionFile.objects.exists()


def test_a_version_of_another_workspace_is_nobodys(
    world: World, office: access.Place, run: Run
) -> None:
    dataset = make_dataset(place=office, slug="pairs", now=world.now)
    version = publish(place=office, dataset=dataset, run=run, now=world.now)
    build_version(workspace_id=world.elsewhere.pk, version_id=version.pk, clock=lambda: world.now)
    version.refresh_from_db()
    assert (version.state, version.attempts) == ("building", 0)


@pytest.mark.django_db(transaction=True)
def test_publishing_at_once_makes_one_version_of_each_run(now: dt.datetime) -> None:
    world = make_world(now)
    place = world.place(world.mara)
    import_rows(place, [row("a", 2), row("b", 1, prompt="Q", responses=["c", "d"])], now)
    version = recipe(world.project, now)
    runs = [run_recipe(place, now, version) for _ in range(2)]
    here = access.workspace(place.principal, world.workspace.slug)
    dataset = make_dataset(place=here, slug="pairs", now=now)

    def publish_and_write(run: Run) -> int:
        try:
            made = publish(place=here, dataset=dataset, run=run, now=now)
            return build(made, now).pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(publish_and_write, runs * 3))
    assert len(set(made)) == DatasetVersion.objects.count() == 2
    numbers = DatasetVersion.objects.order_by("major").values_list("major", "state")
    assert list(numbers) == [(1, "published"), (2, "published")]
    assert set(DatasetVersion.objects.values_list("attempts", flat=True)) == {1}
