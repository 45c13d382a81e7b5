"""One pair as one run saw it: both texts, every vote, the statistics, what was decided and why, and where it comes from."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from curation import access
from curation.models import RunPair
from curation.queries.agreement import titles_of
from curation.queries.by_hand import decisions_on
from curation.queries.lineage import lineage_of
from curation.queries.pairs import (
    chosen_letters,
    is_unanimous,
    letters_of,
    line_of,
    pair_like,
    short_hash,
)
from curation.stages import FINAL, STAGES_BY_NAME
from feedback.models import Response
from feedback.queries.one_item import responses_of
from feedback.rooms.doors import at_project, page, show

from .flags import marks_of
from .leaving import leaving
from .stages import SENTENCES, why


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two responses; `verdict` is chosen, rejected or empty."""

    letter: str
    response: Response
    verdict: str


@page()
def pair(
    request: HttpRequest, workspace: str, project: str, number: int, pair: uuid.UUID
) -> HttpResponse:
    """Everything that is known of the pair in this run."""
    place = at_project(request, workspace, project)
    run = access.run(place, number)
    row = access.run_pair(run, pair)
    row.run = run
    lineage = lineage_of(row)
    head = pair_like(run, bytes(row.pooled_into).hex()) if row.pooled_into else None
    titles = titles_of(place.project)
    return show(
        request,
        "curation/pair.html",
        place,
        run=run,
        row=row,
        short=short_hash(row.pair.pair_hash),
        line=line_of(row.pair.revision.prompt, 90),
        question=titles.get(row.pair.question, row.pair.question),
        letters=letters_of(row.pair),
        contested=not is_unanimous(row),
        sides=_sides(row),
        stage=STAGES_BY_NAME[row.stage].title if row.stage else "",
        why=why(row),
        marks=marks_of(row),
        leaving=leaving(row, lineage),
        lineage=lineage,
        decisions=decisions_on(row.pair),
        overruled=SENTENCES.get(row.overruled, ""),
        fixed=row.held and row.reason in FINAL - {"held_by_hand"},
        head=head,
        head_short=short_hash(head.pair.pair_hash) if head else "",
        pooled=[(each, short_hash(each.pair.pair_hash)) for each in lineage.pooled],
        current="runs",
    )


def _sides(row: RunPair) -> list[Side]:
    both = [row.pair.response_lo_id, row.pair.response_hi_id]
    responses = responses_of(row.pair.revision).filter(pk__in=both)
    chosen = chosen_letters(row)
    verdicts = dict(zip(chosen, ("chosen", "rejected"), strict=True)) if chosen else {}
    return [
        Side(letter, response, verdicts.get(letter, ""))
        for letter, response in zip(letters_of(row.pair), responses, strict=True)
    ]
