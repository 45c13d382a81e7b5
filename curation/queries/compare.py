"""Two runs side by side, pair by pair: what entered, what left, what changed its winner, its chance or its reason.

Every pair of either run is in exactly one of KINDS, so that the counts add up: those that entered, and those kept in
both, are what the later run kept; those that left, and those kept in both, what the earlier one did.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, F, FilteredRelation, Q, QuerySet, Value, When
from django.db.models.functions import Abs, Coalesce

from curation.models import Pair, Run

from .recipes import changes

ENTERED, LEFT, WINNER, CHANCE = "entered", "left", "winner", "chance"
SAME, REASON, OUT = "same", "reason", "out"
KINDS = (ENTERED, LEFT, WINNER, CHANCE, SAME, REASON, OUT)
KEPT_IN_BOTH = (WINNER, CHANCE, SAME)
ABSENT = "absent"  # in place of a reason, for a pair that one of the runs does not know
LEAST = 0.05  # a chance that moves by less has not changed
TOLD = ("id", "held", "stage", "reason", "detail", "chosen", "p_next", "n_votes", "overruled")

_KEPT_BEFORE, _KEPT_AFTER = Q(before_held=False), Q(after_held=False)
_OUT_BEFORE = Q(before_held=True) | Q(before_id__isnull=True)
_OUT_AFTER = Q(after_held=True) | Q(after_id__isnull=True)
_BOTH = _KEPT_BEFORE & _KEPT_AFTER
_NEITHER = _OUT_BEFORE & _OUT_AFTER


@dataclass(frozen=True, slots=True)
class Compared:
    """How many pairs are of each kind, and why they entered or left: reason → pairs."""

    numbers: dict[str, int]
    entered: dict[str, int]
    left: dict[str, int]

    @property
    def kept_in_both(self) -> int:
        return sum(self.numbers[kind] for kind in KEPT_IN_BOTH)


def between(
    before: Run, after: Run, *, kind: str = "", reason: str = "", least: float = LEAST
) -> QuerySet[Pair]:
    """The pairs of either run with what both say (`before_held`, `after_held` …), to be paged by `pk`.

    `kind` is one of KINDS or empty for all. `reason`: why those that entered were held before, why those that left or
    are held now.
    """
    rows = _joined(before, after).select_related(
        "revision__item__record", "response_lo", "response_hi"
    )
    if kind:
        rows = rows.filter(_kinds(least)[kind])
    if reason:
        rows = rows.filter(**{"was" if kind == ENTERED else "now": reason})
    return rows.defer("revision__context")


def compared(before: Run, after: Run, *, least: float = LEAST) -> Compared:
    """The numbers of a comparison, counted by the database in one go, and the reasons behind two of them."""
    rows = _joined(before, after)
    kinds = _kinds(least)
    numbers = rows.aggregate(**{f"n_{name}": Count("pk", filter=kinds[name]) for name in KINDS})
    return Compared(
        {name: numbers[f"n_{name}"] for name in KINDS},
        _counted(rows.filter(kinds[ENTERED]), "was"),
        _counted(rows.filter(kinds[LEFT]), "now"),
    )


def because(before: Run, after: Run) -> list[str]:
    """What went into the two runs differently, in sentences."""
    found = []
    if before.n_reviews != after.n_reviews:
        found.append(f"Reviews read: {before.n_reviews:,} → {after.n_reviews:,}.")
    one, other = before.recipe_version, after.recipe_version
    if one.pk != other.pk:
        found.append(
            f"Recipe: {one.recipe.slug} v{one.version} → {other.recipe.slug} v{other.version}."
        )
        found += changes(one, other)
    if before.seed != after.seed:
        found.append(f"Seed: {before.seed} → {after.seed}.")
    was, now = (_frozen(run) for run in (before, after))
    if (was["by_hand"] or {}) != (now["by_hand"] or {}):
        words = {**(was["by_hand"] or {}), **(now["by_hand"] or {})}
        moved = [p for p in words if (was["by_hand"] or {}).get(p) != (now["by_hand"] or {}).get(p)]
        found.append(f"Decisions by hand: {len(moved):,} differ.")
    if was["forms"] != now["forms"]:
        found.append("The form has another version.")
    if was["prompt_template"] != now["prompt_template"]:
        found.append("The project’s prompt template is another one.")
    if was["code"] != now["code"]:
        found.append(f"Touchstone: {was['code']} → {now['code']}.")
    return found


def _frozen(run: Run) -> dict[str, Any]:
    """The small parts of what a run froze; its ledger may be large and stays where it is."""
    names = ("by_hand", "forms", "prompt_template", "code")
    row = Run.objects.filter(pk=run.pk).values_list(*(f"frozen__{name}" for name in names)).get()
    return dict(zip(names, row, strict=True))


def _joined(before: Run, after: Run) -> QuerySet[Pair]:
    """Every pair of either run, with `was` and `now` (its reason, ABSENT, or empty when kept), what moved, and what both say."""
    rows = Pair.objects.filter(project_id=after.project_id)
    for side, run in (("before", before), ("after", after)):
        rows = rows.annotate(**_seen_by(run, side))
        rows = rows.annotate(**{f"{side}_{name}": _said(run, side, name) for name in TOLD})
    return rows.filter(Q(before_id__isnull=False) | Q(after_id__isnull=False)).annotate(
        was=Coalesce("before_reason", Value(ABSENT)),
        now=Coalesce("after_reason", Value(ABSENT)),
        won_before=Coalesce("before_chosen", Value("")),
        won_after=Coalesce("after_chosen", Value("")),
        moved=Abs(Coalesce("after_p_next", -1.0) - Coalesce("before_p_next", -1.0)),
    )


def _seen_by(run: Run, side: str) -> dict[str, FilteredRelation]:
    """A run's own rows beside the pairs, and those of the run that it goes on from."""
    runs = {f"{side}_own": run.pk, f"{side}_base": run.base_id}
    return {
        name: FilteredRelation("in_runs", condition=Q(in_runs__run=pk))
        for name, pk in runs.items()
        if pk is not None
    }


def _said(run: Run, side: str, name: str) -> F | Case:
    """A column of a pair as a run has it: its own, or where it left the pair as its base had it, that."""
    own = F(f"{side}_own__{name}")
    if run.base_id is None:
        return own
    has = {f"{side}_own__id__isnull": False}
    return Case(When(**has, then=own), default=F(f"{side}_base__{name}"))


def _kinds(least: float) -> dict[str, Q]:
    same_winner = Q(won_before=F("won_after"))
    same_reason = Q(was=F("now"))
    return {
        ENTERED: _OUT_BEFORE & _KEPT_AFTER,
        LEFT: _KEPT_BEFORE & _OUT_AFTER,
        WINNER: _BOTH & ~same_winner,
        CHANCE: _BOTH & same_winner & Q(moved__gte=least),
        SAME: _BOTH & same_winner & Q(moved__lt=least),
        REASON: _NEITHER & ~same_reason,
        OUT: _NEITHER & same_reason,
    }


def _counted(rows: QuerySet[Pair], name: str) -> dict[str, int]:
    found = rows.order_by().values_list(name).annotate(number=Count("pk"))
    return dict(sorted(found, key=lambda each: (-each[1], each[0])))
