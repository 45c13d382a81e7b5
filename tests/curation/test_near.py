"""pgvector's side of “find similar”, on a real server: the same answers, kept up, refused, dropped, and not there at all."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest
from django.db import connection
from structlog.testing import capture_logs

from curation.actions import near
from curation.encoders.base import stored, unit
from curation.models import Encoding, ItemVector
from curation.queries import vectors
from curation.queries.near import has_index
from curation.queries.vectors import Found, alike
from feedback.models import Item, Scope
from tests.api.calls import by_key
from tests.similar import item, make
from tests.steps import import_rows, row
from tests.web.pages import Reader
from tests.world import World

pytestmark = pytest.mark.usefixtures("own_files")
DIM, COUNT = 32, 300
LIMIT = "curation.queries.near.BEYOND"


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LIMIT, 20)


def is_offered() -> bool:
    return bool(sql("SELECT count(*) FROM pg_available_extensions WHERE name = 'vector'")[0][0])


@pytest.fixture
def pgvector(db: None) -> None:
    if not is_offered():
        pytest.skip("this PostgreSQL has no pgvector (extension “vector”): its side is not tried")


def sql(statement: str, *values: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def import_prompts(world: World, numbers: range, text: str = "Prompt number", **more: Any) -> None:
    rows = [row(f"i{n}", prompt=f"{text} {n}") for n in numbers]
    import_rows(world.place(world.ines), rows, world.now, **more)


def write_vectors(encoding: Encoding, seed: int = 1, **which: Any) -> None:
    """One of random numbers for every item, or for `which`; the first is all zero."""
    items = list(Item.objects.filter(project=encoding.project, **which).order_by("pk"))
    drawn = unit(np.random.default_rng(seed).normal(size=(len(items), DIM)).astype(np.float32))
    drawn[0] = 0
    ItemVector.objects.bulk_create(
        [
            ItemVector(
                workspace_id=encoding.workspace_id,
                encoding=encoding,
                item=item,
                revision_id=item.revision_id,
                vector=vector,
            )
            for item, vector in zip(items, stored(drawn), strict=True)
        ],
        update_conflicts=True,
        unique_fields=["encoding", "item"],
        update_fields=["revision", "vector"],
    )
    Encoding.objects.filter(pk=encoding.pk).update(
        n_vectors=encoding.vectors.count(), encoded_at=dt.datetime.now(dt.UTC)
    )
    encoding.refresh_from_db()


@pytest.fixture
def made(world: World) -> Encoding:
    import_prompts(world, range(COUNT))
    encoding = Encoding.objects.create(
        workspace=world.workspace,
        project=world.project,
        version=1,
        encoder="lexical",
        name="lexical",
        state="ready",
        dim=DIM,
    )
    write_vectors(encoding)
    return encoding


def follow(encoding: Encoding) -> list[Any]:
    """What was logged meanwhile."""
    with capture_logs() as lines:
        near.follow(encoding, lambda **_: None)
    return lines


def both(world: World, name: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Found, Found]:
    """By the index, and exactly."""
    indexed = alike(world.project, item(name))
    with monkeypatch.context() as patch:
        patch.setattr(LIMIT, 10**9)
        return indexed, alike(world.project, item(name))


def differences(encoding: Encoding) -> list[int]:
    """Items whose vectors in the table are not those of the truth."""
    table = f"curation_near_{encoding.pk}"
    found = sql(f"SELECT item_id, vector::real[], revision_id FROM {table}")  # noqa: S608
    told = {each: (np.array(numbers, dtype="<f2").tobytes(), by) for each, numbers, by in found}
    kept = {v.item_id: (bytes(v.vector), v.revision_id) for v in encoding.vectors.all()}
    return [each for each in told | kept if told.get(each) != kept.get(each)]


def test_the_index_gives_what_comparing_with_all_gives(
    pgvector: None, world: World, made: Encoding, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert follow(made) == []
    assert differences(made) == []
    for number in range(1, COUNT, 17):
        indexed, exact = both(world, f"i{number}", monkeypatch)
        assert (indexed.exact, exact.exact) == (False, True)
        assert (indexed.compared, exact.compared) == (COUNT, COUNT)
        assert [each.item for each in indexed.rows] == [each.item for each in exact.rows]
        assert [each.score for each in indexed.rows] == pytest.approx(
            [each.score for each in exact.rows], abs=2e-4
        )
        assert len(indexed.rows) == 20


def test_an_empty_vector_is_like_nothing(pgvector: None, world: World, made: Encoding) -> None:
    follow(made)
    assert alike(world.project, item("i0")).rows == []
    assert item("i0") not in [each.item for each in alike(world.project, item("i1"), 100).rows]


def test_the_search_uses_the_index(pgvector: None, world: World, made: Encoding) -> None:
    follow(made)
    before = sql("SELECT pg_stat_get_xact_numscans(%s::regclass)", f"curation_near_{made.pk}_alike")
    alike(world.project, item("i1"))
    after = sql("SELECT pg_stat_get_xact_numscans(%s::regclass)", f"curation_near_{made.pk}_alike")
    assert after[0][0] == before[0][0] + 1


def test_the_matrix_is_let_go_when_there_is_an_index(
    pgvector: None, world: World, made: Encoding
) -> None:
    alike(world.project, item("i1"))
    assert made.pk in vectors._held
    follow(made)
    alike(world.project, item("i1"))
    assert made.pk not in vectors._held


def test_page_and_api_say_how_it_was_found(pgvector: None, world: World, made: Encoding) -> None:
    at = f"items/{item('i1').public_id}/similar"
    page, door = f"/w/northgate/p/chat/{at}/", f"/projects/northgate/chat/{at}"
    reader, caller = Reader(world.mara), by_key(world, world.mara, Scope.ITEMS_READ)
    assert "All 300 items were compared" in reader.get(page)
    assert caller.get(door).json()["exact"] is True
    follow(made)
    assert "Found among 300 items by an index (pgvector), which may miss some" in reader.get(page)
    answer = caller.get(door).json()
    assert (answer["exact"], answer["compared"]) == (False, 300)


def test_what_is_not_compared_is_said(
    world: World, made: Encoding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("curation.queries.vectors.MOST", 50)
    found = alike(world.project, item("i1"))
    assert (found.exact, found.compared, found.is_cut, len(found.rows)) == (True, 50, True, 20)
    page = f"/w/northgate/p/chat/items/{item('i1').public_id}/similar/"
    assert "Only the 50 newest items were compared" in Reader(world.mara).get(page)


@pytest.mark.parametrize("most_behind", [10_000, 5])
def test_new_and_revised_items_follow_in_place_or_by_a_new_index(
    pgvector: None,
    world: World,
    made: Encoding,
    monkeypatch: pytest.MonkeyPatch,
    most_behind: int,
) -> None:
    follow(made)
    before = sql("SELECT %s::regclass::oid", f"curation_near_{made.pk}")
    monkeypatch.setattr(near, "MOST_BEHIND", most_behind)
    import_prompts(world, range(10), "Now otherwise", on_conflict="revise")
    import_prompts(world, range(COUNT, COUNT + 10))
    # Of a text that stayed the vector stays; a revised one's and a new one's are of another draw.
    write_vectors(
        made, seed=2, pk__in=[item(f"i{n}").pk for n in (*range(10), *range(COUNT, COUNT + 10))]
    )
    assert follow(made) == []
    assert differences(made) == []
    indexed, exact = both(world, "i305", monkeypatch)
    assert not indexed.exact
    assert [each.item for each in indexed.rows] == [each.item for each in exact.rows]
    after = sql("SELECT %s::regclass::oid", f"curation_near_{made.pk}")
    assert (after == before) == (most_behind == 10_000)


def test_a_removed_vector_is_removed_from_the_index_too(
    pgvector: None, world: World, made: Encoding
) -> None:
    follow(made)
    first = alike(world.project, item("i1")).rows[0].item
    ItemVector.objects.filter(item=first).delete()
    assert differences(made) == []
    assert first not in [each.item for each in alike(world.project, item("i1")).rows]


def test_a_table_cannot_hold_another_versions_vectors(
    pgvector: None, world: World, made: Encoding
) -> None:
    follow(made)
    keys = sql(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = ANY('{c,f}')",
        f"curation_near_{made.pk}",
    )
    told = " ".join(definition for (definition,) in keys)
    assert f"encoding_id = {made.pk}" in told
    assert "REFERENCES curation_itemvector(encoding_id, item_id) ON DELETE CASCADE" in told


def test_a_role_that_may_make_no_table_searches_exactly(
    pgvector: None, world: World, made: Encoding
) -> None:
    sql("CREATE ROLE near_plain")
    sql("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO near_plain")
    sql("SET LOCAL ROLE near_plain")
    (line,) = follow(made)
    assert line["event"] == "near_refused"
    assert "permission denied" in line["reason"]
    assert alike(world.project, item("i1")).exact


def test_a_search_that_is_refused_is_exact_and_logged(
    pgvector: None, world: World, made: Encoding
) -> None:
    sql("CREATE ROLE near_plain")
    sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO near_plain")
    follow(made)
    sql("SET LOCAL ROLE near_plain")
    with capture_logs() as lines:
        found = alike(world.project, item("i1"))
    assert (found.exact, len(found.rows)) == (True, 20)
    assert [line["event"] for line in lines] == ["near_search_refused"]


def test_an_extension_that_was_dropped_is_done_without_and_made_again(
    pgvector: None, world: World, made: Encoding
) -> None:
    follow(made)
    sql("DROP EXTENSION vector CASCADE")
    found = alike(world.project, item("i1"))
    assert (found.exact, len(found.rows)) == (True, 20)
    follow(made)
    assert not alike(world.project, item("i1")).exact


def test_what_an_index_cannot_hold_is_compared_exactly(
    pgvector: None, world: World, made: Encoding
) -> None:
    made.dim = 4_001
    follow(made)
    assert not has_index(made.pk)


def test_a_worker_makes_the_index_where_the_database_offers_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what is imported while it does so gets vectors at once. On a server without pgvector all is found, exactly."""
    arriving = [range(30, 40)]
    build = near._build

    def meanwhile(encoding: Encoding) -> None:
        import_prompts(world, arriving.pop())
        build(encoding)

    monkeypatch.setattr(near, "_build", meanwhile)
    import_prompts(world, range(30))
    first = make(world, world.now)
    if not is_offered():
        import_prompts(world, arriving.pop())
        first = make(world, world.now + dt.timedelta(minutes=1))
    assert (first.state, first.lease, first.n_vectors) == ("ready", None, 40)
    found = alike(world.project, item("i39"))
    assert (found.exact, found.compared, len(found.rows)) == (not is_offered(), 40, 20)


def test_the_table_goes_with_its_version(
    pgvector: None, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_prompts(world, range(30))
    first = make(world, world.now)
    import_prompts(world, range(30, 60))
    second = make(world, world.now)
    assert (has_index(first.pk), has_index(second.pk)) == (False, True)
    tables = sql(
        "SELECT relname FROM pg_class WHERE relname ~ '^curation_near_[0-9]+$' AND relkind = 'r'"
    )
    assert tables == [(f"curation_near_{second.pk}",)]
