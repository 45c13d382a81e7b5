"""Which of two responses is better, and by how much: the graded comparison."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from feedback.forms.problems import Fault
from feedback.forms.reading import ObjectReader
from feedback.forms.values import quote, whole

from .base import Fields, Question, Ref, Value, Vote, common, last, number_or_text, said

BOTH = "both_unacceptable"
KEYS = {"a", "b", "value", BOTH}
STRENGTHS = {1: "slightly better", 2: "better", 3: "much better"}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the scale: what the browser sends, the value it stands for, whose side it is on, its words."""

    field: str
    value: int
    side: str | None
    words: str

    @property
    def strength(self) -> int:
        return abs(self.value)


@dataclass(frozen=True, kw_only=True)
class Preference(Question):
    """An answer is a list of {a, b, value}: value −3…+3, positive when a is better, 0 for a tie."""

    kind: ClassVar[str] = "preference"
    steps: int = said("steps of the scale", choices=(7, 3), default=7)
    allow_tie: bool = said("a tie is allowed", default=True)
    allow_both_unacceptable: bool = said("“both unacceptable” is offered", default=True)

    @classmethod
    def read(cls, reader: ObjectReader) -> Self:
        return cls(
            **common(reader),
            steps=reader.pick_or("steps", (7, 3), 7),
            allow_tie=reader.flag("allow_tie", default=True),
            allow_both_unacceptable=reader.flag("allow_both_unacceptable", default=True),
        )

    @property
    def fewest(self) -> int:
        return 2

    def asked(self, count: int) -> bool:
        # More than two responses are rated one by one; imported comparisons of them are still answers.
        return count == 2

    @property
    def middle(self) -> int:
        """The step that means "equal": 4 of 7, 2 of 3."""
        return (self.steps + 1) // 2

    def scale(self, first: str, second: str) -> tuple[Step, ...]:
        """The steps from "first much better" to "second much better", in words."""
        return tuple(
            self._step(number, first, second)
            for number in range(1, self.steps + 1)
            if self.allow_tie or number != self.middle
        )

    def _step(self, number: int, first: str, second: str) -> Step:
        value = self.middle - number
        if value == 0:
            return Step(str(number), 0, None, "Equal")
        side = first if value > 0 else second
        words = STRENGTHS[abs(value)] if self.steps > 3 else "better"
        return Step(str(number), value, side, f"{side} {words}")

    def words(self, entry: Value) -> str:
        """One comparison of two letters, as in "A much better"."""
        if entry.get(BOTH):
            return "Both unacceptable"
        return self._step(self.middle - int(entry["value"]), entry["a"], entry["b"]).words

    @property
    def outcomes(self) -> Mapping[str, str]:
        """How strong the preference is, whichever side it is for: a condition never depends on the order shown."""
        words = (
            {n: STRENGTHS[n] for n in range(1, self.middle)} if self.steps > 3 else {1: "better"}
        )
        return {
            **({"0": "equal"} if self.allow_tie else {}),
            **{str(strength): said for strength, said in words.items()},
            **({BOTH: "both unacceptable"} if self.allow_both_unacceptable else {}),
        }

    def outcomes_in(self, value: Value) -> frozenset[str]:
        return frozenset(
            BOTH if entry.get(BOTH) else str(abs(int(entry["value"]))) for entry in value
        )

    def faults(self, value: Value, refs: Sequence[Ref]) -> Iterator[Fault]:
        if not isinstance(value, list):
            yield Fault("wrong_type", "A preference is a list of comparisons.")
            return
        if len(value) > len(refs) * (len(refs) - 1) // 2:
            yield Fault("too_many_entries", "There are more comparisons than pairs of responses.")
            return
        seen: set[frozenset[Ref]] = set()
        for entry in value:
            yield from self._entry_faults(entry, refs, seen)

    def _entry_faults(
        self, entry: Value, refs: Sequence[Ref], seen: set[frozenset[Ref]]
    ) -> Iterator[Fault]:
        if not isinstance(entry, dict) or not {"a", "b", "value"} <= entry.keys():
            yield Fault("wrong_type", "A comparison is an object with a, b and value.")
            return
        for key in entry.keys() - KEYS:
            yield Fault("unknown_field", f"{quote(key)} has no meaning in a comparison.")
        yield from _pair_faults(entry["a"], entry["b"], refs, seen)
        yield from self._outcome_faults(entry["value"], entry.get(BOTH, False))

    def _outcome_faults(self, value: Value, both: Value) -> Iterator[Fault]:
        outcome = whole(value)
        if outcome is None:
            yield Fault("not_a_whole_number", "The value of a comparison is a whole number.")
        elif abs(outcome) >= self.middle:
            yield Fault(
                "out_of_range", f"The value is from −{self.middle - 1} to {self.middle - 1}."
            )
        elif both is True and outcome:
            yield Fault("not_a_tie", "“Both unacceptable” goes with the value 0.")
        elif not outcome and not both and not self.allow_tie:
            yield Fault("tie_not_allowed", "Choose the better response; this question has no tie.")
        if not isinstance(both, bool):
            yield Fault("wrong_type", f"{BOTH} is true or false.")
        elif both and not self.allow_both_unacceptable:
            yield Fault(
                "both_unacceptable_not_allowed", "This question does not offer “both unacceptable”."
            )

    def lacks(self, value: Value | None, refs: Sequence[Ref]) -> Iterator[Fault]:
        del refs
        if self.required and not value:
            yield Fault("answer_missing", "Say which response is better.")

    def rename(self, value: Value, names: Mapping[str, Ref]) -> Value:
        return [
            entry | {"a": names[str(entry["a"])], "b": names[str(entry["b"])]} for entry in value
        ]

    def votes(self, value: Value) -> Iterator[Vote]:
        for entry in value:
            a, b, outcome = entry["a"], entry["b"], int(entry["value"])
            both = bool(entry.get(BOTH))
            yield Vote(self.id, min(a, b), max(a, b), outcome if a < b else -outcome, both)

    def from_fields(self, fields: Fields, letters: Sequence[str]) -> Value | None:
        """Step 1 of the scale is the highest value; read only where two responses are shown."""
        raw = last(fields, self.id)
        if not raw or len(letters) != 2:
            return None
        pair = {"a": letters[0], "b": letters[1]}
        if raw == BOTH:
            return [pair | {"value": 0, BOTH: True}]
        step = number_or_text(raw)
        return [pair | {"value": self.middle - step if isinstance(step, int) else step}]

    def to_fields(self, value: Value, letters: Sequence[str]) -> dict[str, list[str]]:
        if not value or len(letters) != 2:
            return {}
        entry = value[0]
        outcome = int(entry["value"]) if entry["a"] == letters[0] else -int(entry["value"])
        return {self.id: [BOTH if entry.get(BOTH) else str(self.middle - outcome)]}


def _pair_faults(
    a: Value, b: Value, refs: Sequence[Ref], seen: set[frozenset[Ref]]
) -> Iterator[Fault]:
    if not (_names(a, refs) and _names(b, refs)):
        yield Fault("unknown_response", "A comparison names a response that is not there.")
    elif a == b:
        yield Fault("same_response", f"Response {a} is compared with itself.")
    elif frozenset((a, b)) in seen:
        yield Fault("repeated_pair", f"Responses {a} and {b} are compared twice.")
    else:
        seen.add(frozenset((a, b)))


def _names(value: Value, refs: Sequence[Ref]) -> bool:
    """Whether a value is one of the refs; true is not position 1, and 1.0 is not 1."""
    return type(value) in (int, str) and value in refs
