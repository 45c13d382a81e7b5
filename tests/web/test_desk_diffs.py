"""Patches on the page: every line with its numbers, what changed in it, and never an exception."""

from __future__ import annotations

import gzip
import json
import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.diffs import MOST_LINES, count_diff, is_diff, render_diff, set_diff, set_file

from .test_desk_texts import Seen

CRSCORE = Path(__file__).parents[1] / "data" / "crscore_py.jsonl.gz"
PATCH = (
    "diff --git a/x/plot.py b/x/plot.py\nindex 1..2 100644\n--- a/x/plot.py\n+++ b/x/plot.py\n"
    "@@ -204,4 +204,5 @@ class Renderer(Exporter):\n"
    " if ready:\n"
    "-    not bound(plot.streams, plot.dimensions)):\n"
    "+    not bound(plot.streams, plot.dimensions, False)):\n"
    "+    # a new line\n"
    "     done()\n"
    " \n"
)


def rows(html: str) -> list[tuple[str, ...]]:
    """The cells of each line: old number, new number, sign and code."""
    found = re.findall(
        r'<tr[^>]*><td class="ln[^>]*>(\d*)</td><td class="ln[^>]*>(\d*)</td><td class="c[^"]*"( data-sign="(.)")?>(.*?)</td></tr>',
        html,
        re.DOTALL,
    )
    return [(old, new, sign, Seen(code).words) for old, new, _, sign, code in found]


def test_every_line_stands_with_its_numbers() -> None:
    assert rows(render_diff(PATCH)) == [
        ("204", "204", "", "if ready:"),
        ("205", "", "−", "    not bound(plot.streams, plot.dimensions)):"),
        ("", "205", "+", "    not bound(plot.streams, plot.dimensions, False)):"),
        ("", "206", "+", "    # a new line"),
        ("206", "207", "", "    done()"),
        ("207", "208", "", ""),
    ]


def test_the_file_its_size_and_what_lies_between_are_told() -> None:
    html = render_diff(PATCH)
    assert '<span class="path">x/plot.py</span>' in html
    assert "<ins>+2</ins> <del>−1</del>" in html
    assert "203 unchanged lines" in Seen(html).words
    assert "class Renderer(Exporter):" in html
    counts = count_diff(PATCH)
    assert counts is not None
    assert (counts.files, counts.added, counts.removed) == (1, 2, 1)


def test_words_that_changed_inside_a_line_are_marked_and_code_is_coloured_by_the_files_name() -> (
    None
):
    one = "--- a/p.py\n+++ b/p.py\n@@ -1 +1 @@\n-x = call(a, b)\n+x = call(a, b, None)\n"
    html = render_diff(one)
    assert '<b>, <span class="sy-w">None</span></b>' in html
    assert "<b>" not in render_diff("@@ -1 +1 @@\n-alpha beta\n+gamma = delta + epsilon\n")


def test_all_real_diffs_without_file_headers_are_read_and_lose_no_line() -> None:
    with gzip.open(CRSCORE, "rt", encoding="utf-8") as lines:
        diffs = [json.loads(line)["diff"] for line in lines]
    assert len(diffs) == 81
    for diff in diffs:
        html = render_diff(diff)
        assert "cannot be read" not in html
        written = [line[1:] for line in diff.split("\n") if line[:1] in {"+", "-", " "}]
        assert [row[3] for row in rows(html)][: len(written)] == written


@pytest.mark.parametrize(
    "broken",
    [
        "@@ -1,3 +1,3 @@\n only one line\n",
        "@@ -1 +1 @@\n-a\n+b\n+c\n+d\n",
        "--- a\n+++ b\nno hunk here",
        "@@ -x,y +z @@\n-a",
        "just words",
        "",
        "@@ -1 +1 @@\n-a\n+b\nRegards",
    ],
)
def test_a_malformed_patch_is_shown_as_text_under_a_warning(broken: str) -> None:
    html = render_diff(broken)
    assert "cannot be read as a diff" in html
    assert Seen(html).words.endswith(broken)


ANY_LINE = st.text(alphabet="@-+ 1,ab\\<\r\u202e", max_size=12)
HUNKS = st.lists(
    st.one_of(
        ANY_LINE,
        st.sampled_from(
            ["--- a/x.py", "+++ b/x.py", "@@ -1 +1 @@", "@@ -1,2 +1,2 @@", "-x", "+y", " z", ""]
        ),
    ),
    max_size=12,
).map("\n".join)


@given(HUNKS)
def test_whatever_it_is_it_never_raises_and_shows_every_changed_line(text: str) -> None:
    without_marks = re.sub(r'<span class="unseen"[^>]*>[^<]*</span>', "", render_diff(text))
    shown = re.sub(r"\s", "", Seen(without_marks).words)
    for line in re.split(r"\r\n|\n", text):
        if line[:1] in {"+", "-"} and not line.startswith(("+++", "---")):
            visible = re.sub("[\u202e\r]", "", line[1:])
            assert visible.replace(" ", "") in shown or not visible


def test_a_commit_message_a_rename_a_binary_file_and_a_missing_newline_are_told() -> None:
    patch = (
        "From 1 Mon Sep 17\nSubject: Mend it\n\n"
        "diff --git a/old.py b/new.py\nsimilarity index 100%\nrename from old.py\nrename to new.py\n"
        "diff --git a/a.png b/a.png\nindex 1..2 100644\nBinary files a/a.png and b/a.png differ\n"
        "diff --git a/z.txt b/z.txt\n--- a/z.txt\n+++ b/z.txt\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n"
    )
    words = Seen(render_diff(patch)).words
    assert "Subject: Mend it" in words
    assert "old.py → new.py" in words
    assert "A binary file, which is not shown." in words
    assert "No newline at end of file" in words


def test_code_in_a_patch_is_text() -> None:
    html = render_diff("@@ -1 +1 @@\n-<script>alert(1)</script>\n+<b>\u202e</b>\n")
    assert "<script" not in html
    assert "&lt;b&gt;" in html
    assert "\u202e" not in html


def test_a_large_patch_is_quick_and_a_huge_one_is_text() -> None:
    hunk = "".join(
        f"@@ -{n * 40 + 1},2 +{n * 40 + 1},2 @@\n-a = {n}\n+b = {n}\n c\n" for n in range(1000)
    )
    started = time.process_time()
    assert render_diff(f"--- a/x.py\n+++ b/x.py\n{hunk}").count("<tr") == 3999
    assert time.process_time() - started < 3
    started = time.process_time()
    assert "cannot be read" in render_diff("@@ -1 +1 @@\n" + "-x\n" * (MOST_LINES + 1))
    assert "cannot be read" in render_diff("@@ -1 +1 @@\n" + "diff --git a:// " * 300_000)
    render_diff("@@ -1 +1 @@\n-" + "x y" * 1_500_000 + "\n+" + "x" * 5_000_000)
    assert time.process_time() - started < 10


def test_only_what_has_a_hunk_is_taken_for_a_patch() -> None:
    assert is_diff(PATCH)
    assert not is_diff("I cannot write this patch.\n--- regards")


def test_rows_know_their_file_and_their_numbers_and_files_their_anchors() -> None:
    patch = set_diff(PATCH, at="patch-A1")
    assert '<section class="hunk-file" id="patch-A1-1" data-file="x/plot.py">' in patch.html
    numbers = re.findall(r"<tr((?: data-(?:old|new)=\"\d+\")+)>", patch.html)
    assert numbers[:4] == [
        ' data-old="204" data-new="204"',
        ' data-old="205"',
        ' data-new="205"',
        ' data-new="206"',
    ]
    (file,) = patch.files
    assert (file.anchor, file.folder, file.name, file.added) == ("patch-A1-1", "x", "plot.py", 2)
    assert " id=" not in render_diff(PATCH)


def test_lines_that_replace_others_stand_in_one_body_of_the_table() -> None:
    body = "-a\n" * 150 + "+b\n" * 150
    html = render_diff(f"@@ -1,151 +1,151 @@\n x\n{body}", "x.py")
    assert [each.count("<tr") for each in html.split("<tbody")[1:]] == [1, 300]
    html = render_diff("@@ -0,0 +1,250 @@\n" + "+b\n" * 250, "x.py")
    assert [each.count("<tr") for each in html.split("<tbody")[1:]] == [100, 100, 50]


WHOLE = "".join(f"line {number}\n" for number in range(1, 31))
HUNK_OF_WHOLE = "--- a/x.py\n+++ b/x.py\n@@ -11,2 +11,3 @@\n line 11\n+new\n line 12\n"


def folds(html: str) -> list[tuple[str, str, str]]:
    return re.findall(r'<tr data-old="(\d+)" data-new="(\d+)" data-count="(\d+)"><td colspan', html)


@pytest.mark.parametrize(
    ("whole", "side"), [(WHOLE, "old"), (WHOLE.replace("line 12\n", "new\nline 12\n"), "new")]
)
def test_what_is_left_out_can_be_unfolded_where_the_file_is_given_before_or_after(
    whole: str, side: str
) -> None:
    html = set_diff(HUNK_OF_WHOLE, files={"x.py": whole}).html
    assert f'data-file="x.py" data-whole="{side}"' in html
    assert folds(html) == [("1", "1", "10"), ("13", "14", "18")]
    assert "18 unchanged lines to the end of the file" in html


def test_a_file_that_is_another_version_is_not_taken_for_the_patched_one() -> None:
    html = set_diff(HUNK_OF_WHOLE, files={"x.py": WHOLE.replace("line 12", "other")}).html
    assert "data-whole" not in html
    assert folds(html) == []
    assert "10 unchanged lines" in html


def test_a_file_is_a_table_of_numbered_and_coloured_lines() -> None:
    html = set_file("def f():\r\n    pass\r\n", "x.py")
    assert html.count("<tr>") == 2
    assert '<td class="ln">2</td><td class="c">    <span class="sy-w">pass</span></td>' in html


def test_several_commits_of_format_patch_are_shown_with_their_messages() -> None:
    mail = "From {} Mon Sep 17 00:00:00 2001\nFrom: A <a@example.org>\nSubject: [PATCH {}/2] Mend\n\n---\n x.py | 2 +-\n\n"
    first = mail.format("1" * 40, 1) + PATCH + "-- \n2.39.2\n\n"
    second = mail.format("2" * 40, 2) + PATCH + "-- \n2.39.2\n\n"
    patch = set_diff(first + second)
    words = Seen(patch.html).words
    assert "cannot be read" not in words
    assert words.index("[PATCH 1/2]") < words.index("[PATCH 2/2]")
    assert len(patch.files) == 2
    counts = count_diff(first + second)
    assert counts is not None
    assert counts.added == 4


def test_a_mode_that_changes_is_told() -> None:
    head = "diff --git a/run.sh b/run.sh\nold mode 100644\nnew mode 100755\n"
    assert "Mode 100644 → 100755." in render_diff(head)
    with_lines = render_diff(head + "--- a/run.sh\n+++ b/run.sh\n@@ -1 +1 @@\n-a\n+b\n")
    assert "Mode 100644 → 100755." in with_lines
    assert "<ins>+1</ins>" in with_lines


def test_a_merge_of_several_parents_is_text_with_its_own_warning() -> None:
    html = render_diff("diff --cc x.py\n--- a/x.py\n+++ b/x.py\n@@@ -1,1 -1,1 +1,2 @@@\n  a\n++b\n")
    assert "cannot be read as a diff" in html
    assert "a merge against several parents" in html


def test_carriage_returns_are_of_the_transport_unless_only_some_lines_have_them() -> None:
    assert "␍" not in render_diff(PATCH.replace("\n", "\r\n"))
    assert rows(render_diff(PATCH.replace("\n", "\r\n"))) == rows(render_diff(PATCH))
    mixed = render_diff("--- a/x\r\n+++ b/x\r\n@@ -1 +1 @@\r\n-a\r\n+a\n")
    assert "cannot be read" not in mixed
    assert [row[3] for row in rows(mixed)] == ["a␍", "a"]


def test_a_name_cannot_leave_its_attribute_or_hide_in_it() -> None:
    html = set_diff("@@ -1 +1 @@\n-a\n+b\n", 'a"><b>\u202e.py').html
    assert "\u202e" not in html
    assert "<b>" not in html
    (section,) = [attributes for tag, attributes in Seen(html).tags if tag == "section"]
    assert section["data-file"] == 'a"><b>\u202e.py'
