"""The types of question a form can ask. A new type is one file here and one entry in `QUESTION_TYPES`."""

from __future__ import annotations

from .authorities import VERDICTS, Authorities, Verdict, by_authority
from .base import Answer, Fields, Question, Ref, Value, Vote, When, Written
from .checklist import Checklist, Criterion
from .choice import Choice, Option
from .critiques import Critiques, Severity
from .preference import Preference, Step
from .ranking import Ranking
from .rating import Point, Rating
from .rewrite import Rewrite
from .steps import Steps
from .text import Text

QUESTION_TYPES: tuple[type[Question], ...] = (
    Preference,
    Ranking,
    Rating,
    Choice,
    Critiques,
    Authorities,
    Checklist,
    Steps,
    Rewrite,
    Text,
)
BY_KIND: dict[str, type[Question]] = {each.kind: each for each in QUESTION_TYPES}

__all__ = [
    "BY_KIND",
    "QUESTION_TYPES",
    "VERDICTS",
    "Answer",
    "Authorities",
    "Checklist",
    "Choice",
    "Criterion",
    "Critiques",
    "Fields",
    "Option",
    "Point",
    "Preference",
    "Question",
    "Ranking",
    "Rating",
    "Ref",
    "Rewrite",
    "Severity",
    "Step",
    "Steps",
    "Text",
    "Value",
    "Verdict",
    "Vote",
    "When",
    "Written",
    "by_authority",
]
