from __future__ import annotations

import copy
import datetime as dt
import io
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import redis
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from config.embedded.binaries import binaries_for
from exports.actions.datasets import make_dataset
from exports.models import DatasetVersion
from feedback import access
from feedback.actions import drafts, erasure, flags, leases, threads
from feedback.actions.erasure import EMPTIED, ImportUnderWay
from feedback.actions.searching import index_texts
from feedback.actions.submit import revise_review
from feedback.errors import Invalid, NotAllowed, NotThere
from feedback.models import (
    Answer,
    Assignment,
    Draft,
    Erasure,
    Flag,
    IdempotencyKey,
    ImportJob,
    ImportRejection,
    Rater,
    Review,
    ReviewBody,
    Scope,
    User,
    Vote,
)
from feedback.policy.effort import Effort
from tests.api.calls import by_key
from tests.steps import (
    begin_import,
    carry_on,
    claim,
    counts,
    import_rows,
    lines,
    publish_run,
    recipe,
    row,
    run_recipe,
    send,
)
from tests.world import FULL, WHY, World, make_item, make_world

MARK = "Zwetschgendatschi"  # nothing else says this
HOUR = dt.timedelta(hours=1)


def saying(text: str = MARK, value: int = 2) -> dict[str, Any]:
    slots = copy.deepcopy(FULL)
    slots["answers"]["why"] = f"{WHY} {text}"
    slots["answers"]["preference"][0]["value"] = value
    return slots


def office(world: World, user: User | None = None) -> access.Place:
    return access.workspace(access.Principal(user or world.ines), world.workspace.slug)


def rater_of(world: World, user: User) -> Rater:
    return Rater.objects.get(workspace=world.workspace, user=user)


def erase_rater(world: World, rater: Rater) -> erasure.Erased:
    return erasure.erase_rater(
        place=office(world), rater=rater, reason="asked for it", now=world.now + 5 * HOUR
    )


def write_everywhere(world: World) -> None:
    """Ana writes the mark wherever the desk and the API take words."""
    place, later = world.place(world.ana), world.now + HOUR / 10
    for rank in range(4):
        make_item(world.project, rank=rank)
    first = claim(world, world.ana)
    flags.flag(place=place, assignment=first, reason="other", note=MARK, now=world.now)
    drafts.save_draft(place=place, assignment=first, slots=saying(), based_on=0, now=world.now)
    threads.ask(place=place, assignment=first, text=MARK, now=world.now)
    api = by_key(world, world.ana, Scope.REVIEWS_WRITE)
    at = f"/projects/{world.workspace.slug}/{world.project.slug}/assignments/{first.public_id}"
    told = {"reason": "broken", "note": MARK}
    assert api.post(f"{at}/flag", told, Idempotency_Key="once").status_code < 300
    sent = send(world, world.ana, first, saying())
    review = access.own_review(place, sent.public_id)
    changed = {"slots": saying(value=1), "effort": Effort(), "now": later}
    revise_review(place=place, review=review, **changed)
    drafts.save_draft(place=place, assignment=first, slots=saying(), based_on=0, now=later)
    skipped = claim(world, world.ana)
    leases.skip(assignment=skipped, reason="other", note=MARK, now=world.now)
    note = {"answers": {}, "cannot_judge": {"reason": "bad_task", "note": MARK}}
    send(world, world.ana, claim(world, world.ana), note)
    last = claim(world, world.ana)
    drafts.save_draft(place=place, assignment=last, slots=saying(), based_on=0, now=world.now)


def import_mark(world: World) -> ImportJob:
    """A file in which r1 says the mark, in a review that is taken, one that is not, and a row that is not."""
    said = {"preference": [{"a": 1, "b": 2, "value": 1}], "why": MARK}
    good = row("one", 1, prompt="One?", responses=["a", "b"])
    good["reviews"] = [
        {"rater": "r1", "answers": said},
        {"rater": "r2", "answers": {"preference": [{"a": 1, "b": 2, "value": 2}]}},
        {"rater": "r1", "answers": {"unknown": MARK}},
    ]
    bad = {"id": "two", "prompt": "Two?", "purpose": MARK}
    return import_rows(world.place(world.mara), [good, bad], world.now, source="file")


def dump() -> str:
    """The whole database as text."""
    at = connection.settings_dict
    pg_dump = binaries_for(None).initdb.with_name("pg_dump")
    where = ["-h", str(at["HOST"]), "-U", str(at["USER"]), "-d", str(at["NAME"])]
    port = ["-p", str(at["PORT"])] if at["PORT"] else []
    done = subprocess.run([pg_dump, *where, *port], check=True, capture_output=True)
    return done.stdout.decode()


def files() -> Iterator[tuple[Path, bytes]]:
    """Everything that is kept on disk; what is packed in Parquet is unpacked."""
    for path in Path(settings.FILES_ROOT).parent.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            packed = content.startswith(b"PAR1")
            yield path, str(pq.read_table(path).to_pylist()).encode() if packed else content


def queues_and_caches() -> str:
    """Every value of the broker's and the cache's databases."""
    socket, _, number = settings.CELERY_BROKER_URL.partition("?virtual_host=")
    found = []
    for database in (int(number), int(number) + 1):
        client = redis.Redis(unix_socket_path=socket.removeprefix("redis+socket://"), db=database)
        for key in client.scan_iter():
            kind = client.type(key)
            read = {
                b"string": client.get,
                b"list": lambda key, client=client: client.lrange(key, 0, -1),
                b"hash": client.hgetall,
                b"set": client.smembers,
                b"zset": lambda key, client=client: client.zrange(key, 0, -1, withscores=True),
            }[kind]
            found.append((key, read(key)))
        client.close()
    return str(found)


@pytest.mark.django_db(transaction=True)
def test_after_an_erasure_the_words_are_nowhere(
    now: dt.datetime, capfd: pytest.CaptureFixture[str]
) -> None:
    world = make_world(now)
    shutil.rmtree(settings.FILES_ROOT, ignore_errors=True)  # what earlier tests have left
    write_everywhere(world)
    job = import_mark(world)
    place = world.place(world.mara)
    run = run_recipe(place, now, recipe(world.project, now))
    publish_run(office(world), run, now)
    before = dump()
    assert before.count(MARK) > 8
    assert [path.name for path, content in files() if MARK.encode() in content] == [
        Path(job.stored_at).name
    ]
    for rater in (rater_of(world, world.ana), Rater.objects.get(external_key="r1")):
        erase_rater(world, rater)
    after = dump()
    assert [line[:200] for line in after.splitlines() if MARK in line] == []
    assert [path for path, content in files() if MARK.encode() in content] == []
    assert "announcement_id" in queues_and_caches()  # they were looked into
    assert MARK not in queues_and_caches()
    assert MARK not in "".join(capfd.readouterr())


def test_the_skeletons_stay_and_everything_they_said_is_gone(world: World) -> None:
    write_everywhere(world)
    index_texts(now=world.now)
    rater = rater_of(world, world.ana)
    before = list(Review.objects.order_by("pk").values())
    done = erase_rater(world, rater)
    assert list(Review.objects.order_by("pk").values()) == before
    assert done.reviews == [each["id"] for each in before]
    assert set(ReviewBody.objects.values_list("body", "erasure")) == {(None, done.erasure.pk)}
    assert (Vote.objects.count(), Answer.objects.count(), Draft.objects.count()) == (0, 0, 0)
    assert set(Assignment.objects.values_list("note", flat=True)) == {""}
    assert set(Flag.objects.values_list("note", flat=True)) == {""}
    assert not IdempotencyKey.objects.exists()
    found = {
        "rewrites": 0,
        "bodies": 3,
        "votes": 6,
        "answers": 10,
        "search_entries": 3,
        "drafts": 2,
        "notes": 3,
        "requests": 1,
        "remarks": 1,
    }
    assert done.erasure.erased == found | {"checks": 0, "files": 0, "rejected_rows": 0}
    assert (done.erasure.requested_by, done.erasure.reason) == (world.ines, "asked for it")
    assert done.erasure.done_at is not None


def test_one_review_is_erased_with_all_its_revisions_and_no_other(world: World) -> None:
    for rank in range(2):
        make_item(world.project, rank=rank, wanted=2)
    mine = send(world, world.ana, claim(world, world.ana), saying())
    place = world.place(world.ana)
    review = access.own_review(place, mine.public_id)
    revised = revise_review(
        place=place, review=review, slots=saying(value=3), effort=Effort(), now=world.now + HOUR
    )
    send(world, world.ana, claim(world, world.ana))
    send(world, world.ben, claim(world, world.ben))
    found = access.review(office(world), revised.public_id)
    done = erasure.erase_review(place=office(world), review=found, reason="asked", now=world.now)
    assert len(done.reviews) == 2
    gone = ReviewBody.objects.exclude(erasure=None).values_list("review__public_id", flat=True)
    assert set(gone) == {mine.public_id, revised.public_id}
    assert Vote.objects.values("review").distinct().count() == 2


def test_erasing_twice_is_erasing_once(world: World) -> None:
    write_everywhere(world)
    rater = rater_of(world, world.ana)
    first, second = erase_rater(world, rater), erase_rater(world, rater)
    assert second.erasure.pk == first.erasure.pk
    assert second.reviews == first.reviews
    assert Erasure.objects.count() == 1


def test_only_an_owner_erases_and_says_why(world: World) -> None:
    rater = rater_of(world, world.ana)
    with pytest.raises(NotAllowed):
        erasure.erase_rater(
            place=office(world, world.mara), rater=rater, reason="asked", now=world.now
        )
    for reason in ("", "  ", "x" * 401, "\x00"):
        with pytest.raises(Invalid):
            erasure.erase_rater(place=office(world), rater=rater, reason=reason, now=world.now)
    with pytest.raises(NotThere):
        access.rater(office(world), rater_of_eve(world).public_id)
    with pytest.raises(NotAllowed):
        access.rater(office(world, world.mara), rater.public_id)
    assert not Erasure.objects.exists()


def rater_of_eve(world: World) -> Rater:
    return Rater.objects.get(workspace=world.elsewhere, user=world.eve)


def test_words_that_are_on_their_way_in_must_arrive_first(world: World) -> None:
    import_mark(world)
    more = begin_import(world.place(world.mara), lines(row("x", 1)), world.now, source="file")
    rater = Rater.objects.get(external_key="r1")
    with pytest.raises(ImportUnderWay):
        erase_rater(world, rater)
    assert not ReviewBody.objects.exclude(erasure=None).exists()
    carry_on(more, world.now)
    assert erase_rater(world, rater).erasure.erased["files"] == 2
    assert set(ImportJob.objects.values_list("stored_at", flat=True)) == {""}


def rejected() -> list[tuple[int, str, int | None, str]]:
    rows = ImportRejection.objects.order_by("row", "id")
    return list(rows.values_list("row", "scope", "number", "code"))


def test_rows_that_an_import_could_not_take_keep_their_number_and_code(world: World) -> None:
    job = import_mark(world)
    before = rejected()
    erase_rater(world, Rater.objects.get(external_key="r2"))
    assert rejected() == before
    assert set(ImportRejection.objects.values_list("raw", "sentence")) == {("", EMPTIED)}
    assert counts(job, "reviews") == (2, 0, 0, 1)


def test_the_same_file_again_does_not_bring_the_words_back(world: World) -> None:
    import_mark(world)
    rater = Rater.objects.get(external_key="r1")
    erase_rater(world, rater)
    again = import_mark(world)
    assert counts(again, "reviews") == (0, 0, 2, 1)
    assert ReviewBody.objects.filter(review__rater=rater, body__isnull=True).count() == 1


def test_an_erased_review_counts_in_no_later_run(world: World) -> None:
    place = world.place(world.mara)
    rows = [row(f"i{n}", 2, -1, prompt=f"P{n}", responses=[f"a{n}", f"b{n}"]) for n in range(3)]
    import_rows(place, rows, world.now)
    version = recipe(world.project, world.now)
    assert run_recipe(place, world.now, version).n_out == 0  # split one to one: undecided
    erase_rater(world, Rater.objects.get(external_key="r2"))
    run = run_recipe(place, world.now, version)
    assert (run.n_reviews, run.n_votes, run.n_out) == (3, 3, 3)


class TestTheCommand:
    def erase(self, world: World, *options: str) -> str:
        out = io.StringIO()
        given = ("--by", "INES@example.org", "--reason", "asked", *options)
        call_command("erase", world.workspace.slug, *given, stdout=out)
        return out.getvalue()

    @pytest.fixture
    def published(self, world: World) -> DatasetVersion:
        place = world.place(world.mara)
        import_rows(place, [row("i", 2, prompt="P", responses=["a", "b"])], world.now)
        run = run_recipe(place, world.now, recipe(world.project, world.now))
        return publish_run(office(world), run, world.now)

    def test_only_tells_without_yes(self, world: World, published: DatasetVersion) -> None:
        rater = Rater.objects.get(external_key="r1")
        told = self.erase(world, "--rater", str(rater.public_id))
        assert "1 revisions of reviews would be erased" in told
        assert "pairs v1.0" in told
        assert not Erasure.objects.exists()

    def test_erases_and_names_the_versions_that_stand_on_it(
        self, world: World, published: DatasetVersion
    ) -> None:
        review = Review.objects.get()
        told = self.erase(world, "--review", str(review.public_id), "--yes")
        assert "1 bodies, 1 votes" in told
        assert "pairs v1.0" in told
        assert "Published" in told
        published.refresh_from_db()
        assert published.state == "published"

    def test_withdraws_them_if_asked(self, world: World, published: DatasetVersion) -> None:
        review = Review.objects.get()
        told = self.erase(world, "--review", str(review.public_id), "--yes", "--withdraw")
        assert "Withdrawn" in told
        published.refresh_from_db()
        assert published.state == "withdrawn"
        assert "erased" in published.withdrawn_because

    def test_says_when_no_version_stands_on_it(
        self, world: World, published: DatasetVersion
    ) -> None:
        make_dataset(place=office(world), slug="other", now=world.now)
        make_item(world.project)
        send(world, world.ana, claim(world, world.ana))
        told = self.erase(world, "--member", "Ana@example.org", "--yes")
        assert "No version was made with it." in told
        assert ReviewBody.objects.filter(erasure=None).count() == 1

    @pytest.mark.parametrize(
        ("options", "sentence"),
        [
            (("--member", "nobody@example.org"), "Nobody with the address"),
            (("--member", "eve@example.org"), "Nobody with the address"),
            (("--review", "00000000-0000-4000-8000-000000000000"), "nothing here"),
        ],
    )
    def test_refuses_what_is_not_there(
        self, world: World, options: tuple[str, str], sentence: str
    ) -> None:
        with pytest.raises(CommandError, match=sentence):
            self.erase(world, *options, "--yes")
