"""Saved views and search on the list of items."""

from __future__ import annotations

from feedback.actions.searching import index_texts
from feedback.models import SavedView
from tests.web.pages import Reader
from tests.world import World, make_item

ITEMS = "/w/northgate/p/chat/items/"
VIEWS = ITEMS + "views/"


def test_a_list_is_searched_ordered_and_paged(world: World, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr("feedback.web.items.ROWS", 1)
    for number, rank in enumerate((7, 3, 5)):
        make_item(world.project, f"Sky {number}", rank=rank)
    make_item(world.project, "Sea", rank=1)
    index_texts(now=world.now)
    mara = Reader(world.mara)
    seen, path = [], ITEMS + "?q=sky&sort=queue"
    while path:
        page = mara.get(path)
        seen += [n for n in range(3) if f"Tick: Sky {n}" in page.source]
        after = page.source.partition('rel="next" href="')[2].partition('"')[0]
        path = ITEMS + after.replace("&amp;", "&") if after else ""
    assert seen == [1, 2, 0]
    assert "No item is like that" in mara.get(ITEMS, {"q": "moon"})


def test_a_view_is_kept_for_oneself_or_shared(world: World) -> None:
    make_item(world.project)
    mara, ines = Reader(world.mara), Reader(world.ines)
    kept = mara.follow(VIEWS, {"name": "Mine", "state": "settled", "sort": "oldest"})
    assert "Kept as “Mine”." in kept
    assert 'href="?state=settled&amp;sort=oldest" aria-current="true">Mine</a>' in kept.source
    mara.post(VIEWS, {"name": "Ours", "tag": "civil", "shared": "yes"})
    assert "Ours" in ines.get(ITEMS)
    assert ">Mine<" not in ines.get(ITEMS).source
    mara.post(VIEWS, {"name": "Mine", "purpose": "gold"})
    mine = SavedView.objects.get(name="Mine")
    assert mine.query == {"purpose": "gold"}
    assert ines.post(f"{VIEWS}{mine.public_id}/remove/").status == 404
    assert "The view is removed" in mara.follow(f"{VIEWS}{mine.public_id}/remove/")
    assert "has a name" in mara.follow(VIEWS, {"name": " "})
    assert Reader(world.ana).post(VIEWS, {"name": "x"}).status == 403
