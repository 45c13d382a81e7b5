"""The Django app “curation”."""

from __future__ import annotations

from collections.abc import Sequence

from django.apps import AppConfig

from feedback import ports


class CurationApp(AppConfig):
    name = "curation"

    def ready(self) -> None:
        """Answer what feedback asks at an import. Workers alone import what the answer needs."""
        ports.register_similar_items(_remember)


def _remember(*, project_id: int, job_id: int, items: Sequence[ports.Arriving]) -> None:
    from curation.actions.likeness import remember

    remember(project_id=project_id, job_id=job_id, items=items)
