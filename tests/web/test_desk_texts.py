"""Texts from outside, on the page: faithful, and whatever they hold, nothing of it runs, loads, styles or hides."""

from __future__ import annotations

import re
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.text import ATTRIBUTES, MOST_MARKDOWN, TAGS, count_words, render_text
from feedback.unseen import HIDDEN, MOST_MARKS, visible
from feedback.web.desk_texts import sources, whole_files

HOSTILE = (
    "<script>alert(1)</script>",
    "<svg onload=alert(1)><animate onbegin=alert(1)></svg>",
    "<img src=x onerror=alert(1)>",
    "<style>*{display:none}</style>",
    '<p style="position:fixed">over everything</p>',
    '<a href="javascript:alert(1)">x</a>',
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt&colon;alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:x)",
    "[x](file:///etc/passwd)",
    "[x](/account/logout/)",
    "[x](//evil.example)",
    "![x](https://evil.example/pixel.png)",
    "![x](data:image/svg+xml;base64,PHN2Zz4=)",
    '<https://evil.example/"onmouseover=alert(1)>',
    '[x](https://e.example "onclick=alert(1)")',
    "```html\n<script>alert(1)</script>\n```",
    '```"><script>alert(1)</script>\nx\n```',
    "| a |\n|---|\n| <script>alert(1)</script> |",
    "<!-- --><iframe src=//evil.example>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "# <base href=//evil.example>",
    "<form action=//evil.example><input name=csrfmiddlewaretoken>",
)


class Seen(HTMLParser):
    """Tags and attributes of a page, and its words."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data


def assert_harmless(html: str) -> None:
    for tag, attributes in Seen(html).tags:
        assert tag in TAGS | {"section", "header", "ins", "del", "b"}
        for name, value in attributes.items():
            known = {"class", "title", "data-sign", "colspan", "tabindex"} | ATTRIBUTES.get(
                tag, set()
            )
            assert name in known | {"data-file", "data-old", "data-new"}
            if name == "href":
                assert re.match(r"(https?|mailto):", value or "")
                assert attributes["rel"] == "noopener noreferrer nofollow ugc"
    assert HIDDEN.search(html) is None


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("format", ["plain", "markdown", "diff"])
def test_hostile_text_is_shown_and_does_nothing(text: str, format: str) -> None:
    html = render_text(text, format)
    assert_harmless(html)
    assert "<script" not in html
    assert "<img" not in html


@pytest.mark.parametrize("text", HOSTILE)
def test_plain_text_says_exactly_what_was_written(text: str) -> None:
    assert Seen(render_text(text)).words == text


@given(st.text(max_size=300), st.sampled_from(["plain", "markdown", "diff", "?"]))
def test_no_text_whatever_leaves_the_allow_list_or_hides_a_character(
    text: str, format: str
) -> None:
    assert_harmless(render_text(text, format))


@given(
    st.text(
        alphabet=st.sampled_from("ab \n\t<>&\u200b\u202e\u200d\u00ad\U000e0041é漢🙂"), max_size=80
    )
)
def test_plain_text_keeps_every_visible_character_in_order(text: str) -> None:
    shown = re.sub(r'<span class="unseen"[^>]*>[^<]*</span>', "", render_text(text))
    kept = HIDDEN.sub("", text).replace("\n", "").replace(" ", "").replace("\t", "")
    assert re.sub(r"\s", "", Seen(shown).words) == kept


@pytest.mark.parametrize(
    ("char", "name"),
    [
        ("\u202e", "RLO"),
        ("\u2066", "LRI"),
        ("\u200b", "ZWSP"),
        ("\u200f", "RLM"),
        ("\ufeff", "BOM"),
        ("\u00ad", "SHY"),
        ("\x00", "␀"),
        ("\x1b", "␛"),
        ("\U000e0041", "U+E0041"),
        ("\u3164", "U+3164"),
    ],
)
@pytest.mark.parametrize("format", ["plain", "markdown"])
def test_what_is_invisible_is_named_where_it_stands(char: str, name: str, format: str) -> None:
    if format == "markdown" and char == "\x00":
        name = "\ufffd"  # CommonMark replaces it
    html = render_text(f"pay {char}100 euros", format)
    assert char not in html
    assert f"{name}" in html
    assert "pay " in html


def test_joiners_that_letters_and_emoji_need_are_left_alone() -> None:
    for text in ("می\u200cخواهم", "क्\u200dष", "👩\u200d💻", "🏳\ufe0f\u200d🌈", "葛\U000e0100"):
        assert str(visible(text)) == text
    assert "ZWJ" in visible("pass\u200dword")


def test_a_text_of_nothing_but_invisible_characters_stays_a_small_page() -> None:
    assert len(visible("\u200b" * 1_000_000)) < 200
    assert len(visible("a\u200b" * 100_000)) < 100_000 * 4 + MOST_MARKS * 100


def test_a_link_shows_where_it_goes_and_an_image_is_named_not_fetched() -> None:
    html = render_text(
        "[our bank](https://evil.example/login) ![a chart](https://x.example/c.png)", "markdown"
    )
    seen = Seen(html)
    assert "our bank https://evil.example/login" in seen.words
    assert "Image not loaded: a chart https://x.example/c.png" in seen.words
    assert [tag for tag, _ in seen.tags] == ["p", "a", "span", "span", "span"]


def test_markdown_is_set_as_its_writer_meant_it() -> None:
    html = render_text(
        "# Title\n\n1. one\n2. *two*\n\n```python\ndef f(): return '<'\n```\n\n|a|b|\n|-|-:|\n|1|2|\n",
        "markdown",
    )
    assert "<h3>Title</h3>" in html
    assert "<li><em>two</em></li>" in html.replace("\n", "")
    assert '<span class="sy-w">def</span> <span class="sy-n">f</span>' in html
    assert '<td class="to-right">2</td>' in html


def test_plain_text_keeps_its_paragraphs_its_lines_and_its_empty_lines() -> None:
    html = render_text("one\n  two\r\n\n\n\nthree\n")
    assert html == '<p class="plain">one\n  two</p><p class="plain">\nthree</p>'


def test_what_markdown_would_leave_out_is_shown_as_it_was_written() -> None:
    deep = "> " * 40 + "hidden far inside"
    assert "hidden far inside" in Seen(render_text(deep, "markdown")).words
    assert "Too deeply nested" in render_text(deep, "markdown")
    long = "word " * (MOST_MARKDOWN // 4)
    assert "Too long to be set as Markdown" in render_text(long, "markdown")


@pytest.mark.parametrize(
    "text",
    ["![" * 50_000, "[" * 100_000, "*a**b" * 20_000, "`" * 99_999, "<" * 100_000, "x" * 5_000_000],
)
def test_no_text_takes_long(text: str) -> None:
    started = time.process_time()
    for format in ("plain", "markdown", "diff"):
        render_text(text, format)
    assert time.process_time() - started < 10


def test_words_are_counted_as_people_count_them() -> None:
    assert count_words("Self-supervised learning can't fail: it is × faster.") == 7


def test_documents_of_a_patch_desk_are_files_and_runs_where_they_are_named_so() -> None:
    def document(title: str, kind: str, text: str) -> dict[str, object]:
        return {"title": title, "kind": kind, "parts": [{"text": text, "format": "plain"}]}

    documents = [
        document("x/plot.py", "source", "pass"),
        document("Manual of plots", "source", "Read it."),
        document("https://example.org/x.py", "source", "A page."),
        document("notes", "file", "todo"),
        document("pytest", "test_run", "F\nexit 1"),
    ]
    assert list(whole_files(documents, "diff")) == ["x/plot.py", "notes"]
    assert list(whole_files(documents, "prose")) == ["notes"]
    file, manual, page, notes, run = sources(documents, "diff")
    assert 'data-lines-of="x/plot.py"' in file.parts[0].html
    assert [each.parts[0].kind for each in (manual, page, notes)] == ["prose", "prose", "code"]
    assert run.run is not None
    assert run.run.failed
