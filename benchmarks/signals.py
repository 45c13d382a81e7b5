"""How many texts a second each signal reads, beside the library that does it text by text: `python -m benchmarks.signals`.

One process, seconds of the processor. Responses are PandaLM's, diffs CRScore's, each with a number appended so that no two are the same text.
"""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable, Sequence
from typing import Any

from curation.methods.contamination import Index, as_evaluation, matches
from curation.methods.diversity import diversity
from curation.methods.language import languages
from curation.methods.personal import personal_data
from curation.methods.secrets import secrets
from curation.methods.signals import read_signals
from curation.methods.soundness import broken
from curation.methods.wording import wording

MANY, FEW = 20_000, 200
ROUNDS = 3


def responses(count: int) -> list[str]:
    with gzip.open("tests/data/pandalm_testset-v1.json.gz", "rt") as file:
        rows = json.load(file)
    texts = [str(row[f"response{k}"]) for row in rows for k in (1, 2)]
    return [f"{texts[n % len(texts)]} ({n})" for n in range(count)]


def diffs(count: int) -> list[str]:
    with gzip.open("tests/data/crscore_py.jsonl.gz", "rt") as file:
        texts = [json.loads(line)["diff"] for line in file]
    return [f"{texts[n % len(texts)]}\n# {n}" for n in range(count)]


def humaneval() -> Index:
    with gzip.open("curation/bundled/HumanEval.jsonl.gz", "rt") as file:
        rows = [json.loads(line) for line in file]
    return Index.of(
        as_evaluation("HumanEval", [r["task_id"] for r in rows], [r["prompt"] for r in rows])
    )


def rate(read: Callable[[Sequence[str]], Any], texts: Sequence[str]) -> float:
    """Texts a second, the best of three; the first call, which loads models, is not counted."""
    read(texts[:50])
    best = min(_seconds(read, texts) for _ in range(ROUNDS))
    return len(texts) / best


def _seconds(read: Callable[[Sequence[str]], Any], texts: Sequence[str]) -> float:
    began = time.process_time()
    read(texts)
    return time.process_time() - began


def each(read: Callable[[str], Any]) -> Callable[[Sequence[str]], Any]:
    return lambda texts: [read(text) for text in texts]


def py3langid() -> Callable[[str], Any]:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    model = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    return lambda text: model.classify(text[:1000])


def presidio() -> Callable[[str], Any]:
    """Its engine with a blank spaCy model and the recognizers that we use."""
    import spacy
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine
    from presidio_analyzer.predefined_recognizers import (
        CreditCardRecognizer,
        IbanRecognizer,
        IpRecognizer,
        PhoneRecognizer,
        UsSsnRecognizer,
    )

    engine = SpacyNlpEngine()
    engine.nlp = {"en": spacy.blank("en")}
    kinds = (CreditCardRecognizer, IbanRecognizer, IpRecognizer, PhoneRecognizer, UsSsnRecognizer)
    registry = RecognizerRegistry(recognizers=[kind() for kind in kinds])
    analyzer = AnalyzerEngine(registry=registry, nlp_engine=engine)
    return lambda text: analyzer.analyze(text, language="en")


def detect_secrets() -> Callable[[str], Any]:
    from detect_secrets.core.scan import scan_line
    from detect_secrets.settings import default_settings

    def scan(text: str) -> list[Any]:
        with default_settings():
            added = [line[1:] for line in text.split("\n") if line.startswith("+")]
            return [found for line in added for found in scan_line(line)]

    return scan


def line(name: str, kind: str, ours: float, theirs: tuple[str, float] | None = None) -> None:
    beside = f"{theirs[0]} {theirs[1]:>9,.0f}   × {ours / theirs[1]:,.1f}" if theirs else ""
    print(f"{name:<16} {kind:<10} {ours:>10,.0f}   {beside}")


def main() -> None:
    many, few = responses(MANY), responses(FEW)
    patches, some = diffs(2_000), diffs(40)
    index = humaneval()
    print(f"{'signal':<16} {'texts':<10} {'texts/s':>10}   beside it")
    line("evaluation sets", "responses", rate(lambda texts: matches(texts, index), many))
    line("evaluation sets", "diffs", rate(lambda texts: matches(texts, index), patches))
    line(
        "language", "responses", rate(languages, many), ("py3langid", rate(each(py3langid()), few))
    )
    line("personal data", "responses", rate(each(personal_data), many), ("Presidio", rate(each(presidio()), few)))  # fmt: skip
    line("personal data", "diffs", rate(each(personal_data), patches))
    line("secrets", "responses", rate(each(secrets), many))
    line("secrets", "diffs", rate(each(secrets), patches), ("detect-secrets", rate(each(detect_secrets()), some)))  # fmt: skip
    line("wording", "responses", rate(each(wording), many))
    line("soundness", "responses", rate(each(broken), many))
    line("all of them", "responses", rate(lambda texts: read_signals(texts, index), many))
    line("all of them", "diffs", rate(lambda texts: read_signals(texts, index), patches))
    began = time.process_time()
    diversity(many)
    print(f"variety of {MANY:,} responses: {time.process_time() - began:.2f} s")


if __name__ == "__main__":
    main()
