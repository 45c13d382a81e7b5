"""What stands around the pages of a workspace: the counts of a project's navigation, projects at a glance."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, CharField, Count, F, Max, QuerySet, Sum, Value, When
from django.db.models.functions import Greatest

from feedback.models import Flag, FormVersion, Item, Membership, Project, ProjectReviewer, User

from .items import STATES
from .threads import waiting

MOST_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class NavCounts:
    """Numbers beside the entries of a project's navigation. `items` stops at 10,000: nobody waits for a count."""

    items: int
    more_items: bool
    form: int
    people: int
    questions: int


def nav_counts(project: Project) -> NavCounts:
    """Four small queries."""
    items = Item.objects.filter(project=project).order_by()[: MOST_COUNTED + 1].count()
    return NavCounts(
        items=min(items, MOST_COUNTED),
        more_items=items > MOST_COUNTED,
        form=FormVersion.objects.filter(project=project).aggregate(n=Max("version"))["n"] or 0,
        people=ProjectReviewer.objects.filter(
            project=project, paused_at=None, membership__ended_at=None
        ).count(),
        questions=waiting(project),
    )


@dataclass(frozen=True, slots=True)
class Glance:
    """A project in one line: its items, its reviews (given of wanted), and unsettled flags."""

    project: Project
    items: int
    settled: int
    given: int
    wanted: int
    flags: int


def glances(projects: Iterable[Project]) -> list[Glance]:
    """Each project at a glance, in the order given: two queries for all of them."""
    listed = list(projects)
    counted = _by_project(
        Item.objects.filter(project__in=listed),
        n=Count("pk"),
        settled=Count("pk", filter=STATES["settled"][1]),
        n_given=Sum("given"),
        n_wanted=Sum(Greatest("wanted", "given")),
    )
    flags = _by_project(Flag.objects.filter(project__in=listed, settled_at=None), n=Count("pk"))
    none = {"n": 0, "settled": 0, "n_given": 0, "n_wanted": 0}
    return [
        Glance(
            project,
            row["n"],
            row["settled"],
            row["n_given"],
            row["n_wanted"],
            flags.get(project.pk, none)["n"],
        )
        for project in listed
        for row in [counted.get(project.pk, none)]
    ]


def _by_project(rows: QuerySet[Any], **aggregates: Any) -> dict[int, dict[str, Any]]:
    found = rows.order_by().values("project_id").annotate(**aggregates)
    return {row["project_id"]: row for row in found}


def memberships_of(user: User) -> QuerySet[Membership]:
    """The workspaces somebody belongs to now, by name."""
    rows = Membership.objects.filter(user=user, ended_at=None).select_related("workspace")
    return rows.order_by("workspace__name", "pk")


def with_state(rows: QuerySet[Item]) -> QuerySet[Item]:
    """Items that know where they stand: `state_words`, as the filter of that name calls it."""
    whens = [When(condition, then=Value(words)) for words, condition in STATES.values()]
    return rows.annotate(state_words=Case(*whens, default=Value(""), output_field=CharField()))


def state_of(item: Item) -> str:
    """Where one item stands, in the words of the list."""
    found = with_state(Item.objects.filter(pk=item.pk)).get()
    words: str = found.state_words  # type: ignore[attr-defined]  # annotated
    return words


def open_flags(project: Project) -> QuerySet[Flag]:
    """Flags that nobody has settled, newest first, with item and rater."""
    rows = Flag.objects.filter(project=project, settled_at=None)
    return rows.select_related("item", "item__revision", "rater", "rater__user").order_by("-pk")


def flags_of_item(item: Item) -> QuerySet[Flag]:
    """Every flag of an item, unsettled ones first."""
    rows = Flag.objects.filter(item=item).select_related("rater", "rater__user")
    return rows.order_by(F("settled_at").desc(nulls_first=True), "-pk")
