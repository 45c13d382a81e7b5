"""Real files with the figures they must give, read as an import reads them."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

from feedback.readers import Row, preset, read
from feedback.readers.identity import content_hash, text_hash
from tests.readers.files import DATA

PANDALM = DATA / "pandalm_testset-v1.json.gz"
EXPORT = DATA / "label_studio" / "pandalm_as_label_studio_export.json.gz"
FINEGRAINED = DATA / "finegrained_dev_feedback.json.gz"


def read_all(path: Path, mapping: Any) -> list[Row]:
    with read(path, mapping=mapping) as reading:
        rows = list(reading)
    assert [row.problems for row in rows if row.problems] == []
    return rows


def votes(rows: list[Row]) -> list[tuple[int, str | None, int, int, int]]:
    return [
        (row.number, review.rater, entry["a"], entry["b"], entry["value"])
        for row in rows
        if row.item
        for review in row.item.reviews
        for entry in review.answers["preference"]
    ]


def test_pandalm_has_999_pairs_with_2997_votes() -> None:
    rows = read_all(PANDALM, preset("pandalm"))
    cast = votes(rows)
    assert (len(rows), len(cast)) == (999, 2997)
    by_item: dict[int, list[int]] = {}
    for number, _, _, _, value in cast:
        by_item.setdefault(number, []).append(value)
    majority = Counter(Counter(values).most_common(1)[0][0] for values in by_item.values())
    assert majority == {0: 105, 1: 422, -1: 472}
    assert sum(len(set(values)) == 1 for values in by_item.values()) == 879


def test_pandalm_s_six_boolean_responses_are_text_and_its_models_are_split() -> None:
    rows = read_all(PANDALM, preset("pandalm"))
    items = [row.item for row in rows if row.item]
    texts = [r.messages[0].parts[0].text for item in items for r in item.responses]
    with gzip.open(PANDALM, "rt", encoding="utf-8") as file:
        booleans = sum(isinstance(r[f"response{n}"], bool) for r in json.load(file) for n in (1, 2))
    assert (booleans, texts.count("true")) == (6, 6)
    assert Counter(r.model for item in items for r in item.responses)["llama-7b"] == 421
    empty = sum(any(not r.messages[0].parts[0].text for r in item.responses) for item in items)
    assert empty == 54


def test_pandalm_has_999_contents_and_99_twins() -> None:
    items = [row.item for row in read_all(PANDALM, preset("pandalm")) if row.item]
    assert len({content_hash(item) for item in items}) == 999
    assert len({text_hash(item) for item in items}) == 900
    assert len({item.prompt[0].parts[0].text for item in items}) == 170


def test_the_label_studio_export_of_pandalm_gives_the_same_items_and_votes() -> None:
    original = read_all(PANDALM, preset("pandalm"))
    export = read_all(EXPORT, preset("pandalm_label_studio"))
    hashes = [[content_hash(row.item) for row in rows if row.item] for rows in (original, export)]
    assert hashes[0] == hashes[1]
    raters = {f"annotator{n}": str(n) for n in (1, 2, 3)}
    assert [(n, raters[str(r)], a, b, v) for n, r, a, b, v in votes(original)] == votes(export)


def test_finegrained_has_500_items_of_four_responses_and_3000_votes() -> None:
    rows = read_all(FINEGRAINED, preset("finegrained_rlhf"))
    items = [row.item for row in rows if row.item]
    assert (len(items), {len(item.responses) for item in items}) == (500, {4})
    assert Counter(vote[4] for vote in votes(rows)) == {0: 384, 1: 1577, -1: 1039}
    assert {len(item.reviews) for item in items} == {1}
    assert {(r.rater, r.rater_kind) for item in items for r in item.reviews} == {(None, "unknown")}
    assert sum(len(item.context) for item in items) == 1149
    assert items[0].context[0].title == "Bloom (Troye Sivan album)"


def test_crscore_has_81_diffs_with_810_comments_and_790_ratings() -> None:
    dimensions = ("conciseness", "comprehensiveness", "relevance")
    mapping = {
        "id": "index",
        "prompt": {"template": "Review this change.\n\n{diff}"},
        "responses": {"each": "reviews", "entry": {"text": "text", "model": "system"}},
        "reviews": [
            {
                "only_if": "reviews.:.ratings.0.annotator",
                "rater": {"path": "reviews.:.ratings.0.annotator", "take": 0},
                "answers": {
                    dimension: {
                        "ratings": {
                            "each": "reviews",
                            "entry": {"path": f"ratings.0.{dimension}", "as": "number"},
                        }
                    }
                    for dimension in dimensions
                },
            }
        ],
    }
    rows = read_all(DATA / "crscore_py.jsonl.gz", mapping)
    items = [row.item for row in rows if row.item]
    assert (len(items), sum(len(item.responses) for item in items)) == (81, 810)
    for dimension in dimensions:
        rated = [r.answers[dimension] for item in items for r in item.reviews]
        assert sum(map(len, rated)) == 790


def anchored(rows: list[Row]) -> list[tuple[str, dict[str, Any]]]:
    """Each critique's anchor with the text that it is of."""
    return [
        (item.responses[each["on"] - 1].messages[0].parts[0].text, each["anchor"])
        for item in [row.item for row in rows if row.item]
        for review in item.reviews
        for each in review.answers.get("errors", ())
    ]


def test_finegrained_s_1373_error_spans_stand_on_their_characters() -> None:
    with gzip.open(FINEGRAINED, "rt", encoding="utf-8") as file:
        written = json.load(file)
    spans = [
        (record["prediction 1"], error["start"], error["end"])
        for record in written
        for error in record["feedback"]["errors"]
    ]
    found = anchored(read_all(FINEGRAINED, preset("finegrained_rlhf_errors")))
    assert len(found) == 1373
    assert [(text, a["start"], a["end"]) for text, a in found] == spans
    assert all(text[a["start"] : a["end"]] == a["exact"] for text, a in found)


def test_mqm_s_spans_stand_on_their_characters_and_what_is_missing_is_said_of_the_whole() -> None:
    with read(DATA / "spans" / "mqm_ted_ende.tsv.gz", mapping=preset("mqm_ted_ende")) as reading:
        rows = list(reading)
    found = anchored(rows)
    marked = [f"{text[: a['start']]}<v>{a['exact']}</v>{text[a['end'] :]}" for text, a in found]
    with gzip.open(DATA / "spans" / "mqm_ted_ende.tsv.gz", "rt", encoding="utf-8") as file:
        written = [line.rstrip("\n").split("\t") for line in file][1:]
    errors = [target for *_, target, _, severity, _ in written if severity != "No-error"]
    # Fourteen mark an omission in the source; one mark is never closed.
    assert sum("</v>" not in target for target in errors) == 15
    assert marked == [
        target if "</v>" in target else f"<v>{target.replace('<v>', '')}</v>" for target in errors
    ]
    said = Counter(
        review.answers["found"][0] for row in rows if row.item for review in row.item.reviews
    )
    assert (len(rows), len(found), said["no_error"]) == (8435, 4031, 4404)
    assert not [problem for row in rows for problem in row.problems]
