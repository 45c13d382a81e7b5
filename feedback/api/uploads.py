"""An upload as it arrives: a form with a file, or a raw body, in pieces and never whole in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import orjson
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from rest_framework.exceptions import ErrorDetail, ParseError, UnsupportedMediaType, ValidationError
from rest_framework.request import Request

from feedback.actions.importing.start import Incoming, StoredFile, TooLarge, Wish

from .shapes.imports import WishQuery

PIECE = 1 << 20
FORM = "multipart/form-data"
# What a raw body may be, and how its file is called when nobody says.
RAW = {
    "application/x-ndjson": "upload.jsonl",
    "application/json": "upload.json",
    "text/csv": "upload.csv",
    "application/vnd.apache.parquet": "upload.parquet",
    "application/gzip": "upload.gz",
    "application/pdf": "upload.pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "upload.docx",
    "text/markdown": "upload.md",
    "text/plain": "upload.txt",
    "application/zip": "upload.zip",
}
# A form's other fields and boundaries, beside the file.
FORM_EXTRA = 4 << 20


def read_upload(request: Request) -> tuple[Incoming, Wish]:
    """The file of a request, not read yet, and how it shall be read. Raises TooLarge and DRF's errors."""
    kind = request.content_type.partition(";")[0].strip().lower()
    if _length(request) > settings.IMPORT_MAX_BYTES + FORM_EXTRA:
        raise TooLarge
    if kind == FORM:
        return _from_form(request)
    if kind in RAW:
        said = _checked(request.query_params.dict())
        return Incoming(said["name"] or RAW[kind], pieces_of(request)), _wish(said)
    raise UnsupportedMediaType(kind, detail=f"Send one of {', '.join([FORM, *RAW])}.")


def digest_of(stored: StoredFile, wish: Wish) -> bytes:
    """What makes two uploads the same request."""
    said = [stored.name, stored.sha256.hex(), wish.source, wish.format, wish.mapping]
    rest = [wish.mapping_name, wish.on_conflict, wish.consent]
    return hashlib.sha256(orjson.dumps([*said, *rest], option=orjson.OPT_SORT_KEYS)).digest()


def pieces_of(request: Request) -> Iterator[bytes]:
    """The raw body, piece by piece; a chunked one has no length and is read to its end."""
    stream: Any = request._request
    if not _length(request) and request.META.get("wsgi.input_terminated"):
        stream = request.META["wsgi.input"]
    while piece := stream.read(PIECE):
        yield piece


def _length(request: Request) -> int:
    """The announced length of the body; 0 when there is none."""
    written = str(request.META.get("CONTENT_LENGTH") or "")
    return int(written) if written.isdecimal() else 0


def _from_form(request: Request) -> tuple[Incoming, Wish]:
    # Django writes a large file of a form to disk as it arrives.
    form = request._request
    said = _checked({name: v for name, v in form.POST.items() if name != "csrfmiddlewaretoken"})
    file: UploadedFile[Any] | None = form.FILES.get("file")
    if file is None:
        fault = ErrorDetail("This is missing; it holds the file.", code="required")
        raise ValidationError({"file": [fault]})
    return Incoming(said["name"] or file.name or "upload", file.chunks()), _wish(said)


def _checked(said: dict[str, Any]) -> dict[str, Any]:
    given = WishQuery(data=said)
    given.is_valid(raise_exception=True)
    checked: dict[str, Any] = given.validated_data
    return checked


def _wish(said: dict[str, Any]) -> Wish:
    """The wish in a form or a query; `mapping` is a name, or a document in braces."""
    written, options = (
        said["mapping"],
        {n: said[n] for n in ("source", "format", "on_conflict", "consent")},
    )
    if not written.startswith("{"):
        return Wish(mapping_name=written, **options)
    try:
        return Wish(mapping=orjson.loads(written), **options)
    except orjson.JSONDecodeError as error:
        raise ParseError(f"The mapping is not JSON: {error}.") from error
