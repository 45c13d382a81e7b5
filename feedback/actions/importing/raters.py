"""Imported raters and provenances: one row for each that is new, the same row for each that is known."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from typing import Any

import orjson

from feedback.models import ImportJob, Provenance, Rater
from feedback.readers import rows as read

_FIELDS = (
    "origin",
    "model",
    "model_version",
    "parameters",
    "generated_at",
    "generation_depth",
    "provider_terms",
    "licence",
    "source",
)


class Raters:
    """The raters of a source by (kind, key), made as they appear; reviews without a name share one unknown rater."""

    def __init__(self, job: ImportJob, now: dt.datetime) -> None:
        self._job, self._now = job, now
        self._known: dict[str, int] = {}

    def ids(self, reviews: Iterable[read.ReviewRow]) -> dict[str, int]:
        """External key → rater id for these reviews; the unknown rater's key is empty."""
        wanted = {key_of(review): review for review in reviews}
        missing = wanted.keys() - self._known.keys()
        if missing:
            Rater.objects.bulk_create(
                (
                    Rater(
                        workspace_id=self._job.workspace_id,
                        source_id=self._job.source_id,
                        external_key=key,
                        rater_kind=_kind(wanted[key]),
                        created_at=self._now,
                    )
                    for key in sorted(missing)
                ),
                ignore_conflicts=True,
            )
            found = Rater.objects.filter(source_id=self._job.source_id, external_key__in=missing)
            self._known.update(found.values_list("external_key", "pk"))
        return self._known


class Provenances:
    """Where texts come from, by digest, made as they appear."""

    def __init__(self, workspace_id: int) -> None:
        self._workspace_id = workspace_id
        self._known: dict[bytes, int] = {}

    def learn(self, provenances: Iterable[read.Provenance | None]) -> None:
        """Make sure that each of these has a row."""
        wanted = {digest_of(each): each for each in provenances}
        missing = wanted.keys() - self._known.keys()
        if not missing:
            return
        Provenance.objects.bulk_create(
            (
                Provenance(
                    workspace_id=self._workspace_id, digest=digest, **_columns(wanted[digest])
                )
                for digest in sorted(missing)
            ),
            ignore_conflicts=True,
        )
        found = Provenance.objects.filter(workspace_id=self._workspace_id, digest__in=missing)
        self._known.update((bytes(digest), pk) for digest, pk in found.values_list("digest", "pk"))

    def id(self, provenance: read.Provenance | None) -> int:
        return self._known[digest_of(provenance)]


def key_of(review: read.ReviewRow) -> str:
    return review.rater or ""


def digest_of(provenance: read.Provenance | None) -> bytes:
    return hashlib.sha256(orjson.dumps(_columns(provenance), option=orjson.OPT_SORT_KEYS)).digest()


def _kind(review: read.ReviewRow) -> str:
    return review.rater_kind if review.rater else Rater.Kind.UNKNOWN


def _columns(provenance: read.Provenance | None) -> dict[str, Any]:
    """Column values; nothing said is origin unknown and empty text."""
    given = provenance or read.Provenance()
    values = {name: getattr(given, name) for name in _FIELDS}
    for name in ("model", "model_version", "provider_terms", "licence", "source"):
        values[name] = values[name] or ""
    return values
