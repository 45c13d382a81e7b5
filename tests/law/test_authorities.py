"""The table of authorities holds every citation that eyecite finds, each authority once, each citation at its place."""

from __future__ import annotations

import re

import pytest
from eyecite import clean_text, get_citations
from eyecite.models import FullCaseCitation
from hypothesis import given
from hypothesis import strategies as st

from feedback.law.authorities import as_json, find_authorities, from_json, in_words
from feedback.law.table import Entry, table
from feedback.law.words import words_of
from tests.law.opinion import document, typed


def entries(text: str, format: str = "markdown") -> dict[str, Entry]:
    return {entry.id: entry for entry in table([(text, format)], [find_authorities(text, format)])}


@pytest.mark.parametrize("format", ["plain", "markdown"])
def test_every_citation_of_the_opinion_is_in_the_table_at_its_place(format: str) -> None:
    text = typed() if format == "plain" else document()
    words = words_of(text, format)
    expected = {words.span(*citation.span()) for citation in get_citations(words.text)}
    places = [place for entry in entries(text, format).values() for place in entry.places]
    assert len(places) == len(expected) == {"plain": 186, "markdown": 165}[format]
    for start, end in expected:
        core = text[start:end].rstrip(" ,;.\n")
        assert any(p.start <= start and start + len(core) <= p.end for p in places), text[start:end]


def test_the_clean_document_has_every_case_of_the_typed_pages() -> None:
    cites = get_citations(clean_text(typed(), ["all_whitespace"]))
    cases = {
        (each.groups["volume"], each.groups["page"])
        for each in cites
        if isinstance(each, FullCaseCitation) and each.groups["page"]
    }
    table_of = {entry.cite for entry in entries(document()).values() if entry.kind == "case"}
    found = {(cite.split()[0], cite.split()[-1]) for cite in table_of}
    assert {(volume, page) for volume, page in cases if page.isdigit()} <= found


def test_an_authority_stands_once_with_its_short_forms() -> None:
    grutter = entries(document())["539-u-s-306"]
    assert (grutter.name, grutter.cite, grutter.year) == (
        "Grutter v. Bollinger",
        "539 U.S. 306",
        "2003",
    )
    said = [document()[place.start : place.end] for place in grutter.places]
    assert len(said) == 38
    assert {place.how for place in grutter.places} == {"full", "short", "supra", "id"}
    assert said[:3] == ["Grutter v. Bollinger, 539 U. S. 306", "539 U. S., at 328", "Id., at 333"]


def test_names_are_whole_and_signals_are_no_part_of_them() -> None:
    names = {entry.name for entry in entries(document()).values()}
    for name in (
        "Regents of Univ. of Cal. v. Bakke",
        "Gratz v. Bollinger",
        "Adarand Constructors, Inc. v. Peña",
    ):
        assert name in names
    assert not [name for name in names if re.match(r"(In|See|and|of)\s", name)]


BRIEF = """# Argument

See *Roe v. Doe*, 410 U.S. 113, 120 (1973); 38 C.F.R. § 3.304(f). That is *settled*. *Id.* at 121. *Doe*, 410 U.S. at
125.

> quoted from Doe, *supra*, at 130
"""


def test_markup_and_line_ends_do_not_hide_a_citation() -> None:
    found = entries(BRIEF)
    roe = found["410-u-s-113"]
    assert (roe.name, roe.year) == ("Roe v. Doe", "1973")
    said = [BRIEF[place.start : place.end] for place in roe.places]
    assert said[0] == "Roe v. Doe*, 410 U.S. 113, 120"
    assert [place.how for place in roe.places] == ["full", "short", "supra"]
    assert [entry.kind for entry in found.values()] == ["case", "statute"]


def test_what_is_kept_holds_no_words_of_the_text() -> None:
    kept = as_json(find_authorities(document(), "markdown"))
    assert "Grutter" not in str(kept)
    again = [in_words(each, document(), "markdown") for each in from_json(kept)]
    assert again == [
        in_words(e, document(), "markdown") for e in find_authorities(document(), "markdown")
    ]


texts = st.lists(
    st.sampled_from(["word", "*so*", "**so**", "_so_", "\n", "\n\n", "> ", "# ", "[^1]", "\\*", "con-\n  tinued", " ", "é", "👩🏽‍⚖️", "\r\n"]),
    max_size=30,
).map("".join)  # fmt: skip


@given(texts, st.sampled_from(["plain", "markdown"]))
def test_every_word_knows_its_place_in_the_source(text: str, format: str) -> None:
    words = words_of(text, format)
    for at, char in enumerate(words.text):
        source = text[words.source(at)]
        assert source == char or (char in " \n" and (source.isspace() or source == ">"))
