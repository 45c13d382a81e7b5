"""What the desk's template shows of an assignment: its questions in their places, what is filled in, and the day."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from django.urls import reverse
from django.utils import timezone

from feedback.access import ProjectPlace
from feedback.actions.citing import asks_for_authorities
from feedback.actions.leases import SKIP_REASONS
from feedback.actions.submit import changeable
from feedback.forms.asking import asked_questions, condition_in_words, shown_numbers
from feedback.forms.body import REASONS
from feedback.forms.critiquing import settle
from feedback.forms.domains import DOMAINS
from feedback.forms.fields import field_values, read_fields
from feedback.forms.questions import (
    Checklist,
    Choice,
    Critiques,
    Preference,
    Question,
    Ranking,
    Rating,
    Steps,
    Text,
)
from feedback.forms.schema import Form
from feedback.models import Assignment, Flag, Kind, Review
from feedback.queries.desk import DeskItem, desk_item, sent_answer
from feedback.queries.own import latest_sent
from feedback.queries.progress import Queue, queue_of
from feedback.queries.reviews import review_of
from feedback.rooms.device import outbox_name

from .desk_asking import asking
from .desk_briefs import briefs
from .desk_parts import parts
from .desk_texts import (
    KINDS,
    Shown,
    Source,
    View,
    guideline,
    response,
    sources,
    turns,
    whole_files,
)

Values = Mapping[str, Sequence[str]]
Layout = Literal["none", "one", "two", "stack", "ranking"]


@dataclass(frozen=True, slots=True)
class Filled:
    """What the form shows: the values of its fields; when they were refused, why, where, and an address that helps."""

    values: Values
    problems: Sequence[Mapping[str, Any]] = ()
    refused: str = ""
    way_out: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its number, what is wrong with its answer, and whether there is a whole one.

    A question with a `condition` (in words) is on the page whether or not the condition holds now (`open`). `texts` are
    those of the responses by letter, as they came. `number` puts them in order, `shown` stands before the title.
    """

    number: int
    shown: str
    question: Question
    problems: list[str]
    done: bool
    condition: str
    open: bool
    texts: Mapping[str, str]

    @property
    def each(self) -> bool:
        """Whether it is asked of each response."""
        return asked_of_each(self.question)

    @property
    def wanted(self) -> str:
        """The values that its condition names, as JSON."""
        return json.dumps(sorted(self.question.when.wanted) if self.question.when else [])


@dataclass(frozen=True, slots=True)
class Hold:
    """How long the item is still held for its reviewer: `left` is None when the hold has run out at `until`."""

    until: dt.datetime
    left: dt.timedelta | None


def open_desk(
    place: ProjectPlace, row: Assignment, filled: Filled | None, *, now: dt.datetime
) -> dict[str, Any]:
    """The desk of an assignment, with its draft unless something else is `filled` in."""
    item, queue = desk_item(row), queue_of(place.project, place.user, now=now)
    if row.ahead:
        # Whoever sees this has sent the item before it.
        queue = replace(queue, done_today=queue.done_today + 1)
    practice = row.kind == Kind.PRACTICE
    held = row.state == Assignment.State.OPEN and row.leased_until > now
    saved = item.draft_saved_at
    return {
        **_desk(place, item, filled or Filled(_fields(item, item.draft)), row.revision_id),
        "in_queue": "practice: nothing of it counts" if practice else in_queue(queue),
        "title": f"{queue.done_today + 1} of {queue.goal}, {place.project.name}",
        "in_queue_short": "practice" if practice else f"{queue.done_today + 1} / {queue.goal}",
        "practice": practice,
        "hold": None
        if practice
        else Hold(row.leased_until, row.leased_until - now if held else None),
        "undo": last_sent(place, now=now),
        **asking(row),
        "said": f"Saved {time_in_words(saved, now=now)}" if saved else "",
        "may_change": True,
        "locked": False,
    }


def sent_desk(
    place: ProjectPlace, row: Assignment, filled: Filled | None, *, now: dt.datetime
) -> dict[str, Any]:
    """The desk of what was sent, with the change that was begun, if there is one."""
    item, review = desk_item(row), review_of(row)
    assert review is not None
    body = item.draft if item.draft_revision else sent_answer(review)
    may_change = changeable(place, review, now=now)
    return {
        **_desk(place, item, filled or Filled(_fields(item, body)), row.revision_id),
        "title": f"A review you sent, {place.project.name}",
        "sent": review,
        **asking(row),
        "said": f"Sent {time_in_words(review.submitted_at, now=now)}",
        "may_change": may_change,
        "locked": not may_change,
    }


def preview_desk(place: ProjectPlace, item: DeskItem) -> dict[str, Any]:
    """The desk as a form would show an item: everything can be tried, nothing is claimed, saved or sent."""
    return {
        **_desk(place, item, Filled({})),
        "title": f"Preview, {place.project.name}",
        "may_change": True,
        "locked": False,
        "preview": True,
        "sent": True,  # nothing to skip or to flag
    }


def _desk(
    place: ProjectPlace, item: DeskItem, filled: Filled, revision_id: int | None = None
) -> dict[str, Any]:
    """What both show."""
    domain = DOMAINS.get(place.project.domain, DOMAINS["chat"])
    layout = layout_of(item)
    view: View = "brief" if asks_for_authorities(item.form) else domain.view
    files = whole_files(item.context, view)
    placed = any(isinstance(question, Critiques) for question in item.form.questions)
    law = None
    if view == "brief":
        law = briefs(item, place.workspace.pk, revision_id, now=timezone.now())
    shown = (
        law.shown if law else [response(slot, view, files, placed=placed) for slot in item.slots]
    )
    documents = sources(item.context, view)
    has_patches = _has_patches(shown, documents)
    return {
        "workspace": place.workspace,
        "project": place.project,
        "item": item,
        "noun": domain.noun,
        "layout": layout,
        "heading": _heading(layout, len(shown), domain.noun),
        "prompt": turns(item.prompt),
        **_papers(documents, domain.view, layout),
        "alone": layout == "one",
        "beside_sources": layout == "stack" and bool(documents),
        "guideline": guideline(place.project),
        "shown": shown,
        "letters": [each.letter for each in shown],
        "has_patches": has_patches,
        "has_critiques": placed,
        "view": view,
        "tables": law.tables if law else {},
        "finding": _finding(place, item) if law and law.finding else "",
        "parts": parts(_needs(item.form), "diff" if has_patches else view),
        **_questions(item, filled, layout),
        "values": filled.values,
        "refused": filled.refused,
        "way_out": filled.way_out,
        "reasons": REASONS,
        "skip_reasons": SKIP_REASONS,
        "flag_reasons": Flag.Reason.choices,
        "reads": place.user,
        "own_keys": json.dumps(place.user.keys),
        "outbox": outbox_name(place.user) if place.workspace.device_outbox_allowed else "",
    }


def _finding(place: ProjectPlace, item: DeskItem) -> str:
    """Where one asks whether the authorities are found by now."""
    return reverse(
        "desk-authorities", args=[place.workspace.slug, place.project.slug, item.assignment]
    )


def _papers(documents: list[Source], view: str, layout: Layout) -> dict[str, Any]:
    """The documents by the tab they stand under; where patches are read, issues and test runs apart from the others."""
    apart = view == "diff" and layout != "stack"
    runs = [each for each in documents if apart and each.run]
    issues = [each for each in documents if apart and each.kind == KINDS["issue"]]
    return {
        "prompt_word": "Issue" if apart else "Prompt",
        "issues": issues,
        "runs": runs,
        "failed_runs": sum(each.run.failed for each in runs if each.run),
        "sources": [each for each in documents if each not in runs and each not in issues],
    }


def _fields(item: DeskItem, body: dict[str, Any]) -> dict[str, list[str]]:
    """The fields that show a body by letters, with every passage that it names in words."""
    texts = {
        slot.letter: [part["text"] for message in slot.messages for part in message["parts"]]
        for slot in item.slots
    }
    whole, problems = settle(item.form, body, lambda: texts)
    letters = [slot.letter for slot in item.slots]
    return field_values(item.form, body if problems else whole, letters)


def layout_of(item: DeskItem) -> Layout:
    """Two responses stand side by side; more are stacked, each with its own questions, or ranked beside a sheet."""
    few: tuple[Layout, ...] = ("none", "one", "two")
    count = len(item.slots)
    if count < len(few):
        return few[count]
    ranked = any(isinstance(each, Ranking) and each.asked(count) for each in item.form.questions)
    return "ranking" if ranked else "stack"


def in_queue(queue: Queue) -> str:
    """As in "12 of 40 today · about 2 h 10 min left at your pace"."""
    if queue.open_today:
        return f"{queue.done_today + 1} of {queue.goal} today · {queue.left}"
    return f"{queue.done_today + 1} today, beyond your {queue.goal}"


def last_sent(place: ProjectPlace, *, now: dt.datetime) -> Review | None:
    """One's latest review in the project while it may still be changed."""
    review, first = latest_sent(place.project, place.user) or (None, now)
    if review is None or review.assignment_id is None:
        return None
    return review if now < first + dt.timedelta(hours=place.project.edit_hours) else None


def time_in_words(at: dt.datetime, *, now: dt.datetime) -> str:
    """A time as the reader's clock shows it; with its day unless that is today."""
    local, today = timezone.localtime(at), timezone.localtime(now)
    clock = local.strftime("%H:%M:%S")
    return clock if local.date() == today.date() else f"{local.day} {local:%B}, {clock}"


def asked_of_each(question: Question) -> bool:
    """Whether a question is asked of each response and not of the item."""
    return isinstance(question, (Rating, Steps, Checklist)) or (
        isinstance(question, Choice) and question.per == "response"
    )


def answered(question: Question, values: Values, letters: Sequence[str]) -> bool:
    """Whether the fields hold a whole answer: for each response where it is asked of each."""
    names = [f"{question.id}.{letter}" for letter in letters]
    found = [bool(_last(values, name)) for name in names]
    if isinstance(question, Text):
        return len(_last(values, question.id)) >= max(1, question.min_length)
    if asked_of_each(question) and not isinstance(question, (Steps, Checklist)):
        # A choice that may be left empty is answered by the first mark.
        return any(found) if isinstance(question, Choice) and not question.required else all(found)
    value = question.from_fields(values, letters)
    if not value or next(question.faults(value, letters), None):
        return False
    return next(question.lacks(value, letters), None) is None


def _last(values: Values, name: str) -> str:
    return (values.get(name) or ("",))[-1].strip()


def _questions(item: DeskItem, filled: Filled, layout: Layout) -> dict[str, Any]:
    """The questions by place: the first preference in the dock; in a stack, those of each response beside it."""
    letters, form = [slot.letter for slot in item.slots], item.form
    answers = read_fields(form, filled.values, letters)["answers"]
    texts = {slot.letter: slot.text for slot in item.slots}
    open_now = {question.id for question in asked_questions(form, answers, letters)}
    questions = [question for question in form.questions if question.asked(len(letters))]
    shown = shown_numbers(questions)
    asked = [
        Asked(
            number,
            shown[question.id],
            question,
            [str(p["sentence"]) for p in filled.problems if p.get("question") == question.id],
            answered(question, filled.values, letters),
            condition_in_words(form, question),
            question.id in open_now,
            texts,
        )
        for number, question in enumerate(questions, start=1)
    ]
    docked = (each for each in asked if isinstance(each.question, Preference))
    dock = next((each for each in docked if not each.condition), None)
    rest = [each for each in asked if each is not dock]
    beside = [each for each in rest if each.each] if layout in ("stack", "ranking") else []
    return {
        "dock": dock,
        "beside": beside,
        "rest": [each for each in rest if each not in beside],
        "asked": sum(each.open for each in asked),
        "done": sum(each.done for each in asked if each.open),
        "cannot": [
            str(p["sentence"]) for p in filled.problems if p.get("question") == "cannot_judge"
        ],
        "general": [str(p["sentence"]) for p in filled.problems if not p.get("question")],
    }


def _needs(form: Form) -> set[str]:
    """What the questions of a form need of the desk: their types, and whether any has a condition."""
    conditions = {"when"} if any(question.when for question in form.questions) else set()
    return conditions | {question.kind for question in form.questions}


def _heading(layout: Layout, count: int, noun: str) -> str:
    several = noun + ("es" if noun.endswith("ch") else "s")
    return {
        "none": "Write a response",
        "one": f"Review a {noun}",
        "two": f"Compare two {several}",
        "stack": f"Rate {count} {several}",
        "ranking": f"Rank {count} {several}",
    }[layout]


def _has_patches(shown: Sequence[Shown], documents: Sequence[Source]) -> bool:
    groups = [turn.parts for each in shown for turn in each.turns]
    groups += [document.parts for document in documents]
    logs = any(document.run for document in documents)
    return logs or any(part.kind != "prose" for parts in groups for part in parts)
