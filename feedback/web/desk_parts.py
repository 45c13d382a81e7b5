"""Which scripts and styles a desk loads besides its own: by the questions that its form asks and by what it shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """Static files of one thing a desk can do. A script listens for `desk:open` (see js/desk/main.js)."""

    scripts: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()


LAW = Part(("js/desk/law.js",), ("css/desk-law.css",))
BY_QUESTION: dict[str, Part] = {
    "authorities": LAW,
    "checklist": Part(styles=("css/desk-checklist.css",)),
    "steps": Part(("js/desk/steps.js",), ("css/desk-steps.css",)),
    "rewrite": Part(("js/desk/rewrite.js",), ("css/desk-rewrite.css",)),
    "when": Part(("js/desk/when.js",)),
    "critiques": Part(("js/desk/passages.js", "js/desk/critiques.js"), ("css/desk-critiques.css",)),
    "ranking": Part(("js/desk/ranking.js",), ("css/desk-ranking.css",)),
}
BY_VIEW: dict[str, Part] = {"diff": Part(("js/desk/code.js",), ("css/patches.css",)), "brief": LAW}


# What every desk wears and runs, and one file each with that and what all parts add: made when static files are collected.
OWN_STYLES = (
    "css/tokens.css",
    "css/base.css",
    "css/layout.css",
    "css/components.css",
    "css/desk.css",
)
WHOLE_STYLE = "css/desk-whole.css"
OWN_SCRIPT = "js/desk/main.js"  # opens the desk, so it comes behind those that listen
WHOLE_SCRIPT = "js/desk-whole.js"


def every_style() -> tuple[str, ...]:
    """The style sheets of all desks in the order in which a page would name them."""
    added = [*BY_VIEW.values(), *BY_QUESTION.values()]
    return (*OWN_STYLES, *dict.fromkeys(name for part in added for name in part.styles))


def every_script() -> tuple[str, ...]:
    """The scripts of all desks, in an order in which a page could name them."""
    added = [*BY_VIEW.values(), *BY_QUESTION.values()]
    return (*dict.fromkeys(name for part in added for name in part.scripts), OWN_SCRIPT)


def parts(kinds: Iterable[str], view: str) -> Part:
    """The files of a desk with questions of these kinds (`when`: with conditions), on responses in this view, each once."""
    needed = [BY_VIEW.get(view, Part())]
    needed += [BY_QUESTION.get(kind, Part()) for kind in sorted(set(kinds))]
    return Part(
        scripts=tuple(dict.fromkeys(name for part in needed for name in part.scripts)),
        styles=tuple(dict.fromkeys(name for part in needed for name in part.styles)),
    )
