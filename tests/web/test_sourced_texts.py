"""Set texts say where their words stand in the source: every marked run is the source, character for character."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.text import render_text


def counted(words: str) -> str:
    """The names of invisible characters one by one."""
    return RUN.sub(lambda found: found[1] * int(found[2]), words)


class Placed(HTMLParser):
    """Reads a page as the desk's script does: (offset, shown) for each character of the source that is shown.

    What stands for several characters is one entry whose `shown` is empty.
    """

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.at: int | None = None
        self.inside = self.mark = 0
        self.found: list[tuple[int, str]] = []
        self.loose = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if self.mark:
            self.mark += tag != "br"
        elif self.at is not None and "data-n" in given:
            count = int(given["data-n"] or 0)
            self.found += [(self.at + n, "") for n in range(count)]
            self.at, self.mark = self.at + count, 1
        elif "data-at" in given:
            assert self.at is None
            self.at, self.inside = int(given["data-at"] or 0), 1
        elif self.at is not None:
            self.inside += tag != "br"

    def handle_endtag(self, tag: str) -> None:
        if self.mark:
            self.mark -= 1
        elif self.at is not None:
            self.inside -= 1
            self.at = self.at if self.inside else None

    def handle_data(self, data: str) -> None:
        if self.mark:
            return
        if self.at is None:
            self.loose += data
            return
        self.found += [(self.at + n, char) for n, char in enumerate(data)]
        self.at += len(data)


def wrong(text: str, format: str) -> Iterator[tuple[int, str, str]]:
    """What is shown for a character that is another one in the source; a line end is one, however it is written."""
    found = Placed(render_text(text, format, placed=True)).found
    assert [at for at, _ in found] == sorted({at for at, _ in found})
    for at, shown in found:
        if shown and text[at] != shown and not (shown == "\n" and text[at] == "\r"):
            yield at, text[at], shown


MARKUP = ["# ", "## ", "> ", "- ", "1. ", "    ", "\t", "```", "```py\n", "~~", "*", "**", "_", "`", "``", "[", "](", ")", "!["]  # fmt: skip
THINGS = ["$$", "$$\n", "\\[", "\\]", "\\(", "\\)", "\\begin{a}", "\\end{a}", "<http://e.org/%20>", '](http://e.org "t")', "](<http://e.org/a b>)", "&amp;", "&#9731;", "\\*", "\\", "|", "|--|", "$x_1$"]  # fmt: skip
SPACE = ["\n", "\r\n", "\r", "\n\n", "\r\n\r\n", "  \n", " "]
WORDS = [
    "a",
    "b",
    "word",
    "e\u0301",
    "שלום",
    "👩🏽‍⚖️",
    "\u200b",
    "\u202e\u202e",
    "\ufeff",
    "<b>",
    "x|y",
]
RUN = re.compile(r"(RLO|ZWSP|BOM) ×(\d)")
pieces = st.sampled_from([*MARKUP, *THINGS, *SPACE, *WORDS])
documents = st.lists(pieces, max_size=40).map("".join)


@given(documents, st.sampled_from(["plain", "markdown"]))
def test_every_placed_character_is_the_one_of_the_source(text: str, format: str) -> None:
    assert list(wrong(text, format)) == []


@given(documents)
def test_of_plain_text_every_character_but_space_around_paragraphs_has_its_place(text: str) -> None:
    found = {at for at, _ in Placed(render_text(text, "plain", placed=True)).found}
    assert [char for at, char in enumerate(text) if at not in found and not char.isspace()] == []


@given(documents, st.sampled_from(["plain", "markdown"]))
def test_the_same_words_are_shown_with_places_and_without(text: str, format: str) -> None:
    class Words(HTMLParser):
        words = ""

        def handle_data(self, data: str) -> None:
            self.words += data.replace("\r", "")

    with_places, without = Words(), Words()
    with_places.feed(render_text(text, format, placed=True))
    without.feed(render_text(text, format))
    # A run of one invisible character is counted; where it is cut, its pieces are.
    assert counted(with_places.words) == counted(without.words)


DOCUMENT = """# A *first* heading #

> A quotation with **two
> words** of weight &amp; an escape \\* in it\x20\x20
> and `a  code
> span` <https://e.org/a>, [a link *in* it](https://e.org/b "b") b.

- one
  and [a](https://e.org/a)a
    1. deep ![an image](https://e.org/i) here

      indented

| a | b | a |
|---|:-:|--:|
| 1 | **2** | a |

```py
def a():
    return "a"
```

Setext
======
"""


def test_in_markdown_every_word_of_the_text_has_its_place() -> None:
    page = Placed(render_text(DOCUMENT, "markdown", placed=True))
    assert list(wrong(DOCUMENT, "markdown")) == []
    shown = "".join(char for _, char in page.found)
    for words in (
        "A first heading",
        "two",
        "words",
        "code",
        "span",
        "a link in it b.",
        "deep",
        "ba12a",
        "Setext",
    ):
        assert words.replace(" ", "") in shown.replace(" ", "").replace("\n", ""), words
    # What has no place is ours (where links go, what an image was), an address that is shown in another spelling, or space.
    ours = "https://e.org/a https://e.org/b “b” Image not loaded: an image https://e.org/i"
    assert set(page.loose.split()) <= set(ours.split())


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("[b](https://e.org/b)b", [1, 20]),
        ("[b](<https://e.org/b> 'b')b", [1, 26]),
        ("![b](https://e.org/b) b", [22]),
        ("<https://b.org>b", [9, 15]),
        ("*b* `b` ``b`b``", [1, 5, 10, 12]),
        ("` b `b", [2, 5]),
        ("&#98;b\\b", [5, 7]),
        ("| b | xb |\n|---|---|\n| b | b |", [2, 7, 23, 27]),
        ("- b\n\n      b\n", [2, 11]),
        ("> b\r\n> b", [2, 7]),
        ("b\n===", [0]),
        ("## b ##", [3]),
        ("~~b~~b", [2, 5]),
    ],
)
def test_the_same_word_over_and_over_is_told_apart(text: str, places: list[int]) -> None:
    found = Placed(render_text(text, "markdown", placed=True)).found
    assert [at for at, char in found if char == "b"] == places


@pytest.mark.parametrize("format", ["plain", "markdown"])
def test_without_being_asked_nothing_is_placed(format: str) -> None:
    assert "data-at" not in render_text(DOCUMENT, format)


def test_an_invisible_character_and_an_entity_count_as_what_they_are() -> None:
    page = Placed(render_text("a\u200b\u200b\u200bb &amp; c", "markdown", placed=True))
    assert page.found == [(0, "a"), (1, ""), (2, ""), (3, ""), (4, "b"), (5, " ")] + [
        (at, "") for at in range(6, 11)
    ] + [(11, " "), (12, "c")]


def test_a_bar_that_is_escaped_in_a_table_has_its_place_and_so_has_what_follows_it() -> None:
    text = "| a \\| b | `x \\| y` |\n|---|---|\n| c \\| d \\| e | f |\n"
    found = Placed(render_text(text, "markdown", placed=True)).found
    assert all(text[at] == shown for at, shown in found if shown)
    words = "".join(shown for _, shown in found)
    assert words == "a | bx | yc | d | ef"
