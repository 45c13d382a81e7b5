"""What the desk measured of a review, in the words of its column: when the first answer came, what was read, how texts came in."""

from __future__ import annotations

from dataclasses import dataclass

from feedback.forms.slots import letters
from feedback.models import Review, ReviewEffort
from feedback.policy.pace import duration


@dataclass(frozen=True, slots=True)
class Effort:
    """Each in words; empty where it was not measured."""

    first_input: str
    reading: str
    typed: str


def effort_of(review: Review) -> Effort:
    """The effort of a review whose effort was fetched with it."""
    row: ReviewEffort | None = getattr(review, "effort", None)
    if row is None:
        return Effort("", "", "")
    first = duration(row.first_input_ms / 1000) if row.first_input_ms is not None else ""
    return Effort(f"after {first}" if first else "", _reading(row), _typed(row))


def _reading(row: ReviewEffort) -> str:
    """As in "prompt 20 s, A 1 min, B 50 s"; positions are letters, A the first imported."""
    said = []
    for pane, ms in sorted(row.reading.items()):
        name = letters(int(pane))[-1] if pane.isdigit() and 0 < int(pane) <= 26 else pane
        said.append(f"{name} {duration(ms / 1000)}")
    return ", ".join(said)


def _typed(row: ReviewEffort) -> str:
    """As in "310 characters typed, 12 % pasted"."""
    typed, pasted = row.typed or 0, row.pasted or 0
    if not typed + pasted:
        return ""
    share = f", {round(100 * pasted / (typed + pasted))} % of the text pasted" if pasted else ""
    return f"{typed:,} characters typed{share}"
