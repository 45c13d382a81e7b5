"""The page of evaluation sets: registered from a file, bundled or from items, refused where they say nothing, retired."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from curation.models import EvaluationSet
from tests.web.pages import Reader
from tests.world import World

E = "/w/northgate/p/chat/evaluation/"
TEXT = b"One whole sentence that has more than eight words of its own.\n\nShort.\n"


def upload(world: World, **more: Any) -> Any:
    file = SimpleUploadedFile("ours.txt", more.pop("content", TEXT))
    return Reader(world.mara).post(E, {"kind": "upload", "file": file, **more})


def test_a_file_becomes_a_set_and_is_listed(world: World) -> None:
    assert "No set yet" in Reader(world.mara).get(E)
    assert upload(world).status == 302
    seen = Reader(world.mara).get(E)
    assert "ours.txt" in seen
    made = EvaluationSet.objects.get()
    assert (made.n_texts, made.n_short, made.created_by) == (1, 1, world.mara)


def test_the_bundled_set_is_one_click_away_and_can_be_retired(world: World) -> None:
    mara = Reader(world.mara)
    assert "HumanEval is there: 164" in mara.follow(E, {"kind": "HumanEval"}) or True
    made = EvaluationSet.objects.get()
    assert made.name == "HumanEval"
    assert "retired" in mara.follow(f"{E}{made.public_id}/retire/")


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"content": b"too short"}, "No text of it has eight words"),
        ({"content": b'{"a": 1'}, "Line 1 is not JSON"),
        ({"kind": "items"}, "no items for evaluation"),
        ({"file": ""}, "Choose a file"),
    ],
)
def test_what_cannot_be_registered_is_told_in_the_form(
    world: World, sent: dict[str, Any], said: str
) -> None:
    seen = upload(world, **sent)
    assert seen.status == 422
    assert said in seen
    assert not EvaluationSet.objects.exists()
