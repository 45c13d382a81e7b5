"""A brief in type: every word at its place in the source, paragraphs numbered, footnotes linked, nothing of it running."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from feedback.briefs import Brief, Cite, set_brief
from tests.law.opinion import document


def brief(text: str, format: str = "markdown", cites: tuple[Cite, ...] = ()) -> Brief:
    return set_brief(text, format, letter="A", part=0, first=1, cites=cites)


class Placed(HTMLParser):
    """Each run of words with the place it claims."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.at: int | None = None
        self.runs: list[tuple[int, str]] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if "data-at" in given:
            self.at = int(given["data-at"] or 0)

    def handle_endtag(self, tag: str) -> None:
        self.at = None

    def handle_data(self, data: str) -> None:
        if data.strip():
            assert self.at is not None, data
            self.runs.append((self.at, data))
            self.at += len(data)


DOCUMENT = """# Brief for *Petitioner*

## I. Argument

The court **erred**[^1] when it said `so` & <b>more</b>.
It said \\*this\\* again.

> Quoted words
> of the court.

- First,
- second.

| Exhibit | Page |
| --- | --- |

[^1]: *See* the record at 12.
"""


def test_the_parts_of_a_brief() -> None:
    found = brief(DOCUMENT)
    assert [(h.level, h.words, h.paragraph) for h in found.outline] == [
        (1, "Brief for Petitioner", 1),
        (2, "I. Argument", 1),
    ]
    assert len(found.starts) == 5
    assert '<div class="para" id="A-p2" data-kind="quote">' in found.html
    assert 'href="#A-note-1"' in found.html
    assert 'id="A-note-1"' in found.html
    assert "&lt;b&gt;more&lt;/b&gt;" in found.html
    assert found.paragraph(DOCUMENT.index("of the court")) == 2


def test_every_run_of_the_opinion_is_the_source_character_for_character() -> None:
    for at, words in Placed(brief(document()).html).runs:
        assert document()[at : at + len(words)] == words
    shown = html.unescape(re.sub(r"<[^>]*>", " ", brief(document()).html))
    assert len(shown.split()) > 0.99 * len(document().replace("#", "").replace(">", "").split())


pieces = st.sampled_from(
    ["# ", "> ", "- ", "[^1]", "[^1]: ", "*", "**", "_", "`", "```\n", "\n", "\n\n", "\r\n", " ", "word", "\\*", "<i>", "&", "| a |", "👩🏽‍⚖️", "שלום"]
)  # fmt: skip


@given(st.lists(pieces, max_size=40).map("".join), st.sampled_from(["plain", "markdown"]))
def test_whatever_the_text_each_run_is_the_source(text: str, format: str) -> None:
    found = Placed(brief(text, format).html)
    for at, words in found.runs:
        assert text[at : at + len(words)] == words
    assert [at for at, _ in found.runs if at] == sorted({at for at, _ in found.runs if at})


def test_a_citation_is_one_link_whatever_faces_it_is_set_in() -> None:
    text = "See *Roe v. Doe*, 410 U.S. 113."
    found = brief(text, cites=(Cite(5, 30, "A-c1", "410-u-s-113"),))
    assert found.html.count('class="cite"') == 1
    assert (
        '<a class="cite" id="A-c1" href="#A-on-410-u-s-113" data-authority="410-u-s-113"><em data-at="5">Roe v. Doe</em>'
        in found.html
    )


def test_in_plain_text_headings_are_known_by_their_numerals_and_capitals() -> None:
    found = brief("ARGUMENT\n\nI. The court erred\n\nIt did so\ntwice.\n\nA. Because", "plain")
    assert [(h.level, h.words) for h in found.outline] == [
        (2, "ARGUMENT"),
        (2, "I. The court erred"),
        (3, "A. Because"),
    ]
