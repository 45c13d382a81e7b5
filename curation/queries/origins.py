"""The run that another went on from, and which of its findings that one has from there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from curation.models import Run, RunPair

from .runs import reports_of


@dataclass(frozen=True, slots=True)
class Origin:
    """`run` estimated what the later one took over. `anew` of its pairs were decided again; None: it read everything after all, and has of
    the earlier one nothing but what that estimated of the raters and how its methods compared.
    """

    run: Run
    anew: int | None

    @property
    def measured(self) -> bool:
        """Whether agreement, models and variety are the earlier run's too."""
        return self.anew is not None


def origin_of(run: Run) -> Origin | None:
    """What a run went on from; None for one that began by itself."""
    since = Run.objects.filter(pk=run.pk).values_list("frozen__since", flat=True).get()
    if run.base_id is not None:
        anew = RunPair.objects.filter(run=run).count()
        return Origin(Run.objects.defer("frozen").get(pk=run.base_id), anew)
    if since is None:
        return None
    same = Run.objects.filter(project=run.project_id, result_sha256=bytes.fromhex(since))
    before = same.filter(number__lt=run.number).exclude(frozen__has_key="since")
    found = before.defer("frozen").order_by("-number").first()
    return Origin(found, None) if found else None


def methods_of(reports: Mapping[str, Any], origin: Origin | None) -> list[dict[str, Any]]:
    """The report on methods: where nothing was fitted anew, that of the run whose estimates are used."""
    of = reports if origin is None or origin.measured else reports_of(origin.run)
    found: list[dict[str, Any]] = of.get("methods", [])
    return found
