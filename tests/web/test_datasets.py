"""Datasets: named, published into, loaded, traced, fetched and withdrawn."""

from __future__ import annotations

import hashlib
import html
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as here
from django.core.files.storage import default_storage
from django.test import Client

from exports.actions.datasets import withdraw
from exports.blobs import name_of
from exports.models import Dataset, DatasetVersion, Pull
from feedback.models import Access, Scope, User
from tests.curated import (
    KEPT,
    begin_run,
    curate,
    import_votes,
    name_dataset,
    publish,
    work_on,
)
from tests.web.pages import Reader, Seen
from tests.world import World

pytestmark = pytest.mark.usefixtures("own_files")

W = "/w/northgate/datasets/"
PREFS = f"{W}chat-prefs/"
V1 = f"{PREFS}v1.0/"
RUN = "/w/northgate/p/chat/runs/1/"


@pytest.fixture
def version(world: World) -> DatasetVersion:
    """chat-prefs v1.0, of a real run over real votes."""
    return publish(world, curate(world), name_dataset(world))


def pair_hashes(version: DatasetVersion) -> list[str]:
    rows = version.version_runs.get().run.pairs.filter(held=False).order_by("pk")
    return [row.pair.pair_hash.hex() for row in rows.select_related("pair")]


def snippets(seen: Seen) -> str:
    """What stands in the snippets of a page, as one would copy it."""
    found = re.findall(r'<code id="snippet-\d+">(.*?)</code>', seen.source, re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", "", "\n".join(found)))


def test_the_workspace_leads_its_managers_to_its_datasets(world: World) -> None:
    assert f'href="{W}"' in Reader(world.mara).get("/w/northgate/").source
    assert f'href="{W}"' not in Reader(world.ana).get("/w/northgate/").source


def test_a_dataset_is_named_once(world: World) -> None:
    mara = Reader(world.mara)
    assert "No dataset yet" in mara.get(W)
    fields = {"slug": "chat-prefs", "title": "Chat preferences", "licence": "cc-by-4.0"}
    assert mara.post(W, fields).to == PREFS
    again = mara.post(W, fields)
    assert again.status == 422
    assert "names are never used twice" in again
    assert Dataset.objects.get().created_by == world.mara


@pytest.mark.parametrize("slug", ["Chat", "a--b", "prefs.v1", "-a", "a b", "x.git", ""])
def test_a_name_that_trainers_cannot_load_is_refused_at_its_field(world: World, slug: str) -> None:
    seen = Reader(world.mara).post(W, {"slug": slug})
    assert seen.status == 422
    assert 'id="id_slug_error"' in seen.source
    assert not Dataset.objects.exists()


def test_an_empty_dataset_leads_to_what_could_be_published(world: World) -> None:
    name_dataset(world)
    mara = Reader(world.mara)
    assert "No version yet" in mara.get(PREFS)
    assert 'href="/w/northgate/"' in mara.get(PREFS).source
    curate(world)
    ready = mara.get(PREFS)
    assert "Chat, run 1" in ready
    assert f"{KEPT} pairs" in ready
    assert f'href="{RUN}publish/?dataset=chat-prefs"' in ready.source


def test_a_run_is_published_into_a_new_dataset(world: World) -> None:
    curate(world)
    mara = Reader(world.mara)
    assert f'href="{RUN}publish/"' in mara.get(RUN).source
    form = mara.get(f"{RUN}publish/")
    assert 'value="chat-prefs"' in form.source
    seen = mara.follow(f"{RUN}publish/", {"slug": "chat-prefs", "title": "Chat"})
    assert "chat-prefs v1.0 is being written" in seen
    assert "A worker writes the files" in seen
    assert 'hx-trigger="every 2s"' in seen.source
    assert DatasetVersion.objects.get().created_by == world.mara


def test_publishing_twice_is_publishing_once(world: World) -> None:
    curate(world)
    mara = Reader(world.mara)
    fields = {"slug": "chat-prefs"}
    first, second = (mara.post(f"{RUN}publish/", fields) for _ in range(2))
    assert first.to == second.to == V1
    assert mara.post(f"{RUN}publish/", {"dataset": "chat-prefs"}).to == V1
    assert DatasetVersion.objects.count() == 1


def test_a_new_dataset_needs_a_name_and_a_taken_one_is_refused(world: World) -> None:
    curate(world)
    name_dataset(world, "others")
    mara = Reader(world.mara)
    nameless = mara.post(f"{RUN}publish/", {"slug": "", "title": "Nameless"})
    assert nameless.status == 422
    assert 'id="id_slug_error"' in nameless.source
    taken = mara.post(f"{RUN}publish/", {"slug": "others"})
    assert taken.status == 422
    assert "names are never used twice" in taken
    assert not DatasetVersion.objects.exists()


def test_an_unfinished_run_is_not_published(world: World) -> None:
    import_votes(world)
    begin_run(world)
    name_dataset(world)
    seen = Reader(world.mara).post(f"{RUN}publish/", {"dataset": "chat-prefs"})
    assert seen.status == 422
    assert "This run has not finished, so there is nothing to publish yet." in seen


def test_a_run_tells_what_was_published_of_it(world: World, version: DatasetVersion) -> None:
    mara = Reader(world.mara)
    part = mara.get(f"{RUN}versions/", HX_Request="true")
    assert "northgate/chat-prefs v1.0 published" in part
    assert "<html" not in part.source
    assert "<html" in mara.get(f"{RUN}versions/").source
    assert f'hx-get="{RUN}versions/"' in mara.get(RUN).source


def test_a_version_being_written_becomes_a_page_when_it_is_done(world: World) -> None:
    run, dataset = curate(world), name_dataset(world)
    publish(world, run, dataset, build_it=False)
    mara = Reader(world.mara)
    assert "A worker writes the files" in mara.get(V1, HX_Request="true")
    assert "being written" in mara.get(PREFS)
    publish(world, run, dataset)
    assert mara.get(V1, HX_Request="true").headers["HX-Refresh"] == "true"
    assert "A worker writes the files" not in mara.get(V1)


def test_a_version_that_failed_says_why(world: World) -> None:
    made = publish(world, curate(world), name_dataset(world), build_it=False)
    DatasetVersion.objects.filter(pk=made.pk).update(
        state="failed", error_code="no_pairs", error="No kept pair can be published."
    )
    mara = Reader(world.mara)
    seen = mara.get(V1)
    assert "No kept pair can be published. no_pairs" in seen
    assert f'href="{RUN}publish/?dataset=chat-prefs"' in seen.source
    assert mara.post(f"{RUN}publish/", {"dataset": "chat-prefs"}).to == f"{PREFS}v2.0/"


def test_a_version_tells_what_is_in_it(world: World, version: DatasetVersion) -> None:
    seen = Reader(world.mara).get(V1)
    figures = version.figures
    assert f"Pairs {KEPT}" in seen
    assert f"{100 * figures['epsilon']['value']:.1f} %" in seen
    assert f"{figures['lengths']['ratio']:.2f}" in seen
    assert "α " in seen
    assert version.sha256.hex()[:8] in seen.source
    assert version.commit in seen
    assert "northgate/chat-prefs.v1.0" in seen
    assert "README.md" in seen
    assert "How the pairs were chosen" in seen  # the card, as Markdown
    assert "configs:" not in seen  # but not its head for clients
    assert "Nobody so far" in seen


def test_every_way_to_load_it_names_the_version_and_our_hub(
    world: World, version: DatasetVersion
) -> None:
    mara = Reader(world.mara)
    for tool, words in {
        "trl": "trl dpo --dataset_name northgate/chat-prefs.v1.0",
        "axolotl": "revision: v1.0",
        "llama-factory": 'load_dataset("northgate/chat-prefs.v1.0", split="train")',
        "pandas": "hf://datasets/northgate/chat-prefs.v1.0/trl_dpo/train-00000-of-00001.parquet",
        "files": "hf download northgate/chat-prefs.v1.0 --repo-type dataset",
    }.items():
        seen = mara.get(V1, {"with": tool})
        part = mara.get(V1, {"with": tool}, HX_Request="true")
        assert words in snippets(seen), tool
        assert "<html" not in part.source
        assert 'id="load"' in part.source
        assert f'href="?with={tool}#load"' in seen.source
    assert f"{here.PUBLIC_URL}/hub" in mara.get(V1)
    assert "trl dpo" in mara.get(V1, {"with": "nonsense"})


def test_the_strength_chart_and_the_splits_count_every_pair(
    world: World, version: DatasetVersion
) -> None:
    seen = Reader(world.mara).get(V1)
    drawing = seen.source.split('aria-labelledby="hs-t hs-d"')[1].split("</svg>")[0]
    numbers = re.findall(r'class="t-mid t-strong">(\d+)<', drawing)
    assert len(numbers) == 6  # the votes are graded
    assert sum(map(int, numbers)) == KEPT
    splits = seen.words.split("Of ")[-1].split("Prompt clusters")[0]
    assert sum(int(number) for number in re.findall(r"\b\d+\b", splits)) == KEPT


def test_a_row_is_traced_to_its_votes_its_item_and_its_file(
    world: World, version: DatasetVersion
) -> None:
    mara = Reader(world.mara)
    digest = pair_hashes(version)[3]
    for asked in (digest, digest[:12], digest[:12].upper(), f" {digest} "):
        seen = mara.get(V1, {"pair": asked})
        assert digest[:12] in seen.words.split("Where a row comes from")[1]
        assert "ruth · sam · tess" in seen
        assert "votes.jsonl , row" in seen
        assert f"{RUN}pairs/" in seen.source
    assert "This is the first row" in mara.get(V1)
    assert pair_hashes(version)[0][:12] in mara.get(V1)


def test_what_is_no_row_is_not_found(world: World, version: DatasetVersion) -> None:
    for asked in ("f" * 64, "no hash", "<b>", "%", "\x00", "0" * 65):
        seen = Reader(world.mara).get(V1, {"pair": asked})
        assert seen.status == 200, asked
        assert "No row begins like that" in seen, asked
        assert "<b>" not in seen.source, asked


def test_a_held_pair_is_no_row(world: World, version: DatasetVersion) -> None:
    held = version.version_runs.get().run.pairs.filter(held=True).first()
    seen = Reader(world.mara).get(V1, {"pair": held.pair.pair_hash.hex()})
    assert "No row begins like that" in seen


def test_a_file_whose_bytes_are_lost_is_refused_and_not_remembered_as_fetched(
    world: World, version: DatasetVersion
) -> None:
    card = version.files.get(path="README.md")
    stored = Path(default_storage.path(name_of(bytes(card.sha256).hex())))
    content = stored.read_bytes()
    stored.unlink()
    refused = Reader(world.mara).get(f"{V1}files/README.md")
    stored.write_bytes(content)
    assert (refused.status, "are not where they are kept" in refused.words) == (503, True)
    assert not Access.objects.filter(what="download").exists()
    assert not Pull.objects.filter(version=version).exists()


def test_files_are_attachments_with_their_hash_and_are_remembered(
    world: World, version: DatasetVersion
) -> None:
    mara = Reader(world.mara)
    for file in version.files.all():
        got = mara.get(f"{V1}files/{file.path}")
        assert hashlib.sha256(got.bytes).digest() == bytes(file.sha256)
        assert got.headers["ETag"] == f'"{bytes(file.sha256).hex()}"'
        assert got.headers["Content-Disposition"].startswith("attachment; filename=")
        assert got.headers["X-Content-Type-Options"] == "nosniff"
        assert got.headers["Content-Type"] == "application/octet-stream"
    pulls = Pull.objects.filter(version=version)
    assert pulls.count() == version.files.count()
    assert {(p.user, p.key, p.sent_bytes) for p in pulls} >= {(world.mara, None, len(got.bytes))}
    assert Access.objects.filter(what="download", user=world.mara).count() == pulls.count()
    assert "Mara" in mara.get(V1).words.split("Who fetched it")[1]


def test_a_part_of_a_file_can_be_asked_for(world: World, version: DatasetVersion) -> None:
    mara = Reader(world.mara)
    whole = mara.get(f"{V1}files/README.md").bytes
    part = mara.get(f"{V1}files/README.md", Range="bytes=4-19")
    assert (part.status, part.bytes) == (206, whole[4:20])
    assert part.headers["Content-Range"] == f"bytes 4-19/{len(whole)}"
    beyond = mara.get(f"{V1}files/README.md", Range=f"bytes={len(whole)}-")
    assert (beyond.status, beyond.bytes) == (416, b"")
    same = mara.get(f"{V1}files/README.md", If_None_Match=part.headers["ETag"])
    assert (same.status, same.bytes) == (304, b"")
    assert [p.sent_bytes for p in Pull.objects.order_by("pk")] == [len(whole), 16]


def test_what_is_no_file_is_not_there(world: World, version: DatasetVersion) -> None:
    for path in ("nothing", "../README.md", "README.md/", "trl_dpo", "a%00b"):
        assert Reader(world.mara).get(f"{V1}files/{path}").status == 404, path


def test_a_version_is_withdrawn_with_a_reason(world: World, version: DatasetVersion) -> None:
    mara = Reader(world.mara)
    assert 'data-opens="withdraw"' in mara.get(V1).source
    mara.get(f"{V1}files/README.md")
    refused = mara.follow(f"{V1}withdraw/", {"because": "  "})
    assert "Say why it is withdrawn." in refused
    done = mara.follow(f"{V1}withdraw/", {"because": "A source took its licence back."})
    assert "v1.0 is withdrawn. Nobody can load it any more." in done
    assert "A source took its licence back." in done
    assert "No version takes its place yet." in done
    assert "trl dpo --dataset_name" not in done.source.split("card-h")[0]
    assert "Mara" in done.words.split("Who fetched it")[1]
    assert mara.get(f"{V1}files/README.md").status == 410
    assert "withdrawn" in mara.get(PREFS)
    assert DatasetVersion.objects.get().state == "withdrawn"


def test_withdrawing_twice_keeps_the_first_reason(world: World, version: DatasetVersion) -> None:
    mara = Reader(world.mara)
    for because in ("The first reason.", "Another."):
        mara.post(f"{V1}withdraw/", {"because": because})
    assert DatasetVersion.objects.get().withdrawn_because == "The first reason."


def test_a_withdrawn_version_names_its_successor(world: World, version: DatasetVersion) -> None:
    withdraw(version=version, because="Wrong licence", now=world.now)
    publish(world, work_on(begin_run(world)), version.dataset)
    seen = Reader(world.mara).get(V1)
    assert f'href="{PREFS}v2.0/"' in seen.source
    assert "is told to load v2.0 instead" in seen


def test_the_list_shows_what_is_latest_and_how_much_was_fetched(
    world: World, version: DatasetVersion
) -> None:
    name_dataset(world, "empty")
    Reader(world.mara).get(f"{V1}files/README.md")
    seen = Reader(world.mara).get(W)
    assert re.search(
        rf"chat-prefs Chat preferences v1\.0 , .{{6,12}} {KEPT} 1 1 cc-by-4\.0", seen.words
    )
    assert "empty" in seen
    assert "no version yet" in seen


def test_reviewers_have_no_business_here(world: World, version: DatasetVersion) -> None:
    for path in ("", "chat-prefs/", "chat-prefs/v1.0/", "chat-prefs/v1.0/files/README.md"):
        for user in (world.ana, world.eve):
            seen = Reader(user).get(W + path)
            assert seen.status == (403 if user == world.ana else 404), path
            assert "model-a" not in seen.source, path


def test_only_managers_publish_and_withdraw(world: World, version: DatasetVersion) -> None:
    ana = Reader(world.ana)
    assert ana.post(f"{V1}withdraw/", {"because": "x"}).status == 403
    assert ana.post(f"{RUN}publish/", {"dataset": "chat-prefs"}).status == 403
    assert ana.post(W, {"slug": "mine"}).status == 403
    assert DatasetVersion.objects.get().state == "published"


def test_what_is_no_version_is_not_there(world: World, version: DatasetVersion) -> None:
    for tag in ("v2.0", "v1", "main", "v99999999999.0", "v1.0.0", "x"):
        assert Reader(world.mara).get(f"{PREFS}{tag}/").status == 404, tag


def test_a_dataset_of_another_workspace_takes_no_run_of_ours(world: World) -> None:
    curate(world)
    name_dataset(world, "theirs", by=world.eve)
    seen = Reader(world.ines).post(f"{RUN}publish/", {"dataset": "theirs"})
    assert seen.status == 422
    assert not DatasetVersion.objects.exists()


def measured(user: User, path: str, count: Any, most: int) -> None:
    client = Client()
    client.force_login(user)
    client.get(path)
    with count(most):
        assert client.get(path).status_code == 200


def test_pages_ask_the_database_a_bounded_number_of_times(
    world: World, version: DatasetVersion, django_assert_max_num_queries: Any
) -> None:
    for number in range(4):
        name_dataset(world, f"other-{number}")
    for path, most in ((W, 9), (PREFS, 12), (V1, 34), (f"{RUN}publish/", 14)):
        measured(world.mara, path, django_assert_max_num_queries, most)


def test_keys_of_the_hub_do_not_open_pages(world: World, version: DatasetVersion) -> None:
    token = world.key(world.ines, Scope.DATASETS_READ)
    seen = Reader().get(V1, Authorization=f"Bearer {token}")
    assert seen.to.startswith("/account/login/")
