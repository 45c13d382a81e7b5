"""How texts of a project are compared: by which shingles, and from which similarity on they count as near."""

from __future__ import annotations

from curation.methods.shingles import Kind
from curation.models import Fingerprint
from feedback.models import Project

PROMPT, RESPONSE = Fingerprint.Kind.PROMPT.value, Fingerprint.Kind.RESPONSE.value
# Prompts cluster generously (nothing is held for it); responses count as repeated only when hardly a word differs.
NEAR = {PROMPT: 0.7, RESPONSE: 0.9}
_RESPONSES: dict[str, Kind] = {"legal_brief": "word5", "code_pr": "word4"}


def shingle_of(project: Project, what: str) -> Kind:
    """Characters for prompts, which are short; words for responses, more of them the longer texts usually are."""
    return "char5" if what == PROMPT else _RESPONSES.get(project.domain, "word3")
