"""What a lower app asks of a higher one without knowing it: a protocol, an answer that knows nothing, and who answers instead.

The higher app registers its answer in its `ready()`. Nothing here imports anything of ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Arriving:
    """An item that has just been written, or written anew, with its prompt and context in Touchstone's content shape."""

    item_id: int
    prompt: Sequence[Mapping[str, Any]]
    context: Sequence[Mapping[str, Any]]


class SimilarItems(Protocol):
    """Remembers arriving items, and which earlier items of the project they look like."""

    def __call__(self, *, project_id: int, job_id: int, items: Sequence[Arriving]) -> None:
        """Called inside the transaction that writes the items, with one chunk's items in rising order of their ids."""


def nobody_remembers(*, project_id: int, job_id: int, items: Sequence[Arriving]) -> None:
    """The answer of an installation without curation."""


_similar_items: list[SimilarItems] = [nobody_remembers]


def similar_items() -> SimilarItems:
    """Who answers now."""
    return _similar_items[-1]


def register_similar_items(answer: SimilarItems) -> None:
    """From now on `answer` is asked."""
    _similar_items[:] = [answer]
