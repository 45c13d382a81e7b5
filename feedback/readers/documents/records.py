"""A document, or a zip of documents in folders, as the records of an import: each gives one item."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any, BinaryIO

import orjson

from feedback.readers.limits import MIB
from feedback.readers.problems import Fault, ReadingFailed
from feedback.readers.records import Record
from feedback.readers.sources import Source

from .archives import Archive
from .docx import docx_markdown
from .pdf import pdf_markdown
from .plain import decoded, text_document

MOST_IN = 50 * MIB
MOST_OUT = 10 * MIB
HEADING = re.compile(r"^#{1,3} +(.+)$", re.MULTILINE)
LONGEST_TITLE = 200
KINDS = {"statutes": "statute", "statute": "statute", "notes": "note"}
ASSIGNMENT = ("prompt", "assignment", "task")

# A file's text and its format.
Text = tuple[str, str]


def _pdf(file: BinaryIO) -> Text:
    return pdf_markdown(file), "markdown"


def _docx(file: BinaryIO) -> Text:
    return docx_markdown(file), "markdown"


def _markdown(file: BinaryIO) -> Text:
    return decoded(file.read()), "markdown"


def _text(file: BinaryIO) -> Text:
    return text_document(file.read())


BY_SUFFIX: dict[str, Callable[[BinaryIO], Text]] = {
    ".pdf": _pdf,
    ".docx": _docx,
    ".md": _markdown,
    ".markdown": _markdown,
    ".txt": _text,
}


def documents(suffix: str) -> Callable[[Source, int], Iterator[Record]]:
    """The reader of files of one kind: one record, with the document and its name."""

    def records(source: Source, skip: int) -> Iterator[Record]:
        if skip < 1:
            name = PurePosixPath(source.name).name
            value = {"name": name, **_document(_whole(source), name, BY_SUFFIX[suffix])}
            yield Record(1, orjson.dumps(value), value)

    return records


def bundle(source: Source, skip: int) -> Iterator[Record]:
    """One record for each folder: its assignment, its responses, and what lies in folders below as context."""
    archive = Archive(_whole(source))
    for number, (folder, names) in enumerate(sorted(_folders(archive).items()), start=1):
        if number <= skip:
            continue
        try:
            value = _item(archive, folder, names)
        except ReadingFailed as failed:
            says = f"cannot be read: {failed.sentence}"
            yield Record(number, folder.encode(), None, (Fault((folder,), "bad_document", says),))
        else:
            yield Record(number, orjson.dumps(value), value)


def native_document(value: Any) -> tuple[Any, list[Fault]]:
    """The row of one document: a response to the assignment of reviewing it."""
    response = {"text": value["text"], "format": value["format"]}
    return {"prompt": f"Review this document: {value['title']}", "responses": [response]}, []


def native_bundle(value: Any) -> tuple[Any, list[Fault]]:
    """The row of a folder."""
    prompt = value["prompt"] or f"Review the documents of {value['name']}"
    texts = [{"text": each["text"], "format": each["format"]} for each in value["responses"]]
    context = [
        {key: each[key] for key in ("title", "kind", "text", "format")} for each in value["context"]
    ]
    return {"id": value["name"], "prompt": prompt, "context": context, "responses": texts}, []


def _item(archive: Archive, folder: str, names: list[str]) -> dict[str, Any]:
    item: dict[str, Any] = {
        "name": folder or "documents",
        "prompt": "",
        "context": [],
        "responses": [],
    }
    for name in sorted(names):
        path = PurePosixPath(name)
        below = path.relative_to(folder).parts if folder else path.parts
        read = BY_SUFFIX.get(path.suffix.lower())
        if read is None:
            says = f"{name} is neither PDF, DOCX, Markdown nor plain text."
            raise ReadingFailed("unknown_format", says)
        try:
            document = _document(BytesIO(archive.read(name)), path.name, read)
        except ReadingFailed as failed:
            raise ReadingFailed(failed.code, f"{name}: {failed.sentence}") from failed
        if len(below) > 1:
            item["context"].append({**document, "kind": KINDS.get(below[0].lower(), "source")})
        elif path.stem.lower() in ASSIGNMENT:
            item["prompt"] = document["text"]
        else:
            item["responses"].append({"name": path.name, **document})
    return item


def _folders(archive: Archive) -> dict[str, list[str]]:
    """The entries by folder; files that lie in no folder are one item together."""
    wanted = [name for name in archive.names if not _of_the_system(name)]
    flat = all(len(PurePosixPath(name).parts) == 1 or _is_context(name) for name in wanted)
    found: dict[str, list[str]] = defaultdict(list)
    for name in wanted:
        found["" if flat else PurePosixPath(name).parts[0]].append(name)
    return found


def _is_context(name: str) -> bool:
    return PurePosixPath(name).parts[0].lower() in {"context", "record", *KINDS}


def _of_the_system(name: str) -> bool:
    """What archivers of operating systems put beside one's files."""
    return any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(name).parts)


def _document(file: BinaryIO, name: str, read: Callable[[BinaryIO], Text]) -> dict[str, Any]:
    text, format = read(file)
    if len(text.encode()) > MOST_OUT:
        raise ReadingFailed(
            "too_large", f"The document holds more than {MOST_OUT:,} bytes of text."
        )
    return {"title": _title(text, format, name), "text": text, "format": format}


def _title(text: str, format: str, name: str) -> str:
    """The first heading of the document, or else the file's name without its ending."""
    heading = HEADING.search(text[:4000]) if format == "markdown" else None
    return (heading[1].replace("\\", "") if heading else PurePosixPath(name).stem)[:LONGEST_TITLE]


def _whole(source: Source) -> BytesIO:
    content = source.open().read(MOST_IN + 1)
    if len(content) > MOST_IN:
        raise ReadingFailed("too_large", f"A document has at most {MOST_IN:,} bytes.")
    return BytesIO(content)
