"""What the demonstration consists of: its workspace, its people, and three projects with their rows and datasets."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from feedback.models import Role
from feedback.readers.mapping import preset

DATA = Path(__file__).parent / "data"
WORKSPACE = "demo"
LICENCES = (
    "Data: PandaLM (Apache-2.0), CRScore (MIT), decisions of United States courts and boards (public domain),"
    " with constructed drafts; sources and changes: config/demo/data/README.md"
)


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in to the demonstration."""

    email: str
    name: str
    role: Role


OWNER = Person("owner@demo.example", "Ines Okafor", Role.OWNER)
MANAGER = Person("manager@demo.example", "Mara Duarte", Role.MANAGER)
REVIEWERS = (
    Person("reviewer1@demo.example", "Ana Lindqvist", Role.REVIEWER),
    Person("reviewer2@demo.example", "Ben Castillo", Role.REVIEWER),
    Person("adjudicator@demo.example", "Jo Haddad", Role.ADJUDICATOR),
)
PEOPLE = (OWNER, MANAGER, *REVIEWERS)


@dataclass(frozen=True, eq=False)
class Part:
    """A project of the demonstration: its file of rows, and the dataset that is published of it, or waits to be."""

    slug: str
    name: str
    domain: str
    file: Path
    source: str
    dataset: str
    title: str
    licence: str
    overlap: int
    consent: str = ""
    mapping: dict[str, Any] | None = None
    published: bool = True


def _pandalm() -> dict[str, Any]:
    """The preset for PandaLM's rows, and what their licence is, which the rows themselves do not say."""
    rows = preset("pandalm")
    known = {
        "licence": {"constant": "Apache-2.0"},
        "source": {"constant": "WeOpenML/PandaLM@3871806e72b4"},
    }
    return {
        **rows,
        "prompt_provenance": {"origin": {"constant": "human"}, **known},
        "responses": [{**response, **known} for response in rows["responses"]],
    }


PARTS = (
    Part(
        slug="chat",
        name="Chat",
        domain="chat",
        file=DATA / "chat" / "pandalm_testset-v1.json.gz",
        source="PandaLM test set v1",
        dataset="chat-prefs",
        title="Chat preferences (PandaLM)",
        licence="apache-2.0",
        overlap=3,
        consent="The votes were published by those who collected them, under Apache-2.0.",
        mapping=_pandalm(),
    ),
    Part(
        slug="code",
        name="Code review comments",
        domain="code_review",
        file=DATA / "code" / "crscore.jsonl.gz",
        source="CRScore human study, phase 2",
        dataset="code-prefs",
        title="Code review preferences (CRScore)",
        licence="mit",
        overlap=2,
        consent="The ratings were published by those who collected them, under MIT; names are pseudonyms.",
    ),
    Part(
        slug="legal",
        name="Legal drafts",
        domain="legal_brief",
        file=DATA / "legal" / "decisions.jsonl",
        source="Published decisions, with constructed drafts",
        dataset="legal-prefs",
        title="Legal preferences",
        licence="apache-2.0",
        overlap=2,
        published=False,
    ),
)
