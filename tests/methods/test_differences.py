"""What is marked when two texts are compared, and where a line of each begins."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from curation.methods.differences import differences, where_they_part

OPENING = "Which court may hear an appeal against a decision of the patent office, and when? In "


def test_words_that_the_other_text_lacks_are_marked_and_nothing_else():
    left, right, count = differences(f"{OPENING}France.", f"{OPENING}Spain.")
    assert [each.text for each in left if each.differs] == ["France"]
    assert [each.text for each in right if each.differs] == ["Spain"]
    assert count == 1


@given(st.text(max_size=200), st.text(max_size=200))
def test_the_pieces_of_a_text_are_the_text(one: str, other: str):
    left, right, count = differences(one, other)
    assert "".join(each.text for each in left) == one
    assert "".join(each.text for each in right) == other
    assert (count == 0) == (one == other)
    for side in (left, right):
        assert [each.stop for each in side if each.stop] == list(range(1, count + 1))
        assert all(each.differs for each in side if each.stop)


def test_both_texts_have_every_place_of_difference_and_neighbours_are_one():
    one = "The court held so in May.\n\nNo costs were awarded."
    other = "The court held so, twice, in June.\n\nNo costs were awarded. It rose."
    left, right, count = differences(one, other)
    places = [[(each.text, each.stop) for each in side if each.differs] for side in (left, right)]
    assert count == 3
    assert places[0] == [("", 1), ("May", 2), ("", 3)]
    assert places[1] == [(", twice,", 1), ("June", 2), (" It rose.", 3)]
    left, _, count = differences("one two, end", "uno due; end")
    assert count == 1  # nothing but a space stands between what differs
    assert [each.stop for each in left if each.differs] == [1, 0]


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
