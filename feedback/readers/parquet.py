"""Reads Parquet in small batches; columns are the fields of a row, nested as they are. NaN counts as null."""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import orjson

from .limits import MAX_ROW_BYTES, MIB
from .problems import Fault, ReadingFailed, shown
from .records import Record, json_record, large_record
from .sources import Source, refuse_bombs

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

MOST_COLUMNS = 2000
MOST_METADATA = 16 * MIB
BATCH_BYTES = 4 * MIB
MOST_ROWS = 1000


def records(source: Source, skip: int = 0) -> Iterator[Record]:
    """One record a row, its content the row as JSON."""
    import pyarrow as pa

    try:
        yield from rows(source, skip)
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, MemoryError):
            raise
        reason = shown(str(error).partition("\n")[0])
        says = f"The file cannot be read as Parquet: {reason}."
        raise ReadingFailed("not_readable", says) from None


def rows(source: Source, skip: int) -> Iterator[Record]:
    number = written = 0
    file = opened(source)
    for batch in batches(file):
        left_out = min(batch.num_rows, max(0, skip - number))
        number += left_out
        for value in values(batch.slice(left_out)):
            number += 1
            record = row_record(number, value)
            written += len(record.content)
            refuse_bombs(source.limits, source.size, written)
            yield record
        source.estimate(number / file.metadata.num_rows)


def opened(source: Source) -> pq.ParquetFile:
    """The file, its columns told apart. Raises ReadingFailed."""
    import pyarrow.parquet as pq

    source.file.seek(0)
    file = pq.ParquetFile(
        source.file,
        pre_buffer=False,
        buffer_size=MIB,
        thrift_string_size_limit=MOST_METADATA,
        thrift_container_size_limit=MOST_METADATA,
        arrow_extensions_enabled=False,
    )
    names = file.schema_arrow.names
    if len(set(names)) < len(names) or file.metadata.num_columns > MOST_COLUMNS:
        says = f"The file has more than {MOST_COLUMNS} columns, or two of one name."
        raise ReadingFailed("bad_header", says)
    return file


def batches(file: pq.ParquetFile) -> Iterator[pa.RecordBatch]:
    groups = range(file.metadata.num_row_groups)
    size = sum(file.metadata.row_group(group).total_byte_size for group in groups)
    rows = BATCH_BYTES * max(1, file.metadata.num_rows) // max(1, size)
    yield from file.iter_batches(batch_size=min(MOST_ROWS, max(1, rows)), use_threads=False)


def values(batch: pa.RecordBatch) -> Iterator[Any]:
    """The rows as Python values; one that has none (text that is not UTF-8) comes as its error."""
    try:
        yield from batch.to_pylist(maps_as_pydicts="strict")
    except (UnicodeDecodeError, KeyError) as error:
        if batch.num_rows == 1:
            yield error
            return
        for place in range(batch.num_rows):
            yield from values(batch.slice(place, 1))


def row_record(number: int, value: Any) -> Record:
    if isinstance(value, UnicodeDecodeError):
        return Record(number, b"", None, (Fault((), "not_utf8", "holds text that is not UTF-8"),))
    if isinstance(value, KeyError):
        return Record(number, b"", None, (Fault((), "not_json", "holds a map with a key twice"),))
    content = orjson.dumps(value, default=as_json, option=orjson.OPT_NON_STR_KEYS)
    if len(content) > MAX_ROW_BYTES:
        return large_record(number, content, MAX_ROW_BYTES)
    return json_record(number, content)


def as_json(value: Any) -> Any:
    """What JSON has no word for: a Decimal as a number, bytes as text where they are text."""
    if isinstance(value, decimal.Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime.timedelta):
        return value.total_seconds()
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return {"binary_bytes": len(value)}
    raise TypeError(type(value).__name__)
