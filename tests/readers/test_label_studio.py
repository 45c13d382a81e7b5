"""Label Studio exports: annotations become reviews, and what a configuration does not know is refused with a code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from feedback.readers import ReadingFailed, Row, check_mapping
from feedback.readers.mapping import parse_mapping
from tests.readers.files import DATA, codes, rows_of, written

CONFIG = """<View>
  <Pairwise name="pw" toName="left,right"/>
  <Text name="left" value="$first"/>
  <Text name="right" value="$second"/>
  <Choices name="tie" toName="left"><Choice value="Tie"/><Choice value="Both bad"/></Choices>
  <Rating name="stars_left" toName="left" maxRating="7"/>
  <Rating name="stars_right" toName="right"/>
  <Choices name="faults" toName="right" choice="multiple"><Choice value="Too long" alias="long"/><Choice value="Wrong"/></Choices>
  <Choices name="topic" toName="prompt"><Choice value="Law"/><Choice value="Code"/></Choices>
  <Choices name="offered" toName="prompt" value="$options"/>
  <TextArea name="why" toName="prompt"/>
  <Text name="prompt" value="$prompt"/>
  <Labels name="spans" toName="left"><Label value="Claim"/></Labels>
</View>"""
SECTION = {
    "config": CONFIG,
    "objects": {"left": 1, "right": 2},
    "controls": {
        "pw": {"question": "preference"},
        "tie": {
            "question": "preference",
            "between": [1, 2],
            "values": {"Tie": "tie", "Both bad": "both_unacceptable"},
        },
        "stars_left": {"question": "accuracy"},
        "stars_right": {"question": "accuracy"},
        "topic": {"values": {"Law": "legal"}},
    },
}
MAPPING = {
    "label_studio": SECTION,
    "prompt": "data.prompt",
    "responses": ["data.first", "data.second"],
}


def result(control: str, value: dict[str, Any]) -> dict[str, Any]:
    return {"from_name": control, "to_name": "x", "type": "x", "value": value}


def annotated(*results: Any, **annotation: Any) -> dict[str, Any]:
    return {"completed_by": 7, "result": list(results), **annotation}


def read_task(
    folder: Path, *annotations: Any, section: dict[str, Any] | None = None, **data: Any
) -> Row:
    task = {
        "id": 1,
        "data": {"prompt": "Which?", "first": "A", "second": "B", **data},
        "annotations": list(annotations),
    }
    path = written(folder, "export.json", json.dumps([task]))
    (row,) = rows_of(path, {**MAPPING, "label_studio": {**SECTION, **(section or {})}})
    return row


def only_answers(row: Row) -> dict[str, Any]:
    assert row.item is not None
    assert row.problems == []
    (review,) = row.item.reviews
    return review.answers


def test_every_supported_control_becomes_an_answer(tmp_path: Path) -> None:
    row = read_task(
        tmp_path,
        annotated(
            result("pw", {"selected": "right"}),
            result("stars_left", {"rating": 7}),
            result("stars_right", {"rating": 2}),
            result("faults", {"choices": ["long", "Wrong"]}),
            result("topic", {"choices": ["Law"]}),
            result("offered", {"choices": ["blue"]}),
            result("why", {"text": ["First line.", "Second."]}),
        ),
        options=[{"value": "red"}, "blue"],
    )
    assert only_answers(row) == {
        "preference": [{"a": 1, "b": 2, "value": -1}],
        "accuracy": {"1": 7, "2": 2},
        "faults": {"2": ["long", "Wrong"]},
        "topic": ["legal"],
        "offered": ["blue"],
        "why": "First line.\nSecond.",
    }


def test_a_choice_may_be_the_vote_that_pairwise_lacks(tmp_path: Path) -> None:
    tie = only_answers(read_task(tmp_path, annotated(result("tie", {"choices": ["Tie"]}))))
    bad = only_answers(read_task(tmp_path, annotated(result("tie", {"choices": ["Both bad"]}))))
    assert tie == {"preference": [{"a": 1, "b": 2, "value": 0}]}
    assert bad == {"preference": [{"a": 1, "b": 2, "value": 0, "both_unacceptable": True}]}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (result("nobody", {"choices": ["Law"]}), "unknown_control"),
        (result("topic", {"choices": ["Cooking"]}), "not_a_choice"),
        (result("topic", {}), "not_a_choice"),
        (result("offered", {"choices": ["green"]}), "not_a_choice"),
        (result("pw", {"selected": "middle"}), "not_a_choice"),
        (result("stars_left", {"rating": 8}), "not_a_choice"),
        (result("stars_right", {"rating": 6}), "not_a_choice"),
        (result("spans", {"labels": ["Claim"], "start": 0, "end": 1}), "unsupported_control"),
        (result("why", {"text": 3}), "wrong_type"),
        ("no object", "unknown_control"),
    ],
)
def test_what_the_configuration_does_not_know_rejects_that_review(
    tmp_path: Path, given: Any, code: str
) -> None:
    good = annotated(result("pw", {"selected": "left"}))
    row = read_task(tmp_path, annotated(given), good, options=["red"])
    assert codes(row)[0] == code
    assert {problem.index for problem in row.problems} == {1}
    assert row.item is not None
    assert len(row.item.reviews) == 1
    assert (row.reviews, row.rejected_reviews) == (2, 1)


def test_two_answers_to_one_question_reject_the_review(tmp_path: Path) -> None:
    both = annotated(result("pw", {"selected": "left"}), result("tie", {"choices": ["Tie"]}))
    assert codes(read_task(tmp_path, both)) == ["repeated_control"]
    stars = result("stars_left", {"rating": 1}), result("stars_left", {"rating": 2})
    assert codes(read_task(tmp_path, annotated(*stars))) == ["repeated_control"]


def test_a_skipped_task_is_a_rejected_review_with_a_code_of_its_own(tmp_path: Path) -> None:
    row = read_task(tmp_path, annotated(was_cancelled=True), annotated(was_cancelled=False))
    assert [(p.index, p.code) for p in row.problems] == [(1, "cancelled"), (2, "empty_review")]


def test_a_control_that_the_mapping_ignores_is_no_fault(tmp_path: Path) -> None:
    both = annotated(result("pw", {"selected": "left"}), result("spans", {"labels": ["Claim"]}))
    row = read_task(tmp_path, both, section={"ignore": ["spans"]})
    assert only_answers(row) == {"preference": [{"a": 1, "b": 2, "value": 1}]}


@pytest.mark.parametrize(
    ("who", "rater"),
    [
        (7, "7"),
        ("ana", "ana"),
        ({"id": 42, "email": "a@example.org"}, "42"),
        ({"email": "a@example.org"}, "a@example.org"),
    ],
)
def test_completed_by_may_be_a_number_or_an_object(tmp_path: Path, who: Any, rater: str) -> None:
    vote = annotated(result("pw", {"selected": "left"}), completed_by=who)
    row = read_task(tmp_path, vote)
    assert row.item is not None
    assert [review.rater for review in row.item.reviews] == [rater]


def test_an_annotation_by_nobody_is_rejected(tmp_path: Path) -> None:
    vote = annotated(result("pw", {"selected": "left"}), completed_by=None)
    assert codes(read_task(tmp_path, vote)) == ["missing_field"]


def test_times_and_ids_of_an_annotation_are_kept(tmp_path: Path) -> None:
    vote = annotated(
        result("pw", {"selected": "left"}),
        id=11,
        lead_time=12.5,
        created_at="2024-05-15T12:09:16.789536+02:00",
    )
    row = read_task(tmp_path, vote)
    assert row.item is not None
    review = row.item.reviews[0]
    assert (review.id, review.active_seconds) == ("11", 12.5)
    assert str(review.submitted_at) == "2024-05-15 10:09:16.789536+00:00"


def test_a_ground_truth_is_marked_and_makes_gold_only_when_asked(tmp_path: Path) -> None:
    truth = annotated(result("pw", {"selected": "left"}), ground_truth=True)
    plain = read_task(tmp_path, truth).item
    gold = read_task(tmp_path, truth, section={"ground_truth": "gold"}).item
    assert plain is not None
    assert gold is not None
    assert (plain.tags, plain.purpose) == (["ground_truth"], "train")
    assert (gold.tags, gold.purpose) == (["ground_truth"], "gold")


def test_a_previous_export_of_one_task_is_one_row() -> None:
    mapping = {
        "label_studio": {
            "config": '<View><Image name="image" value="$image"/><Choices name="label" toName="image">'
            '<Choice value="Cat"/><Choice value="Dog"/></Choices></View>'
        },
        "id": "id",
        "prompt": "data.image",
    }
    (row,) = rows_of(DATA / "label_studio" / "ls_previous_export.json", mapping)
    assert row.item is not None
    (review,) = row.item.reviews
    assert (row.item.id, review.id, review.rater) == ("1234", "5678", "42")
    assert review.answers == {"label": ["Cat"]}
    assert review.active_seconds == 346193.271


def test_the_humour_sample_has_its_choices_and_one_ground_truth() -> None:
    mapping = {
        "label_studio": {
            "config": '<View><Text name="text" value="$text"/><Choices name="sentiment" toName="text">'
            '<Choice value="Humor"/><Choice value="Not Humor"/></Choices></View>',
            "controls": {"sentiment": {"question": "humour", "values": {"Not Humor": "no"}}},
        },
        "prompt": "data.text",
    }
    rows = rows_of(DATA / "label_studio" / "ls_humor_dataset_2_annotations.json", mapping)
    items = [row.item for row in rows if row.item]
    assert [item.reviews[0].answers for item in items] == [{"humour": ["no"]}] * 2
    assert [item.tags for item in items] == [["ground_truth"], []]


def test_boxes_on_pictures_are_refused_review_by_review() -> None:
    mapping = {
        "label_studio": {
            "config": '<View><Image name="image" value="$image"/><RectangleLabels name="label" toName="image">'
            '<Label value="Car"/></RectangleLabels></View>'
        },
        "prompt": "data.text",
    }
    rows = rows_of(DATA / "label_studio" / "sdk_test_export_csv_csv_test.json", mapping)
    assert [codes(row)[0] for row in rows] == ["unsupported_control"] * 2
    assert [row.rejected_reviews for row in rows] == [1, 1]


def test_odd_characters_in_a_choice_are_compared_as_they_are() -> None:
    choice = "Yes &quot; &quot;&quot; &#10; &#9; &#9; а б в &#10;"
    mapping = {
        "label_studio": {
            "config": f'<View><Text name="uri" value="$uri"/><Choices name="uri_selection" toName="uri">'
            f'<Choice value="{choice}"/></Choices></View>'
        },
        "prompt": "data.uri",
    }
    rows = rows_of(DATA / "label_studio" / "sdk_test_export_csv_csv_test2.json", mapping)
    assert [row.problems for row in rows] == [[]] * len(rows)
    assert rows[0].item is not None
    answer = rows[0].item.reviews[0].answers["uri_selection"]
    assert answer == ['Yes " "" \n \t \t а б в \n']


def refused(section: dict[str, Any]) -> ReadingFailed:
    with pytest.raises(ReadingFailed) as caught:
        check_mapping({**MAPPING, "label_studio": {**SECTION, **section}})
    assert caught.value.code == "bad_mapping"
    return caught.value


def test_a_broken_configuration_is_told_by_line_and_column() -> None:
    (problem,) = refused({"config": "<View>\n  <Choices></View>"}).problems
    assert (problem.code, problem.path) == ("bad_label_config", "label_studio.config")
    assert "line 2, column 14" in problem.sentence


@pytest.mark.parametrize(
    "config",
    [
        '<!DOCTYPE v [<!ENTITY a "b">]><View>&a;</View>',
        '<!DOCTYPE v [<!ENTITY a SYSTEM "file:///etc/passwd">]><View>&a;</View>',
        '<!DOCTYPE v SYSTEM "http://127.0.0.1/v.dtd"><View/>',
    ],
)
def test_entities_and_document_types_are_not_read(config: str) -> None:
    failed = refused({"config": config})
    assert "document type or entities" in failed.sentence


def test_a_configuration_that_the_vendor_cannot_use_is_refused() -> None:
    assert (
        "cannot be used" in refused({"config": '<View><?x name="a" toName="b"?></View>'}).sentence
    )


def test_annotations_of_the_wrong_kind_are_told(tmp_path: Path) -> None:
    rows = [{"data": {"prompt": "p", "first": "a", "second": "b"}, "annotations": {}}, 3]
    rows.append({**rows[0], "annotations": ["vote"]})  # type: ignore[dict-item]
    path = written(tmp_path, "export.json", json.dumps(rows))
    found = rows_of(path, MAPPING, format="label_studio")
    assert [codes(row)[0] for row in found] == ["not_a_list", "missing_field", "wrong_type"]


def test_a_declaration_with_an_encoding_is_no_fault() -> None:
    config = '<?xml version="1.0" encoding="UTF-8"?>' + CONFIG
    check_mapping({**MAPPING, "label_studio": {**SECTION, "config": config}})


def test_names_that_the_configuration_lacks_are_all_told() -> None:
    section = {
        "objects": {"left": 1, "middle": 2},
        "controls": {"sentiment": {}, "tie": {"between": [2, 2]}},
        "ignore": ["boxes"],
    }
    failed = refused(section)
    assert {(problem.path, problem.code) for problem in failed.problems} == {
        ("label_studio.controls.sentiment", "unknown_control"),
        ("label_studio.ignore.boxes", "unknown_control"),
        ("label_studio.objects.middle", "unknown_object"),
        ("label_studio.controls.stars_right", "unknown_object"),
        ("label_studio.controls.pw", "bad_pair"),
        ("label_studio.controls.tie.between", "bad_pair"),
    }


def test_reviews_cannot_be_mapped_beside_annotations() -> None:
    with pytest.raises(ReadingFailed, match="reviews cannot be mapped as well"):
        parse_mapping({**MAPPING, "reviews": "annotations"})
