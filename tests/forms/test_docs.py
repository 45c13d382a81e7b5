"""docs/forms.md documents every type of question, every option of one and every code, and none that is not there."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import get_args

import orjson
import pytest

from feedback.forms.body import REASONS
from feedback.forms.domains import DOMAINS
from feedback.forms.problems import BodyCode, FormCode
from feedback.forms.questions import QUESTION_TYPES
from feedback.forms.schema import parse_form

PAGE = (Path(__file__).parents[2] / "docs" / "forms.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    found = re.search(rf"^#+ {re.escape(title)}\n(.*?)(?=^#+ |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, f"docs/forms.md has no section {title}"
    return found[1]


def first_column(text: str) -> set[str]:
    return set(re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE))


@pytest.mark.parametrize("kind", QUESTION_TYPES, ids=lambda kind: kind.kind)
def test_every_type_of_question_is_documented_with_its_options(kind):
    shared = {"id", "title", "guide", "required", "when"}
    assert (
        first_column(section(f"`{kind.kind}`"))
        == {field.name for field in fields(kind) if field.init} - shared
    )


def test_the_fields_of_every_question_are_documented():
    assert first_column(section("Questions")) == {
        *("type", "id", "title", "guide", "required", "when")
    }


def test_every_code_is_documented_and_no_other():
    assert first_column(section("What a form is refused for")) == set(get_args(FormCode))
    assert first_column(section("What a review is refused for")) == set(get_args(BodyCode))


def test_every_reason_and_domain_is_documented():
    assert first_column(section("Cannot judge")) == set(REASONS)
    assert first_column(section("Domains")) == set(DOMAINS)


def test_the_examples_of_forms_can_be_read():
    examples = re.findall(r"```json\n(\{\"desk\".*?)```", PAGE, re.DOTALL)
    assert examples
    for example in examples:
        parse_form(orjson.loads(example))
