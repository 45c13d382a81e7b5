"""What people said of near-equal texts, and how few they are asked about."""

from __future__ import annotations

from curation.methods.verdicts import Verdicts, confirmed, to_ask

TRIANGLE = [("a", "b", 0.9), ("c", "b", 0.95), ("a", "c", 0.92)]


def test_a_person_is_asked_as_little_as_joins_each_group_the_nearest_first():
    assert to_ask(TRIANGLE, Verdicts()) == [(("b", "c"), 0.95), (("a", "c"), 0.92)]
    assert to_ask(reversed(TRIANGLE), Verdicts()) == to_ask(TRIANGLE, Verdicts())


def test_what_was_said_is_not_asked_again():
    said = Verdicts.of([["prompt", "b", "c", "same"], ["prompt", "a", "c", "different"]], "prompt")
    assert to_ask(TRIANGLE, said) == [(("a", "b"), 0.9)]
    assert Verdicts.of([["response", "b", "c", "same"]], "prompt") == Verdicts()


def test_same_goes_on_from_text_to_text_and_different_does_not():
    said = Verdicts(
        frozenset({("b", "c"), ("a", "c"), ("d", "e")}), frozenset({("c", "d"), ("a", "e")})
    )
    groups = confirmed(said)
    assert {groups.find(text) for text in "abc"} == {"a"}
    assert {groups.find(text) for text in "de"} == {"d"}
    assert groups.find("f") == "f"
