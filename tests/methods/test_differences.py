"""What is marked when two texts are compared, and where a line of each begins."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from curation.methods.differences import differences, where_they_part

OPENING = "Which court may hear an appeal against a decision of the patent office, and when? In "


def test_words_that_the_other_text_lacks_are_marked_and_nothing_else():
    left, right = differences(f"{OPENING}France.", f"{OPENING}Spain.")
    assert [text for text, marked in left if marked] == ["France"]
    assert [text for text, marked in right if marked] == ["Spain"]


@given(st.text(max_size=200), st.text(max_size=200))
def test_the_pieces_of_a_text_are_the_text(one: str, other: str):
    left, right = differences(one, other)
    assert "".join(text for text, _ in left) == one
    assert "".join(text for text, _ in right) == other


def test_a_line_begins_shortly_before_two_texts_part():
    one, other = where_they_part(f"{OPENING}France.", f"{OPENING}Spain.")
    assert (one[-10:], other[-9:]) == ("In France.", "In Spain.")
    assert one.startswith("…")


def test_texts_that_differ_in_nothing_are_shown_from_their_beginning():
    one, other = where_they_part(f"{OPENING}France.", f"{OPENING} France.")
    assert one == other
    assert OPENING.startswith(one[:40])


def test_short_texts_are_shown_whole_and_long_ones_end_with_dots():
    assert where_they_part("One.", "Two.") == ("One.", "Two.")
    assert where_they_part("a " * 500, "b")[0].endswith("a…")
    assert all(len(line) <= 90 for line in where_they_part("word " * 500, "word " * 400 + "end"))
