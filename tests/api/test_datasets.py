"""Datasets by API: named, published into once, their files fetched, and withdrawn."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from exports.actions.build import build_version
from exports.api.urls import urlpatterns
from exports.models import Dataset, DatasetVersion, Pull
from feedback import access
from feedback.actions.keys import make_key
from feedback.models import Access, Scope
from tests.api.calls import Caller, by_key, by_session, faults, nobody, refused
from tests.curated import KEPT, begin_run, curate, import_votes, name_dataset, publish
from tests.world import World

pytestmark = pytest.mark.usefixtures("own_files")

ROOT = Path(__file__).parents[2]
READ, WRITE = Scope.DATASETS_READ, Scope.DATASETS_WRITE
W = "/datasets/northgate"
PREFS = f"{W}/chat-prefs"
V1 = f"{PREFS}/versions/v1.0"


@pytest.fixture
def version(world: World) -> DatasetVersion:
    """chat-prefs v1.0, of a real run over real votes."""
    return publish(world, curate(world), name_dataset(world))


def whole(response: Any) -> bytes:
    """The body of a streamed answer, read to its end; Django's client then closes it as a server would."""
    return b"".join(response.streaming_content)


def limited(world: World, dataset: str, *scopes: Scope) -> Caller:
    """With a key that names a dataset."""
    place = access.workspace(access.Principal(world.mara), "northgate")
    _, secret = make_key(
        place=place, name="job", scopes=list(scopes), now=world.now, dataset_slug=dataset
    )
    return Caller(nobody().client, Authorization=f"Bearer {secret}")


def test_a_dataset_is_named_once(world: World) -> None:
    mara = by_key(world, world.mara)
    body = {"slug": "chat-prefs", "title": "Chat", "licence": "cc-by-4.0"}
    made = mara.post(W, body, Idempotency_Key="k")
    assert made.status_code == 201
    assert mara.post(W, body, Idempotency_Key="k").json() == made.json()
    refused(mara.post(W, body), 409, "dataset_name_taken")
    assert faults(mara.post(W, {"slug": "x.v1"})) == [("slug", "looks_like_alias")]
    [row] = mara.get(W).json()["rows"]
    assert row == mara.get(PREFS).json() == made.json()
    assert (row["latest"], row["versions"], row["pulls"]) == (None, 0, 0)


def test_a_run_is_published_once_whoever_asks_again(world: World) -> None:
    curate(world)
    name_dataset(world)
    mara = by_key(world, world.mara)
    body = {"project": "chat", "run": 1}
    first = mara.post(f"{PREFS}/versions", body, Idempotency_Key="k")
    assert (first.status_code, first.json()["state"]) == (202, "building")
    assert first.json()["pairs"] is None
    assert mara.post(f"{PREFS}/versions", body, Idempotency_Key="k").json() == first.json()
    assert mara.post(f"{PREFS}/versions", body).status_code == 202
    made = DatasetVersion.objects.get()
    build_version(workspace_id=made.workspace_id, version_id=made.pk, clock=timezone.now)
    there = mara.post(f"{PREFS}/versions", body)
    assert (there.status_code, there.json()["state"]) == (200, "published")
    assert (there.json()["version"], there.json()["pairs"]) == ("v1.0", KEPT)
    assert DatasetVersion.objects.count() == 1


def test_only_a_finished_run_of_ones_own_is_published(world: World) -> None:
    import_votes(world)
    begin_run(world)
    name_dataset(world)
    mara = by_key(world, world.mara)
    refused(mara.post(f"{PREFS}/versions", {"project": "chat", "run": 1}), 409, "run_not_finished")
    for body in ({"project": "chat", "run": 2}, {"project": "none", "run": 1}):
        refused(mara.post(f"{PREFS}/versions", body), 404, "not_found")
    assert faults(mara.post(f"{PREFS}/versions", {"run": 0})) == [
        ("project", "required"),
        ("run", "min_value"),
    ]


def test_a_version_is_read_with_its_files_and_where_it_comes_from(
    world: World, version: DatasetVersion
) -> None:
    told = by_key(world, world.mara, READ).get(V1).json()
    assert told["load_as"] == "northgate/chat-prefs.v1.0"
    assert told["runs"] == [{"project": "chat", "run": 1}]
    assert told["figures"] == version.figures
    assert {f["path"]: f["sha256"] for f in told["files"]} == {
        f.path: f.sha256.hex() for f in version.files.all()
    }
    assert told["commit"] == told["sha256"][:40]
    [row] = by_key(world, world.mara, READ).get(f"{PREFS}/versions").json()["rows"]
    assert row == {name: told[name] for name in row}


def test_a_file_is_fetched_whole_or_in_part_and_remembered(
    world: World, version: DatasetVersion
) -> None:
    mara = by_key(world, world.mara, READ)
    for file in version.files.all():
        got = mara.get(f"{V1}/files/{file.path}")
        assert hashlib.sha256(whole(got)).digest() == bytes(file.sha256)
        assert got.headers["Content-Disposition"].startswith("attachment")
        assert got.headers["Accept-Ranges"] == "bytes"
    mara.headers["Range"] = "bytes=-5"
    part = mara.get(f"{V1}/files/manifest.json")
    assert (part.status_code, len(whole(part))) == (206, 5)
    pulls = Pull.objects.order_by("-pk")
    assert [pulls[0].sent_bytes, pulls[0].path] == [5, "manifest.json"]
    assert {(p.user, p.key.name) for p in pulls} == {(world.mara, "test")}
    assert Access.objects.filter(what="download").count() == pulls.count()
    listed = by_key(world, world.mara, READ).get(f"{V1}/pulls", limit=1).json()
    assert listed["rows"][0]["sent_bytes"] == 5
    assert listed["rows"][0]["key"]["name"] == "test"
    assert listed["after"]


def test_asking_for_a_files_head_is_no_pull(world: World, version: DatasetVersion) -> None:
    mara = by_key(world, world.mara, READ)
    response = mara.client.head(f"/api/v1{V1}/files/README.md", headers=mara.headers)
    size = version.files.get(path="README.md").size
    assert (response.status_code, response.headers["Content-Length"]) == (200, str(size))
    assert not Pull.objects.exists()


def test_a_withdrawn_version_gives_no_file_and_says_why(
    world: World, version: DatasetVersion
) -> None:
    mara = by_key(world, world.mara)
    assert faults(mara.post(f"{V1}/withdraw", {"because": ""})) == [("because", "blank")]
    done = mara.post(f"{V1}/withdraw", {"because": "A licence was taken back."})
    assert (done.status_code, done.json()["state"]) == (200, "withdrawn")
    again = mara.post(f"{V1}/withdraw", {"because": "Another reason."})
    assert again.json()["withdrawn_because"] == "A licence was taken back."
    refused(mara.get(f"{V1}/files/README.md"), 410, "version_withdrawn")
    assert mara.get(PREFS).json()["latest"] is None
    assert mara.get(V1).json()["files"]


def test_a_version_being_written_cannot_be_withdrawn(world: World) -> None:
    publish(world, curate(world), name_dataset(world), build_it=False)
    mara = by_key(world, world.mara)
    refused(mara.post(f"{V1}/withdraw", {"because": "Too soon"}), 404, "not_found")
    assert mara.get(V1).json()["files"] == []


def test_a_key_for_one_dataset_opens_no_other(world: World, version: DatasetVersion) -> None:
    name_dataset(world, "others")
    job = limited(world, "chat-prefs", READ, WRITE)
    assert [row["slug"] for row in job.get(W).json()["rows"]] == ["chat-prefs"]
    assert job.get(V1).status_code == 200
    for path in (f"{W}/others", f"{W}/others/versions"):
        refused(job.get(path), 404, "not_found")
    body = {"project": "chat", "run": 1}
    refused(job.post(f"{W}/others/versions", body), 404, "not_found")
    refused(job.post(W, {"slug": "more"}), 403, "not_allowed")
    assert Dataset.objects.count() == 2


def test_scopes_and_roles(world: World, version: DatasetVersion) -> None:
    body = {"project": "chat", "run": 1}
    for path in (W, PREFS, f"{PREFS}/versions", V1, f"{V1}/pulls"):
        for scope in (READ, WRITE):
            assert by_key(world, world.mara, scope).get(path).status_code == 200
        refused(by_key(world, world.mara, Scope.RUNS_READ).get(path), 403, "not_allowed")
        refused(by_session(world.ana).get(path), 403, "not_allowed")
        refused(by_session(world.eve).get(path), 404, "not_found")
    for path, sent in (
        (W, {"slug": "x"}),
        (f"{PREFS}/versions", body),
        (f"{V1}/withdraw", {"because": "x"}),
    ):
        refused(by_key(world, world.mara, READ).post(path, sent), 403, "not_allowed")
        refused(by_session(world.ana).post(path, sent), 403, "not_allowed")
    refused(by_key(world, world.mara, WRITE).get(f"{V1}/files/README.md"), 403, "not_allowed")
    assert DatasetVersion.objects.get().state == "published"


def test_what_is_no_version_is_404(world: World, version: DatasetVersion) -> None:
    mara = by_key(world, world.mara)
    for tag in ("v2.0", "main", "v1", "v99999999999.0"):
        refused(mara.get(f"{PREFS}/versions/{tag}"), 404, "not_found")


def test_lists_ask_the_database_a_bounded_number_of_times(
    world: World, version: DatasetVersion, django_assert_max_num_queries: Any
) -> None:
    for number in range(4):
        name_dataset(world, f"other-{number}")
    mara = by_session(world.mara)
    for path, most in ((W, 8), (f"{PREFS}/versions", 6), (V1, 8), (f"{V1}/pulls", 7)):
        mara.get(path)
        with django_assert_max_num_queries(most):
            assert mara.get(path).status_code == 200


def test_the_guide_names_every_address() -> None:
    guide = (ROOT / "docs" / "datasets.md").read_text()
    for pattern in urlpatterns:
        address = "/" + re.sub(r"<\w+:(\w+)>", r"{\1}", str(pattern.pattern))
        assert f"`{address}`" in guide, address
