"""The view of a text with places hidden: as long as it, turned back into it, and critiques stand where they stood."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from curation.methods.personal import personal_data
from curation.methods.places import Found, apart
from curation.methods.redaction import FILL, in_view, redacted
from curation.methods.secrets import secrets
from feedback.forms.anchors import find, settled

TEXT = "Ask Anna (anna.berg@northgatelaw.com) before Friday, or ring +49 30 9018200. She knows."
PATCH = """--- a/app.py
+++ b/app.py
@@ -1,3 +1,4 @@
 import db
+PASSWORD = "correct-horse-9"
 db.open()
-db.close()
+db.close(PASSWORD)
"""


def test_what_is_found_is_hidden_and_everything_else_stays_where_it_was():
    view = redacted(TEXT, personal_data(TEXT))
    assert len(view.text) == len(TEXT)
    assert "anna.berg" not in view.text
    assert "9018200" not in view.text
    assert view.text.startswith(f"Ask Anna ([email]{FILL * 19})")
    assert view.text.index("before Friday") == TEXT.index("before Friday")
    assert view.lifted() == TEXT


def test_a_critique_stands_on_the_same_characters_and_tells_nothing_that_is_hidden():
    quoted = settled({"type": "quote", "exact": "(anna.berg@northgatelaw.com) before"}, [TEXT])
    near = settled({"type": "quote", "exact": "before Friday"}, [TEXT])
    view = redacted(TEXT, personal_data(TEXT))
    for anchor in (quoted, near):
        moved = in_view(anchor, [view])
        assert (moved["start"], moved["end"]) == (anchor["start"], anchor["end"])
        assert find(view.text, moved).how == "exact"
        assert "anna.berg" not in str(moved)
        assert settled(moved, [view.text]) == moved


def test_a_comment_on_lines_of_a_patch_keeps_its_lines():
    view = redacted(PATCH, secrets(PATCH))
    assert "correct-horse" not in view.text
    at = {"type": "lines", "part": 0, "file": "app.py", "side": "new", "start": 2, "end": 3}
    anchor = settled(at, [PATCH])
    moved = in_view(anchor, [view])
    assert moved["exact"] == f'PASSWORD = "[password]{FILL * 5}"\ndb.open()'
    assert settled(moved, [view.text]) == moved


spots = st.builds(
    lambda kind, start, length: Found(kind=kind, start=start, end=start + length),
    st.sampled_from(["email", "k"]),
    st.integers(0, 30),
    st.integers(1, 12),
)


@given(st.text(alphabet="ab \n+é𝒳", min_size=1, max_size=40), st.lists(spots, max_size=4))
def test_any_view_is_as_long_keeps_its_lines_and_can_be_lifted(text, drawn):
    found = apart(each for each in drawn if each.end <= len(text))
    view = redacted(text, found)
    assert len(view.text) == len(text)
    assert [n for n, c in enumerate(text) if c == "\n"] == [
        n for n, c in enumerate(view.text) if c == "\n"
    ]
    assert view.lifted() == text
    inside = {n for place in found for n in range(place.start, place.end)}
    assert all(view.text[n] == text[n] for n in range(len(text)) if n not in inside)
