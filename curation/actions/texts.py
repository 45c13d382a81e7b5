"""How texts of a project are compared: by which shingles, and from which similarity on they count as near."""

from __future__ import annotations

from collections.abc import Mapping

from curation.methods.code import View, in_texts
from curation.methods.shingles import Kind
from curation.models import Fingerprint
from curation.stages.recipes import Recipe
from curation.stages.repeats import REPEATS
from feedback.models import Project

PROMPT, RESPONSE = Fingerprint.Kind.PROMPT.value, Fingerprint.Kind.RESPONSE.value
# Prompts cluster generously (nothing is held for it); responses count as repeated only when hardly a word differs.
NEAR = {PROMPT: 0.7, RESPONSE: 0.9}
PROMPT_SHINGLE: Kind = "char5"
_RESPONSES: dict[str, Kind] = {"legal_brief": "word5", "code_pr": "word4"}


def shingle_of(project: Project, what: str) -> Kind:
    """Characters for prompts, which are short; words for responses, more of them the longer texts usually are."""
    return PROMPT_SHINGLE if what == PROMPT else _RESPONSES.get(project.domain, "word3")


def code_view_of(recipe: Recipe) -> View:
    """How a recipe has the code in responses compared."""
    view: View = recipe.params_of(REPEATS)["code"]
    return view


def viewed(texts: Mapping[str, str], view: View) -> dict[str, str]:
    """Texts by their keys, as comparisons see them."""
    return dict(zip(texts, in_texts(list(texts.values()), view), strict=True))
