"""After the answer: what automatic checks found in it, asked once, and whether its writer keeps it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from feedback.access import ProjectPlace
from feedback.bodies import form_of
from feedback.checks import Case, Document, findings
from feedback.errors import Invalid
from feedback.forms.body import cannot_judge
from feedback.forms.critiquing import placed
from feedback.forms.derive import derive
from feedback.forms.domains import DOMAINS
from feedback.forms.questions import Preference, Ranking, Rating
from feedback.forms.schema import Form
from feedback.models import CheckAnswer, Kind, Purpose, Response, Review


def ask(*, place: ProjectPlace, review: Review, now: dt.datetime) -> CheckAnswer:
    """What the project's checks find in the first revision of a review. Asked again it is the same.

    Gold and practice items are never checked: their reviewer is to be seen as they are.
    """
    kept = CheckAnswer.objects.filter(
        review__assignment=review.assignment_id, review__revision=1
    ).first()
    if kept is not None:
        return kept
    first = Review.objects.select_related("item", "item_revision", "form", "body").get(
        assignment=review.assignment_id, revision=1
    )
    practises = first.kind == Kind.PRACTICE
    blind = practises or first.item.purpose in (Purpose.GOLD, Purpose.PRACTICE)
    names = [] if blind else list(place.project.checks)
    body = first.body.body
    found = findings(_case(first, body, place.project.domain), names) if names and body else []
    asked = {"checks": names, "findings": [asdict(each) for each in found], "asked_at": now}
    return CheckAnswer.objects.get_or_create(
        review=first, defaults={"workspace": place.workspace, **asked}
    )[0]


def answer(*, asked: CheckAnswer, choice: str, now: dt.datetime) -> None:
    """Note whether the writer keeps the answer or opens it again. The first word counts. Raises Invalid."""
    if choice not in CheckAnswer.Choice.values:
        raise Invalid(
            "Say whether you keep your answer or change it.",
            problems=[{"field": "choice", "code": "unknown_choice"}],
        )
    CheckAnswer.objects.filter(pk=asked.pk, choice="").update(choice=choice, answered_at=now)


def _case(review: Review, body: Mapping[str, Any], domain: str) -> Case:
    form = form_of(review.form)
    rows = Response.objects.filter(revision_id=review.item_revision_id)
    responses = {
        position: [
            (part["text"], part.get("format", "plain"))
            for message in messages
            for part in message.get("parts", ())
        ]
        for position, messages in rows.values_list("position", "messages")
    }
    texts = {position: [text for text, _ in parts] for position, parts in responses.items()}
    marked: dict[int, list[tuple[int, int, int]]] = {}
    for each in placed(form, body, texts):
        if each.at is not None and each.at.how != "lost":
            part = int(each.critique["anchor"].get("part", 0))
            marked.setdefault(each.critique["on"], []).append((part, each.at.start, each.at.end))
    return Case(
        responses=responses,
        context=[_document(document) for document in review.item_revision.context],
        view=DOMAINS[domain].view if domain in DOMAINS else "prose",
        stands=_stands(form, body, list(responses)),
        marked=marked,
    )


def _document(document: Mapping[str, Any]) -> Document:
    parts = document.get("parts", ())
    return Document(
        str(document.get("title", "")),
        str(document.get("kind", "source")),
        [(part["text"], part.get("format", "plain")) for part in parts],
    )


def _stands(form: Form, body: Mapping[str, Any], positions: list[int]) -> int | None:
    """The one response that the comparisons (without any, the ratings) prefer; an only one unless a rating finds it bad."""
    if cannot_judge(body):
        return None
    if len(positions) == 1:
        return positions[0] if _is_acceptable(form, body) else None
    points = dict.fromkeys(positions, 0)
    votes = derive(form, body).votes
    compared = [q.id for q in form.questions if isinstance(q, Preference | Ranking)]
    for vote in [vote for vote in votes if vote.question in compared] or votes:
        points[vote.lo] += vote.outcome
        points[vote.hi] -= vote.outcome
    best = max(points.values(), default=0)
    leaders = [position for position, value in points.items() if value == best]
    return leaders[0] if best > 0 and len(leaders) == 1 else None


def _is_acceptable(form: Form, body: Mapping[str, Any]) -> bool:
    answers = body.get("answers", {})
    return not any(
        value < question.acceptable_from
        for question in form.questions
        if isinstance(question, Rating) and question.acceptable_from is not None
        for value in (answers.get(question.id) or {}).values()
    )
