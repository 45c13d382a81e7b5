"""The desk's keys: what each does as delivered, and a person's own in their place.

An act is named by the key it is delivered with, which is also its control's `data-key`. A person's own keys are the acts
that they have moved: {act: key}.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Act:
    """Something a key does at the desk."""

    key: str
    does: str


ACTS = (
    Act("1", "A much better"),
    Act("2", "A better"),
    Act("3", "A slightly better"),
    Act("4", "Equal"),
    Act("5", "B slightly better"),
    Act("6", "B better"),
    Act("7", "B much better"),
    Act("0", "Both unacceptable"),
    Act("j", "Next question"),
    Act("k", "The question before"),
    Act("[", "Into the text of A, or the response before"),
    Act("]", "Into the text of B, or the next response"),
    Act("d", "Differences between A and B"),
    Act("a", "Next authority without a verdict"),
    Act("c", "Critique of what is selected"),
    Act("g", "The guideline, and back"),
    Act("s", "Skip"),
    Act("f", "Flag"),
    Act("q", "Ask the manager about the item"),
    Act("u", "Undo: change the last review"),
    Act("x", "Before an item: I have a conflict"),
    Act("o", "Before an item: it is not my field"),
    Act("?", "All keys"),
)


@dataclass(frozen=True, slots=True)
class Clash:
    """Why an act cannot have its key, for the person who chose it."""

    act: str
    code: str
    sentence: str


def moved(own: Mapping[str, str]) -> dict[str, str]:
    """A person's own keys without those that are as delivered; letters are small ones."""
    wanted = {act: key.lower() for act, key in own.items()}
    return {act: key for act, key in wanted.items() if key != act}


def clashes(own: Mapping[str, str]) -> Iterator[Clash]:
    """What is wrong with a person's own keys: acts that do not exist, no keys at all, and one key for two acts."""
    does = {act.key: act.does for act in ACTS}
    for act in own.keys() - does.keys():
        yield Clash(act, "unknown_act", f"No act of the desk is delivered with the key {act}.")
    taken: dict[str, str] = {}
    for act in sorted(does, key=lambda act: own.get(act, act) != act):  # whoever moved is told
        key = own.get(act, act)
        if not _is_key(key):
            yield Clash(act, "no_key", "Choose one key that writes a character, and not the space.")
        elif key in taken:
            sentence = f"The key {key} is “{does[taken[key]]}” already. Give one of them another."
            yield Clash(act, "key_taken", sentence)
        else:
            taken[key] = act


def _is_key(key: str) -> bool:
    return len(key) == 1 and key.isprintable() and not key.isspace()
