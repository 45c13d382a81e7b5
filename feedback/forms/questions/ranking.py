"""Three and more responses in order, the best first; ties where the form allows them, parts where it allows parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import ClassVar, Self

from feedback.forms.problems import Fault
from feedback.forms.reading import ObjectReader

from .base import (
    Fields,
    Question,
    Ref,
    Value,
    Vote,
    common,
    number_or_text,
    per_response,
    said,
    unanswered,
)

FEWEST = 3  # two responses are compared
FEWEST_RANKED = 2  # one alone stands above nothing


@dataclass(frozen=True, kw_only=True)
class Ranking(Question):
    """An answer is a list of tiers, the best first: [[2], [1, 3]]. Who shares a tier ties; who is in none is not ranked."""

    kind: ClassVar[str] = "ranking"
    allow_ties: bool = said("ties are allowed", default=True)
    allow_partial: bool = said("responses may be left unranked", default=True)

    @classmethod
    def read(cls, reader: ObjectReader) -> Self:
        return cls(
            **common(reader),
            allow_ties=reader.flag("allow_ties", default=True),
            allow_partial=reader.flag("allow_partial", default=True),
        )

    @property
    def fewest(self) -> int:
        return FEWEST

    def faults(self, value: Value, refs: Sequence[Ref]) -> Iterator[Fault]:
        if not isinstance(value, list) or not all(isinstance(tier, list) for tier in value):
            yield Fault("wrong_type", "A ranking is a list of tiers, and a tier a list.")
            return
        seen: set[Ref] = set()
        for tier in value:
            if not tier:
                yield Fault("wrong_type", "A tier holds at least one response.")
            elif len(tier) > 1 and not self.allow_ties:
                yield Fault("tie_not_allowed", "Give each response a place of its own.")
            for ref in tier:
                if type(ref) not in (int, str) or ref not in refs:
                    yield Fault("unknown_response", "A ranking names a response that is not there.")
                elif ref in seen:
                    yield Fault("repeated_response", f"Response {ref} is ranked twice.")
                else:
                    seen.add(ref)

    def lacks(self, value: Value | None, refs: Sequence[Ref]) -> Iterator[Fault]:
        ranked = [str(ref) for tier in value or () for ref in tier]
        if not ranked and not self.required:
            return
        if not self.allow_partial:
            yield from unanswered(ranked, refs, "Rank")
        elif not ranked:
            yield Fault("answer_missing", "Rank the responses.")
        elif len(ranked) < FEWEST_RANKED:
            yield Fault("response_missing", "Rank at least two: one alone stands above nothing.")

    def rename(self, value: Value, names: Mapping[str, Ref]) -> Value:
        return [[names[str(ref)] for ref in tier] for tier in value]

    def votes(self, value: Value) -> Iterator[Vote]:
        """Every pair of ranked responses: one better, without a grade, or a tie."""
        tiers = {int(ref): number for number, tier in enumerate(value) for ref in tier}
        for lo, hi in combinations(sorted(tiers), 2):
            first, second = tiers[lo], tiers[hi]
            yield Vote(self.id, lo, hi, (second > first) - (second < first))

    def words(self, value: Value) -> str:
        """The order in words, as in "D over A = C"."""
        return " over ".join(" = ".join(str(ref) for ref in tier) for tier in value)

    def from_fields(self, fields: Fields, letters: Sequence[str]) -> Value | None:
        """Each response's place: equal places tie, and only their order counts. Anything else is kept to be refused."""
        sent = {ref: number_or_text(raw[-1]) for ref, raw in per_response(fields, self.id)}
        places = {ref: place for ref, place in sent.items() if place != ""}
        if any(place not in range(1, len(letters) + 1) for place in places.values()):
            return places
        by_place: dict[int | str, list[str]] = {}
        # Letters first, so that a tie stands in one order whatever the order of the fields.
        for ref in sorted(places, key=lambda ref: (ref not in letters, ref)):
            by_place.setdefault(places[ref], []).append(ref)
        return [by_place[place] for place in sorted(by_place, key=int)] or None

    def to_fields(self, value: Value, letters: Sequence[str]) -> dict[str, list[str]]:
        """As in sport: two who are second leave no third place."""
        del letters
        fields: dict[str, list[str]] = {}
        for tier in value:
            place = str(len(fields) + 1)
            fields |= {f"{self.id}.{ref}": [place] for ref in tier}
        return fields
