"""The pages on stages and columns know everything that the code knows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from curation.stages import STAGES, absolute, recipes
from curation.stages.base import BOOKS
from curation.stages.recipes import RECIPES
from tests.stages.samples import pandalm

STAGES_PAGE = Path("docs/stages.md").read_text()
COLUMNS_PAGE = Path("docs/columns.md").read_text()


def chapter(name):
    return re.split(r"^##? ", STAGES_PAGE.split(f"\n## {name}\n")[1], flags=re.MULTILINE)[0]


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_a_stages_chapter_names_its_reasons_and_settings(stage):
    text = chapter(stage.name)
    assert set(re.findall(r"^- `(\w+)`:", text, flags=re.MULTILINE)) == set(stage.reasons)
    settings = dict(re.findall(r"^\| `(\w+)` \| `?([\w.]*)`? \|", text, flags=re.MULTILINE))
    assert settings == {name: str(value) for name, value in stage.defaults.items()}


def test_the_chapters_are_the_stages_in_their_order():
    headings = re.findall(r"^## (\w+)$", STAGES_PAGE, flags=re.MULTILINE)
    assert headings[: len(STAGES)] == [stage.name for stage in STAGES]


def test_every_recipe_and_every_code_is_on_the_page():
    table = STAGES_PAGE.split("# Recipes")[1]
    assert all(f"| `{name}` |" in table for name in RECIPES)
    codes = re.findall(r'code="(\w+)"', Path(recipes.__file__).read_text())
    codes += re.findall(r'_problem\("(\w+)"', Path("curation/stages/base.py").read_text())
    codes += re.findall(r'code="(\w+)"', Path("curation/stages/base.py").read_text())
    assert codes
    assert all(f"`{code}`" in table for code in codes)


def test_every_column_has_its_row():
    rows = re.findall(r"^\| `(\w+)` \|", COLUMNS_PAGE.split("\n## ")[0], flags=re.MULTILINE)
    assert set(rows) == {*BOOKS, *(name for stage in STAGES for name in stage.adds)}


def test_every_column_of_a_label_has_its_row():
    rows = re.findall(
        r"^\| `(\w+)` \|", COLUMNS_PAGE.split("Labels of single")[1], flags=re.MULTILINE
    )
    cast = pandalm()[0].assign(outcome=1, both_unacceptable=False)
    nothing = cast.iloc[:0].assign(response_hash="", rater="", value=0.0, acceptable_from=0.0)
    found = absolute.response_labels(cast, nothing)
    assert set(found.columns) == {"prompt", "item", "response_hash", *rows}
