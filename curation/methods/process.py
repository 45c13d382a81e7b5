"""Labels of a response's steps by several people as one list: how it is cut, and what holds of each step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

Step = tuple[
    int, int, int | None
]  # start, end, label: 1 correct, 0 neutral, −1 wrong, None not labelled


@dataclass(frozen=True, kw_only=True)
class Process:
    """The steps up to the first that nobody, or nobody clearly, has judged: their places, and whether each is right.

    `raters` cut the text like this; `others` cut it otherwise and do not count.
    """

    spans: tuple[tuple[int, int], ...]
    labels: tuple[bool, ...]
    raters: int
    others: int


def pooled(given: Sequence[Sequence[Step]]) -> Process:
    """One list of steps from one list for each rater, at least one.

    The cut that most raters have counts, of several the one that sorts first. A neutral step is no
    error (as in PRM800K); a step is wrong where more than half of those who labelled it say so, right
    where fewer than half do, and at half the list ends before it.
    """
    cuts = Counter(tuple((start, end) for start, end, _ in steps) for steps in given)
    most = max(cuts.values())
    cut = min(each for each, count in cuts.items() if count == most)
    same = [steps for steps in given if tuple((start, end) for start, end, _ in steps) == cut]
    labels = list(_labels(same, len(cut)))
    return Process(
        spans=cut[: len(labels)], labels=tuple(labels), raters=most, others=len(given) - most
    )


def _labels(same: Sequence[Sequence[Step]], count: int) -> list[bool]:
    found: list[bool] = []
    for number in range(count):
        labels = [label for steps in same for _, _, label in [steps[number]] if label is not None]
        wrong = sum(label < 0 for label in labels)
        if not labels or 2 * wrong == len(labels):
            break
        found.append(2 * wrong < len(labels))
    return found
