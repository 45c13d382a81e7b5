"""A view of a text in which some places cannot be read: as long as the text, and turned back into it by who has what was hidden.

Every code point keeps its place, so that whatever counts them (a critique's anchor, a line of a patch) still stands where it
stood.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from curation.methods.places import Found
from feedback.forms.anchors import span
from feedback.forms.patches import numbered

FILL = "█"


@dataclass(frozen=True, kw_only=True)
class View:
    """A text with places hidden. `hidden` are the characters that stood at each of `found`; they never leave with `text`."""

    text: str
    found: tuple[Found, ...]
    hidden: tuple[str, ...]

    def lifted(self) -> str:
        """The text as it was."""
        text = self.text
        for place, words in zip(self.found, self.hidden, strict=True):
            text = text[: place.start] + words + text[place.end :]
        return text


def redacted(text: str, found: Sequence[Found]) -> View:
    """The view of `text` that hides the places found, which are in order and apart (`places.apart`)."""
    parts: list[str] = []
    end = 0
    for place in found:
        parts += [text[end : place.start], _mask(text[place.start : place.end], place.kind)]
        end = place.end
    parts.append(text[end:])
    hidden = tuple(text[place.start : place.end] for place in found)
    return View(text="".join(parts), found=tuple(found), hidden=hidden)


def in_view(anchor: Mapping[str, Any], views: Sequence[View]) -> dict[str, Any]:
    """A settled anchor as it stands in the views of its response's parts: the same place, quoting only what can be read there.

    What it quotes and what stands around it are taken from the view, since they would tell what is hidden.
    """
    if anchor["type"] == "lines":
        return {**anchor, "exact": _same_lines(views[anchor["part"]], anchor)}
    return span([view.text for view in views], anchor["part"], anchor["start"], anchor["end"])


def _same_lines(view: View, anchor: Mapping[str, Any]) -> str | None:
    """The view's lines where the text has those that the anchor quotes: both have the same files and numbers."""
    numbers = range(anchor["start"], anchor["end"] + 1)
    both = zip(numbered(view.lifted()).items(), numbered(view.text).items(), strict=True)
    for ((_, _, side), theirs), (_, ours) in both:
        here = side == anchor["side"] and all(number in theirs for number in numbers)
        if here and "\n".join(theirs[number] for number in numbers) == anchor["exact"]:
            return "\n".join(ours[number] for number in numbers)
    return None


def _mask(written: str, kind: str) -> str:
    """As long as what it covers: its kind in brackets where there is room, line ends where they were."""
    label = f"[{kind}]"
    room = written.find("\n") if "\n" in written else len(written)
    head = label if len(label) <= room else ""
    rest = "".join("\n" if character == "\n" else FILL for character in written[len(head) :])
    return head + rest
