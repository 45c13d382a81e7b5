"""What people have said of near-equal texts, and which they have yet to be asked about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

Edge = tuple[str, str]


@dataclass(frozen=True)
class Verdicts:
    """Pairs of text hashes in hex, the smaller first."""

    same: frozenset[Edge] = frozenset()
    different: frozenset[Edge] = frozenset()

    @classmethod
    def of(cls, rows: Iterable[Sequence[str]], kind: str) -> Verdicts:
        """Those of one kind among frozen rows [kind, left, right, verdict]."""
        ours = [(left, right, verdict) for what, left, right, verdict in rows if what == kind]
        return cls(
            frozenset((left, right) for left, right, verdict in ours if verdict == "same"),
            frozenset((left, right) for left, right, verdict in ours if verdict == "different"),
        )


@dataclass
class Groups:
    """Texts joined two by two; a group is named by its smallest member."""

    parents: dict[str, str] = field(default_factory=dict)

    def find(self, text: str) -> str:
        while text in self.parents:
            text = self.parents[text]
        return text

    def join(self, one: str, other: str) -> bool:
        """Make one group of two; false where they are one already."""
        a, b = sorted((self.find(one), self.find(other)))
        if a != b:
            self.parents[b] = a
        return a != b


def confirmed(verdicts: Verdicts) -> Groups:
    """Texts that people have called the same."""
    groups = Groups()
    for one, other in sorted(verdicts.same):
        groups.join(one, other)
    return groups


def to_ask(edges: Iterable[tuple[str, str, float]], verdicts: Verdicts) -> list[tuple[Edge, float]]:
    """Of near texts (one, other, similarity) those to ask a person about, the nearest first.

    As few as join each component: whoever calls A and B the same, and B and C, is not asked about A and C.
    """
    groups = confirmed(verdicts)
    asked = []
    ordered = [(min(a, b), max(a, b), similarity) for a, b, similarity in edges]
    for one, other, similarity in sorted(ordered, key=lambda edge: (-edge[2], edge[0], edge[1])):
        if (one, other) not in verdicts.different and groups.join(one, other):
            asked.append(((one, other), similarity))
    return asked
