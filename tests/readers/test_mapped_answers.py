"""Answers by mapping: votes, ratings and choices out of columns."""

from __future__ import annotations

from typing import Any

import pytest

from feedback.readers import ItemRow, Row
from feedback.readers.mapping import parse_mapping
from feedback.readers.native import build


def mapped(mapping: Any, record: Any) -> Row:
    row, faults = parse_mapping(mapping).fill(record)
    return build(1, b"", row, faults)


def item_of(mapping: Any, record: Any) -> ItemRow:
    row = mapped(mapping, record)
    assert row.problems == []
    assert row.item is not None
    return row.item


def problems_of(mapping: Any, record: Any) -> list[tuple[str, str]]:
    return [(problem.path, problem.code) for problem in mapped(mapping, record).problems]


def answers_of(answers: Any, record: Any, count: int = 2) -> Any:
    mapping = {
        "prompt": {"constant": "p"},
        "responses": [{"constant": f"r{place}"} for place in range(count)],
        "reviews": [{"rater": {"constant": "r"}, "answers": answers}],
    }
    return item_of(mapping, record).reviews[0].answers


@pytest.mark.parametrize(
    ("vote", "entry"),
    [
        ("first", {"value": 1}),
        ("second", {"value": -1}),
        ("tie", {"value": 0}),
        ("both_unacceptable", {"value": 0, "both_unacceptable": True}),
        (3, {"value": 3}),
        (-2.0, {"value": -2}),
    ],
)
def test_a_vote_is_first_second_tie_or_a_number(vote: Any, entry: Any) -> None:
    answers = answers_of({"q": {"preference": "vote"}}, {"vote": vote})
    assert answers == {"q": [{"a": 1, "b": 2, **entry}]}
    turned = answers_of({"q": {"preference": "vote", "between": [3, 1]}}, {"vote": vote}, 3)
    assert turned == {"q": [{"a": 3, "b": 1, **entry}]}


@pytest.mark.parametrize("vote", ["left", 4, 0.5, "1", True, ["first"]])
def test_any_other_vote_rejects_its_review_only(vote: Any) -> None:
    mapping = {
        "prompt": {"constant": "p"},
        "responses": [{"constant": "a"}, {"constant": "b"}],
        "reviews": [
            {"rater": {"constant": "r"}, "answers": {"q": {"preference": "vote"}}},
            {"rater": {"constant": "s"}, "answers": {"q": {"text": {"constant": "fine"}}}},
        ],
    }
    row = mapped(mapping, {"vote": vote})
    assert [(p.path, p.code) for p in row.problems] == [("reviews.0.answers.q", "value_not_mapped")]
    assert row.item is not None
    assert [review.rater for review in row.item.reviews] == ["s"]


def test_a_list_of_outcomes_stands_for_all_pairs_in_order() -> None:
    outcomes = {"path": "votes", "values": {"0": "tie", "1": "first", "2": "second"}}
    answers = answers_of({"q": {"preferences": outcomes}}, {"votes": [0, 1, 2, None, 1, 2]}, 4)
    assert [(e["a"], e["b"], e["value"]) for e in answers["q"]] == [
        (1, 2, 0),
        (1, 3, 1),
        (1, 4, -1),
        (2, 4, 1),
        (3, 4, -1),
    ]


@pytest.mark.parametrize("votes", [[1, 1], [1] * 4, "111", {}])
def test_a_list_for_all_pairs_has_to_be_as_long_as_there_are_pairs(votes: Any) -> None:
    mapping = {
        "prompt": {"constant": "p"},
        "responses": [{"constant": text} for text in "abc"],
        "reviews": [{"rater": {"constant": "r"}, "answers": {"q": {"preferences": "votes"}}}],
    }
    assert problems_of(mapping, {"votes": votes}) == [("reviews.0.answers.q", "wrong_length")]


def test_ratings_and_choices_belong_to_positions() -> None:
    answers = answers_of(
        {
            "accuracy": {"ratings": {"each": "outputs", "entry": "score"}},
            "tone": {"ratings": ["t1", "t2"]},
            "faults": {"choices_per_response": {"each": "outputs", "entry": "faults"}},
            "topic": {"choices": {"path": "topics", "split": ";"}},
            "domain": {"choices": "domain"},
            "why": {"text": "why"},
            "stored": "stored",
            "gone": {"text": "nothing"},
        },
        {
            "outputs": [{"score": "4", "faults": ["long"]}, {"score": ""}],
            "t2": 2.0,
            "topics": "a;b",
            "domain": "law",
            "why": "Because.",
            "stored": {"1": 5},
        },
    )
    assert answers == {
        "accuracy": {"1": 4},
        "tone": {"2": 2},
        "faults": {"1": ["long"]},
        "topic": ["a", "b"],
        "domain": ["law"],
        "why": "Because.",
        "stored": {"1": 5},
    }
