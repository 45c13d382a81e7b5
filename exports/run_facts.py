"""What a card and a manifest tell of a run that its files cannot: gathered from the run's own records."""

from __future__ import annotations

from typing import Any, Literal

from django.db.models import Count

from curation.actions.diversity import REPORT
from curation.actions.recipes import recipe_of
from curation.models import Run, RunPair, RunStage
from curation.queries.frozen import reviews_behind
from curation.queries.mixture import mixture_of
from curation.stages import STAGES_BY_NAME
from exports.facts import Agreement, Mixed, Mixture, Origin, RunFacts, Step, Variety
from exports.models import Dataset
from feedback.forms.domains import DOMAINS
from feedback.models import ItemRevision, Rater, Review

ORIENTATIONS: tuple[tuple[Literal["as imported", "pooled"], str], ...] = (
    ("as imported", "as_imported"),
    ("pooled", "pooled"),
)
MEASURES = {
    "alpha_nominal": "Krippendorff’s α, nominal",
    "alpha_ordinal": "Krippendorff’s α, ordinal",
    "alpha_interval": "Krippendorff’s α, interval",
    "percent": "percent agreement",
}


def facts_of(run: Run, dataset: Dataset) -> RunFacts:
    """The facts of one run under a dataset's name. Nothing here names a time, a host or a version number."""
    reviews = reviews_behind(run)
    reports = dict(run.reports.values_list("name", "body"))
    domain = DOMAINS.get(run.project.domain)
    return RunFacts(
        dataset=f"{dataset.workspace.slug}/{dataset.slug}",
        title=dataset.title or dataset.slug,
        about=_about(run, domain.title if domain else run.project.domain),
        domain=run.project.domain,
        licence=dataset.licence or None,
        reviews=len(reviews),
        raters=_raters(reviews),
        recipe=recipe_of(run.recipe_version).document(),
        run_hash=bytes(run.result_sha256 or b"").hex(),
        code_version=run.frozen["code"],
        agreements=tuple(_agreements(reports.get("agreement", []))),
        disagreement=_disagreement(reports.get("agreement", []), run.frozen["questions"]),
        waterfall=tuple(_step(stage) for stage in run.stages.order_by("position")),
        origins=tuple(_origins(run)),
        limitations=tuple(_limitations(run)),
        variety=_variety(reports.get(REPORT)),
        mixture=_mixture(reports.get("mixture")),
    )


def _variety(report: dict[str, Any] | None) -> Variety | None:
    if report is None:
        return None
    measured = report["measured"]
    return Variety(
        texts=measured["texts"],
        distinct=tuple(measured["distinct"]),
        packed=measured["packed"],
        alike=measured["alike"],
    )


def _mixture(report: dict[str, Any] | None) -> Mixture | None:
    found = mixture_of(report)
    if found is None:
        return None
    groups = tuple(
        Mixed(
            group=line.name,
            before=line.before,
            after=line.after,
            weight=line.weight_percent / 100 if found.weighed else None,
        )
        for line in found.lines
    )
    return Mixture(found.by, found.how, groups)


def _about(run: Run, domain: str) -> str:
    questions = ", ".join(run.frozen["questions"])
    return (
        f"Expert reviews of model outputs ({domain}), made into preference pairs. "
        f"The pairs are read from the answers to: {questions}."
    )


def _raters(reviews: list[int]) -> dict[str, int]:
    rows = Rater.objects.filter(reviews__pk__in=reviews).values("rater_kind")
    return {row["rater_kind"]: row["n"] for row in rows.annotate(n=Count("pk", distinct=True))}


def _agreements(entries: list[dict[str, Any]]) -> list[Agreement]:
    return [
        Agreement(
            question=entry["question"],
            measure=MEASURES[measure],
            orientation=orientation,
            value=figure["value"],
            low=figure["low"],
            high=figure["high"],
            items=figure["units"] if orientation == "as imported" else figure["units"] // 2,
            clusters=figure["clusters"],
        )
        for entry in entries
        for orientation, key in ORIENTATIONS
        for measure, figure in sorted(entry.get(key, {}).items())
        if figure["value"] is not None
    ]


def _disagreement(entries: list[dict[str, Any]], questions: list[str]) -> float | None:
    """d: how often two raters of one pair choose different classes, over all of the run's questions together."""
    figures = [
        entry["as_imported"]["percent"]
        for entry in entries
        if entry["of"] == "votes" and entry["question"] in questions
    ]
    known = [f for f in figures if f["value"] is not None]
    if not known:
        return None
    units: int = sum(f["units"] for f in known)
    same: float = sum(f["value"] * f["units"] for f in known)
    return round(1 - same / units, 6)


def _step(stage: RunStage) -> Step:
    return Step(
        name=stage.stage,
        title=STAGES_BY_NAME[stage.stage].title,
        seen=stage.n_in,
        held=dict(sorted(stage.reasons.items())),
        left=stage.n_out,
    )


def _origins(run: Run) -> list[Origin]:
    """The sources of the run's items, each with the licences that its texts state."""
    runs = [run.pk] if run.base_id is None else [run.pk, run.base_id]
    revisions = ItemRevision.objects.filter(pairs__in_runs__run__in=runs)
    texts = ("prompt_provenance", "context_provenance", "responses__provenance")
    rows = {
        (name, licence or None)
        for text in texts
        for name, licence in revisions.filter(**{f"{text}__isnull": False})
        .values_list("item__record__source__name", f"{text}__licence")
        .distinct()
    }
    return [Origin(name, licence) for name, licence in sorted(rows, key=str)]


def _limitations(run: Run) -> list[str]:
    found = []
    contested = RunPair.objects.of(run).filter(held=False, contested=True).count()
    if contested:
        found.append(
            f"{contested} pairs are contested: their raters did not agree. They are kept with their probabilities."
        )
    unknown = Review.objects.filter(pk__in=reviews_behind(run)[:1000], order_known=False).exists()
    if unknown:
        found.append(
            "The order in which responses were shown is unknown for imported reviews, so position bias cannot be ruled out."
        )
    return found
