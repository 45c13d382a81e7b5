"""The hash of a frame depends on what its columns say, and not on how they are held."""

from __future__ import annotations

import hashlib
import math
import struct
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from curation.methods.digests import AT_ONCE, frame_sha256


def by_definition(columns: dict[str, list[Any]]) -> bytes:
    """Names, which values are missing, then the values: written down one by one."""
    count = len(next(iter(columns.values())))
    sha = hashlib.sha256(count.to_bytes(8, "little"))
    for name, values in columns.items():
        missing = [each is None for each in values]
        sha.update(name.encode() + b"\0" + np.packbits(missing).tobytes())
        if isinstance(next((each for each in values if each is not None), ""), str):
            texts = [(each or "").encode() for each in values]
            sha.update(b"".join(struct.pack("<q", len(text)) for text in texts) + b"".join(texts))
        elif name == "share":
            sha.update(b"".join(struct.pack("<d", (each or 0.0) + 0.0) for each in values))
        else:
            sha.update(b"".join(struct.pack("<q", int(each or 0)) for each in values))
    return sha.digest()


def said(count: int) -> dict[str, list[Any]]:
    """Some of everything, with gaps."""
    return {
        "pair": [f"{each:08x}" for each in range(count)],
        "reason": [None if each % 3 else "zu kürz" * (each % 5) for each in range(count)],
        "nothing": [None] * count,
        "n": [each * 7 - 3 for each in range(count)],
        "held": [each % 7 == 0 for each in range(count)],
        "share": [None if each % 11 == 0 else -each / 3 for each in range(count)],
    }


def table_of(columns: dict[str, list[Any]]) -> pa.Table:
    kinds = {"share": pa.float64(), "n": pa.int64(), "held": pa.bool_()}
    return pa.table(
        {name: pa.array(v, kinds.get(name, pa.large_string())) for name, v in columns.items()}
    )


class Asked:
    """What has columns by their names, of Arrow."""

    def __init__(self, table: pa.Table) -> None:
        self._table, self.columns = table, table.column_names

    def __len__(self) -> int:
        return len(self._table)

    def __getitem__(self, name: str) -> pa.ChunkedArray:
        return self._table[name]


@pytest.mark.parametrize("count", [1, 9, 2 * AT_ONCE + 5])
def test_a_hash_is_that_of_its_definition_however_the_columns_are_held(count):
    columns = said(count)
    expected, names, table = by_definition(columns), list(columns), table_of(columns)
    frame = table.to_pandas()
    assert frame_sha256(frame, names) == expected
    assert frame_sha256(Asked(table), names) == expected
    pieces = pa.concat_tables([table.slice(0, count // 3), table.slice(count // 3)])
    assert frame_sha256(Asked(pieces), names) == expected
    inside = pa.concat_tables([table_of(said(4)), table, table]).combine_chunks().slice(4, count)
    assert frame_sha256(Asked(inside), names) == expected
    plain = frame.assign(reason=frame["reason"].astype("category"), n=frame["n"].astype("int32"))
    assert frame_sha256(plain, names) == expected


def test_what_is_missing_is_not_what_is_empty_and_minus_nothing_is_nothing():
    empty, missing = (pd.DataFrame({"a": pd.Series([each], dtype="str")}) for each in ("", None))
    assert frame_sha256(empty, ["a"]) != frame_sha256(missing, ["a"])
    zeros = [pd.DataFrame({"a": [each]}) for each in (0.0, -0.0)]
    assert len({frame_sha256(each, ["a"]) for each in zeros}) == 1
    assert frame_sha256(pd.DataFrame({"a": [math.nan]}), ["a"]) != frame_sha256(zeros[0], ["a"])
