"""The filters of a list of items, as they stand in addresses and forms."""

from __future__ import annotations

from collections.abc import Mapping

FILTERS = ("state", "purpose", "tag", "model", "external_id", "q")
LONGEST = 300


def asked_filters(fields: Mapping[str, str]) -> dict[str, str]:
    """What a query or a form asks for; empty where it does not."""
    return {name: str(fields.get(name, "")).strip()[:LONGEST] for name in FILTERS}
