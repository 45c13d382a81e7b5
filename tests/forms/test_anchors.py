"""An anchor made on any selection comes back on exactly the same characters; where that is not certain, it says so."""

from __future__ import annotations

import orjson
from hypothesis import given
from hypothesis import strategies as st

from feedback.forms.anchors import CONTEXT, anchor_faults, find, settled, span
from feedback.forms.fields import field_values, read_fields
from feedback.forms.schema import parse_form
from feedback.forms.slots import from_slots, to_slots

FORM = parse_form(
    {
        "desk": "compare",
        "responses": {"min": 1, "max": 16},
        "usual_minutes": 4,
        "questions": [
            {
                "type": "critiques",
                "id": "marks",
                "title": "Wrong?",
                "categories": [{"value": "wrong", "title": "Wrong"}],
            }
        ],
    }
)

# Letters with combining marks, right to left, emoji of several code points, line ends, what is invisible, and repetition.
PIECES = ["e\u0301", "a\u0308\u0323", "שָׁלוֹם", "العربية", "👩🏽‍⚖️", "🇪🇺", "\r\n", "\n", "\r", "\u200b", "\u202e", "\ufeff", "𝔘𝔫𝔦", "so ", "a", " "]  # fmt: skip
pieces = st.one_of(
    st.sampled_from(PIECES), st.characters(exclude_categories=["Cs"], exclude_characters="\0")
)
texts = st.lists(pieces, min_size=1, max_size=80).map("".join)


@st.composite
def selections(draw: st.DrawFn) -> tuple[list[str], int, int, int]:
    """Texts, one of them, and a selection of at least one character in it."""
    parts = draw(st.lists(texts, min_size=1, max_size=3))
    part = draw(st.integers(0, len(parts) - 1))
    start = draw(st.integers(0, len(parts[part]) - 1))
    return parts, part, start, draw(st.integers(start + 1, len(parts[part])))


@given(selections(), st.permutations(range(1, 5)))
def test_from_body_to_fields_and_back_every_selection_is_on_its_characters(selected, order):
    parts, part, start, end = selected
    anchor = span(parts, part, start, end)
    critique = {
        "id": "c1",
        "on": 3,
        "anchor": anchor,
        "category": "wrong",
        "severity": "minor",
        "comment": "",
    }
    body = {"answers": {"marks": [critique]}, "cannot_judge": None}
    letters = ("A", "B", "C", "D")
    fields = field_values(FORM, to_slots(FORM, body, order), letters)
    sent = orjson.loads(orjson.dumps(fields))
    back = from_slots(FORM, read_fields(FORM, sent, letters), order)["answers"]["marks"][0]
    assert back == critique
    assert settled(back["anchor"], parts) == anchor
    assert parts[part][back["anchor"]["start"] : back["anchor"]["end"]] == parts[part][start:end]


@given(selections())
def test_every_anchor_is_a_good_one_and_exact_in_its_own_text(selected):
    parts, part, start, end = selected
    anchor = span(parts, part, start, end)
    assert list(anchor_faults(anchor)) == []
    assert find(parts[part], anchor) == (start, end, "exact")


@given(selections(), texts, st.data())
def test_after_an_insertion_elsewhere_it_is_found_on_its_characters_or_says_that_it_is_not_sure(
    selected, inserted, data
):
    parts, part, start, end = selected
    text, anchor = parts[part], span(parts, part, start, end)
    apart = [
        at
        for at in range(len(text) + 1)
        if at <= start - CONTEXT or at >= end + CONTEXT or at == 0 == start
    ]
    at = data.draw(st.sampled_from(apart or [len(text)]))
    changed = text[:at] + inserted + text[at:]
    there = start + len(inserted) if at <= start else start
    place = find(changed, anchor)
    assert changed[place.start : place.end] == anchor["exact"]
    # Moved with certainty is moved rightly. In its old place it may be by chance alone: the same words with the same
    # words around them, which nothing tells apart.
    if place.how == "quote":
        assert place.start == there
    if place.how == "exact" and place.start != there:
        quoted = anchor["prefix"] + anchor["exact"] + anchor["suffix"]
        assert changed.startswith(quoted, start - len(anchor["prefix"]))


@given(selections())
def test_what_has_been_cut_out_is_lost_or_not_claimed(selected):
    parts, part, start, end = selected
    text, anchor = parts[part], span(parts, part, start, end)
    place = find(text[:start] + text[end:], anchor)
    if anchor["exact"] not in text[:start] + text[end:]:
        assert place.how == "lost"


def test_with_the_same_words_everywhere_the_nearest_is_taken_and_called_that():
    text = "so it is. " * 20
    anchor = span([text], 0, 50, 52)
    assert find(text, anchor) == (50, 52, "exact")
    assert find("x" + text, anchor) == (51, 53, "nearest")
