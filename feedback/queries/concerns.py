"""Whom and what an item concerns: all that a reviewer is told of it before its texts are disclosed to them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from feedback.errors import Refusal
from feedback.models import Assignment, ItemRecord, Project

# Reasons for which an item is given back before or instead of judging it.
GIVEN_BACK = {
    "conflict_of_interest": "A conflict of interest",
    "outside_expertise": "Not their field",
}
NAMED = "named-"  # policies under which a manager chose the reviewer


class NotDisclosed(Refusal):
    """You have not opened this item. See whom it concerns, and say that you can judge it."""

    code = "not_disclosed"


@dataclass(frozen=True, slots=True)
class Concerns:
    """What an import said for this purpose, and why the item came to this reviewer. Nothing else of the item."""

    parties: list[str]
    source: str
    author: str
    named: bool


def concerns_of(assignment: Assignment) -> Concerns:
    """Field by field: what is not named here stays with the item."""
    said = ItemRecord.objects.values_list("concerns", flat=True).get(item_id=assignment.item_id)
    return Concerns(
        parties=[str(party) for party in said.get("parties", ())],
        source=str(said.get("source") or ""),
        author=str(said.get("author") or ""),
        named=assignment.policy_version.startswith(NAMED),
    )


def check_disclosed(assignment: Assignment) -> None:
    """Raise NotDisclosed while the texts are withheld from the assignment's reviewer."""
    if assignment.withheld:
        raise NotDisclosed


def given_back(project: Project) -> list[tuple[str, int]]:
    """How often reviewers of a project gave an item back for a conflict or as not their field, in words."""
    rows = (
        Assignment.objects.filter(
            project=project, state=Assignment.State.SKIPPED, reason__in=GIVEN_BACK
        )
        .values("reason")
        .annotate(n=Count("pk"))
        .order_by("reason")
    )
    return [(GIVEN_BACK[row["reason"]], row["n"]) for row in rows]
