"""Nothing that a reviewer's program gets tells a model, an id, a position, a tag, a purpose or a source."""

from __future__ import annotations

import json

from feedback.models import (
    Item,
    ItemRecord,
    ItemRevision,
    Provenance,
    Rater,
    Response,
    Source,
)
from tests.api.calls import by_key
from tests.world import FULL, World, make_item, say

MARKS = [
    *("mark-model", "mark-version", "mark-terms", "mark-licence", "mark-origin", "mark-parameter"),
    *("mark-external", "mark-tag", "mark-group", "mark-source", "mark-sender", "mark-call-id"),
    *("gold", "mark-rater"),
]
SEEN = {
    "": {
        "disclosed",
        "assignment",
        "state",
        "leased_until",
        "form_version",
        "form",
        "prompt",
        "context",
        "slots",
        "draft",
    },
    "slot": {"letter", "messages"},
    "message": {"role", "parts", "tool_calls", "tool"},
    "part": {"text", "format"},
    "document": {"title", "kind", "parts"},
    "draft": {"body", "revision", "saved_at"},
}


def planted(world: World) -> Item:
    """An item with a mark at every place that a reviewer must not see."""
    item = make_item(world.project, "What is seen", wanted=3, purpose="gold")
    origin = Provenance.objects.create(
        workspace=world.workspace,
        digest=b"2" * 32,
        origin="model",
        model="mark-model",
        model_version="mark-version",
        parameters={"name": "mark-parameter"},
        provider_terms="mark-terms",
        licence="mark-licence",
        source="mark-origin",
    )
    call = {
        "id": "mark-call-id",
        "type": "function",
        "function": {"name": "search", "arguments": "{}"},
    }
    message = {
        **say("assistant", "Seen")[0],
        "name": "mark-sender",
        "tool_call_id": "mark-call-id",
        "tool_calls": [call],
    }
    rater = Rater.objects.create(
        workspace=world.workspace, rater_kind="model", external_key="mark-rater"
    )
    Response.objects.filter(revision=item.revision).update(
        provenance=origin, messages=[message], author=rater
    )
    prompt = [{**say("user", "What is seen")[0], "name": "mark-sender"}]
    context = [
        {
            "title": "Seen",
            "kind": "note",
            "parts": [{"type": "text", "text": "Seen", "source": "mark-source"}],
            "source": "mark-source",
        }
    ]
    ItemRevision.objects.filter(pk=item.revision_id).update(
        prompt=prompt, context=context, prompt_provenance=origin, context_provenance=origin
    )
    ItemRecord.objects.filter(item=item).update(
        external_id="mark-external", tags=["mark-tag"], group_key="mark-group"
    )
    Source.objects.update(name="mark-source")
    return item


def test_what_a_reviewer_gets_holds_letters_texts_and_the_form_alone(world: World, at: str) -> None:
    item = planted(world)
    make_item(world.project, wanted=3)
    caller = by_key(world, world.ana)
    by_key(world, world.ben).post(f"{at}/next")
    following = caller.post(f"{at}/next")
    path = f"{at}/assignments/{following.json()['assignment']}"
    answers = [following, caller.post(f"{at}/next", {"ahead": True}), caller.get(path)]
    answers += [caller.put(f"{path}/draft", {"body": FULL, "based_on": 0}), caller.get(path)]
    answers += [caller.post(f"{path}/hold"), caller.post(f"{path}/flag", {"reason": "other"})]
    answers += [caller.post(f"{path}/review", {"body": FULL}), caller.get(path)]
    answers += [caller.get("/reviews"), caller.get(at), caller.get(f"{at}/forms")]
    ids = [str(item.public_id), *(str(row.public_id) for row in item.revision.responses.all())]
    for response in answers:
        assert response.status_code < 300
        told = response.content.decode() + str(dict(response.headers))
        assert [mark for mark in [*MARKS, *ids] if mark in told] == []
        assert "position" not in told
        assert "ETag" not in response.headers


def test_a_payload_has_no_field_beyond_the_list(world: World, at: str) -> None:
    planted(world)
    desk = by_key(world, world.ana).post(f"{at}/next").json()
    assert desk.keys() == SEEN[""]
    assert desk["draft"].keys() == SEEN["draft"]
    messages = [*desk["prompt"]]
    for slot in desk["slots"]:
        assert slot.keys() == SEEN["slot"]
        messages += slot["messages"]
    for message in messages:
        assert message.keys() <= SEEN["message"]
        assert all(part.keys() == SEEN["part"] for part in message["parts"])
        assert all(call.keys() == {"name", "arguments"} for call in message.get("tool_calls", ()))
    for document in desk["context"]:
        assert document.keys() == SEEN["document"]
        assert all(part.keys() == SEEN["part"] for part in document["parts"])
    assert "Seen" in json.dumps(desk)
