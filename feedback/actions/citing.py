"""Finds the citations of texts and keeps where they stand: by a worker after an import, or when a desk first asks.

A desk never waits for long ones: a worker finds them while its reviewer begins to read.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.cache import cache
from django.db import transaction

from feedback.bodies import form_of
from feedback.forms.questions import Authorities
from feedback.forms.schema import Form
from feedback.jobs import announce
from feedback.law.authorities import VERSION, Found, as_json, find_authorities, from_json
from feedback.models import Citations, ImportJob, Response

AT_ONCE = 50
AT_THE_DESK = 40_000  # characters whose citations are found in less than a second
ASKED_AGAIN = 60  # seconds after which a worker is asked again

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


def citations_by_now(
    workspace_id: int, revision_id: int, texts: Sequence[Text], *, now: dt.datetime
) -> list[list[Found]] | None:
    """What each text of a revision cites, at once; None where that takes too long: then a worker is asked to find it."""
    hashes = {_hash(text): len(text[0]) for text in texts if text[1] != "diff"}
    if sum(hashes.values()) > AT_THE_DESK:
        rows = Citations.objects.filter(
            workspace_id=workspace_id, text_sha256__in=set(hashes), version=VERSION
        )
        known = {bytes(digest) for digest in rows.values_list("text_sha256", flat=True)}
        if sum(size for digest, size in hashes.items() if digest not in known) > AT_THE_DESK:
            if cache.add(f"citing:{revision_id}", value=True, timeout=ASKED_AGAIN):
                wish = {"workspace_id": workspace_id, "revision_id": revision_id}
                with transaction.atomic():
                    announce("feedback.citations_missing", now=now, **wish)
            return None
    return citations(workspace_id, texts, now=now)


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


def find_citations_of_revision(*, workspace_id: int, revision_id: int, now: dt.datetime) -> None:
    """Find the citations of the responses of one revision, for a desk that shows them."""
    rows = Response.objects.filter(workspace_id=workspace_id, revision_id=revision_id)
    for texts in _in_batches(rows.values_list("messages", flat=True).order_by("pk")):
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
