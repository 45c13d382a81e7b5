"""On which terms the texts of a run's pairs may be used: their provenance, by item and text."""

from __future__ import annotations

from typing import Any

import pandas as pd

from curation.methods.licences import Terms
from feedback.models import ItemRevision, Provenance, Response

BATCH = 20_000


def terms_of(pairs: pd.DataFrame) -> dict[tuple[str, str], Terms]:
    """(item, “prompt”, “context” or a response's hash) → its terms; what has no provenance is left out."""
    known: dict[int, Terms] = {}
    found: dict[tuple[str, str], Terms] = {}
    items = pairs["item"].tolist()
    revisions = dict(zip(pairs["revision_id"].tolist(), items, strict=True))
    columns = ("prompt_provenance_id", "context_provenance_id")
    for pk, *provenances in _rows(ItemRevision, [*revisions], columns):
        for name, provenance in zip(("prompt", "context"), provenances, strict=True):
            if provenance is not None:
                found[revisions[pk], name] = _terms(known, provenance)
    responses: dict[int, tuple[str, str]] = {}
    for side, key in (("first_hash", "lo_id"), ("second_hash", "hi_id")):
        texts = zip(items, pairs[side].tolist(), strict=True)
        responses |= dict(zip(pairs[key].tolist(), texts, strict=True))
    for pk, provenance in _rows(Response, [*responses], ("provenance_id",)):
        found[responses[pk]] = _terms(known, provenance)
    return found


def _rows(model: Any, ids: list[int], columns: tuple[str, ...]) -> list[tuple[int, ...]]:
    return [
        row
        for start in range(0, len(ids), BATCH)
        for row in model.objects.filter(pk__in=ids[start : start + BATCH]).values_list(
            "pk", *columns
        )
    ]


def _terms(known: dict[int, Terms], provenance_id: int) -> Terms:
    """Texts that came the same way share their provenance, so that there are few."""
    if provenance_id not in known:
        row = Provenance.objects.get(pk=provenance_id)
        known[provenance_id] = Terms(
            origin=row.origin, licence=row.licence, provider_terms=row.provider_terms
        )
    return known[provenance_id]
