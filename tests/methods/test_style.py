"""How much Markdown a text uses, counted in parts: the same as one pattern that tries every place."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.methods.style import markdown

ONE = re.compile(
    r"^[ \t]*(?:#{1,6}[ \t]|[-*+][ \t]|[0-9]{1,3}[.)][ \t]|```|\|)|\*\*[^*\n]+\*\*", re.MULTILINE
)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("Prose - with * signs # and 1. numbers", 0),
        ("# Head\n\n- one\n* two\n  12) three\n", 4),
        ("- **bold** and **more**\n| a | b |\n```\nx\n```", 6),
        ("** not bold\nbut ** so", 0),
        ("#\thead\r\n+ item", 2),
    ],
)
def test_each_sign_of_markdown_counts_once(text, count):
    assert markdown(text) == count


pieces = st.sampled_from(
    ["**", "*", "* ", "- ", "#", "# ", "\n", "\n\n", "\r\n", " ", "\t", "```", "|", "1. ", "12", ") ", "a", "é", "\u2028"]
)  # fmt: skip


@given(st.lists(pieces, max_size=20).map("".join))
def test_the_parts_count_what_one_pattern_counts(text):
    assert markdown(text) == len(ONE.findall(text))
