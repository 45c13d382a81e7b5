"""What one text by itself says to the gates: places and codes, never words, so that nothing of it has to be erased.

Computed once for each distinct text of a project and kept under a scheme; a changed rule needs a new SCHEME.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from curation.methods.contamination import Index, Match, matches
from curation.methods.hints import (
    hints,
    may_be_a_patch,
    may_be_broken,
    may_be_personal,
    may_be_worded,
    may_hold_a_secret,
)
from curation.methods.language import languages
from curation.methods.personal import personal_data
from curation.methods.places import Found
from curation.methods.secrets import PATCH, secrets
from curation.methods.soundness import LONG, broken, broken_by_length
from curation.methods.wording import wording

SCHEME = "signals-2"
MOST_MATCHES, MOST_PLACES = 5, 200


@dataclass(frozen=True, kw_only=True)
class Signals:
    """The signals of one text.

    `matches` are its contaminated matches with evaluation texts, the strongest first; `personal` and `secrets` the places
    of personal data and of secrets; `language` a code of ISO 639, empty where nobody can tell; `wording` and `broken` the
    codes of the modules of these names.
    """

    matches: tuple[Match, ...] = ()
    personal: tuple[Found, ...] = ()
    secrets: tuple[Found, ...] = ()
    language: str = ""
    wording: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """As JSON; what is not there is left out, so that the usual text takes two bytes."""
        document = {
            "match": [
                [each.set, each.name, each.share, each.own_share, each.in_a_row]
                for each in self.matches
            ],
            "personal": [[each.kind, each.start, each.end] for each in self.personal],
            "secrets": [[each.kind, each.start, each.end] for each in self.secrets],
            "language": self.language,
            "wording": list(self.wording),
            "broken": list(self.broken),
        }
        return {name: value for name, value in document.items() if value}

    @classmethod
    def of(cls, document: dict[str, Any]) -> Signals:
        return cls(
            matches=tuple(
                Match(set=of, name=name, share=share, own_share=own, in_a_row=row)
                for of, name, share, own, row in document.get("match", ())
            ),
            personal=_places(document.get("personal", ())),
            secrets=_places(document.get("secrets", ())),
            language=document.get("language", ""),
            wording=tuple(document.get("wording", ())),
            broken=tuple(document.get("broken", ())),
        )


NOTHING = Signals()


def read_signals(texts: Sequence[str], index: Index) -> list[Signals]:
    """The signals of each text, in order."""
    matched = matches(texts, index)
    spoken = languages(texts)
    hinted = hints(texts)
    # Most texts say nothing but their language and how they end, and share what that makes.
    usual: dict[tuple[str, tuple[str, ...]], Signals] = {}
    found = []
    for text, hint, match, language in zip(texts, hinted, matched, spoken, strict=True):
        of_text = "" if may_be_a_patch(hint) and PATCH.search(text) else language
        best = tuple(match[:MOST_MATCHES])
        owned = tuple(personal_data(text)[:MOST_PLACES]) if may_be_personal(hint) else ()
        kept = tuple(secrets(text)[:MOST_PLACES]) if may_hold_a_secret(hint) else ()
        worded = tuple(wording(text)) if may_be_worded(hint) else ()
        faults = _broken(text, hint)
        if not (best or owned or kept or worded) and (of_text, faults) in usual:
            found.append(usual[of_text, faults])
            continue
        each = Signals(
            matches=best,
            personal=owned,
            secrets=kept,
            language=of_text,
            wording=worded,
            broken=faults,
        )
        if not (best or owned or kept or worded):
            usual[of_text, faults] = each
        found.append(each)
    return found


def _broken(text: str, hint: int) -> tuple[str, ...]:
    if may_be_broken(hint):
        return tuple(broken(text))
    return tuple(broken_by_length(text)) if len(text) >= LONG else ()


def _places(rows: Iterable[tuple[str, int, int]]) -> tuple[Found, ...]:
    return tuple(Found(kind=kind, start=start, end=end) for kind, start, end in rows)
