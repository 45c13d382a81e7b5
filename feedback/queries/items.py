"""Items of a project for those who manage it: filtered lists, and how many stand where."""

from __future__ import annotations

from django.contrib.postgres.search import SearchQuery
from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)

from feedback.models import Item, Project, Response, SearchEntry
from feedback.unseen import HIDDEN

# Where an item stands, as conditions on its queue row alone.
STATES: dict[str, tuple[str, Q]] = {
    "waiting": ("Waiting", Q(held=False, wanted__gt=0, given=0, leased=0)),
    "leased": ("With a reviewer", Q(held=False, wanted__gt=0, leased__gt=0)),
    "more": (
        "Needs more reviews",
        Q(held=False, wanted__gt=F("given"), given__gt=0, leased=0),
    ),
    "settled": ("Settled", Q(held=False, wanted__gt=0, given__gte=F("wanted"), leased=0)),
    "out": ("Not in the queue", Q(held=True) | Q(wanted=0)),
}


# In which order a list of items can stand; every order ends with a unique field, for keyset pages.
ORDERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "": ("Newest first", ("-pk",)),
    "oldest": ("Oldest first", ("pk",)),
    "queue": ("As the queue has them", ("rank", "pk")),
}


def items_of(
    project: Project,
    *,
    state: str = "",
    purpose: str = "",
    tag: str = "",
    model: str = "",
    external_id: str = "",
    q: str = "",
) -> QuerySet[Item]:
    """The project's items with their `state` and texts, newest first when paged by `-pk`; unknown filters match nothing."""
    states = (When(condition, then=Value(name)) for name, (_, condition) in STATES.items())
    rows = (
        Item.objects.filter(project=project)
        .select_related("revision", "record", "record__source")
        .annotate(state=Case(*states, output_field=CharField()))
    )
    if state:
        rows = rows.filter(STATES[state][1]) if state in STATES else rows.none()
    if purpose:
        rows = rows.filter(purpose=purpose)
    if tag:
        rows = rows.filter(record__tags__contains=[tag])
    if model:
        written = Response.objects.filter(revision=OuterRef("revision"), provenance__model=model)
        rows = rows.filter(Exists(written))
    if external_id:
        rows = rows.filter(record__external_id=external_id)
    if q:
        rows = rows.filter(pk__in=found_by(project, q).values("item_id"))
    return rows


def found_by(project: Project, words: str) -> QuerySet[SearchEntry]:
    """Prompts and reviews that hold these words, as one writes them for a search engine: "a phrase", or, -not."""
    query = SearchQuery(words, config=project.search_language, search_type="websearch")
    return SearchEntry.objects.filter(project=project, words=query)


def responses_of(item: Item) -> QuerySet[Response]:
    """The responses that came with an item's current revision, with where they come from, by position."""
    rows = Response.objects.filter(revision_id=item.revision_id, author=None)
    return rows.select_related("provenance").order_by("position")


def standing(project: Project) -> dict[str, int]:
    """How many items stand in each state, and `all` of them; the states add up. One scan of the small queue rows."""
    # Named apart from the columns that the conditions speak of.
    counts = {f"n_{name}": Count("pk", filter=condition) for name, (_, condition) in STATES.items()}
    found = Item.objects.filter(project=project).aggregate(**counts, n_all=Count("pk"))
    return {name.removeprefix("n_"): count for name, count in found.items()}


def prompt_line(item: Item, length: int = 160) -> str:
    """The beginning of the last user turn, on one line, for lists; a square stands for what is invisible."""
    revision = item.revision
    if revision is None:
        return ""
    turns = [m for m in revision.prompt if m.get("role") == "user"] or list(revision.prompt)
    text = " ".join(part["text"] for part in turns[-1].get("parts", ())) if turns else ""
    line = HIDDEN.sub("\N{WHITE SQUARE}", " ".join(text[: 4 * length].split()))
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"
