"""Projects: made from a domain, changed, staffed; forms and guidelines published as versions."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Case, F, Max, Value, When
from django.db.models.functions import Greatest
from django.utils.text import slugify

from feedback.access import Place, ProjectPlace
from feedback.checks import NAMES
from feedback.errors import Invalid
from feedback.forms.domains import DOMAINS
from feedback.forms.problems import BadForm
from feedback.forms.schema import Form, dump_form, form_sha256, parse_form
from feedback.models import (
    Assignment,
    FormVersion,
    Guideline,
    Item,
    Membership,
    Project,
    ProjectReviewer,
    Purpose,
)

from .archiving import refuse_archived
from .people import SlugTaken

# Settings that are numbers, with the least and the most that makes sense.
LIMITS = {
    "overlap": (1, 20),
    "overlap_cap": (1, 100),
    "lease_minutes": (5, 24 * 60),
    "edit_hours": (0, 24 * 90),
    "daily_goal": (1, 1000),
}
CHANGEABLE = frozenset({"name", "state", "prompt_template", "check_conflicts", "checks", *LIMITS})
LONGEST_NAME, LONGEST_SLUG, LONGEST_TEMPLATE = 200, 60, 100_000


@transaction.atomic
def create_project(
    *,
    place: Place,
    name: str,
    domain: str,
    now: dt.datetime,
    slug: str = "",
    overlap: int = 3,
    form: dict[str, Any] | None = None,
) -> Project:
    """A project with the form and guideline of its domain (or the form given), open for items and reviewers."""
    if domain not in DOMAINS:
        raise Invalid(f"There is no domain “{domain}”; there are {', '.join(DOMAINS)}.")
    template = DOMAINS[domain]
    _check_settings({"name": name, "overlap": overlap})
    try:
        with transaction.atomic():
            project = Project.objects.create(
                workspace=place.workspace,
                slug=slug or slugify(name)[:LONGEST_SLUG].strip("-") or "project",
                name=name,
                domain=domain,
                overlap=overlap,
                overlap_cap=max(overlap, 5),
                created_at=now,
                created_by=place.user,
                check_conflicts=template.check_conflicts,
            )
    except IntegrityError as error:
        raise SlugTaken from error
    here = ProjectPlace(place.principal, place.workspace, place.membership, project)
    publish_form(place=here, schema=form or dump_form(template.form), now=now)
    publish_guideline(place=here, text=template.guideline, now=now)
    return project


@transaction.atomic
def change_project(*, place: ProjectPlace, changes: dict[str, Any]) -> Project:
    """Change settings. A changed overlap reaches the items that are already there; their reviews stay."""
    unknown = set(changes) - CHANGEABLE
    if unknown:
        raise Invalid(f"A project has no setting {', '.join(sorted(unknown))}.")
    _check_settings(changes)
    project = Project.objects.select_for_update().get(pk=place.project.pk)
    if "state" not in changes:
        refuse_archived(project)
    for name, value in changes.items():
        setattr(project, name, value)
    project.overlap_cap = max(project.overlap_cap, project.overlap)
    project.save(update_fields=[*changes, "overlap_cap"])
    if changes.get("check_conflicts") and not place.project.check_conflicts:
        _disclose_seen(project)
    if "overlap" in changes:
        _spread_overlap(project)
    return project


@transaction.atomic
def publish_form(*, place: ProjectPlace, schema: dict[str, Any], now: dt.datetime) -> FormVersion:
    """A new version of the form; open assignments finish on theirs. The same form again is no new version."""
    try:
        form = parse_form(schema)
    except BadForm as error:
        raise Invalid(
            "The form cannot be used as it is.",
            problems=[
                {"path": p.path, "code": p.code, "sentence": p.sentence} for p in error.problems
            ],
        ) from error
    refuse_archived(Project.objects.select_for_update().get(pk=place.project.pk))
    latest = place.project.forms.order_by("-version").first()
    digest = form_sha256(form)
    if latest is not None and bytes(latest.sha256) == digest:
        return latest
    version = FormVersion.objects.create(
        workspace=place.workspace,
        project=place.project,
        version=latest.version + 1 if latest else 1,
        schema=dump_form(form),
        sha256=digest,
        published_at=now,
        published_by=place.user,
    )
    _fit_items(place.project, form)
    return version


@transaction.atomic
def publish_guideline(*, place: ProjectPlace, text: str, now: dt.datetime) -> Guideline:
    """A new version of the guideline; reviewers see that it changed."""
    refuse_archived(Project.objects.select_for_update().get(pk=place.project.pk))
    latest = place.project.guidelines.aggregate(n=Max("version"))["n"] or 0
    return Guideline.objects.create(
        workspace=place.workspace,
        project=place.project,
        version=latest + 1,
        text=text,
        published_at=now,
        published_by=place.user,
    )


def add_reviewer(
    *, place: ProjectPlace, membership: Membership, now: dt.datetime
) -> ProjectReviewer:
    """Name a member as a reviewer of the project (again, if they were paused)."""
    refuse_archived(place.project)
    row, _ = ProjectReviewer.objects.update_or_create(
        workspace=place.workspace,
        project=place.project,
        membership=membership,
        defaults={"paused_at": None},
        create_defaults={"added_at": now},
    )
    return row


def pause_reviewer(*, place: ProjectPlace, membership: Membership, now: dt.datetime) -> None:
    """They get no new items of the project; what they sent stays."""
    ProjectReviewer.objects.filter(project=place.project, membership=membership).update(
        paused_at=now
    )


def fits(form: Form, responses: int) -> bool:
    """Whether an item with so many responses can be shown with this form."""
    return responses in form.responses


def _check_settings(changes: dict[str, Any]) -> None:
    """Raise Invalid with every setting that makes no sense."""
    faults = {
        name: f"This is a whole number from {low} to {high}."
        for name, (low, high) in LIMITS.items()
        if name in changes and not low <= changes[name] <= high
    }
    if "name" in changes and not 0 < len(changes["name"].strip()) <= LONGEST_NAME:
        faults["name"] = f"A project has a name of at most {LONGEST_NAME} characters."
    if changes.get("state", Project.State.OPEN) not in Project.State.values:
        faults["state"] = f"This is one of {', '.join(Project.State.values)}."
    if len(changes.get("prompt_template", "")) > LONGEST_TEMPLATE:
        faults["prompt_template"] = f"At most {LONGEST_TEMPLATE:,} characters."
    if not set(changes.get("checks", ())) <= set(NAMES):
        faults["checks"] = f"These are some of {', '.join(NAMES)}."
    if faults:
        raise Invalid(
            "These settings do not fit.",
            problems=[
                {"field": field, "code": "bad_setting", "sentence": sentence}
                for field, sentence in faults.items()
            ],
        )


def _fit_items(project: Project, form: Form) -> None:
    """Items the form cannot show leave the queue, those it can come in."""
    span = form.responses
    inside = Item.objects.filter(project=project, responses__range=(span.min, span.max))
    inside.filter(wanted=0).exclude(purpose=Purpose.PRACTICE).update(
        wanted=project.overlap, cap=Greatest(F("cap"), Value(project.overlap)), front=True
    )
    Item.objects.filter(project=project).exclude(responses__range=(span.min, span.max)).update(
        wanted=0
    )


def _disclose_seen(project: Project) -> None:
    """Whoever has an item on their screen has seen it, and is not asked in the middle of it."""
    seen = Assignment.objects.filter(project=project, disclosed_at=None, shown_at__isnull=False)
    seen.filter(state__in=[Assignment.State.OPEN, Assignment.State.EXPIRED]).update(
        disclosed_at=F("shown_at")
    )


def _spread_overlap(project: Project) -> None:
    """Every item in the queue wants as many as the project says; what reopens goes to the front lane."""
    wanted = Value(project.overlap)
    Item.objects.filter(project=project, wanted__gt=0).exclude(wanted=project.overlap).update(
        front=Case(
            When(
                wanted__lt=project.overlap, wanted__lte=F("given") + F("leased"), then=Value(True)
            ),
            default=F("front"),
        ),
        wanted=wanted,
        cap=Greatest(F("cap"), wanted),
    )
