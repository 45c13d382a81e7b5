"""How far a reviewer has come into a project: the agreement, the guideline, practice, the keys."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from feedback.models import (
    Acceptance,
    Agreement,
    Assignment,
    Guideline,
    Item,
    Kind,
    Project,
    ProjectReviewer,
    Purpose,
    Rater,
    Review,
    User,
)


@dataclass(frozen=True, slots=True)
class Progress:
    """The four steps of one reviewer in one project. `practice` is how many practice items there are, perhaps none."""

    reviewer: ProjectReviewer
    agreed: bool
    guideline: int
    practised: int
    practice: int

    @property
    def read(self) -> bool:
        return self.reviewer.guideline_read is not None

    @property
    def knows_keys(self) -> bool:
        return self.reviewer.keys_seen_at is not None

    @property
    def has_practised(self) -> bool:
        return self.practised >= self.practice

    @property
    def steps(self) -> list[bool]:
        """Done or not, in their order; without practice items there is no such step."""
        practised = [self.has_practised] if self.practice else []
        return [self.agreed, self.read, *practised, self.knows_keys]

    @property
    def finished(self) -> bool:
        return all(self.steps)

    @property
    def done(self) -> int:
        return sum(self.steps)


def practice_items(project: Project) -> QuerySet[Item]:
    """What one may practise on: items of that purpose which the form in force can show."""
    span = project.forms.latest("version").schema["responses"]
    shown = Q(responses__gte=span["min"], responses__lte=span["max"])
    return Item.objects.filter(shown, project=project, purpose=Purpose.PRACTICE, held=False)


def progress_of(project: Project, reviewers: list[ProjectReviewer]) -> list[Progress]:
    """Each reviewer's steps, in the order given: a few queries for all of them."""
    latest = Agreement.objects.filter(workspace=project.workspace_id).order_by("-version").first()
    agreed = set(
        Acceptance.objects.filter(agreement=latest).values_list("membership_id", flat=True)
    )
    guideline = Guideline.objects.filter(project=project).order_by("-version").first()
    practice = practice_items(project).count()
    counted = (
        Review.objects.filter(project=project, kind=Kind.PRACTICE, revision=1)
        .values_list("rater__user_id")
        .annotate(n=Count("pk"))
        .order_by()
    )
    practised: dict[int | None, int] = dict(counted)
    return [
        Progress(
            reviewer,
            reviewer.membership_id in agreed,
            guideline.version if guideline else 0,
            practised.get(reviewer.membership.user_id, 0),
            practice,
        )
        for reviewer in reviewers
    ]


def beginnings(user: User) -> list[Progress]:
    """A person's projects in which they have not sent a review yet and have not gone through every step."""
    rows = ProjectReviewer.objects.filter(
        membership__user=user,
        membership__ended_at=None,
        paused_at=None,
        project__state=Project.State.OPEN,
    ).exclude(
        project__in=Review.objects.filter(rater__user=user, kind=Kind.PRIMARY).values("project")
    )
    named = rows.select_related("project", "project__workspace", "membership").order_by("pk")
    found = [progress_of(row.project, [row])[0] for row in named]
    return [each for each in found if not each.finished]


def next_practice(project: Project, rater: Rater) -> Item | None:
    """The first practice item that a reviewer has not answered, or None."""
    answered = Review.objects.filter(rater=rater, kind=Kind.PRACTICE, project=project)
    return practice_items(project).exclude(pk__in=answered.values("item")).order_by("rank").first()


def key_of(assignment: Assignment) -> dict[str, object] | None:
    """The expected answer and its explanation, of a practice item that its reviewer has sent; else None."""
    sent = assignment.state == Assignment.State.SUBMITTED
    if not sent or assignment.kind != Kind.PRACTICE:
        return None
    key: dict[str, object] = assignment.item.record.key
    return key
