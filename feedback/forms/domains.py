"""The domains Touchstone comes with: each a form, a guideline and the words its desk uses."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import orjson

from .schema import Form, parse_form

TEMPLATES = Path(__file__).parent / "templates"
SLUGS = ("chat", "legal_brief", "brief_review", "code_pr", "code_review", "patch_review")


@dataclass(frozen=True)
class Domain:
    """Where a project starts: its first form and guideline, and how the desk shows and names a response.

    `check_conflicts`: reviewers are told whom an item concerns before they read it.
    """

    slug: str
    title: str
    view: Literal["prose", "brief", "diff"]
    noun: str
    form: Form
    guideline: str
    check_conflicts: bool = False

    @property
    def desk(self) -> str:
        return self.form.desk


def _load(slug: str) -> Domain:
    folder = TEMPLATES / slug
    return Domain(
        slug=slug,
        **orjson.loads((folder / "domain.json").read_bytes()),
        form=parse_form(orjson.loads((folder / "form.json").read_bytes())),
        guideline=(folder / "guideline.md").read_text(encoding="utf-8"),
    )


DOMAINS: dict[str, Domain] = {slug: _load(slug) for slug in SLUGS}
