"""A form to and from Label Studio on its page and by API: downloaded, taken over into the editor, refused with reasons."""

from __future__ import annotations

from feedback.forms.domains import DOMAINS
from feedback.readers.label_write import write_label_config
from tests.api.calls import by_key, faults
from tests.web.pages import Reader
from tests.world import World

FORM = "/w/northgate/p/chat/form/"
PAGE = FORM + "label-studio/"
ODD = '<View><Image name="i" value="$i"/><RectangleLabels name="r" toName="i"><Label value="x"/></RectangleLabels></View>'


def test_the_form_is_downloaded_and_taken_over_again(world: World) -> None:
    mara = Reader(world.mara)
    seen = mara.get(FORM + "label-studio.xml")
    assert seen.headers["Content-Disposition"] == 'attachment; filename="chat-form-v1.xml"'
    assert seen.source == write_label_config(DOMAINS["chat"].form)
    taken = mara.post(PAGE, {"config": seen.source})
    assert "Taken over from Label Studio" in taken
    assert "Nothing so far" in taken
    changed = mara.post(PAGE, {"config": seen.source.replace("Factual accuracy", "Accuracy")})
    assert "title: “Accuracy”, was “Factual accuracy”" in changed
    assert world.project.forms.count() == 1


def test_what_cannot_be_taken_over_is_listed(world: World) -> None:
    mara = Reader(world.mara)
    refused = mara.post(PAGE, {"config": ODD})
    assert refused.status == 422
    assert "RectangleLabels cannot be taken over: it is drawn on pictures" in refused
    assert "2 things to mend" in refused
    assert "broken XML" in mara.post(PAGE, {"config": "<View>"})
    assert "Choose a file or paste" in mara.post(PAGE, {"config": ""})


def test_the_api_converts_both_ways_and_publishes_nothing(world: World) -> None:
    at = "/projects/northgate/chat"
    manager = by_key(world, world.mara)
    config = manager.get(f"{at}/forms/label-studio").json()["config"]
    schema = manager.post(f"{at}/forms/label-studio", {"config": config}).json()["schema"]
    assert manager.post(f"{at}/forms", {"schema": schema}).json()["version"] == 1
    refused = manager.post(f"{at}/forms/label-studio", {"config": ODD})
    assert ("Image", "unsupported_tag") in faults(refused)
    assert world.project.forms.count() == 1


def test_a_reviewer_takes_nothing_over(world: World) -> None:
    assert Reader(world.ana).get(PAGE).status == 403
    assert Reader(world.ana).get(FORM + "label-studio.xml").status == 403
