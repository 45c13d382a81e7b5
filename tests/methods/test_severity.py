"""What critiques weigh."""

from __future__ import annotations

import pytest

from curation.methods.severity import MQM, parse_weights


@pytest.mark.parametrize(
    ("category", "severity", "weight"),
    [
        ("accuracy", "minor", 1),
        ("accuracy", "major", 5),
        ("fluency_punctuation", "minor", 0.1),
        ("fluency_punctuation", "major", 5),
        ("non_translation", "minor", 25),
        ("accuracy", "odd", 3),
    ],
)
def test_the_closest_name_decides_and_what_has_none_weighs_what_its_form_says(
    category: str, severity: str, weight: float
) -> None:
    assert parse_weights(MQM).of(category, severity, 3) == weight


@pytest.mark.parametrize(
    "text", ["minor", "minor = x", "minor = -1", "= 1", "minor = 1001", "a=1,a=2"]
)
def test_what_is_no_weight_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"“.*\.$"):
        parse_weights(text)


def test_nothing_said_is_no_weight_of_its_own() -> None:
    assert parse_weights(" \n").of("any", "minor", 2) == 2
