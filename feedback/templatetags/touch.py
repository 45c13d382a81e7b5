"""Small words of our templates: icons, letters, numbers, durations, texts, and fields in our look."""

from __future__ import annotations

import re
from typing import Any

import orjson
from django import template
from django.forms import (
    BoundField,
    CheckboxInput,
    CheckboxSelectMultiple,
    FileInput,
    RadioSelect,
    Select,
)
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from feedback import unseen
from feedback.forms.domains import DOMAINS
from feedback.forms.editing import in_words
from feedback.forms.questions import Question
from feedback.pieces import in_pieces
from feedback.policy import pace
from feedback.text import render_text

register = template.Library()
PREFERRED = re.compile(r"([A-P]) ((?:slightly |much )?better)")
HUES = {"A": "a", "B": "b"}
KILO = 1000


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon of the sprite; without a label it is decoration, with one it speaks."""
    address = f"{static('icons.svg')}#{name}"
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}"/></svg>', label, address
        )
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"/></svg>', address)


@register.simple_tag
def letter(name: str) -> SafeString:
    """A response's name; only A and B have hues, and never without the letter."""
    if name in HUES:
        return format_html('<span class="letter small" data-side="{}">{}</span>', HUES[name], name)
    return format_html('<span class="letter small">{}</span>', name)


@register.simple_tag
def answer(words: str) -> SafeString:
    """A review in a few words; where it prefers a response, that response's letter is drawn as one."""
    match = PREFERRED.fullmatch(words)
    return format_html("{} {}", letter(match[1]), match[2]) if match else format_html("{}", words)


@register.filter
def at(values: dict[str, Any], name: str) -> Any:
    """What stands under a name; empty where nothing does."""
    return values.get(name, "")


@register.filter
def settings_of(question: Question) -> list[tuple[str, str]]:
    """What a question of any type is set to, field by field, in words."""
    return [*in_words(question)]


@register.simple_tag
def said(text: str, format: str = "plain") -> SafeString:
    """Somebody's text, shown faithfully and never trusted."""
    return render_text(text, format or "plain")


@register.filter
def visible(words: Any) -> SafeString:
    """A name or a few words of somebody's, on one line of ours, with what is invisible in them marked."""
    return unseen.visible(str(words or ""))


@register.filter
def called(call: dict[str, Any]) -> SafeString:
    """A tool call as it was written, in either of its shapes: name(arguments)."""
    function = call.get("function", call)
    given = function.get("arguments", "")
    text = given if isinstance(given, str) else orjson.dumps(given).decode()
    return format_html("{}({})", unseen.visible(str(function.get("name", ""))), in_pieces(text))


@register.filter
def number(value: Any, digits: int = 0) -> str:
    """A number as people read it: 3,204, or 68.4, with a true minus."""
    return f"{value:,.{digits}f}".replace("-", "−") if value is not None else ""


@register.filter
def percent(share: float | None) -> str:
    """A share as people read it: 62 %."""
    return f"{100 * share:.0f} %" if share is not None else ""


@register.filter
def domain(slug: str) -> str:
    """The name of a domain, as in the list one chooses from."""
    return DOMAINS[slug].title if slug in DOMAINS else slug


@register.filter
def plural(noun: str, count: int) -> str:
    """The word for one of them, or for several: a brief, two briefs; a patch, two patches."""
    if count == 1:
        return noun
    return f"{noun}es" if noun.endswith(("ch", "sh", "s", "x")) else f"{noun}s"


@register.filter
def duration(seconds: float) -> str:
    """An exact time: 41 s, 4 min 29 s."""
    return pace.duration(seconds)


@register.filter
def clock(milliseconds: int | None) -> str:
    """Time spent, for columns: 3:51, 1:02:09."""
    if milliseconds is None:
        return ""
    minutes, seconds = divmod(round(milliseconds / 1000), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


@register.filter
def hex(digest: bytes) -> str:  # noqa: A001  (the template says what it is)
    """A digest as people compare it: in groups of eight."""
    text = bytes(digest).hex()
    return " ".join(text[at : at + 8] for at in range(0, len(text), 8))


@register.filter
def size(count: int) -> str:
    """Bytes as people read them: 812 B, 14.2 kB, 3.1 MB."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < KILO or unit == "GB":
            return f"{value:,.0f} {unit}" if unit == "B" else f"{value:,.1f} {unit}"
        value /= KILO
    raise AssertionError


@register.filter
def dressed(field: BoundField) -> SafeString:
    """A field's control in our look: what one types into is framed, a choice from a list has its arrow."""
    widget = field.field.widget
    if isinstance(widget, CheckboxInput | CheckboxSelectMultiple | RadioSelect):
        return field.as_widget()
    kind = "file" if isinstance(widget, FileInput) else "input"
    # A label says what goes in; a placeholder would say it again and vanish.
    css = f"{kind} {widget.attrs.get('class', '')}".strip()
    control = field.as_widget(attrs={"class": css, "placeholder": False})
    if isinstance(widget, Select):
        return format_html('<span class="select">{}{}</span>', control, icon("chevron"))
    return control


@register.filter
def is_tick(field: BoundField) -> bool:
    """A single box to tick, whose label stands behind it."""
    return isinstance(field.field.widget, CheckboxInput)
