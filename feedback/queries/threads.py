"""Threads as their reviewers and those who answer find them."""

from __future__ import annotations

from django.db.models import F, Prefetch, Q, QuerySet

from feedback.models import Assignment, Project, Remark, Thread, User
from feedback.statements import run

UNREAD = Q(answered_at__isnull=False) & (Q(seen_at=None) | Q(seen_at__lt=F("answered_at")))


# Asked at every desk, and nearly always in vain.
_ON = "SELECT id FROM feedback_thread WHERE item_id = %(item)s AND rater_id = %(rater)s LIMIT 1"


def threads_of(project: Project, *, but_for: User | None = None) -> QuerySet[Thread]:
    """The threads of a project with item and reviewer, newest first when paged by `-pk`.

    `but_for` leaves out those on items that this person is judging: nobody shall read about them before.
    """
    rows = Thread.objects.filter(project=project).select_related(
        "item", "item__revision", "rater", "rater__user"
    )
    if but_for is None:
        return rows
    judging = Assignment.objects.filter(rater__user=but_for, state=Assignment.State.OPEN)
    return rows.exclude(item__in=judging.values("item"))


def waiting(project: Project) -> int:
    """How many questions nobody has answered."""
    return Thread.objects.filter(project=project, waits=True).count()


def own_threads(user: User) -> QuerySet[Thread]:
    """What a person has asked."""
    return Thread.objects.filter(rater__user=user).select_related(
        "project", "project__workspace", "item", "item__revision"
    )


def unread(user: User) -> QuerySet[Thread]:
    """One's questions that were answered since one last looked, latest first."""
    return own_threads(user).filter(UNREAD).order_by("-answered_at")


def with_remarks(rows: QuerySet[Thread]) -> QuerySet[Thread]:
    """Threads with everything said in them, in order."""
    said = Remark.objects.select_related("author")
    return rows.prefetch_related(Prefetch("remarks", queryset=said))


def thread_on(assignment: Assignment) -> Thread | None:
    """What the reviewer of an assignment has asked about its item, with everything said."""
    found = run(_ON, {"item": assignment.item_id, "rater": assignment.rater_id})
    return with_remarks(Thread.objects.filter(pk=found[0][0])).first() if found else None


def last_words(thread: Thread) -> tuple[str, str]:
    """The last question and the last answer of a thread, empty where there is none."""
    words = {remark.by_reviewer: remark.text for remark in thread.remarks.all()}
    return words.get(True, ""), words.get(False, "")


def assignment_on(thread: Thread) -> Assignment | None:
    """The assignment at which a thread's reviewer sees the item, or saw it last."""
    rows = Assignment.objects.filter(item_id=thread.item_id, rater_id=thread.rater_id)
    return rows.order_by("-claimed_at", "-pk").first()
