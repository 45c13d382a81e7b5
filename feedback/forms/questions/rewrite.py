"""The reviewer's own version: written from one of the responses, or from nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from feedback.forms.problems import Fault
from feedback.forms.reading import ObjectReader
from feedback.forms.values import quote

from .base import Fields, Question, Ref, Value, Written, common, last, said
from .text import MOST_CHARACTERS, length_lacks, text_faults, typed


@dataclass(frozen=True, kw_only=True)
class Rewrite(Question):
    """An answer is {"from": response or null, "text": the whole text}; lengths bind as those of a text do."""

    kind: ClassVar[str] = "rewrite"
    min_length: int = said("fewest characters", default=0)
    max_length: int = said("most characters", default=MOST_CHARACTERS)

    @classmethod
    def read(cls, reader: ObjectReader) -> Self:
        before = len(reader.problems)
        most = MOST_CHARACTERS
        question = cls(
            **common(reader),
            min_length=reader.whole("min_length", low=0, high=most, default=0),
            max_length=reader.whole("max_length", low=1, high=most, default=most),
        )
        if len(reader.problems) == before and question.min_length > question.max_length:
            reader.note("max_length", "min_over_max", "The most must not be below the fewest.")
        return question

    def faults(self, value: Value, refs: Sequence[Ref]) -> Iterator[Fault]:
        if not isinstance(value, dict) or not isinstance(value.get("text"), str):
            yield Fault("wrong_type", "A rewrite is an object with from and text.")
            return
        for key in value.keys() - {"from", "text"}:
            yield Fault("unknown_field", f"{quote(key)} has no meaning in a rewrite.")
        source = value.get("from")
        if source is not None and (type(source) not in (int, str) or source not in refs):
            yield Fault("unknown_response", "This rewrites a response that is not there.")
        yield from text_faults(value["text"])

    def lacks(self, value: Value | None, refs: Sequence[Ref]) -> Iterator[Fault]:
        del refs
        text = value["text"] if value else ""
        yield from length_lacks(text, self.min_length, self.max_length)
        if self.required and not text.strip():
            yield Fault("answer_missing", "Write your version.")

    def rename(self, value: Value, names: Mapping[str, Ref]) -> Value:
        source = value.get("from")
        return {"from": None if source is None else names[str(source)], "text": value["text"]}

    def written(self, value: Value) -> Iterator[Written]:
        """The new response in the answer; what it is better than follows from where it began."""
        if value["text"].strip():
            yield Written(self.id, value.get("from"), value["text"])

    def from_fields(self, fields: Fields, letters: Sequence[str]) -> Value | None:
        del letters
        text = typed(last(fields, self.id))
        return {"from": last(fields, f"{self.id}.from") or None, "text": text} if text else None

    def to_fields(self, value: Value, letters: Sequence[str]) -> dict[str, list[str]]:
        del letters
        source = value.get("from")
        begun = {} if source is None else {f"{self.id}.from": [str(source)]}
        return begun | ({self.id: [value["text"]]} if value["text"] else {})
