"""How reliable a run found its raters: shown only where enough of their votes can be held against others'."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from curation.frames import RaterKeys
from curation.models import RaterReliability, Run
from feedback.models import Rater

from .votes import rater_name

MOST_SHOWN = 200
LEAST_SHARED = 20  # below this the figure says more of its prior than of the person


@dataclass(frozen=True, slots=True)
class Record:
    """A rater on a question. `shared` are the votes on pairs that somebody else judged too."""

    name: str
    question: str
    votes: int
    shared: int
    accuracy: float
    low: float
    high: float

    @property
    def shown(self) -> bool:
        return self.shared >= LEAST_SHARED


def reliability_of(run: Run) -> QuerySet[RaterReliability]:
    """What the run found out about each rater who has a name."""
    return RaterReliability.objects.filter(run=run).select_related("rater__user", "rater__source")


def shared_votes(run: Run, reports: dict[str, Any]) -> Callable[[RaterReliability], int]:
    """How many votes of a rater on a question are on pairs that somebody else judged too."""
    listed = reports.get("votes", {}).get("shared", [])
    shared: dict[tuple[str, str], int] = {
        (each["rater"], each["question"]): each["shared"] for each in listed
    }
    keys = RaterKeys(RaterReliability.objects.filter(run=run).values_list("rater_id", flat=True))

    def of(row: RaterReliability) -> int:
        # Two votes that a rater gave on repeated pairs are two votes on one thing.
        return min(shared.get((keys[row.rater_id, 1], row.question), 0), row.n_votes)

    return of


def records_of(run: Run, reports: dict[str, Any], titles: dict[str, str]) -> list[Record]:
    """Raters with a name, by question, most votes first."""
    shared = shared_votes(run, reports)
    rows = list(reliability_of(run).order_by("question", "-n_votes", "pk")[:MOST_SHOWN])
    alike = Counter((row.question, rater_name(row.rater)) for row in rows)
    return [
        Record(
            _told_apart(row.rater, alike[row.question, rater_name(row.rater)] > 1),
            titles.get(row.question, row.question),
            row.n_votes,
            shared(row),
            row.accuracy,
            row.accuracy_lo,
            row.accuracy_hi,
        )
        for row in rows
    ]


def _told_apart(rater: Rater, alike: bool) -> str:
    """The rater's name; with the source where another source has a rater of this name."""
    name = rater_name(rater)
    return f"{name}, {rater.source.name}" if alike and rater.source else name
