"""Small words of the desk's templates: what is filled in, and which side a letter stands on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django import template
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.utils.html import format_html
from django.utils.safestring import SafeString

from feedback.forms.asking import condition_in_words
from feedback.forms.questions import Critiques, Preference, Question, Ranking, Step, Steps
from feedback.forms.questions.checklist import MARKS
from feedback.forms.questions.steps import LABELS
from feedback.forms.schema import Form
from feedback.forms.splitting import split
from feedback.unseen import visible
from feedback.web.desk_parts import OWN_SCRIPT, OWN_STYLES, WHOLE_SCRIPT, WHOLE_STYLE

register = template.Library()

Values = Mapping[str, Sequence[str]]
SIDES = {"A": "a", "B": "b"}


@dataclass(frozen=True, slots=True)
class Cut:
    """A response cut into steps: their places as the form sends them, and each with its number and words."""

    places: str
    steps: list[tuple[int, SafeString]]


@dataclass(frozen=True, slots=True)
class Rung:
    """A place in a ranking and the letters that share it."""

    place: int
    letters: list[str]


@register.simple_tag
def desk_styles(added: Sequence[str]) -> list[str]:
    """A desk's style sheets: one that holds all where static files were collected, else its own and those added."""
    return [WHOLE_STYLE] if _joined() else [*OWN_STYLES, *added]


@register.simple_tag
def desk_scripts(added: Sequence[str]) -> list[str]:
    """A desk's modules: one that holds all where static files were collected, else those added and its own."""
    return [WHOLE_SCRIPT] if _joined() else [*added, OWN_SCRIPT]


def _joined() -> bool:
    return getattr(staticfiles_storage, "joins_desk", False) and not settings.DEBUG


@register.simple_tag
def checked(values: Values, value: object, *name: object) -> SafeString:
    """` checked` where the field of this name (its parts joined by a dot) holds the value."""
    held = values.get(".".join(str(part) for part in name), ())
    return SafeString(" checked" if str(value) in held else "")


@register.simple_tag
def selected(values: Values, value: object, *name: object) -> SafeString:
    """` selected` where the field of this name (its parts joined by a dot) holds the value."""
    return SafeString(" selected" if checked(values, value, *name) else "")


@register.filter
def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th: a place."""
    teen = number // 10 % 10 == 1
    return f"{number}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


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


@register.simple_tag
def rungs(question: Ranking, values: Values, letters: Sequence[str]) -> list[Rung]:
    """The ranking that the fields hold, the best first; nobody is on a rung while it cannot be read."""
    tiers = question.from_fields(values, letters) or []
    if next(question.faults(tiers, letters), None):
        return []
    found: list[Rung] = []
    for tier in tiers:
        found.append(Rung(sum(len(rung.letters) for rung in found) + 1, tier))
    return found


@register.filter
def unranked(letters: Sequence[str], found: Sequence[Rung]) -> list[str]:
    """The letters that stand on no rung."""
    placed = {letter for rung in found for letter in rung.letters}
    return [letter for letter in letters if letter not in placed]


@register.simple_tag
def condition(form: Form, question: Question) -> str:
    """When a question is asked, in words."""
    return condition_in_words(form, question)


@register.simple_tag
def cut(question: Steps, text: str) -> Cut:
    """The steps of a response by the question's rule."""
    spans = split(text, question.split)
    places = " ".join(f"{start}-{end}" for start, end in spans)
    return Cut(places, [(n, visible(text[start:end])) for n, (start, end) in enumerate(spans)])


@register.simple_tag
def marks() -> list[tuple[str, str]]:
    """What a criterion can be marked."""
    return list(MARKS.items())


@register.simple_tag
def seen(text: str) -> SafeString:
    """A foreign text with what is invisible in it marked."""
    return visible(text)


@register.simple_tag
def step_labels() -> list[tuple[int, str]]:
    """What a step can be labelled, in the order of the keys 1, 2, 3."""
    return list(LABELS.items())


@register.filter
def of(texts: Mapping[str, str], letter: str) -> str:
    """The text of a response."""
    return texts[letter]
