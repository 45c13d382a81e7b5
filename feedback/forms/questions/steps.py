"""Labels of a response's steps, one by one: correct, neutral or wrong, and with it where the first error is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from feedback.forms.problems import Fault
from feedback.forms.reading import ObjectReader
from feedback.forms.splitting import MOST_STEPS, RULES, Rule
from feedback.forms.values import quote, whole

from .base import (
    Answer,
    Fields,
    Question,
    Ref,
    Value,
    common,
    number_or_text,
    per_response,
    said,
    unanswered,
    unknown_responses,
)

LABELS = {1: "Correct", 0: "Neutral", -1: "Wrong"}
KEYS = {"start", "end", "label"}
SPAN = re.compile(r"([0-9]{1,9})-([0-9]{1,9})", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Steps(Question):
    """An answer is an object: response → {"steps": [{start, end, label}]}, in order, label 1, 0, −1 or null (not yet)."""

    kind: ClassVar[str] = "steps"
    split: Rule = said("a step is a", default="paragraph")  # noqa: RUF009  a field, like the others
    to_first_error: bool = said("labels end at the first error", default=False)

    @classmethod
    def read(cls, reader: ObjectReader) -> Self:
        return cls(
            **common(reader),
            split=reader.pick_or("split", RULES, "paragraph"),
            to_first_error=reader.flag("to_first_error", default=False),
        )

    @property
    def fewest(self) -> int:
        return 1

    def faults(self, value: Value, refs: Sequence[Ref]) -> Iterator[Fault]:
        if not isinstance(value, dict):
            yield Fault("wrong_type", "Labels of steps are an object: response and steps.")
            return
        yield from unknown_responses(value, refs)
        for labelled in value.values():
            yield from _response_faults(labelled)

    def lacks(self, value: Value | None, refs: Sequence[Ref]) -> Iterator[Fault]:
        if not self.required:
            return
        given = value or {}
        yield from unanswered(list(given), refs, "Label the steps of")
        for ref in refs:
            missing = self._unlabelled(given[str(ref)]["steps"]) if str(ref) in given else None
            if missing is not None:
                yield Fault("response_missing", f"Label step {missing} of response {ref} as well.")

    def _unlabelled(self, steps: Sequence[Mapping[str, Value]]) -> int | None:
        """The number of the first step that still needs a label."""
        for number, step in enumerate(steps, start=1):
            if step["label"] is None:
                return number
            if self.to_first_error and step["label"] == -1:
                return None
        return None

    def rename(self, value: Value, names: Mapping[str, Ref]) -> Value:
        return {str(names[ref]): labelled for ref, labelled in value.items()}

    def answers(self, value: Value) -> Iterator[Answer]:
        """Whether a response that is labelled to its end, or to an error, holds one."""
        for position, labelled in sorted((int(ref), each) for ref, each in value.items()):
            error = first_error(labelled["steps"])
            if error is not None:
                yield Answer(self.id, position, choice="error")
            elif all(step["label"] is not None for step in labelled["steps"]):
                yield Answer(self.id, position, choice="no_error")

    def words(self, labelled: Mapping[str, Value]) -> str:
        """The labels of one response, as in "12 steps, first error in step 4"."""
        steps = labelled["steps"]
        error = first_error(steps)
        count = f"{len(steps)} step{'' if len(steps) == 1 else 's'}"
        return f"{count}, {'no error' if error is None else f'first error in step {error}'}"

    def from_fields(self, fields: Fields, letters: Sequence[str]) -> Value | None:
        """`id.A` holds the places of A's steps, `id.A.0` the label of its first."""
        del letters
        sent = dict(per_response(fields, self.id))
        found: dict[str, Value] = {}
        for ref, raw in sent.items():
            if "." in ref:
                continue
            spans = [SPAN.fullmatch(each) for each in raw[-1].split()]
            labels = [_label(sent.get(f"{ref}.{n}", ())) for n in range(len(spans))]
            if None in spans:
                found[ref] = raw[-1]
            elif any(label is not None for label in labels):
                steps = [
                    {"start": int(span[1]), "end": int(span[2]), "label": label}
                    for span, label in zip(spans, labels, strict=True)
                    if span
                ]
                found[ref] = {"steps": steps}
        return found or None

    def to_fields(self, value: Value, letters: Sequence[str]) -> dict[str, list[str]]:
        del letters
        fields: dict[str, list[str]] = {}
        for ref, labelled in value.items():
            steps = labelled["steps"]
            spans = " ".join(f"{int(step['start'])}-{int(step['end'])}" for step in steps)
            fields[f"{self.id}.{ref}"] = [spans]
            fields |= {
                f"{self.id}.{ref}.{n}": [str(int(step["label"]))]
                for n, step in enumerate(steps)
                if step["label"] is not None
            }
        return fields


def first_error(steps: Sequence[Mapping[str, Value]]) -> int | None:
    """The number of the first step that is wrong, from 1."""
    return next((n for n, step in enumerate(steps, start=1) if step["label"] == -1), None)


def _label(raw: Sequence[str]) -> int | str | None:
    return number_or_text(raw[-1]) if raw and raw[-1] else None


def _response_faults(labelled: Value) -> Iterator[Fault]:
    steps = labelled.get("steps") if isinstance(labelled, dict) else None
    if not isinstance(steps, list) or not all(isinstance(step, dict) for step in steps):
        yield Fault("wrong_type", "Steps are a list of objects with start, end and label.")
        return
    for key in labelled.keys() - {"steps"}:
        yield Fault("unknown_field", f"{quote(key)} has no meaning beside steps.")
    if len(steps) > MOST_STEPS:
        yield Fault("too_many_entries", f"A response has at most {MOST_STEPS} steps.")
        return
    before = 0
    for step in steps:
        if step.keys() != KEYS:
            yield Fault("wrong_type", "A step is an object with start, end and label.")
            return
        start, end, label = whole(step["start"]), whole(step["end"]), step["label"]
        if start is None or end is None:
            yield Fault("not_a_whole_number", "A step starts and ends at whole numbers.")
            return
        if not before <= start < end:
            yield Fault("out_of_range", "Steps stand one behind the other, and none is empty.")
        if label is not None and whole(label) not in LABELS:
            yield Fault("out_of_range", "A label is 1, 0, −1 or null.")
        before = end
