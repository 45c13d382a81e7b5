"""Labels of steps by several people become one list."""

from __future__ import annotations

import pytest

from curation.methods.process import pooled

CUT = ((0, 5), (6, 9), (10, 20))


def steps(*labels, cut=CUT):
    return [(start, end, label) for (start, end), label in zip(cut, labels, strict=False)]


@pytest.mark.parametrize(
    ("given", "labels"),
    [
        ([steps(1, 0, -1)], (True, True, False)),
        ([steps(1, 1, -1), steps(1, -1, -1), steps(1, -1, 1)], (True, False, False)),
        ([steps(1, -1, 1), steps(1, 1, 1)], (True,)),
        ([steps(1, -1, None)], (True, False)),
        ([steps(None, 1, 1)], ()),
        ([steps(-1, None, None), steps(-1, 1, 1), steps(-1, -1, 1)], (False,)),
    ],
)
def test_most_of_those_who_labelled_a_step_decide_and_the_list_ends_where_nobody_clearly_did(
    given, labels
):
    assert pooled(given).labels == labels
    assert pooled(given[::-1]) == pooled(given)


def test_the_cut_of_most_raters_counts_and_the_others_are_counted():
    other = steps(-1, -1, cut=((0, 9), (10, 20)))
    found = pooled([other, steps(1, 1, 1), steps(1, 1, 0)])
    assert (found.spans, found.labels, found.raters, found.others) == (CUT, (True,) * 3, 2, 1)
