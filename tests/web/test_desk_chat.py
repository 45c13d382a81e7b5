"""Conversations on the desk: formulas stay as they were written, tool calls are laid out, nothing is swallowed."""

from __future__ import annotations

import re
import time

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.pieces import LONG, in_pieces, word_about
from feedback.text import render_text
from feedback.web.desk_calls import lay_out
from feedback.web.desk_texts import turns

from .test_desk_texts import Seen

FORMULAS = (
    r"$a_b$ and $c_d$",
    r"$$ x_1 * y * z $$",
    r"\(\alpha_i * \beta_j *\)",
    r"\[ a \\ b \]",
    "$$\na_1\n= b_2\n---\n\n# no heading\n$$",
    "\\begin{align*}\na &= b_1 \\\\\n- c\n\\end{align*}",
    r"\( that nothing closes, and \] neither",
    "$5 and $10",
)


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_is_the_text_it_was(text: str) -> None:
    html = render_text(text, "markdown")
    assert Seen(html).words.strip() == text
    assert {tag for tag, _ in Seen(html).tags} <= {"p", "span"}


def test_a_formula_stands_in_lists_quotes_and_cells_and_code_is_no_formula() -> None:
    html = render_text(
        "- one\n  \\[\n  x\n  = y\n  \\]\n\n> $$\n> a_1\n> $$\n\n|a|\n|-|\n|$x_1$ *b*|\n\n`$a` $b`",
        "markdown",
    )
    assert '<span class="math own-line">\\[\nx\n= y\n\\]</span>' in html
    assert '<blockquote>\n<p><span class="math own-line">$$\na_1\n$$</span></p>' in html
    assert '<td><span class="math">$x_1$</span> <em>b</em></td>' in html
    assert "<code>$a</code>" in html


@pytest.mark.parametrize(
    "text",
    [
        "$a" * 50_000,
        "$1" * 50_000,
        "\\(" * 50_000,
        "\\[\n" * 33_000,
        "- a\n" + "  \\[\n" * 24_000 + "\\]",
    ],
    ids=["dollars", "digits", "brackets", "blocks", "in a list"],
)
def test_formulas_that_nothing_closes_take_no_time(text: str) -> None:
    started = time.process_time()
    render_text(text[:99_000], "markdown")
    assert time.process_time() - started < 5


def test_markdown_swallows_no_word() -> None:
    words = Seen(
        render_text(
            '[a]: https://x.example "hidden"\n\n[b](https://y.example "also hidden")', "markdown"
        )
    ).words
    assert "hidden" in words.split("b", 1)[0]
    assert "https://y.example “also hidden”" in words
    assert 'data-info="python and more"' in render_text("```python and more\nx\n```", "markdown")
    assert "<a" not in render_text("[b](https://bank.example@evil.example/)", "markdown")


def test_a_conversation_says_who_speaks_and_folds_what_is_read_later() -> None:
    call = {"name": "search", "arguments": {"q": "a", "n": 1}}
    spoken = turns(
        [
            {"role": "system", "parts": [{"text": "Be brief. " * 60, "format": "plain"}]},
            {"role": "user", "parts": [{"text": "Hello", "format": "plain"}]},
            {"role": "assistant", "parts": [], "tool_calls": [call]},
            {"role": "tool", "tool": "search", "parts": [{"text": "A\nB", "format": "plain"}]},
        ]
    )
    assert [turn.folded for turn in spoken] == [True, False, False, True]
    assert [turn.said_by for turn in spoken] == [
        "System prompt",
        "User",
        "Assistant",
        "Tool result",
    ]
    assert spoken[1].place == "2 of 4"
    assert (spoken[3].tool, spoken[3].glance) == ("search", "A B")
    assert Seen(spoken[2].calls[0].arguments).words == '{"q":"a","n":1}'


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(JSON.filter(lambda value: isinstance(value, dict | list)))
def test_arguments_laid_out_are_the_same_signs(value: object) -> None:
    text = orjson.dumps(value).decode()
    laid_out = lay_out(text)
    assert orjson.loads(laid_out) == value
    assert re.sub(r"\n *|(?<=:) ", "", laid_out).replace(" ", "") == text.replace(" ", "")


@given(st.text(alphabet="ab \n\u0301🙂", min_size=1, max_size=9))
def test_pieces_are_the_whole_text(part: str) -> None:
    text = part * 9_000
    html = in_pieces(text)
    assert Seen(html).words == text
    assert ("piece" in html) == (len(text) > LONG)
    assert bool(word_about(text)) == ("piece" in html and max(map(len, text.split("\n"))) > 10_000)
