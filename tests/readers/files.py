"""Files made for a test, and their rows read without a child process, where the child is not what is tested."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from feedback.readers import LIMITS, Limits, Row
from feedback.readers.mapping import parse_mapping
from feedback.readers.pipeline import choose, rows, shape_for
from feedback.readers.sources import Source

DATA = Path(__file__).parents[1] / "data"


def rows_of(
    path: Path,
    mapping: Any = None,
    *,
    format: str | None = None,
    skip: int = 0,
    limits: Limits = LIMITS,
) -> list[Row]:
    with path.open("rb") as file:
        source = Source(file, path.name, limits)
        parsed = None if mapping is None else parse_mapping(mapping)
        reader = choose(source, format, parsed)
        return list(rows(source, reader, shape_for(reader, parsed), skip))


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def jsonl(folder: Path, *values: Any) -> Path:
    return written(folder, "rows.jsonl", "".join(json.dumps(value) + "\n" for value in values))


def codes(row: Row) -> list[str]:
    return [problem.code for problem in row.problems]
