"""Vectors of a project: fitted, kept up after imports, made anew when it has doubled, and asked by page and API."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.db.models import F

from curation.actions.vectors import (
    WAITING,
    resume_encodings,
)
from curation.encoders import lexical
from curation.models import Encoding, ItemVector
from curation.queries.vectors import NO_VECTOR, alike
from feedback.models import Announcement, Scope
from tests.api.calls import by_key
from tests.similar import item, make
from tests.steps import import_rows, row
from tests.web.pages import Reader
from tests.world import World

pytestmark = pytest.mark.usefixtures("own_files")

PROMPT = "May the owner of {} sue a neighbour over {} before the court of {}?"
THINGS = ("a mill", "a vineyard", "two horses", "a bridge", "an orchard")
CAUSES = ("noise", "smoke", "water", "roots", "shade")


def prompts(count: int, first: int = 0) -> list[dict[str, Any]]:
    return [
        row(
            f"i{n}",
            prompt=PROMPT.format(THINGS[n % 5], CAUSES[n // 5 % 5], f"{'abcdefg'[n % 7] * 6} {n}"),
        )
        for n in range(first, first + count)
    ]


@pytest.fixture
def place(world: World) -> Any:
    return world.place(world.ines)


def test_the_most_alike_item_is_the_edited_copy(world: World, place: Any, now: dt.datetime) -> None:
    copy = row("copy", prompt=PROMPT.format("a  MILL", "noises", "aaaaaa 0"))
    import_rows(place, [*prompts(40), copy], now)
    made = make(world, now)
    assert (made.state, made.n_vectors, made.n_texts, made.version) == ("ready", 41, 41, 1)
    found = alike(world.project, item("copy"))
    assert found.rows[0].item == item("i0")
    assert found.rows[0].score > found.rows[1].score
    assert len(found.rows) == 20


def test_new_items_and_new_texts_get_vectors_by_the_same_fit(
    world: World, place: Any, now: dt.datetime
) -> None:
    import_rows(place, prompts(40), now)
    first = make(world, now)
    import_rows(
        place, [*prompts(10, 40), row("i3", prompt="What else?")], now, on_conflict="revise"
    )
    later = make(world, now + dt.timedelta(minutes=1))
    assert (later.pk, later.n_texts, later.n_vectors) == (first.pk, first.n_texts, 50)
    assert not ItemVector.objects.exclude(revision=F("item__revision")).exists()
    assert alike(world.project, item("i45")).rows


def test_a_project_that_has_doubled_is_fitted_anew_and_the_old_fit_is_removed(
    world: World,
    place: Any,
    now: dt.datetime,
    tmp_path: Path,
    django_capture_on_commit_callbacks: Any,
) -> None:
    import_rows(place, prompts(30), now)
    make(world, now)
    import_rows(place, prompts(30, 30), now)
    with django_capture_on_commit_callbacks(execute=True):
        second = make(world, now)
    assert [path.name for path in tmp_path.glob("encodings/*")] == [f"{second.public_id}.npz"]
    assert (second.version, second.n_texts, second.state) == (2, 60, "ready")
    assert list(Encoding.objects.all()) == [second]
    assert set(ItemVector.objects.values_list("encoding", flat=True)) == {second.pk}


def test_a_worker_that_has_lost_the_fit_leaves_no_file(
    world: World, place: Any, now: dt.datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_rows(place, prompts(30), now)
    fit = lexical.fit

    def fit_for_too_long(texts: Any) -> Any:
        Encoding.objects.update(lease="5" * 32)
        return fit(texts)

    monkeypatch.setattr(lexical, "fit", fit_for_too_long)
    assert make(world, now).state == "running"
    assert list(tmp_path.glob("encodings/*")) == []


def test_too_few_prompts_are_said_to_be_too_few(world: World, place: Any, now: dt.datetime) -> None:
    import_rows(place, prompts(5), now)
    assert make(world, now).error_code == "few_texts"
    seen = Reader(world.mara).get(f"/w/northgate/p/chat/items/{item('i1').public_id}/similar/")
    assert "too few" in seen
    asked = f"/projects/northgate/chat/items/{item('i1').public_id}/similar"
    missing = by_key(world, world.mara, Scope.ITEMS_READ).get(asked).json()["missing"]
    assert missing["code"] == "few_texts"
    assert "too few" in missing["sentence"]


def test_an_encoder_that_cannot_be_had_is_told(
    world: World, place: Any, now: dt.datetime, settings: Any, tmp_path: Path
) -> None:
    settings.ENCODER = str(tmp_path / "no-model")
    import_rows(place, prompts(30), now)
    made = make(world, now)
    assert (made.state, made.error_code, made.name) == ("failed", "encoder_missing", "no-model")


def test_an_import_asks_for_vectors_and_a_dead_worker_is_followed_by_another(
    world: World, place: Any, now: dt.datetime
) -> None:
    import_rows(place, prompts(30), now)
    assert Announcement.objects.filter(name="feedback.import_finished").count() == 1
    made = make(world, now)
    Encoding.objects.filter(pk=made.pk).update(
        state="running", lease="5" * 32, leased_until=now - dt.timedelta(minutes=1)
    )
    Announcement.objects.all().delete()
    assert resume_encodings(now=now) == 1
    assert Announcement.objects.get().name == WAITING


def test_the_page_and_the_api_say_who_is_alike_and_by_whose_measure(
    world: World, place: Any, now: dt.datetime
) -> None:
    import_rows(place, prompts(30), now)
    at = f"items/{item('i0').public_id}/similar"
    reader, caller = Reader(world.mara), by_key(world, world.mara, Scope.ITEMS_READ)
    page, door = f"/w/northgate/p/chat/{at}/", f"/projects/northgate/chat/{at}"
    assert "This item has no vector yet" in reader.get(page)
    assert caller.get(door).json() == {
        "encoder": None,
        "encoder_version": None,
        "waiting": True,
        "exact": True,
        "compared": 0,
        "rows": [],
        "missing": {"code": "no_vector_yet", "sentence": NO_VECTOR.sentence},
    }
    make(world, now)
    seen = reader.get(page)
    assert "lexical" in seen
    assert "May the owner of a mill" in seen
    answer = caller.get(f"{door}?limit=3").json()
    assert (answer["encoder"], answer["encoder_version"], len(answer["rows"])) == ("lexical", 1, 3)
    assert answer["rows"][0]["score"] >= answer["rows"][1]["score"]
    assert answer["missing"] is None
    assert (
        f'href="{page}"' in reader.get(f"/w/northgate/p/chat/items/{item('i0').public_id}/").source
    )
    assert f'href="{page}"' in reader.get("/w/northgate/p/chat/items/").source


def test_a_manager_asks_for_vectors_by_a_form(world: World, place: Any, now: dt.datetime) -> None:
    import_rows(place, prompts(30), now)
    Reader(world.mara).post("/w/northgate/p/chat/vectors/", {})
    assert Encoding.objects.get().state == "waiting"
    missing = alike(world.project, item("i0")).missing
    assert missing is not None
    assert missing.code == "vectors_in_making"
    assert Announcement.objects.filter(name=WAITING).count() == 1


def test_texts_leave_only_when_an_owner_has_allowed_it(
    world: World, place: Any, now: dt.datetime, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ENCODER, settings.ENCODER_MODEL = "https://vectors.example/v1", "small"
    asked: list[str] = []
    monkeypatch.setattr(
        "curation.encoders.endpoint._posted", lambda address, *_: asked.append(address) or b"{}"
    )
    import_rows(place, prompts(30), now)
    assert (make(world, now).error_code, asked) == ("texts_stay", [])
    page = f"/w/northgate/p/chat/items/{item('i0').public_id}/similar/"
    send = "/w/northgate/p/chat/vectors/send/"
    assert "An owner of the workspace decides" in Reader(world.mara).get(page)
    assert Reader(world.mara).post(send, {"allowed": "yes"}).status == 403
    owner = Reader(world.ines)
    assert "Allow texts to be sent to vectors.example" in owner.get(page)
    owner.post(send, {"allowed": "yes", "next": page})
    assert make(world, now).error_code == "encoder_unreachable"
    assert asked == ["https://vectors.example/v1"]
    owner.post(send, {"allowed": "no"})
    assert make(world, now).error_code == "texts_stay"
    assert len(asked) == 1
