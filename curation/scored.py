"""Scores that reviews give to single responses: critiques by their weights, checklists, choices that mean good or bad.

Ratings are numbers already. What a score is made of is settled by the run: its forms, and the settings of its recipe.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString, NamedTuple

import orjson
from django.db import connection

from curation.methods.process import Step
from curation.methods.severity import parse_weights
from curation.models import Run
from curation.stages.base import Params
from curation.stages.recipes import parse_recipe
from curation.stages.scores import SCORES
from feedback.bodies import form_of
from feedback.forms.questions import Choice, Critiques, Question
from feedback.models import FormVersion, Project

THUMBS = "thumbs"
GOOD, BAD = 1.0, 0.0  # what a choice that means good or bad scores
# Kinds of answers that put all the responses of an item into one order.
ORDERING = frozenset({"ranking", "rating", "checklist", "critiques", "authorities", THUMBS})
SCORING = ORDERING - {"ranking", "rating"}
CRITIQUES = frozenset({"critiques", "authorities"})
THIRDS = (
    0.0,
    0.333334,
    0.666668,
)  # of a score from 0 to 1: better by more than a third, by more than two thirds
UNGRADED = (0.0, math.inf, math.inf)


class Score(NamedTuple):
    """What one reviewer's answer gives to a response; higher is better. `place` is where it was shown, 0 if unknown."""

    review_id: int
    question: str
    response_id: int
    value: float
    revision_id: int
    rater_id: int
    occasion: int
    sha256: str
    place: int


@dataclass(frozen=True)
class Reading:
    """What a run reads: the questions whose votes become pairs, every question's kind, and how scores are made of answers.

    `forms` are the forms by the id of their version; `scoring` the settings of the stage `scores`. Of `silent` questions
    nobody has made a critique: their scores would all be 0, and are left out where they become no pairs.
    """

    questions: tuple[str, ...]
    kinds: Mapping[str, str]
    forms: Mapping[int, Sequence[Question]]
    scoring: Params
    silent: frozenset[str] = frozenset()

    def scores(self) -> dict[str, str]:
        """The kinds of the questions whose scores are read."""
        left_out = self.silent - {*self.questions}
        return {
            id: kind for id, kind in self.kinds.items() if kind in SCORING and id not in left_out
        }

    def ids(self, *kinds: str) -> list[str]:
        """The questions of these kinds."""
        return [id for id, kind in self.kinds.items() if kind in kinds]

    def outcome(self, question: str, difference: float) -> int:
        """−3 … 3 of a difference between two scores of one question."""
        tie, better, much = self._limits(self.kinds.get(question, ""))
        size = abs(round(difference, 6))
        if size <= tie:
            return 0
        return int(math.copysign(1 + (size >= better) + (size >= much), difference))

    def _limits(self, kind: str) -> tuple[float, float, float]:
        if kind == THUMBS:
            return UNGRADED
        if kind == "checklist":
            return THIRDS
        tie, better, much = (self.scoring[n] for n in ("tie_within", "better_by", "much_better_by"))
        return tie, better, much


def reading_of(run: Run) -> Reading:
    """How a run reads, from the forms and the recipe that it froze."""
    frozen = {bytes.fromhex(sha) for sha in run.frozen["forms"]}
    rows = FormVersion.objects.filter(project_id=run.project_id).order_by("version")
    versions = [version for version in rows if bytes(version.sha256) in frozen]
    stored = run.recipe_version
    document = {"name": stored.recipe.slug, "stages": stored.stages}
    return Reading(
        questions=tuple(run.frozen["questions"]),
        kinds={q.id: kind_of(q) for version in versions for q in form_of(version).questions},
        forms={version.pk: form_of(version).questions for version in versions},
        scoring=parse_recipe(document).params_of(SCORES),
    )


_CRITICISED: LiteralString = """
SELECT EXISTS (SELECT FROM feedback_reviewbody WHERE workspace_id = %s AND body -> 'answers' -> %s <> '[]')
"""


def silent_questions(project: Project) -> list[str]:
    """Questions that ask for critiques, and nobody in the workspace has made one."""
    kinds = question_kinds(project)
    asked = sorted(id for id, kind in kinds.items() if kind in CRITIQUES)
    return [id for id in asked if _rows(_CRITICISED, [project.workspace_id, id]) == [(False,)]]


def steps_of(
    review_ids: Sequence[int], reading: Reading
) -> dict[tuple[str, int, int], list[list[Step]]]:
    """The labelled steps of each (question, item revision, position): a list of steps for each rater, of one the latest."""
    found: dict[tuple[str, int, int], dict[tuple[int, int], list[Step]]] = {}
    for question in reading.ids("steps"):
        for revision, position, rater, person, steps in _rows(_STEPS, [question, list(review_ids)]):
            given = [(step["start"], step["end"], step["label"]) for step in orjson.loads(steps)]
            found.setdefault((question, revision, position), {})[rater, person] = given
    return {key: list(of.values()) for key, of in found.items()}


def question_kinds(project: Project) -> dict[str, str]:
    """Every question of every version of the project's form, by its id: its kind."""
    versions = FormVersion.objects.filter(project=project).order_by("version")
    return {q.id: kind_of(q) for version in versions for q in form_of(version).questions}


def kind_of(question: Question) -> str:
    """A question's type; a choice of options that mean good and bad is `thumbs`."""
    judges = isinstance(question, Choice) and bool(question.good or question.bad)
    return THUMBS if judges else question.kind


_REVIEWS: LiteralString = """
SELECT r.id, r.form_id, r.item_revision_id, r.rater_id, r.occasion, t.rater_kind = 'unknown', encode(r.body_sha256, 'hex'),
    CASE WHEN r.order_known THEN r.order_shown END,
    coalesce(b.body -> 'cannot_judge', 'null') = 'null'
FROM feedback_review r
JOIN feedback_rater t ON t.id = r.rater_id
JOIN feedback_reviewbody b ON b.review_id = r.id
WHERE r.id = ANY(%s) AND r.form_id = ANY(%s) ORDER BY r.id
"""

_RESPONSES: LiteralString = """
SELECT id, revision_id, position, author_id IS NOT NULL FROM feedback_response WHERE revision_id = ANY(%s)
ORDER BY revision_id, position
"""

_MARKS: LiteralString = """
SELECT b.review_id, (mark ->> 'on')::int, mark ->> 'category', mark ->> 'severity'
FROM feedback_reviewbody b CROSS JOIN LATERAL jsonb_array_elements(b.body -> 'answers' -> %s) AS mark
WHERE b.review_id = ANY(%s)
"""

# In the order of occasions, so that of one rater the last word stays.
_STEPS: LiteralString = """
SELECT r.item_revision_id, labelled.key::int, r.rater_id, CASE WHEN t.rater_kind = 'unknown' THEN r.occasion ELSE 0 END,
    labelled.value -> 'steps'
FROM feedback_review r
JOIN feedback_rater t ON t.id = r.rater_id
JOIN feedback_reviewbody b ON b.review_id = r.id
CROSS JOIN LATERAL jsonb_each(b.body -> 'answers' -> %s) AS labelled
WHERE r.id = ANY(%s) AND b.body IS NOT NULL
ORDER BY r.item_revision_id, t.external_key, r.rater_id, r.occasion
"""

_ANSWERS: LiteralString = """
SELECT review_id, question, response_id, number, choice FROM feedback_answer
WHERE review_id = ANY(%s) AND question = ANY(%s) AND response_id IS NOT NULL
"""


def scores_of(review_ids: Sequence[int], reading: Reading) -> list[Score]:
    """Every score in some reviews, the reviews of an item all there, in order of review, question and response."""
    scored = reading.scores()
    forms = [
        form
        for form, questions in reading.forms.items()
        if any(question.id in scored for question in questions)
    ]
    if not forms:
        return []
    reviews = {row[0]: _Review(*row) for row in _rows(_REVIEWS, [list(review_ids), forms])}
    shown: dict[int, list[_Response]] = {}
    for pk, revision, position, is_written in _rows(
        _RESPONSES, [sorted({review.revision_id for review in reviews.values()})]
    ):
        shown.setdefault(revision, []).append(_Response(pk, position, is_written))
    found = [
        *_of_critiques(reviews, shown, reading),
        *_of_answers(reviews, shown, reading),
    ]
    return sorted(found, key=lambda score: (score.review_id, score.question, score.response_id))


class _Review(NamedTuple):
    id: int
    form_id: int
    revision_id: int
    rater_id: int
    occasion: int
    is_nobody: bool
    sha256: str
    order: list[int] | None
    judges: bool

    def score(self, question: str, response: _Response, value: float) -> Score:
        order = self.order or []
        place = order.index(response.position) + 1 if response.position in order else 0
        who = (self.revision_id, self.rater_id, self.occasion)
        return Score(
            self.id, question, response.id, round(value, 6) + 0.0, *who, self.sha256, place
        )


class _Response(NamedTuple):
    id: int
    position: int
    is_written: bool  # by a reviewer, who alone has seen it


def _of_critiques(
    reviews: Mapping[int, _Review], shown: Mapping[int, list[_Response]], reading: Reading
) -> Iterator[Score]:
    """Each rater's critiques of a response, added up.

    They may lie in several reviews: tables of errors have a row, and so a review, for each.
    """
    for question, kind in reading.scores().items():
        if kind not in CRITIQUES:
            continue
        weights = _weights(reading, question)
        sums: dict[tuple[_Judge, int], float] = {}
        for review_id, on, category, severity in _rows(_MARKS, [question, list(reviews)]):
            review = reviews[review_id]
            weight = weights.get((review.form_id, category, severity))
            if weight is not None:
                key = (_judge(review), on)
                sums[key] = sums.get(key, 0.0) + weight
        asked = {form for form, *_ in weights}
        first: dict[_Judge, _Review] = {}
        for review in reviews.values():
            if review.judges and review.form_id in asked:
                first.setdefault(_judge(review), review)
        for judge, review in first.items():
            for response in shown.get(review.revision_id, ()):
                weighs = sums.get((judge, response.position))
                if response.is_written or (
                    weighs is None and reading.scoring["unmarked"] != "faultless"
                ):
                    continue
                yield review.score(question, response, -(weighs or 0.0))


_Judge = tuple[int, int, int]


def _judge(review: _Review) -> _Judge:
    """Who judged which revision; of people without a name every review is another person's."""
    return review.revision_id, review.rater_id, review.occasion if review.is_nobody else 0


def _of_answers(
    reviews: Mapping[int, _Review], shown: Mapping[int, list[_Response]], reading: Reading
) -> Iterator[Score]:
    """The scores of checklists, and 1 or 0 for a choice that means good or bad; bad where both were chosen."""
    responses = {each.id: each for of in shown.values() for each in of}
    thumbs = {
        (form, question.id, option): value
        for form, questions in reading.forms.items()
        for question in questions
        if isinstance(question, Choice)
        for options, value in ((question.good, GOOD), (question.bad, BAD))
        for option in options
    }
    values: dict[tuple[int, str, int], float] = {}
    ids = reading.ids("checklist", THUMBS)
    for review_id, question, response_id, number, choice in _rows(_ANSWERS, [list(reviews), ids]):
        meant = thumbs.get((reviews[review_id].form_id, question, choice))
        value = number if choice is None else meant
        if value is not None:
            key = (review_id, question, response_id)
            values[key] = min(values.get(key, value), value)
    for (review_id, question, response_id), value in values.items():
        yield reviews[review_id].score(question, responses[response_id], value)


def _weights(reading: Reading, id: str) -> dict[tuple[int, str, str], float]:
    """What every kind of critique weighs under each form; an unfinished one has no category or no severity."""
    weights = parse_weights(reading.scoring["weights"])
    found: dict[tuple[int, str, str], float] = {}
    for form, questions in reading.forms.items():
        for question in questions:
            if question.id == id and isinstance(question, Critiques):
                severities = {each.value: float(each.weight) for each in question.severities}
                for category in ("", *(each.value for each in question.categories)):
                    for severity, weight in {"": 0.0, **severities}.items():
                        found[form, category, severity] = weights.of(category, severity, weight)
    return found


def _rows(statement: LiteralString, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
