"""The hashes that identify texts, items, bodies and pairs never change: golden values, and what they do not depend on."""

from __future__ import annotations

from typing import Any

from feedback.readers import ItemRow
from feedback.readers.identity import (
    body_hash,
    canonical,
    content_hash,
    pair_hash,
    response_hash,
    text_hash,
)
from feedback.readers.native import build

ROW: dict[str, Any] = {
    "id": "1",
    "prompt": "Why?",
    "context": [{"title": "T", "text": "Née in Zürich 👩‍⚖️"}],
    "responses": [{"text": "Because.", "model": "a"}, {"text": "- no", "format": "markdown"}],
}
BODY = {
    "answers": {"why": "x", "preference": [{"a": 1, "b": 2, "value": -3}]},
    "cannot_judge": None,
}


def item_of(**changes: Any) -> ItemRow:
    item = build(1, b"", {**ROW, **changes}).item
    assert item is not None
    return item


def test_canonical_json_sorts_keys_and_leaves_out_what_is_usual() -> None:
    item = item_of()
    assert canonical(item.responses[0].messages).decode() == (
        '[{"parts":[{"text":"Because.","type":"text"}],"role":"assistant"}]'
    )
    assert canonical(item.responses[1].messages).decode() == (
        '[{"parts":[{"format":"markdown","text":"- no","type":"text"}],"role":"assistant"}]'
    )
    assert (
        canonical({"b": 1, "a": [2, {"d": None, "c": "é"}]})
        == '{"a":[2,{"c":"é","d":null}],"b":1}'.encode()
    )


def test_the_hashes_are_what_they_were_when_they_were_decided() -> None:
    item = item_of()
    first, second = (response_hash(response.messages) for response in item.responses)
    assert first == "aa0c5cf14502da5bc507cf4a91eb01b81d95675a3fbe558ad278428f647cf934"
    assert second == "91e0948c38b556b1c89919512ea06d43e64f4d3d60e2eb0739689e3c1ad7b898"
    assert content_hash(item) == "aa188e3c8453dc34afe1b964d023de23ed47e230ea81eb3b182047d66909896c"
    assert text_hash(item) == "1bf46000fecec8bc2712124693e559dce96b260a3ddfc16f4917bcd2b42c6241"
    assert body_hash(BODY) == "e537941e55c9eab5846bdd6d64dee8112628991d61d72fe3d5c19ef64bcea531"
    assert (
        pair_hash(content_hash(item), first, second, "preference")
        == "88b054849695fdb52036768db030cede135ec1e07acf1b08b1fa87be8858e1f0"
    )


def test_the_model_is_part_of_the_content_and_not_of_the_text() -> None:
    other = item_of(responses=[{"text": "Because.", "model": "b"}, ROW["responses"][1]])
    assert content_hash(other) != content_hash(item_of())
    assert text_hash(other) == text_hash(item_of())


def test_what_does_not_belong_to_the_content_does_not_change_its_hash() -> None:
    other = item_of(id="2", tags=["t"], priority=5, purpose="gold", group="g")
    assert content_hash(other) == content_hash(item_of())


def test_prompt_context_and_order_of_responses_belong_to_the_content() -> None:
    hashes = {
        content_hash(item)
        for item in (
            item_of(),
            item_of(prompt="why?"),
            item_of(context=[]),
            item_of(responses=ROW["responses"][::-1]),
            item_of(responses=ROW["responses"][:1]),
        )
    }
    assert len(hashes) == 5


def test_texts_are_hashed_as_they_are_written_not_normalised() -> None:
    composed, decomposed = item_of(prompt="\u00e9"), item_of(prompt="e\u0301")
    assert content_hash(composed) != content_hash(decomposed)


def test_messages_from_the_database_hash_like_messages_from_a_file() -> None:
    stored = [{"role": "assistant", "parts": [{"type": "text", "text": "Because."}]}]
    assert response_hash(stored) == response_hash(item_of().responses[0].messages)


def test_the_order_of_keys_in_a_body_does_not_matter() -> None:
    turned = {
        "cannot_judge": None,
        "answers": {"preference": [{"value": -3, "b": 2, "a": 1}], "why": "x"},
    }
    assert body_hash(turned) == body_hash(BODY)
