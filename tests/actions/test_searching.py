"""Search over prompts and rationales: filled behind what is written, in the project's language, emptied by an erasure."""

from __future__ import annotations

import copy
import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.db.backends.utils import CursorWrapper

from feedback import access
from feedback.actions import erasure
from feedback.actions.searching import GRACE, index_texts, respell, set_search_language
from feedback.errors import Invalid
from feedback.models import Announcement, Item, Rater, SearchEntry, SearchMark
from feedback.queries.items import found_by, items_of
from tests.steps import claim, send
from tests.world import FULL, World, make_item


def found(world: World, words: str) -> list[str]:
    rows = items_of(world.project, q=words).order_by("pk")
    return [item.revision.prompt[0]["parts"][0]["text"] for item in rows]  # type: ignore[union-attr]


def slots(why: str) -> dict[str, Any]:
    said = copy.deepcopy(FULL)
    said["answers"]["why"] = f"{FULL['answers']['why']} {why}"  # type: ignore[index]
    return said


def test_items_are_found_by_their_prompt_and_by_what_reviewers_wrote(world: World) -> None:
    make_item(world.project, "Why is the sky blue?", rank=1)
    make_item(world.project, "Why is the sea salt?", rank=2)
    assert found(world, "sky") == []
    assert index_texts(now=world.now) == 2
    assert found(world, "sky") == ["Why is the sky blue?"]
    assert len(found(world, "why")) == 2
    assert found(world, 'sky OR "the sea"') == ["Why is the sky blue?", "Why is the sea salt?"]
    assert found(world, "why -sea") == ["Why is the sky blue?"]
    send(world, world.ana, claim(world, world.ana), slots("Fraunhofer"))
    assert index_texts(now=world.now) == 1
    assert found(world, "fraunhofer") == ["Why is the sky blue?"]
    assert index_texts(now=world.now) == 0


def test_roles_and_formats_are_not_words_of_a_prompt(world: World) -> None:
    make_item(world.project, "Why?")
    index_texts(now=world.now)
    assert found(world, "user") == found(world, "text") == []


def test_another_project_is_not_searched(world: World) -> None:
    make_item(world.their_project, "Nobody elsewhere")
    index_texts(now=world.now)
    assert found(world, "nobody") == []


def test_the_mark_moves_only_when_nothing_older_can_appear(world: World) -> None:
    first = make_item(world.project, "One")
    index_texts(now=world.now)
    mark = SearchMark.objects.get(what="prompt")
    assert (mark.done, mark.next) == (0, first.revision_id)
    index_texts(now=world.now + GRACE / 2)
    assert SearchMark.objects.get(what="prompt").done == 0
    # A test is one transaction, which is never older than itself: its own number stands for one that has ended.
    SearchMark.objects.update(next_xid=0)
    index_texts(now=world.now + 2 * GRACE)
    assert SearchMark.objects.get(what="prompt").done == first.revision_id
    late = make_item(world.project, "Two")
    index_texts(now=world.now + 2 * GRACE)
    assert found(world, "two") == ["Two"]
    assert late.pk


def test_the_language_of_a_project_decides_which_forms_of_a_word_are_found(world: World) -> None:
    make_item(world.project, "He was running")
    index_texts(now=world.now)
    assert found(world, "runs") == []
    set_search_language(place=world.place(world.mara), language="english", now=world.now)
    world.project.refresh_from_db()
    heard = Announcement.objects.get(name="feedback.search_language_changed")
    assert respell(workspace_id=heard.workspace_id, **heard.payload) == 1
    assert found(world, "runs") == ["He was running"]
    assert respell(workspace_id=world.elsewhere.pk, **heard.payload) == 0
    with pytest.raises(Invalid):
        set_search_language(place=world.place(world.mara), language="klingon", now=world.now)


def test_a_text_larger_than_the_index_allows_is_found_by_its_beginning(world: World) -> None:
    words = " ".join(f"w{number:x}" for number in range(400_000))
    make_item(world.project, f"beginning {words} ending")
    assert index_texts(now=world.now) == 1
    assert len(found(world, "beginning")) == 1
    assert found(world, "ending") == []


def test_an_erased_rationale_is_not_found_and_does_not_come_back(world: World) -> None:
    make_item(world.project, "Why?")
    send(world, world.ana, claim(world, world.ana), slots("Zwetschge"))
    index_texts(now=world.now)
    assert found(world, "zwetschge") == ["Why?"]
    place = access.workspace(access.Principal(world.ines), "northgate")
    rater = Rater.objects.get(workspace=world.workspace, user=world.ana)
    done = erasure.erase_rater(place=place, rater=rater, reason="asked", now=world.now)
    assert done.erasure.erased["search_entries"] == 1
    index_texts(now=world.now + dt.timedelta(hours=1))
    assert found(world, "zwetschge") == []
    assert not SearchEntry.objects.filter(review__isnull=False).exists()


def test_a_worker_that_has_only_seen_empty_tables_indexes_a_large_import_all_the_same(
    world: World,
) -> None:
    for _ in range(12):
        index_texts(now=world.now)
    with connection.cursor() as cursor:
        many_revisions(make_item(world.project, "Why is the sky blue?"), cursor)
        cursor.execute("SET LOCAL statement_timeout = '20s'")
    assert index_texts(now=world.now) == 5000


def many_revisions(item: Item, cursor: CursorWrapper) -> None:
    cursor.execute(
        """INSERT INTO feedback_itemrevision (workspace_id, item_id, number, prompt, context, content_hash, created_at)
        SELECT workspace_id, item_id, n, jsonb_build_array(jsonb_build_object('role', 'user', 'parts',
            jsonb_build_array(jsonb_build_object('text', 'word ' || md5(n::text))))), context, content_hash, created_at
        FROM feedback_itemrevision, generate_series(2, 5000) n WHERE item_id = %s""",
        [item.pk],
    )


def test_a_search_goes_through_the_index_of_words(world: World) -> None:
    item = make_item(world.project, "Why is the sky blue?")
    with connection.cursor() as cursor:
        many_revisions(item, cursor)
        assert index_texts(now=world.now) == 5000
        cursor.execute("SELECT gin_clean_pending_list('search_words')")  # as autovacuum does
        cursor.execute("ANALYZE feedback_searchentry")
    plan = found_by(world.project, "sky").explain()
    assert "Bitmap Index Scan on search_words" in plan
    assert found(world, "sky") == ["Why is the sky blue?"]
