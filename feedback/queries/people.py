"""People of a workspace and of a project, invitations and keys."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.db.models import Count, F, Max, OuterRef, Q, QuerySet, Subquery

from feedback.access import Place, Principal
from feedback.models import (
    ApiKey,
    Invitation,
    Membership,
    Project,
    ProjectReviewer,
    Rater,
    Role,
    User,
    Workspace,
)


def memberships_of(principal: Principal) -> QuerySet[Membership]:
    """Where a person belongs now, with the workspace; a key sees its own workspace alone."""
    rows = Membership.objects.filter(user=principal.user, ended_at=None)
    if principal.key is not None:
        rows = rows.filter(workspace_id=principal.key.workspace_id)
    return rows.select_related("workspace").order_by("workspace__name", "pk")


def members_of(workspace: Workspace) -> QuerySet[Membership]:
    """Everybody who belongs here now, with how many projects name them."""
    return (
        Membership.objects.filter(workspace=workspace, ended_at=None)
        .select_related("user")
        .annotate(n_projects=Count("reviews_in", filter=Q(reviews_in__paused_at=None)))
        .order_by("user__name", "user__email", "pk")
    )


def open_invitations(workspace: Workspace) -> QuerySet[Invitation]:
    """Links that nobody has used or withdrawn; some may have run out."""
    return (
        Invitation.objects.filter(workspace=workspace, accepted_at=None, withdrawn_at=None)
        .select_related("invited_by")
        .prefetch_related("projects__project")
        .order_by("-created_at", "-pk")
    )


def reviewers_of(project: Project) -> QuerySet[ProjectReviewer]:
    """Who reviews in a project, paused ones too, with the public id of the `rater` under whom their reviews stand."""
    raters = Rater.objects.filter(
        workspace_id=OuterRef("workspace_id"),
        user_id=OuterRef("membership__user_id"),
        rater_kind=Rater.Kind.MEMBER,
    )
    return (
        ProjectReviewer.objects.filter(project=project, membership__ended_at=None)
        .select_related("membership", "membership__user")
        .annotate(rater=Subquery(raters.values("public_id")[:1]))
        .order_by("membership__user__name", "membership__user__email", "pk")
    )


def raters_of(project: Project) -> QuerySet[Rater]:
    """Everybody whose reviews the project holds, imported raters and models too, by how many."""
    mine = Q(reviews__project=project, reviews__revision=1)
    return (
        Rater.objects.filter(workspace_id=project.workspace_id, reviews__project=project)
        .select_related("user", "source")
        .annotate(
            n_reviews=Count("reviews", filter=mine), last=Max("reviews__submitted_at", filter=mine)
        )
        .order_by(F("n_reviews").desc(), "pk")
    )


def keys_of(workspace: Workspace) -> QuerySet[ApiKey]:
    """Every key that was made here, newest first, with whose it is."""
    return (
        ApiKey.objects.filter(workspace=workspace)
        .select_related("membership", "membership__user")
        .order_by("-created_at", "-pk")
    )


def keys_seen_by(place: Place) -> QuerySet[ApiKey]:
    """One's own keys; an owner sees everybody's."""
    rows = keys_of(place.workspace)
    return rows if place.is_at_least(Role.OWNER) else rows.filter(membership=place.membership)


def has_second_factor(user: User) -> bool:
    """Whether somebody has a second factor in use; recovery codes alone are none."""
    return _factors().filter(user=user).exists()


def second_factors(workspace: Workspace) -> tuple[int, int]:
    """How many current members of a workspace have a second factor in use, and how many members there are."""
    members = Membership.objects.filter(workspace=workspace, ended_at=None)
    with_one = members.filter(user__in=_factors().values("user"))
    return with_one.count(), members.count()


def _factors() -> QuerySet[Authenticator]:
    rows: QuerySet[Authenticator] = Authenticator.objects.exclude(
        type=Authenticator.Type.RECOVERY_CODES
    )
    return rows
