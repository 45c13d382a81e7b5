"""Marks laid over set texts: on the characters they are of, through markup; on lines of patches, under the last of them."""

from __future__ import annotations

import re
from html import unescape

from hypothesis import given
from hypothesis import strategies as st

from feedback.overlaid import LineMark, Mark, lay_on_lines, lay_over
from feedback.text import render_text

PATCH = (
    "--- a/x/pump.py\n+++ b/x/pump.py\n@@ -1,2 +1,3 @@\n start()\n-stop()\n+halt()\n+wait()\n"
    "--- a/y.py\n+++ b/y.py\n@@ -1 +1 @@\n-one\n+two\n"
)


def marked(html: str, layer: int) -> str:
    """The characters inside the marks of a layer, as one sees them."""
    found, depth, out = re.findall(r"<[^>]*>|[^<]+", html), [], []
    for piece in found:
        if piece.startswith("<mark"):
            depth.append(piece == f'<mark data-by="{layer}">')
        elif piece == "</mark>":
            depth.pop()
        elif not piece.startswith("<") and any(depth):
            out.append(unescape(piece))
    return "".join(out)


def laid(text: str, *spans: tuple[int, int], format: str = "markdown") -> str:
    marks = [Mark(start, end, number, number) for number, (start, end) in enumerate(spans, 1)]
    return lay_over(render_text(text, format, placed=True), marks)


def test_a_mark_goes_on_through_emphasis_and_numbers_stand_before_what_is_seen_first() -> None:
    text = "It **was held** that & so."
    html = laid(text, (3, 20), (text.index("&"), len(text)))
    assert marked(html, 1) == "was held that"
    assert marked(html, 2) == "& so."
    assert html.index('href="#note-1"') < html.index("was held") < html.index('href="#note-2"')
    assert "<strong>" in html


def test_no_link_stands_in_another_and_a_mark_on_markup_alone_has_its_number_at_the_end() -> None:
    text = "See [the rule](https://example.org/a) now."
    html = laid(
        text, (text.index("rule"), text.index("rule") + 4), (text.index("](") + 2, text.index(") "))
    )
    assert marked(html, 1) == "rule"
    assert html.index('href="#note-1"') < html.index('href="https://example.org/a"')
    assert html.rindex('href="#note-2"') > html.index("now.")


def test_what_stands_for_several_characters_is_marked_whole() -> None:
    html = laid("a\u200b\u200bb", (1, 2), format="plain")
    assert '<mark data-by="1"><span class="unseen"' in html
    assert html.count("<mark") == html.count("</mark>") == 1


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=60), st.data())
def test_plain_text_is_marked_on_exactly_these_characters(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    html = laid(text, (start, end), format="plain")
    bare = laid(text, format="plain")
    gone = re.sub(r'</?mark[^>]*>|<a class="to-note".*?</a>', "", html)
    assert unescape(gone) == unescape(bare)
    assert html.count("<mark") == html.count("</mark>")


def test_lines_of_a_patch_have_their_critique_under_the_last_one_in_the_right_file() -> None:
    marks = [
        LineMark("x/pump.py", "new", 2, 3, 1, 1, "Wait <first>"),
        LineMark("pump.py", "old", 2, 2, 2, 2, "Why?"),
        LineMark("y.py", "new", 1, 1, 1, 3, "Two what?"),
        LineMark("z.py", "new", 99, 99, 1, 4, "Gone"),
    ]
    html = lay_on_lines(render_text(PATCH, "diff"), marks)
    rows = re.findall(r"<tr.*?</tr>", html, re.DOTALL)
    at = {
        name: next(n for n, row in enumerate(rows) if name in row)
        for name in ("Wait", "Why?", "Two what?")
    }
    assert "wait()" in rows[at["Wait"] - 1]
    assert "Wait &lt;first&gt;" in rows[at["Wait"]]
    assert "stop()" in rows[at["Why?"] - 1]
    assert ">two<" in rows[at["Two what?"] - 1] or "two" in rows[at["Two what?"] - 1]
    assert html.index("Gone") < html.index("pump.py")
