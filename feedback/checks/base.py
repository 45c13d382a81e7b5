"""What an automatic check is given and what it may find: places and numbers, never words, so that nothing has to be erased."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Text = tuple[str, str]  # a text and its format
Span = tuple[int, int, int]  # part, start, end


@dataclass(frozen=True, slots=True)
class Document:
    """A document of the context."""

    title: str
    kind: str
    texts: Sequence[Text]


@dataclass(frozen=True, slots=True)
class Case:
    """An item with what its reviewer answered.

    `responses` are the text parts by position. `stands` is the response that the answer lets stand: the preferred one,
    or the only one where it was found good enough; None where it is none. `marked` are the spans that the reviewer has
    criticised themselves, by position: what they saw needs no check.
    """

    responses: Mapping[int, Sequence[Text]]
    context: Sequence[Document] = ()
    view: str = "prose"
    stands: int | None = None
    marked: Mapping[int, Sequence[Span]] = field(default_factory=dict)

    def is_marked(self, position: int, span: Span) -> bool:
        """Whether the reviewer has criticised a part of this span."""
        part, start, end = span
        return any(
            part == other and start < until and since < end
            for other, since, until in self.marked.get(position, ())
        )


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check found in a response (None: in the item), and the evidence as places and numbers."""

    check: str
    position: int | None
    evidence: Mapping[str, Any]
