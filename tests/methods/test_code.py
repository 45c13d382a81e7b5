"""Code compared without comments and names: the published cases of plagiarism, and what a diff keeps."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from curation.methods.code import code_view, in_texts
from curation.methods.jaccard import jaccard
from curation.methods.shingles import shingles

CASES = Path("tests/data/neardup/irplag_cases_01-03.jsonl.gz")
# Files at word-3 Jaccard ≥ .8 with their original, of 26, 23, 23, 24, 23, 27 plagiarised ones and 45 independent ones.
LEVELS = ("L1", "L2", "L3", "L4", "L5", "L6", "independent")
NEAR = {
    "raw": (6, 0, 1, 0, 0, 0, 0),
    "comments": (19, 0, 3, 0, 0, 0, 0),
    "names": (26, 20, 14, 0, 0, 1, 14),
}


@pytest.fixture(scope="module")
def cases():
    with gzip.open(CASES, "rt") as file:
        return [json.loads(line) for line in file]


@pytest.mark.parametrize("view", NEAR)
def test_plagiarised_files_are_found_as_published(cases, view):
    sets = shingles([code_view(case["code"], view, "java") for case in cases], "word3")
    original = {case["case"]: i for i, case in enumerate(cases) if case["kind"] == "original"}
    of = np.array([original[case["case"]] for case in cases])
    near = jaccard(sets, of, np.arange(len(cases))) >= 0.8
    levels = [case["level"] or "independent" for case in cases]
    kept = [case["kind"] != "original" for case in cases]
    found = Counter(np.array(levels)[near & kept].tolist())
    assert tuple(found[level] for level in LEVELS) == NEAR[view]


def test_comments_and_documentation_go_and_names_become_one():
    code = 'def area(r):  # of a circle\n    """Docs."""\n    return print(3.14 * r, "m²")\n'
    assert code_view(code, "comments").startswith("def area ( r ) : return print ( 3x14 * r , ")
    expected = "def name ( name ) : return print ( 3x14 * name , literal )"
    assert code_view(code, "names") == expected
    assert code_view(code, "raw") == code


def test_literals_that_differ_stay_different_without_comments():
    assert code_view('x = "a"', "comments") == code_view('x =  "a"  # y', "comments")
    assert code_view('x = "a"', "comments") != code_view('x = "b"', "comments")


def test_an_unknown_language_is_read_as_python():
    assert code_view("x = 1  # one", "comments", "no-such-language") == "x = 1"


DIFF = """--- a/Sum.java
+++ b/Sum.java
@@ -1,2 +1,2 @@ class Sum
-int sum = 0; // start
+int total = 0; // begin
 return 1;"""


def test_a_diff_keeps_its_signs_places_and_file_names():
    head = "--- a/Sum.java\n+++ b/Sum.java\n@@ -1,2 +1,2 @@ class Sum\n"
    shown = head + "-int sum = 0 ;\n+int total = 0 ;\n return 1 ;"
    assert in_texts([DIFF], "comments") == [shown]
    one, other = in_texts([DIFF, DIFF.replace("total", "result")], "names")
    assert one == other


def test_code_in_fences_is_normalised_and_the_prose_around_it_is_not():
    answer = "Use # for comments.\n```java\nint sum = 0; // start\n```\nThat is all."
    assert in_texts([answer, "No # code."], "names") == [
        "Use # for comments.\n```java\nint name = 0 ;\n```\nThat is all.",
        "No # code.",
    ]
