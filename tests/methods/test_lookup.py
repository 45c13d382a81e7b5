"""Where texts lie among others."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest

from curation.methods.lookup import places_in, ranks


@pytest.mark.parametrize("dtype", ["str", "object"])
def test_each_text_is_found_where_it_lies_and_others_nowhere(dtype):
    known = pd.Series(["b", "a", "ü"], dtype=dtype)
    wanted = pd.Series(["a", "x", "ü", "a", None], dtype=dtype)
    assert places_in(known, wanted).tolist() == [1, -1, 2, 1, -1]


def test_tables_in_pieces_are_looked_up_like_columns():
    known = pa.chunked_array([["b"], [], ["a"]], pa.string())
    assert places_in(known, pd.Series(["a", "b"])).tolist() == [1, 0]
    assert places_in(pd.Series([], dtype="str"), known).tolist() == [-1, -1]
    assert places_in(known, pd.Series([], dtype="str")).tolist() == []


@pytest.mark.parametrize("dtype", ["str", "object"])
def test_ranks_rise_as_texts_do_and_equal_texts_share_one(dtype):
    assert ranks(pd.Series(["b", "ü", "a", "b"], dtype=dtype)).tolist() == [1, 2, 0, 1]
    assert ranks(pa.chunked_array([["b"], [], ["a"]], pa.string())).tolist() == [1, 0]
    assert ranks(pd.Series([], dtype=dtype)).tolist() == []
