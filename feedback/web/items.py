"""Items of a project: found by where they stand, and one with everything that is known of it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse

from feedback import access
from feedback.access import ProjectPlace
from feedback.errors import NotThere
from feedback.forms.domains import DOMAINS
from feedback.forms.slots import letters
from feedback.models import CheckAnswer, ItemRevision, Purpose, Response, Review, SavedView
from feedback.policy.pace import duration
from feedback.queries.bulk import changes_of_item
from feedback.queries.checks import checks_of, checks_of_item
from feedback.queries.items import ORDERS, STATES, items_of, prompt_line
from feedback.queries.one_item import responses_of, revisions_of
from feedback.queries.pages import page as page_of
from feedback.queries.reviews import reviews_of_item
from feedback.queries.rooms import flags_of_item, state_of, with_state
from feedback.queries.views import views_of
from feedback.rooms.doors import ROWS, at_project, page, show

from .answers import side_by_side
from .bulk import in_words, names_of
from .check_words import check_words
from .effort_words import Effort, effort_of
from .item_filters import FILTERS, asked_filters
from .overlay import overlay


@dataclass(frozen=True, slots=True)
class Candidate:
    """A response by its letter: A is the first that was imported."""

    letter: str
    response: Response


@dataclass(frozen=True, slots=True)
class Given:
    """A review as the head of its column tells of it."""

    review: Review
    rater: str
    seen: str
    took: str
    older: bool
    effort: Effort
    checks: str


@page()
def items(request: HttpRequest, workspace: str, project: str) -> HttpResponse:
    """A filtered list, fifty at a time, newest first."""
    place = at_project(request, workspace, project)
    asked = asked_filters(request.GET)
    rows = with_state(items_of(place.project, **asked))
    sort = request.GET.get("sort", "")
    order = ORDERS.get(sort, ORDERS[""])[1]
    found = page_of(rows, after=request.GET.get("after", ""), limit=ROWS, by=order)
    given = {name: value for name, value in asked.items() if value}
    kept = urlencode({**given, **({"sort": sort} if sort else {})})
    return show(
        request,
        "feedback/items.html",
        place,
        rows=[(item, prompt_line(item)) for item in found.rows],
        page=found,
        asked=asked,
        filtered=bool(given),
        sort=sort,
        orders=[(name, words) for name, (words, _) in ORDERS.items()],
        views=_views(place, kept),
        kept=kept,
        states=[(name, words) for name, (words, _) in STATES.items()],
        purposes=Purpose.choices,
        current="items",
    )


@page()
def item(request: HttpRequest, workspace: str, project: str, item: uuid.UUID) -> HttpResponse:
    """The texts, where they came from, and every review side by side."""
    place = at_project(request, workspace, project)
    found = access.item(place, item)
    revisions = list(revisions_of(found))
    revision = _chosen(revisions, request.GET.get("revision", ""))
    reviews = list(reviews_of_item(found))
    candidates, checks = _candidates(revision), checks_of_item(found)
    given = [_given(review, revision, checks_of(review, checks)) for review in reviews]
    return show(
        request,
        "feedback/item.html",
        place,
        item=found,
        line=prompt_line(found, 90),
        state=state_of(found),
        revision=revision,
        revisions=revisions,
        candidates=candidates,
        paired=len(candidates) == 2 and DOMAINS[place.project.domain].view == "prose",
        noun=DOMAINS[place.project.domain].noun,
        given=given,
        measured=any(each.effort.first_input or each.effort.reading for each in given),
        checked=bool(checks),
        overlay=overlay(
            [(each.review, each.rater) for each in given],
            [candidate.response for candidate in candidates],
        ),
        rows=side_by_side(reviews),
        flags=flags_of_item(found),
        done=[
            (change, in_words(change.job, names_of(place)))
            for change in changes_of_item(found)[:20]
        ],
        current="items",
    )


def _views(place: ProjectPlace, now: str) -> list[tuple[SavedView, str, bool]]:
    """Saved views with the query of each, and which of them is shown now."""
    names = (*FILTERS, "sort")
    queries = [
        (view, urlencode({name: view.query[name] for name in names if name in view.query}))
        for view in views_of(place)
    ]
    return [(view, query, query == now) for view, query in queries]


def _chosen(revisions: list[ItemRevision], wanted: str) -> ItemRevision:
    if not wanted:
        return revisions[0]
    for revision in revisions:
        if str(revision.number) == wanted:
            return revision
    raise NotThere


def _candidates(revision: ItemRevision) -> list[Candidate]:
    rows = list(responses_of(revision))
    return [
        Candidate(letter, response)
        for letter, response in zip(letters(len(rows)), rows, strict=True)
    ]


def _given(review: Review, shown: ItemRevision, asked: CheckAnswer | None) -> Given:
    rater = review.rater
    name = str(rater.user) if rater.user else rater.external_key or rater.get_rater_kind_display()
    names = letters(max(review.order_shown, default=0))
    seen = ", ".join(names[position - 1] for position in review.order_shown)
    took = duration(review.active_ms / 1000) if review.active_ms is not None else ""
    known = seen if review.order_known else ""
    older = review.item_revision_id != shown.pk
    return Given(review, name, known, took, older, effort_of(review), check_words(asked))
