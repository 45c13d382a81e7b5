"""What a licence, by its name, lets one do with a text: enough to keep apart what may leave and what may not."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

UNKNOWN, OPEN, SHARE_ALIKE, NON_COMMERCIAL, CLOSED, OTHER = (
    "unknown", "open", "share-alike", "non-commercial", "closed", "other",
)  # fmt: skip
# Read in this order: “cc-by-nc-sa” is non-commercial before it is share-alike before it is open.
FORMS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (CLOSED, re.compile(r"proprietary|all rights reserved|confidential|no[- ]deriv|\bnd\b|\bclosed\b")),
    (NON_COMMERCIAL, re.compile(r"\bnc\b|non[- ]?commercial|research[- ]only|academic")),
    (SHARE_ALIKE, re.compile(r"\bsa\b|share[- ]?alike|\b[al]?gpl|copyleft|\bodbl\b|\bmpl\b|\beupl\b|gfdl")),
    (OPEN, re.compile(r"\bcc ?0\b|cc[- ]by\b|public domain|\bpd(?:dl|m)?\b|\bmit\b|apache|\bbsd|\bisc\b|unlicense|odc[- ]by|attribution|\bzlib\b|cdla[- ]permissive")),
)  # fmt: skip
# From the narrowest wish to the widest, what each lets leave.
POLICIES: dict[str, frozenset[str]] = {
    "any": frozenset({UNKNOWN, OPEN, SHARE_ALIKE, NON_COMMERCIAL, CLOSED, OTHER}),
    "stated": frozenset({OPEN, SHARE_ALIKE, NON_COMMERCIAL, CLOSED, OTHER}),
    "commercial": frozenset({OPEN, SHARE_ALIKE}),
    "open": frozenset({OPEN}),
}
RESTRICTED = re.compile(
    r"(?:no|not|forbid|prohibit|never|without)\b[^.]{0,60}\b(?:train|compet|distil|model)|compet\w+ (?:model|product|service)|"
    r"\b(?:openai|anthropic|gemini|google) (?:terms|tos|usage polic)",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Terms:
    """Where a text comes from and on what terms, as its provenance states them; empty where it does not."""

    origin: str = ""
    licence: str = ""
    provider_terms: str = ""

    def written(self) -> str:
        """As one text, which `read` reads."""
        return json.dumps([self.origin, self.licence, self.provider_terms])

    @classmethod
    def read(cls, written: str) -> Terms:
        origin, licence, provider_terms = json.loads(written)
        return cls(origin=origin, licence=licence, provider_terms=provider_terms)

    @property
    def kind(self) -> str:
        return licence_kind(self.licence)

    @property
    def restricts_training(self) -> bool:
        """Whether its provider's terms, as they are written down, forbid to train other models with it."""
        return RESTRICTED.search(self.provider_terms) is not None


UNSTATED = Terms()


def licence_kind(licence: str) -> str:
    """The kind of a licence by its name; `other` for a name that says nothing to us, `unknown` for none."""
    name = " ".join(licence.lower().replace("_", "-").split())
    if name in {"", "unknown", "none", "n/a", "?"}:
        return UNKNOWN
    spaced = re.sub(r"[-.]", " ", name)
    return next((kind for kind, form in FORMS if form.search(name) or form.search(spaced)), OTHER)
