"""Makes the code demonstration's rows of CRScore's ratings: `python -m config.demo.prepare RATED DOUBLE_RATED OUT`."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson

DIMENSIONS = ("conciseness", "comprehensiveness", "relevance")
SOURCE = "atharva-naik/CRScore@a5c843fafa79 human_study/phase2"
LICENCE = "MIT"
PROMPT = "Write the review comment that you would leave on this change."
# The comment that a person wrote on GitHub; the other nine are the outputs of systems.
WRITTEN_BY_A_PERSON = "msg"


def items(
    rated: Iterable[dict[str, Any]], double_rated: Iterable[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """One row a diff, with its ten comments as responses and its annotators' ratings as reviews.

    Of the double-rated comments only the ratings by somebody who has not rated the diff already become reviews: the
    first annotator's second pass over the same comments stays out, so that a rater has one review of an item.
    """
    again: dict[str, list[dict[str, Any]]] = {}
    for comment in double_rated:
        again.setdefault(comment["index"], []).append(comment)
    for diff in rated:
        systems = [comment["system"] for comment in diff["reviews"]]
        first = _ratings(diff["reviews"], systems)
        second = _ratings(again.get(diff["index"], ()), systems)
        extra = {rater: given for rater, given in second.items() if rater not in first}
        yield _item(diff, [*_reviews("final", diff, first), *_reviews("agreement", diff, extra)])


def agreement_items(double_rated: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """One row a diff of the agreement sheets alone, with both annotators' ratings of its five comments."""
    diffs: dict[str, dict[str, Any]] = {}
    for comment in double_rated:
        diff = diffs.setdefault(
            comment["index"], {"index": comment["index"], "diff": comment["diff"], "reviews": []}
        )
        diff["reviews"].append({**comment, "text": comment["review"]})
    for diff in diffs.values():
        systems = [comment["system"] for comment in diff["reviews"]]
        ratings = _ratings(diff["reviews"], systems)
        yield _item(diff, list(_reviews("agreement", diff, ratings)))


def _item(diff: dict[str, Any], reviews: list[dict[str, Any]]) -> dict[str, Any]:
    known = {"licence": LICENCE, "source": SOURCE}
    return {
        "id": diff["index"],
        "prompt": PROMPT,
        "context": [{"title": "Change", "kind": "diff", "text": diff["diff"], "format": "diff"}],
        "responses": [
            {"text": comment["text"], **_author(comment["system"]), **known}
            for comment in diff["reviews"]
        ],
        "tags": ["python"],
        "context_provenance": {"origin": "human", **known},
        "reviews": reviews,
    }


def _author(system: str) -> dict[str, str]:
    if system == WRITTEN_BY_A_PERSON:
        return {"origin": "human"}
    return {"origin": "model", "model": system}


def _ratings(
    comments: Iterable[dict[str, Any]], systems: list[str]
) -> dict[str, dict[str, dict[str, int]]]:
    """Annotator → dimension → position of the comment → rating."""
    found: dict[str, dict[str, dict[str, int]]] = {}
    for comment in comments:
        position = str(systems.index(comment["system"]) + 1)
        for rating in comment["ratings"]:
            given = found.setdefault(rating["annotator"], {name: {} for name in DIMENSIONS})
            for name in DIMENSIONS:
                given[name][position] = int(rating[name])
    return found


def _reviews(
    sheet: str, diff: dict[str, Any], ratings: dict[str, dict[str, dict[str, int]]]
) -> Iterator[dict[str, Any]]:
    for rater, answers in sorted(ratings.items()):
        yield {"id": f"{sheet}/{diff['index']}/{rater}", "rater": rater, "answers": answers}


def packed(rows: Iterable[dict[str, Any]]) -> bytes:
    """The rows as gzipped JSON Lines; the same rows give the same bytes."""
    return gzip.compress(b"".join(orjson.dumps(row) + b"\n" for row in rows), mtime=0)


def read_lines(path: Path) -> list[dict[str, Any]]:
    """A JSON Lines file, plain or gzipped."""
    raw = path.read_bytes()
    text = gzip.decompress(raw) if path.suffix == ".gz" else raw
    return [orjson.loads(line) for line in text.splitlines()]


def main(rated: str, double_rated: str, out: str) -> None:
    Path(out).write_bytes(packed(items(read_lines(Path(rated)), read_lines(Path(double_rated)))))


if __name__ == "__main__":
    main(*sys.argv[1:])
