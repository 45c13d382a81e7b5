from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedback import jobs
from feedback.actions.importing.chunk import Importing, write_chunk
from feedback.actions.importing.raters import Provenances, Raters
from feedback.bodies import form_of
from feedback.forms.derive import derive
from feedback.models import (
    ImportJob,
    ImportRejection,
    Item,
    ItemRevision,
    Rater,
    Response,
    Review,
)
from tests.readers.files import rows_of
from tests.steps import begin_import, counts, lines
from tests.world import World

RESPONSES = [["x", "y"], ["x", "z"], [{"text": "x", "model": "m"}, "y"], ["x"], []]


@st.composite
def reviews(draw: st.DrawFn) -> dict[str, Any]:
    vote = draw(st.sampled_from([2, 2, 0, -3, 9]))
    said: dict[str, Any] = {"preference": [{"a": 1, "b": 2, "value": vote}]}
    kind = draw(st.sampled_from(["good"] * 6 + ["unknown", "empty", "rating"]))
    if kind == "unknown":
        said = {"mood": "fine"}
    if kind == "rating":
        said = {"accuracy": {"1": draw(st.sampled_from([3, 5])), "2": 1}}
    review: dict[str, Any] = {"answers": {} if kind == "empty" else said}
    rater, id = draw(st.sampled_from([None, "r1", "r2"])), draw(st.sampled_from([None] * 3 + ["x"]))
    named = {"rater": rater} if rater else {"rater_kind": "unknown"}
    return review | named | ({"id": id} if id else {})


@st.composite
def rows(draw: st.DrawFn) -> dict[str, Any]:
    row: dict[str, Any] = {
        "prompt": draw(st.sampled_from(["P", "Q"])),
        "responses": draw(st.sampled_from(RESPONSES)),
        "reviews": draw(st.lists(reviews(), max_size=3)),
    }
    id = draw(st.sampled_from([None, None, "a", "b"]))
    if id is not None:
        row["id"] = id
    broken = draw(st.sampled_from([None] * 5 + ["purpose", "prompt", "response"]))
    if broken == "purpose":
        row["purpose"] = "fun"
    if broken == "prompt":
        del row["prompt"]
    if broken == "response":
        row["responses"] = [*row["responses"], {"text": 7}]
    return row


@dataclass
class Oracle:
    """What must come of rows, told plainly: one row after another, without chunks, hashes or tables."""

    revise: bool
    items: Counter = field(default_factory=Counter)
    contents: dict[Any, Any] = field(default_factory=dict)
    seen: set[Any] = field(default_factory=set)
    ids: dict[str, Any] = field(default_factory=dict)
    reviews: Counter = field(default_factory=Counter)

    def take(self, row: Any) -> None:
        """`row` as the reader gives it."""
        item = row.item
        if item is None:
            self.items["rejected"] += 1
            self.reviews["rejected"] += row.reviews
            return
        content = repr((item.prompt, item.responses))
        identity = ("id", item.id) if item.id else ("content", content)
        fate = self._fate(identity, content)
        self.items[fate] += 1
        self.reviews["rejected"] += row.reviews - len(item.reviews)
        for review in item.reviews:
            self.reviews[
                "rejected" if fate == "rejected" else self._review(identity, item, review)
            ] += 1

    def _fate(self, identity: Any, content: str) -> str:
        before = self.contents.get(identity)
        if before is None or (before != content and self.revise):
            self.contents[identity] = content
            return "created" if before is None else "revised"
        return "duplicate" if before == content else "rejected"

    def _review(self, identity: Any, item: Any, review: Any) -> str:
        if not self._fits(item, review):
            return "rejected"
        said = json.dumps(review.answers, sort_keys=True)
        whose = (identity, review.rater, said)
        if review.id is not None and review.id in self.ids:
            return "duplicate" if self.ids[review.id] == said else "rejected"
        if review.id is None and whose in self.seen:
            return "duplicate"
        if review.id is not None:
            self.ids[review.id] = said
        self.seen.add(whose)
        return "created"

    @staticmethod
    def _fits(item: Any, review: Any) -> bool:
        if "mood" in review.answers or len(item.responses) < 2:
            return False
        return all(-3 <= entry["value"] <= 3 for entry in review.answers.get("preference", ()))


def carry_in(world: World, job: ImportJob, read: list[Any], size: int) -> ImportJob:
    """The chunks of an import, as its worker would write them."""
    lease = jobs.take(
        ImportJob.objects.filter(pk=job.pk), now=world.now, minutes=1, state="running"
    )
    assert lease is not None
    importing = Importing(
        job,
        lease,
        world.project,
        world.project.forms.latest("version"),
        Raters(job, world.now),
        Provenances(job.workspace_id),
    )
    for start in range(0, len(read), size):
        write_chunk(importing, read[start : start + size], bytes_read=0, now=world.now)
    ImportJob.objects.filter(pk=job.pk).update(state="finished", lease=None, leased_until=None)
    job.refresh_from_db()
    return job


files = st.lists(rows(), min_size=1, max_size=8)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(first=files, second=files, size=st.sampled_from([1, 3, 100]), revise=st.booleans())
def test_every_item_response_and_review_of_every_file_is_accounted_for(
    world: World,
    tmp_path_factory: pytest.TempPathFactory,
    first: list[Any],
    second: list[Any],
    size: int,
    revise: bool,
) -> None:
    """Any rows, in two files and any chunks: created, revised, duplicate and rejected are what a plain count gives."""
    oracle = Oracle(revise)
    with transaction.atomic():
        made = [
            _import(world, file, oracle, size, tmp_path_factory.mktemp("rows"))
            for file in (first, second)
        ]
        _agrees_with_the_tables(made)
        _votes_and_answers_are_derived()
        transaction.set_rollback(True)


def _import(
    world: World, file: list[Any], oracle: Oracle, size: int, folder: Path
) -> tuple[ImportJob, list[Any]]:
    path = folder / "rows.jsonl"
    path.write_bytes(lines(*file))
    read = rows_of(path)
    items, given = Counter(oracle.items), Counter(oracle.reviews)
    for row in read:
        oracle.take(row)
    place = world.place(world.mara)
    wish = "revise" if oracle.revise else "reject"
    job = begin_import(place, path.read_bytes(), world.now, source="s", on_conflict=wish)
    job = carry_in(world, job, read, size)
    now_items, now_given = oracle.items - items, oracle.reviews - given
    order = ("created", "revised", "duplicate", "rejected")
    assert counts(job, "items") == tuple(now_items[name] for name in order)
    assert counts(job, "reviews") == tuple(now_given[name] for name in order)
    assert sum(counts(job, "items")) == len(file)
    assert sum(counts(job, "responses")) == sum(row.responses for row in read)
    assert sum(counts(job, "reviews")) == sum(row.reviews for row in read)
    return job, read


def _agrees_with_the_tables(made: list[tuple[ImportJob, list[Any]]]) -> None:
    def total(name: str) -> int:
        return sum(getattr(job, name) for job, _ in made)

    assert Item.objects.count() == total("items_created")
    assert ItemRevision.objects.count() == total("items_created") + total("items_revised")
    assert Response.objects.count() == total("responses_created")
    assert Review.objects.count() == total("reviews_created")
    given = Counter(Review.objects.values_list("item_id", flat=True))
    assert dict(Item.objects.values_list("pk", "given")) == {
        pk: given[pk] for pk in Item.objects.values_list("pk", flat=True)
    }
    assert Rater.objects.filter(rater_kind="unknown").count() <= 1
    for job, read in made:
        refused = ImportRejection.objects.filter(job=job)
        whole = {row.number for row in read if row.item is None}
        conflicts = set(refused.filter(code="external_id_conflict").values_list("row", flat=True))
        assert len(whole | conflicts) == job.items_rejected
        assert all(each.code and each.sentence for each in refused)
        with_text = Counter(refused.exclude(raw="").values_list("row", flat=True))
        assert with_text == Counter(set(refused.values_list("row", flat=True)))


def _votes_and_answers_are_derived() -> None:
    for review in Review.objects.select_related("form", "body"):
        derived = derive(form_of(review.form), review.body.body)
        at = dict(
            Response.objects.filter(revision_id=review.item_revision_id).values_list(
                "pk", "position"
            )
        )
        assert Counter(
            (v.question, at[v.response_lo_id], at[v.response_hi_id], v.outcome, v.both_unacceptable)
            for v in review.votes.all()
        ) == Counter(
            (v.question, v.lo, v.hi, v.outcome, v.both_unacceptable) for v in derived.votes
        )
        assert Counter(
            (a.question, at.get(a.response_id), a.number, a.choice) for a in review.answers.all()
        ) == Counter((a.question, a.position, a.number, a.choice) for a in derived.answers)
