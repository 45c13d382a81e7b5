"""DOCX: paragraphs, headings, numbering, quotations, tables and footnotes as Markdown; headers and footers stay behind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from feedback.readers.problems import ReadingFailed

from .archives import Archive
from .docx_styles import Numbering, Styles, style_of
from .docx_xml import W, attribute, child
from .markdown import escaped, footnote_text, marker

DOCUMENT = "word/document.xml"
NOTES = {"footnoteReference": "word/footnotes.xml", "endnoteReference": "word/endnotes.xml"}
SET_IN = 567  # twentieths of a point: a centimetre from the left makes a quotation, if it is from the right as well
SPACES = re.compile(r"[ \t\xa0]+")


def docx_markdown(file: BinaryIO) -> str:
    """Raises ReadingFailed with `encrypted`, `no_text`, `not_readable`, `too_large` or `compressed_too_far`."""
    archive = Archive(file)
    document = parsed(archive, DOCUMENT)
    body = None if document is None else child(document, "body")
    if body is None:
        raise ReadingFailed("not_readable", "The file is a zip archive, and no DOCX document.")
    writer = Writer(
        Styles(parsed(archive, "word/styles.xml")), Numbering(parsed(archive, "word/numbering.xml"))
    )
    blocks = list(writer.blocks(body))
    blocks += list(_notes(archive, writer))
    if not any(blocks):
        raise ReadingFailed("no_text", "The document holds no text.")
    return "\n\n".join(block for block in blocks if block) + "\n"


def parsed(archive: Archive, name: str) -> Element | None:
    """The root of an XML entry, None when it is not there; entities and document types are refused."""
    content = archive.read(name)
    if not content:
        return None
    try:
        root: Element = fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, RecursionError):
        raise ReadingFailed("not_readable", f"The document is broken at {name}.") from None
    return root


@dataclass
class Writer:
    """Writes the blocks of a document, and remembers in which order its notes were called."""

    styles: Styles
    numbering: Numbering
    called: list[tuple[str, str]] = field(default_factory=list)

    def blocks(self, body: Element) -> Iterator[str]:
        for each in body:
            tag = each.tag.removeprefix(W)
            if tag == "p":
                yield self.paragraph(each)
            elif tag == "tbl":
                yield self.table(each)
            elif tag in {"sdt", "sdtContent", "customXml", "ins"}:
                yield from self.blocks(each)

    def paragraph(self, paragraph: Element) -> str:
        text = escaped(SPACES.sub(" ", "".join(self.runs(paragraph))).strip())
        if not text:
            return ""
        settings = child(paragraph, "pPr")
        style = style_of(settings)
        level = self.styles.outline(settings, style)
        number = self.numbering.next(settings, self.styles.numbered(style))
        if level:
            return f"{'#' * min(6, level + 1)} {number}{text}"
        if number:
            return f"{number}{text}"
        return f"> {text}" if self.styles.quoted(settings, style, SET_IN) else text

    def runs(self, parent: Element) -> Iterator[str]:
        """The words as they stand when every tracked change is accepted."""
        for each in parent:
            tag = each.tag.removeprefix(W)
            if tag == "t":
                yield each.text or ""
            elif tag in {"tab", "br", "cr"}:
                yield " "
            elif tag == "noBreakHyphen":
                yield "-"
            elif tag in NOTES:
                yield self.note(tag, attribute(each, "id"))
            elif tag not in {
                "del",
                "moveFrom",
                "pPr",
                "rPr",
                "instrText",
                "fldData",
                "pict",
                "drawing",
            }:
                yield from self.runs(each)

    def note(self, kind: str, id: str) -> str:
        self.called.append((kind, id))
        return marker(str(len(self.called)))

    def table(self, table: Element) -> str:
        rows = [
            [
                " ".join(filter(None, (self.cell(p) for p in cell.iter(f"{W}p"))))
                for cell in row.iter(f"{W}tc")
            ]
            for row in table.iter(f"{W}tr")
        ]
        rows = [row for row in rows if any(row)]
        if not rows:
            return ""
        width = max(map(len, rows))
        lines = ["| " + " | ".join(row + [""] * (width - len(row))) + " |" for row in rows]
        return "\n".join([lines[0], "|" + " --- |" * width, *lines[1:]])

    def cell(self, paragraph: Element) -> str:
        words = SPACES.sub(" ", "".join(self.runs(paragraph))).strip()
        return escaped(words).replace("|", "\\|")


def _notes(archive: Archive, writer: Writer) -> Iterator[str]:
    """The footnotes and endnotes in the order of their marks, numbered through."""
    roots = {kind: parsed(archive, name) for kind, name in NOTES.items()}
    for number, (kind, id) in enumerate(list(writer.called), start=1):
        root = roots[kind]
        found = [] if root is None else [note for note in root if attribute(note, "id") == id]
        words = " ".join("".join(writer.runs(p)) for note in found for p in note.iter(f"{W}p"))
        yield footnote_text(str(number), escaped(SPACES.sub(" ", words).strip()))
