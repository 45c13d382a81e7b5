"""What can be wrong with a row, a mapping or a file: the codes, and how a fault becomes a sentence."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from itertools import islice
from typing import Literal, NamedTuple

from msgspec import Struct

from .rows import Problem, Scope

RowCode = Literal[
    "anchor_lost",
    "bad_anchor",
    "bad_answer",
    "bad_csv",
    "bad_document",
    "bad_order",
    "bad_time",
    "cancelled",
    "duplicate_review",
    "empty_field",
    "empty_prompt",
    "empty_review",
    "field_too_large",
    "item_rejected",
    "lone_surrogate",
    "missing_field",
    "no_messages",
    "not_a_choice",
    "not_a_list",
    "not_a_number",
    "not_a_row",
    "not_json",
    "not_one_of",
    "not_utf8",
    "nul_byte",
    "number_out_of_range",
    "repeated_control",
    "response_not_text",
    "row_too_large",
    "split_failed",
    "text_or_messages",
    "too_deep",
    "too_many_values",
    "unknown_control",
    "unknown_field",
    "unknown_response",
    "unsupported_control",
    "value_not_mapped",
    "wrong_length",
    "wrong_type",
]
# Of a labelling configuration that shall become a form, and of a form that shall become one.
ConfigCode = Literal[
    "dynamic_choices",
    "nothing_asked",
    "ranker_with_buckets",
    "rating_of_one",
    "unbounded_number",
    "unsupported_choices",
    "unsupported_question",
    "unsupported_tag",
]
MappingCode = Literal[
    "bad_label_config",
    "bad_pair",
    "bad_path",
    "bad_template",
    "empty_field",
    "field_too_large",
    "missing_field",
    "not_one_of",
    "number_out_of_range",
    "too_many_values",
    "unknown_control",
    "unknown_field",
    "unknown_object",
    "wrong_type",
]
FileCode = Literal[
    "bad_header",
    "bad_label_config",
    "bad_mapping",
    "compressed_too_far",
    "encrypted",
    "mapping_needed",
    "no_text",
    "not_readable",
    "not_utf8",
    "out_of_memory",
    "out_of_time",
    "reader_failed",
    "reader_killed",
    "too_large",
    "unknown_format",
]

Path = tuple[str | int, ...]
MOST_PER_PLACE = 20
MOST_PER_MAPPING = 100


class Fault(NamedTuple):
    """Something wrong at a place; `says` goes on after the place's name ("is missing")."""

    path: Path
    code: RowCode | MappingCode | ConfigCode
    says: str


class MappingProblem(Struct, frozen=True):
    """One thing wrong with a mapping, and where in its document."""

    path: str
    code: str
    sentence: str


class ReadingFailed(Exception):
    """A file that cannot be read to its end: a sentence for its owner and a stable code.

    With the code `bad_mapping`, `problems` lists all that is wrong with the mapping.
    """

    def __init__(
        self, code: FileCode, sentence: str, problems: Iterable[MappingProblem] = ()
    ) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.problems = list(problems)


def bad_mapping(faults: Iterable[Fault]) -> ReadingFailed:
    problems = [as_mapping_problem(fault) for fault in islice(faults, MOST_PER_MAPPING)]
    more = f" And {len(problems) - 1} more." if len(problems) > 1 else ""
    sentence = f"The mapping cannot be used: {problems[0].sentence}{more}"
    return ReadingFailed("bad_mapping", sentence, problems)


def bad_config(faults: Iterable[Fault]) -> ReadingFailed:
    """A labelling configuration that cannot become a form, or a form that cannot become one, with every reason."""
    problems = [as_mapping_problem(fault) for fault in islice(faults, MOST_PER_MAPPING)]
    more = f" And {len(problems) - 1} more." if len(problems) > 1 else ""
    return ReadingFailed("bad_label_config", f"{problems[0].sentence}{more}", problems)


def as_mapping_problem(fault: Fault) -> MappingProblem:
    path = written_path(fault.path)
    return MappingProblem(path, fault.code, f"{path or 'It'} {fault.says}.")


def clean(text: str) -> str:
    """The text with whatever cannot be stored or sent (NUL, lone surrogates) written as an escape."""
    storable = text.encode("utf-8", "backslashreplace").decode()
    return storable.replace("\0", "\\x00")


def shown(value: object) -> str:
    """A value as a person can recognise it in a sentence, at most 60 characters."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except (ValueError, RecursionError):
        text = type(value).__name__
    return clean(text if len(text) <= 60 else text[:57] + "…")


def written_path(path: Path) -> str:
    """`responses.0.text`: the place in the notation of a mapping."""
    return clean(".".join(str(step) for step in path))[:500]


def scope_of(path: Path) -> tuple[Scope, int | None]:
    """What a fault at this place rejects: the item, one response or one review (numbered from 1)."""
    if len(path) > 1 and isinstance(path[1], int):
        if path[0] == "responses":
            return "response", path[1] + 1
        if path[0] == "reviews":
            return "review", path[1] + 1
    return "item", None


def as_problem(fault: Fault) -> Problem:
    """The fault as a sentence that names its place in words: "Response 2: text is missing."."""
    scope, index = scope_of(fault.path)
    inner = fault.path if scope == "item" else fault.path[2:]
    place = written_path(inner)
    owner = f"{scope.capitalize()} {index}" if index else ""
    start = f"{owner}: {place}" if owner and place else owner or place or "The row"
    return Problem(scope, index, fault.code, f"{start} {fault.says}.", written_path(fault.path))


def as_problems(faults: Iterable[Fault]) -> list[Problem]:
    """At most MOST_PER_PLACE problems for the item, for each response and for each review."""
    seen: Counter[tuple[Scope, int | None]] = Counter()
    problems = []
    for fault in faults:
        seen[scope_of(fault.path)] += 1
        if seen[scope_of(fault.path)] <= MOST_PER_PLACE:
            problems.append(as_problem(fault))
    return problems
