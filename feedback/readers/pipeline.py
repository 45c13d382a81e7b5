"""From an open file to rows: cut, mapped, checked. Runs wherever it is called; `confined` calls it in a child."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from .formats import FORMATS, LABEL_STUDIO, Reader, detect
from .label_studio import Annotations
from .mapping import Mapping
from .native import build, rejected_row
from .problems import Fault, ReadingFailed
from .records import Record
from .rows import Row
from .sources import Source

Shape = Callable[[Any], tuple[Any, list[Fault]]]


def choose(source: Source, format: str | None, mapping: Mapping | None) -> Reader:
    """The reader that is asked for, or else the one that fits. Raises ReadingFailed."""
    if format and format not in FORMATS:
        says = f"{format} is not a format; there are {', '.join(FORMATS)}."
        raise ReadingFailed("unknown_format", says)
    reader = FORMATS[format] if format else detect(source)
    section = mapping.label_studio if mapping else None
    if reader.name == LABEL_STUDIO and not section:
        if mapping and not format:
            return FORMATS["json"]
        says = "A Label Studio export needs a mapping with its labelling configuration."
        raise ReadingFailed("mapping_needed", says)
    if section and reader.name != LABEL_STUDIO:
        if reader.name == "json" and not format:
            return FORMATS[LABEL_STUDIO]
        says = f"The mapping is for a Label Studio export, and this file is {reader.title}."
        raise ReadingFailed("bad_mapping", says)
    return reader


def shape_for(reader: Reader, mapping: Mapping | None) -> Shape:
    """What makes a native row of a record. Raises ReadingFailed when the mapping's configuration is broken."""
    if mapping is None:
        return reader.native
    if mapping.label_studio is None:
        return mapping.fill
    annotations = Annotations(mapping.label_studio)

    def shape(task: Any) -> tuple[Any, list[Fault]]:
        row, faults = mapping.fill(task)
        annotations.add_to(row, task, faults)
        return row, faults

    return shape


def rows(source: Source, reader: Reader, shape: Shape, skip: int) -> Iterator[Row]:
    """Every row numbered above `skip`."""
    for record in reader.records(source, skip):
        yield as_row(record, shape)


def as_row(record: Record, shape: Shape) -> Row:
    if record.faults:
        return rejected_row(record.number, record.content, record.value, record.faults)
    written, faults = shape(record.value)
    return build(record.number, record.content, written, faults)
