"""Every code that an answer can carry is explained, with what to do."""

from __future__ import annotations

import re
from pathlib import Path

from feedback.rest.problems import CODES

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "errors.md").read_text()
CODE = re.compile(r'^    code = "(\w+)"$', re.MULTILINE)
REFUSED = re.compile(
    r'^class \w+\(Refusal\):\n(?:(?!class ).*\n)*?    code = "(\w+)"$', re.MULTILINE
)
HEADINGS = re.findall(r"^### (\w+)$", GUIDE, re.MULTILINE)


def codes() -> set[str]:
    """Of every refusal, of DRF's own errors, and of what Django refuses by itself."""
    files = (path.read_text() for path in (ROOT / "feedback").rglob("*.py"))
    # In the other apps not everything with a code is an answer of the API.
    others = (p.read_text() for app in ("curation", "exports") for p in (ROOT / app).rglob("*.py"))
    return (
        {code for text in files for code in CODE.findall(text)}
        | {code for text in others for code in REFUSED.findall(text)}
        | set(CODES.values())
        | {"body_too_large"}
    )


def test_the_search_finds_codes() -> None:
    assert {"not_found", "already_sent", "idempotency_key_reused", "file_empty"} <= codes()
    assert {"nothing_to_curate", "version_withdrawn"} <= codes()


def test_every_code_has_its_paragraph() -> None:
    assert codes() - set(HEADINGS) == set()


def test_no_paragraph_explains_a_code_that_is_gone() -> None:
    of_pages = {"server_error", "bad_request"}
    assert set(HEADINGS) - codes() - of_pages == set()


def test_every_paragraph_says_something_and_codes_are_in_order() -> None:
    assert sorted(HEADINGS) == HEADINGS
    for paragraph in re.split(r"^### \w+$", GUIDE, flags=re.MULTILINE)[1:]:
        assert len(paragraph.split()) >= 8
