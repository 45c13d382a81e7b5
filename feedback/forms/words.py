"""A review in a few words, as a list of one's own reviews shows it: "B slightly better", "Cannot judge: …"."""

from __future__ import annotations

from .body import REASONS, cannot_judge
from .questions import Preference, Ranking, Value
from .schema import Form


def in_words(form: Form, body: Value) -> str:
    """The first comparison or ranking of a checked body by letters; else the number of questions answered."""
    escape, answers = cannot_judge(body), body.get("answers", {})
    if escape:
        reason = REASONS.get(escape["reason"], "no reason yet")
        return f"Cannot judge: {reason[:1].lower()}{reason[1:]}"
    for question in form.questions:
        if isinstance(question, Preference) and len(answers.get(question.id) or ()) == 1:
            return question.words(answers[question.id][0])
        if isinstance(question, Ranking) and answers.get(question.id):
            return question.words(answers[question.id])
    count = sum(1 for value in answers.values() if value)
    return f"{count} of {len(form.questions)} questions answered"
