"""Known figures of models, through import and run: the fourteen systems of MQM TED, the 59 models of LLMFAO."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from typing import Any

import numpy as np
import orjson
import pandas as pd

from curation.methods.bradley_terry import bradley_terry, tally
from curation.stages.recipes import RECIPES
from feedback.readers import preset

from .figure import TESTS_DATA, Figure, rounded
from .throwaway import Throwaway, report

MQM = TESTS_DATA / "spans" / "mqm_ted_ende.tsv.gz"
LLMFAO = TESTS_DATA / "comparisons" / "evalica_llmfao.csv.gz"
# Weighed errors a segment, over 529 segments: Freitag et al. 2021, by the weights of the recipe `translation`.
SYSTEMS = {
    "ref": 0.912,
    "Facebook-AI": 1.056,
    "Online-W": 1.122,
    "VolcTrans-AT": 1.241,
    "metricsystem3": 1.436,
    "VolcTrans-GLAT": 1.494,
    "HuaweiTSC": 1.498,
    "metricsystem1": 1.629,
    "metricsystem2": 1.694,
    "metricsystem5": 1.716,
    "UEdin": 1.772,
    "metricsystem4": 1.776,
    "eTranslation": 1.969,
    "Nemo": 2.141,
}
VALUES = {"left": 1, "tie": 0, "right": -1}


def mqm(inside: Throwaway) -> Iterator[Figure]:
    """MQM TED, English to German: critiques of errors, weighed by severity and category."""
    here, job = inside.bring_in("mqm", "chat", MQM, "mqm_ted_ende", form=mqm_form())
    run = inside.run(here, {**RECIPES["translation"].document(), "questions": ["errors"]})
    scores = report(run, "leaderboard")["scores"]
    means = {row["model"]: row["value"] for each in scores for row in each["models"]}
    yield Figure("MQM TED", "ratings", 8435, job.reviews_created)
    for system, expected in SYSTEMS.items():
        yield rounded("MQM TED", f"weighed errors of {system}", expected, -means[system], digits=3)


def llmfao(inside: Throwaway) -> Iterator[Figure]:
    """LLMFAO: votes between 59 models; its answers are not published, so that each model's stands for itself."""
    rows = list(llmfao_rows())
    content = b"".join(orjson.dumps(row) + b"\n" for row in rows)
    here, job = inside.bring_in("llmfao", "chat", ("llmfao.jsonl", content))
    run = inside.run(here, RECIPES["decided_only"].document())
    (ranking,) = report(run, "leaderboard")["votes"]
    models = ranking["overall"]["models"]
    yield Figure("LLMFAO", "items", 2139, job.items_created)
    yield Figure("LLMFAO", "votes", 8931, ranking["votes"])
    yield Figure("LLMFAO", "models ranked", 59, len(models))
    plain = {row["model"]: row["plain"] for row in models}
    alone = _strengths(rows)
    off = max(abs(plain[model] - strength) for model, strength in alone.items())
    yield Figure("LLMFAO", "largest difference from the table alone", 0.0, round(off, 6), 1e-6)
    yield Figure("LLMFAO", "first", None, models[0]["model"])


def mqm_form() -> dict[str, Any]:
    """A form that takes what the preset reads: errors at their passages, by MQM's categories."""
    answers = preset("mqm_ted_ende")["reviews"][0]["answers"]
    found = answers["found"]["choices"]["values"].values()
    categories = answers["errors"]["critiques"][0]["category"]["values"].values()
    errors = {"type": "critiques", "id": "errors", "title": "Errors", "required": False}
    return {
        "desk": "compare",
        "responses": {"min": 1, "max": 1},
        "usual_minutes": 3,
        "questions": [
            {"type": "choice", "id": "found", "title": "Found", "options": _options(found)},
            errors | {"categories": _options(each for each in categories if each)},
        ],
    }


def llmfao_rows() -> Iterator[dict[str, Any]]:
    """An item for each two models on a prompt, with its votes."""
    items: dict[str, dict[str, Any]] = {}
    with gzip.open(LLMFAO, "rt", newline="", encoding="utf-8") as file:
        for vote in csv.DictReader(file):
            sides = [vote["left"], vote["right"]]
            row = items.setdefault(
                vote["id"],
                {
                    "id": vote["id"],
                    # Said several times, so that no two of them look nearly the same.
                    "prompt": "Prompt " + "-".join([vote["prompt"]] * 5),
                    "responses": [
                        {"text": f"What {model} answered.", "model": model, "origin": "model"}
                        for model in sides
                    ],
                    "reviews": [],
                },
            )
            entry = {"a": 1, "b": 2, "value": VALUES[vote["winner"]]}
            row["reviews"].append({"rater": vote["worker"], "answers": {"preference": [entry]}})
    yield from items.values()


def _strengths(rows: list[dict[str, Any]]) -> dict[str, float]:
    """Bradley–Terry of the published table, without anything between."""
    played = [
        (*(each["model"] for each in row["responses"]), review["answers"]["preference"][0]["value"])
        for row in rows
        for review in row["reviews"]
    ]
    names = pd.Index(sorted({model for *sides, _ in played for model in sides}))
    first, second = (
        names.get_indexer(pd.Index([row[side] for row in played])).astype(np.int64)
        for side in (0, 1)
    )
    won = np.array([(row[2] + 1) / 2 for row in played])
    theta = bradley_terry(tally(first, second, won, len(names))).theta
    return dict(zip(names.tolist(), theta.tolist(), strict=True))


def _options(values: Any) -> list[dict[str, str]]:
    return [{"value": each, "title": each.replace("_", " ").capitalize()} for each in values]
