"""A refused action, told in the form that asked for it: each problem at its field, the sentence above."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from django import forms

from feedback.errors import NotAllowed, NotThere, Refusal

T = TypeVar("T")


def attempt(
    form: forms.BaseForm, act: Callable[[], T], fields: Mapping[str, str] | None = None
) -> T | None:
    """The result of an action, or None with its refusal noted in the form.

    `fields` names the form's field for a problem of another name. NotThere and NotAllowed are not the form's to tell.
    """
    try:
        return act()
    except (NotThere, NotAllowed):
        raise
    except Refusal as refusal:
        note(form, refusal, fields or {})
        return None


def note(form: forms.BaseForm, refusal: Refusal, fields: Mapping[str, str]) -> None:
    """Put a refusal into a form."""
    placed = False
    for problem in getattr(refusal, "problems", ()):
        named = fields.get(str(problem.get("field", "")), str(problem.get("field", "")))
        if named in form.fields:
            form.add_error(named, problem.get("sentence") or refusal.sentence)
            placed = True
    if not placed:
        form.add_error(None, refusal.sentence)
