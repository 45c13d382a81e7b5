"""What automatic checks found in a review and what its writer did about it, in words for a manager."""

from __future__ import annotations

from collections import Counter

from feedback.checks import CHECKS
from feedback.models import CheckAnswer

TITLES = {check.name: check.title for check in CHECKS}


def check_words(asked: CheckAnswer | None) -> str:
    """As in "A quotation that no source has (2). Kept"; empty where nothing was asked."""
    if asked is None:
        return ""
    if not asked.findings:
        return "Nothing found" if asked.checks else ""
    counts = Counter(str(each["check"]) for each in asked.findings)
    found = ", ".join(
        f"{TITLES.get(name, name)} ({count})" if count > 1 else TITLES.get(name, name)
        for name, count in counts.items()
    )
    return f"{found}. {asked.get_choice_display() or 'Not answered yet'}"
