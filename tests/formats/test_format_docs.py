"""docs/formats.md shows every format as it is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pyarrow as pa
import pytest

from exports.formats import FORMATS, REASONS, Options

PAGE = (Path(__file__).parents[2] / "docs" / "formats.md").read_text()


def test_every_format_and_no_other_has_a_section_and_a_line():
    names = [format.name for format in FORMATS]
    assert re.findall(r"^### (\w+)$", PAGE, re.MULTILINE) == names
    table = PAGE.split("## The formats")[0]
    assert re.findall(r"^\| `(\w+)`", table, re.MULTILINE) == names


@pytest.mark.parametrize("format", FORMATS, ids=lambda format: format.name)
def test_the_example_has_the_columns_of_the_schema_in_their_order_and_types(format):
    part = PAGE.split(f"### {format.name}\n")[1]
    (example, *_) = re.findall(r"```json\n(.*?)```", part, re.DOTALL)
    row = json.loads(example)
    schema = format.schema(Options())
    assert list(row) == schema.names
    assert pa.Table.from_pylist([row], schema=schema).to_pylist() == [row]


def test_every_reason_is_explained():
    codes = re.findall(
        r"^\| `(\w+)` \| [^|]+ \|$", PAGE.split("## Why a row is left out")[1], re.MULTILINE
    )
    assert codes == list(REASONS)
