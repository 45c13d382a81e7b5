"""How a guideline grows: a question that came up and its answer, put at its end."""

from __future__ import annotations

HEADING = "## Questions and answers"


def with_answer(text: str, question: str, answer: str) -> str:
    """The guideline in Markdown with one more question and its answer, for a manager to edit before it is published."""
    head = text.rstrip()
    if HEADING not in head.splitlines():
        head = f"{head}\n\n{HEADING}" if head else HEADING
    asked = "\n".join(f"> {line}".rstrip() for line in question.strip().splitlines())
    return f"{head}\n\n{asked}\n\n{answer.strip()}\n"
