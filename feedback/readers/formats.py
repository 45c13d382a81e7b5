"""The formats that can be read, and how to tell which one a file has."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import orjson

from . import csv_rows, json_array, jsonl, parquet
from .documents import records as documents
from .problems import Fault, ReadingFailed
from .records import BOM, Record
from .sources import Source

LABEL_STUDIO = "label_studio"
PARQUET = b"PAR1"
PDF, ZIP, OFFICE = b"%PDF-", b"PK\x03\x04", b"[Content_Types].xml"
ROWS = re.compile(rb"\[\s*[\]{]")
ANNOTATED = re.compile(rb'"annotations"\s*:\s*\[')
TASK = re.compile(rb'"(?:completed_by|result|data)"\s*:')


def as_it_is(record: Any) -> tuple[Any, list[Fault]]:
    return record, []


class Reader(NamedTuple):
    """A format: how its records are cut, and how one becomes a native row when no mapping says so."""

    name: str
    title: str
    suffixes: tuple[str, ...]
    records: Callable[[Source, int], Iterator[Record]]
    native: Callable[[Any], tuple[Any, list[Fault]]] = as_it_is


READERS = (
    Reader("jsonl", "JSON Lines", (".jsonl", ".ndjson"), jsonl.records),
    Reader("json", "JSON array", (".json",), json_array.records),
    Reader("csv", "CSV", (".csv", ".tsv"), csv_rows.records, csv_rows.nested),
    Reader("parquet", "Parquet", (".parquet",), parquet.records),
    Reader(LABEL_STUDIO, "Label Studio JSON", (), json_array.records),
    *(
        Reader(name, title, suffixes, documents.documents(suffixes[0]), documents.native_document)
        for name, title, suffixes in (
            ("pdf", "PDF document", (".pdf",)),
            ("docx", "Word document", (".docx",)),
            ("markdown", "Markdown document", (".md", ".markdown")),
            ("text", "Text document", (".txt",)),
        )
    ),
    Reader("zip", "Zip of documents", (".zip",), documents.bundle, documents.native_bundle),
)
FORMATS = {reader.name: reader for reader in READERS}


def detect(source: Source) -> Reader:
    """The format by content, and by name where the content could be two. Raises ReadingFailed."""
    head = source.head.removeprefix(BOM).lstrip()
    named = by_name(source.name)
    if head[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        says = "The file is UTF-16 text; save it as UTF-8."
        raise ReadingFailed("not_utf8", says)
    found = document(head, named)
    if found is not None:
        return found
    if head.startswith(PARQUET):
        return FORMATS["parquet"]
    if ROWS.match(head) or (head.startswith(b"[") and named is FORMATS["json"]):
        return FORMATS[LABEL_STUDIO if is_label_studio(head) else "json"]
    if head.startswith(b"{") and named is not FORMATS["csv"]:
        return json_or_lines(head, named)
    if named is not None and named.name in {"jsonl", "csv"}:
        return named
    if named is not None and named.name in {"pdf", "docx", "zip"}:
        says = f"The file is called {source.name}, and it is no {named.title} inside."
        raise ReadingFailed("not_readable", says)
    says = (
        "The file is neither JSON Lines, JSON, CSV, Parquet, a Label Studio export, nor a document "
        "(PDF, DOCX, Markdown, plain text)."
    )
    raise ReadingFailed("unknown_format", says)


def document(head: bytes, named: Reader | None) -> Reader | None:
    """The reader of a document, by what a PDF or a zip begins with; text by its name."""
    if head.startswith(PDF):
        return FORMATS["pdf"]
    if head.startswith(ZIP) and named is None:
        return FORMATS["docx"] if OFFICE in head[:200] and b"word/" in head else None
    if head.startswith(ZIP) and named in (FORMATS["docx"], FORMATS["zip"]):
        return named
    return named if named in (FORMATS["markdown"], FORMATS["text"]) else None


def by_name(name: str) -> Reader | None:
    plain = name.lower().removesuffix(".gz")
    found = (reader for reader in READERS if plain.endswith(reader.suffixes or ("\0",)))
    return next(found, None)


def is_label_studio(head: bytes) -> bool:
    return bool(ANNOTATED.search(head) and TASK.search(head))


def json_or_lines(head: bytes, named: Reader | None) -> Reader:
    """JSON Lines if the first line is an object of its own; one object over many lines is a JSON file."""
    first, newline, _ = head.partition(b"\n")
    try:
        orjson.loads(first)
        own = True
    except orjson.JSONDecodeError:
        own = not newline or named is FORMATS["jsonl"]
    if own and named is not FORMATS["json"]:
        return FORMATS["jsonl"]
    if own and head.count(b"\n") > (1 if head.endswith(b"\n") else 0):
        return FORMATS["jsonl"]
    return FORMATS[LABEL_STUDIO if is_label_studio(head) else "json"]
