"""Small words of the desk's templates: what is filled in, and which side a letter stands on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from feedback.forms.questions import Critiques, Preference, Step

register = template.Library()

Values = Mapping[str, Sequence[str]]
SIDES = {"A": "a", "B": "b"}


@register.simple_tag
def checked(values: Values, value: object, *name: object) -> SafeString:
    """` checked` where the field of this name (its parts joined by a dot) holds the value."""
    held = values.get(".".join(str(part) for part in name), ())
    return SafeString(" checked" if str(value) in held else "")


@register.simple_tag
def filled(values: Values, name: str) -> str:
    """What a text field holds."""
    return (values.get(name) or ("",))[-1]


@register.simple_tag
def filled_of(values: Values, *name: object) -> str:
    """What the text field of this name (its parts joined by a dot) holds."""
    return filled(values, ".".join(str(part) for part in name))


@register.simple_tag
def chosen(values: Values, value: object, *name: object) -> SafeString:
    """` selected` where the list of this name (its parts joined by a dot) is at the value."""
    return SafeString(" selected" if filled_of(values, *name) == str(value) else "")


@register.simple_tag
def critiques(question: Critiques, held: str) -> list[dict[str, object]]:
    """What a page without a script shows of the critiques in a field: those that can be read."""
    titles = {option.value: option.title for option in (*question.severities, *question.categories)}
    found = question.from_fields({question.id: [held]}, ())
    rows = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
    return [
        {
            **each,
            "title": ", ".join(
                titles.get(str(each.get(name)), "") or f"no {name} yet"
                for name in ("severity", "category")
            ),
            "quoted": (each.get("anchor") or {}).get("exact", ""),
        }
        for each in rows
    ]


@register.simple_tag
def side(letter: str) -> SafeString:
    """` data-side="a"` for A and B, whose letters have hues; nothing for the others."""
    return format_html(' data-side="{}"', SIDES[letter]) if letter in SIDES else SafeString("")


@register.simple_tag
def slot(letter: str, size: str = "") -> SafeString:
    """A response's letter, drawn; what it stands for is said in words beside it."""
    css = f"letter {size}".strip()
    return format_html('<span class="{}"{} aria-hidden="true">{}</span>', css, side(letter), letter)


@register.filter
def only(letter: str) -> list[str]:
    """A list of one letter, for a question that is asked beside its response."""
    return [letter]


@register.simple_tag
def steps(question: Preference, letters: Sequence[str]) -> tuple[Step, ...]:
    """The steps of a comparison of the first two letters, in words."""
    return question.scale(letters[0], letters[1])
