"""Real texts of four kinds with planted edits, and the exact truth of which are near: what duplicates are measured on."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from curation.methods.arrays import Floats, Ints
from curation.methods.shingles import Kind, Shingles

KINDS: dict[str, Kind] = {
    "prompts": "char5",
    "responses": "word3",
    "contracts": "word5",
    "diffs": "word4",
}
OPINION_WORDS = 1_500


def corpora(folder: Path, copies: dict[str, int], seed: int = 7) -> dict[str, list[str]]:
    """Distinct texts of each kind found below `folder`, each followed by so many edited copies, shuffled."""
    made = {}
    for number, (name, texts) in enumerate(_texts(folder).items()):
        chance = random.Random(seed + number)
        distinct = sorted({text for text in texts if text.strip()})
        edited = [edit(text, chance) for text in distinct for _ in range(copies[name])]
        made[name] = distinct + edited
        chance.shuffle(made[name])
    return made


def edit(text: str, chance: random.Random) -> str:
    """One kind of edit at a random rate: case, typing errors, words, a span left out, a prefix, a truncation."""
    words, rate = text.split(" "), chance.random() * 0.2
    kind = chance.choice(("case", "typing", "words", "span", "prefix", "truncation"))
    if kind == "case":
        return "  ".join(word.upper() if chance.random() < rate else word for word in words)
    if kind == "typing":
        return " ".join(
            _typed(word, chance) if chance.random() < rate / 2 else word for word in words
        )
    if kind == "words":
        return " ".join(
            chance.choice(words) if chance.random() < rate / 2 else word for word in words
        )
    size = int(len(words) * rate)
    if kind == "span":
        at = chance.randrange(len(words) - size + 1)
        return " ".join(words[:at] + words[at + size :])
    if kind == "prefix":
        return " ".join(chance.choices(words, k=size) + words)
    return " ".join(words[: max(1, len(words) - size)])


def _typed(word: str, chance: random.Random) -> str:
    """The word with two neighbouring letters exchanged."""
    if len(word) < 2:
        return word
    at = chance.randrange(len(word) - 1)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def near(sets: Shingles, threshold: float) -> tuple[Ints, Ints, Floats]:
    """Every two texts whose exact Jaccard similarity reaches the threshold, from all pairs: left < right."""
    _, columns = np.unique(sets.hashes, return_inverse=True)
    ones = np.ones(len(columns), dtype=np.int32)
    matrix = csr_array((ones, columns, sets.offsets), shape=(len(sets), columns.max() + 1))
    sizes, across = sets.sizes, csr_array(matrix.T)
    found = []
    for start in range(0, len(sets), 500):
        shared = (matrix[start : start + 500] @ across).tocoo()
        left, right = shared.row + start, shared.col
        similarity = shared.data / (sizes[left] + sizes[right] - shared.data)
        kept = (left < right) & (np.round(similarity, 6) >= threshold)
        found.append((left[kept], right[kept], similarity[kept]))
    left, right, similarity = (np.concatenate(part) for part in zip(*found, strict=True))
    return left.astype(np.int64), right.astype(np.int64), similarity


def _texts(folder: Path) -> dict[str, list[str]]:
    panda = list(_rows(folder, "pandalm_testset-v1.json"))
    grained = list(_rows(folder, "finegrained_dev_feedback.json"))
    code = list(_rows(folder, "crscore_py.jsonl"))
    prompts = [f"{row['instruction']}\n\n{row['input']}" for row in panda]
    responses = [str(row[side]) for row in panda for side in ("response1", "response2")]
    responses += [row[f"prediction {n}"] for row in grained for n in (1, 2, 3, 4)]
    responses += [review["text"] for row in code for review in row["reviews"]]
    responses += [row["text"] for row in _rows(folder, "ukpconvarg_args.jsonl")]
    for row in _rows(folder, "llmbar_natural.json"):
        prompts.append(row["input"])
        responses += [row["output_1"], row["output_2"]]
    return {
        "prompts": prompts + [row["question"] for row in grained],
        "responses": responses,
        "contracts": list(_contracts(folder)),
        "diffs": [row["diff"] for row in code],
    }


def _contracts(folder: Path) -> Iterator[str]:
    yield from (path.read_text(errors="replace") for path in folder.rglob("cuad_contracts/*.txt"))
    for opinion in _contents(folder, "eyecite_opinion.txt"):
        words = opinion.split(" ")
        for start in range(0, len(words), OPINION_WORDS):
            yield " ".join(words[start : start + OPINION_WORDS])


def _rows(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    for content in _contents(folder, name):
        if name.endswith(".json"):
            yield from json.loads(content)
        else:
            yield from (json.loads(line) for line in content.splitlines())


def _contents(folder: Path, name: str) -> Iterator[str]:
    for path in sorted(folder.rglob(f"{name}*")):
        packed = path.suffix == ".gz"
        yield gzip.decompress(path.read_bytes()).decode() if packed else path.read_text()
