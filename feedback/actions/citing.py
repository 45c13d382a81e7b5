"""Finds the citations of texts and keeps where they stand: by a worker after an import, or when a desk first asks."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from feedback.bodies import form_of
from feedback.forms.questions import Authorities
from feedback.forms.schema import Form
from feedback.law.authorities import VERSION, Found, as_json, find_authorities, from_json
from feedback.models import Citations, ImportJob, Response

AT_ONCE = 50

Text = tuple[str, str]  # a text and its format


def asks_for_authorities(form: Form) -> bool:
    return any(isinstance(question, Authorities) for question in form.questions)


def texts_in(messages: Iterable[Mapping[str, Any]]) -> list[Text]:
    """The text parts of a response in the order in which anchors count them."""
    return [
        (part["text"], part.get("format", "plain"))
        for message in messages
        for part in message.get("parts", ())
    ]


def citations(workspace_id: int, texts: Sequence[Text], *, now: dt.datetime) -> list[list[Found]]:
    """What each text cites: read where it was found before, else found and kept."""
    hashes = [_hash(text) for text in texts]
    rows = Citations.objects.filter(
        workspace_id=workspace_id, text_sha256__in=set(hashes), version=VERSION
    )
    known = {bytes(row.text_sha256): row.found for row in rows}
    new: dict[bytes, Citations] = {}
    for digest, (text, format) in zip(hashes, texts, strict=True):
        if digest not in known:
            known[digest] = [] if format == "diff" else as_json(find_authorities(text, format))
            new[digest] = Citations(
                workspace_id=workspace_id,
                text_sha256=digest,
                version=VERSION,
                found=known[digest],
                created_at=now,
            )
    # Two may find them at the same time, and find the same.
    Citations.objects.bulk_create(new.values(), ignore_conflicts=True)
    return [list(from_json(known[digest])) for digest in hashes]


def find_citations_of_import(*, workspace_id: int, job_id: int, now: dt.datetime) -> None:
    """Find the citations of every response that an import brought, if the project's form asks for them."""
    job = ImportJob.objects.filter(pk=job_id, workspace_id=workspace_id).first()
    if job is None or not asks_for_authorities(form_of(job.project.forms.latest("version"))):
        return
    rows = Response.objects.filter(
        workspace_id=workspace_id, revision__item__record__import_job_id=job_id
    )
    for texts in _in_batches(
        rows.values_list("messages", flat=True).order_by("pk").iterator(AT_ONCE)
    ):
        citations(workspace_id, texts, now=now)


def _in_batches(messages: Iterable[list[dict[str, Any]]]) -> Iterable[list[Text]]:
    batch: list[Text] = []
    for each in messages:
        batch += texts_in(each)
        if len(batch) >= AT_ONCE:
            yield batch
            batch = []
    yield batch


def _hash(text: Text) -> bytes:
    return hashlib.sha256("\0".join(text).encode()).digest()
