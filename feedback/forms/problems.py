"""What can be wrong with a form or with a review: a plain sentence for a person, a stable code for a machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

TextCode = Literal["nul_byte", "lone_surrogate"]

FormCode = Literal[
    TextCode,
    "wrong_type",
    "missing_field",
    "unknown_field",
    "empty",
    "too_long",
    "too_many",
    "out_of_range",
    "unknown_value",
    "bad_id",
    "reserved_id",
    "repeated_id",
    "too_few_responses",
    "unknown_question",
    "min_over_max",
    "anchor_outside",
    "acceptable_outside",
]

BodyCode = Literal[
    TextCode,
    "wrong_type",
    "unknown_field",
    "unknown_question",
    "unknown_response",
    "unknown_choice",
    "unknown_reason",
    "not_a_whole_number",
    "out_of_range",
    "same_response",
    "repeated_pair",
    "repeated_response",
    "repeated_choice",
    "repeated_critique",
    "bad_anchor",
    "anchor_lost",
    "anchor_unclear",
    "critique_unfinished",
    "too_many_entries",
    "tie_not_allowed",
    "both_unacceptable_not_allowed",
    "not_a_tie",
    "text_too_large",
    "text_too_short",
    "text_too_long",
    "answer_missing",
    "response_missing",
    "nothing_answered",
    "reason_missing",
    "note_missing",
    "note_too_long",
]


@dataclass(frozen=True, slots=True)
class FormProblem:
    """One fault of a form's schema; `path` leads to it, as in `questions[2].steps`."""

    path: str
    code: FormCode
    sentence: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a review's body; `question` is a question's id, `cannot_judge`, or empty for the whole body."""

    question: str
    code: BodyCode
    sentence: str


class Fault(NamedTuple):
    """A fault inside one answer, before it is known whose answer that is."""

    code: BodyCode
    sentence: str


class BadForm(ValueError):
    """A form's schema has faults; `problems` lists every one of them."""

    def __init__(self, problems: list[FormProblem]) -> None:
        super().__init__("; ".join(f"{each.path}: {each.sentence}" for each in problems))
        self.problems = problems
