"""On which terms the texts of a run's pairs may be used: their provenance, beside each text."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import connection

from curation.late import pd
from curation.methods.licences import Terms
from curation.stages.licences import terms_column
from feedback.models import Provenance

_REVISIONS = "SELECT id, prompt_provenance_id, context_provenance_id FROM feedback_itemrevision WHERE id = ANY(%s)"
_RESPONSES = "SELECT id, provenance_id FROM feedback_response WHERE id = ANY(%s)"


def with_terms(pairs: pd.DataFrame) -> pd.DataFrame:
    """The pairs with a column of terms for each field; null for what has no provenance.

    Texts that came the same way share their provenance, so that there are few.
    """
    asked = _by_id(_REVISIONS, pairs["revision_id"])
    said = _by_id(_RESPONSES, pd.concat([pairs["lo_id"], pairs["hi_id"]]))
    sources = {
        "prompt": (asked[0], "revision_id"),
        "context": (asked[1], "revision_id"),
        "first": (said[0], "lo_id"),
        "second": (said[0], "hi_id"),
    }
    written = _written({pk for of, _ in sources.values() for pk in of.values()})
    columns = {
        terms_column(field): pd.Categorical([written.get(of.get(pk, 0)) for pk in pairs[key]])
        for field, (of, key) in sources.items()
    }
    return pairs.assign(**columns)


def _by_id(statement: str, ids: pd.Series) -> list[dict[int, int]]:
    """Each column of a statement's rows by their ids, without those that are null."""
    with connection.cursor() as cursor:
        cursor.execute(statement, [sorted(set(ids.tolist()))])
        rows = cursor.fetchall()
        width = len(cursor.description or ()) - 1
    return [{row[0]: row[at] for row in rows if row[at] is not None} for at in range(1, width + 1)]


def _written(provenances: set[int]) -> Mapping[int, str]:
    rows = Provenance.objects.filter(pk__in=provenances)
    return {
        row.pk: Terms(
            origin=row.origin, licence=row.licence, provider_terms=row.provider_terms
        ).written()
        for row in rows
    }
