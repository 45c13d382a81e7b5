"""Quotations against their sources: what quoting may change is no difference, what it may not is shown beside the passage."""

from __future__ import annotations

import time

import pytest

from feedback.law.quotations import Quotation, check_quotations
from tests.law.opinion import document

SOURCE = (
    "The court held that “strict scrutiny is never strict in theory” and\nthat the University must prove—not merely "
    "assert—that its program is narrowly tailored to that goal. We decline to follow that rule today."
)


def check(quoted: str, *sources: str) -> Quotation:
    (found,) = check_quotations(
        (f"It said {quoted} there.", "plain"), [(s, "plain") for s in sources or (SOURCE,)]
    )
    return found


@pytest.mark.parametrize(
    ("quoted", "state"),
    [
        ("“the University must prove—not merely assert—that its program”", "exact"),
        ('"the University must prove - not merely assert - that its program"', "exact"),
        ("“the University\n   must prove–not merely assert–that”", "exact"),
        ("“held that ‘strict scrutiny is never strict in theory’ and that”", "exact"),
        ("“The University must prove . . . that its program is narrowly tailored”", "altered"),
        ("“the University must prove … that its program is narrowly tailored”", "altered"),
        ("“[W]e decline to follow that rule”", "altered"),
        ("“[the school] must prove—not merely assert—that its program”", "altered"),
        ("“the University must prov[e] not merely assert that its program”", "altered"),
        (
            "“the University must show, not merely assert, that its program is narrowly tailored”",
            "near",
        ),
        ("“we follow that rule today and always will in every case to come”", "absent"),
    ],
)
def test_what_quoting_may_change_is_no_difference(quoted: str, state: str) -> None:
    assert check(quoted).state == state


def test_the_passage_is_named_by_source_and_place() -> None:
    found = check("“must prove—not merely assert—that its”", "Nothing of the kind is said.", SOURCE)
    assert found.passage is not None
    assert found.passage.source == 1
    assert (
        SOURCE[found.passage.start : found.passage.end] == "must prove—not merely assert—that its"
    )


def test_short_terms_and_nested_marks_are_no_quotations_of_their_own() -> None:
    assert (
        check_quotations(("A “critical mass” of “plus factors”.", "plain"), [(SOURCE, "plain")])
        == []
    )
    text = "He said “it held that ‘strict scrutiny is never strict’ and went on”."
    assert len(check_quotations((text, "plain"), [(SOURCE, "plain")])) == 1


def test_the_opinion_quotes_itself_exactly_and_in_good_time() -> None:
    text = (document(), "markdown")
    start = time.perf_counter()
    found = check_quotations(text, [text])
    assert time.perf_counter() - start < 5
    assert len(found) > 140
    assert sum(each.state in ("exact", "altered") for each in found) > 0.95 * len(found)
