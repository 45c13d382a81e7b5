"""Documents made for a test: PDF pages written operator by operator, DOCX parts, zips."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


@dataclass(frozen=True)
class Typed:
    """A line of a page: words, place from the left and the bottom, size, bold or not."""

    words: str
    x: float
    y: float
    size: float = 12
    bold: bool = False


def pdf(pages: Iterable[Iterable[Typed]], *, extra: bytes = b"") -> bytes:
    """A PDF of these lines in Helvetica; `extra` is put in front of each page's content."""
    streams = [extra + "\n".join(map(_shown, page)).encode("cp1252") for page in pages]
    kids = " ".join(f"{5 + 2 * i} 0 R" for i in range(len(streams)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(streams)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
    ]
    for number, stream in enumerate(streams):
        packed = zlib.compress(stream, 9)
        fonts = "/Resources << /Font << /F 3 0 R /B 4 0 R >> >>"
        page = f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] {fonts} /Contents {6 + 2 * number} 0 R >>"
        objects.append(page.encode())
        head = f"<< /Length {len(packed)} /Filter /FlateDecode >>\nstream\n".encode()
        objects.append(head + packed + b"\nendstream")
    return _file(objects)


def _shown(line: Typed) -> str:
    words = line.words.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"BT /{'B' if line.bold else 'F'} {line.size} Tf {line.x} {line.y} Td ({words}) Tj ET"


def _file(objects: list[bytes]) -> bytes:
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    out += (
        f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    )
    return bytes(out)


def zipped(entries: Mapping[str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


def docx(body: str, *, styles: str = "", numbering: str = "", footnotes: str = "") -> bytes:
    """A DOCX of these parts; each is the inside of its root element."""
    parts = {
        "document": f"<w:body>{body}</w:body>",
        "styles": styles,
        "numbering": numbering,
        "footnotes": footnotes,
    }
    entries: dict[str, bytes | str] = {"[Content_Types].xml": "<Types/>"}
    for name, inside in parts.items():
        entries[f"word/{name}.xml"] = f'<?xml version="1.0"?><w:{name} {W}>{inside}</w:{name}>'
    return zipped(entries)


def p(words: str, settings: str = "") -> str:
    """A paragraph of a DOCX."""
    return f"<w:p><w:pPr>{settings}</w:pPr><w:r><w:t>{words}</w:t></w:r></w:p>"
