"""Real pairs as the frames a run hands to the formats: PandaLM's votes and CRScore's ratings, pooled by hand."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import orjson
import pandas as pd

from exports.facts import Agreement, Origin, RunFacts, Step
from exports.formats import PAIR_COLUMNS, RESPONSE_COLUMNS, STEP_COLUMNS, Options, Sources

DATA = Path(__file__).parents[1] / "data" / "formats"


def canonical(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def sha(value: Any) -> str:
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def turn(role: str, *texts: str, **more: Any) -> dict[str, Any]:
    return {"role": role, "parts": [{"type": "text", "text": text} for text in texts], **more}


def stored(*turns: dict[str, Any]) -> str:
    return canonical(list(turns))


def pair_row(
    prompt: str, chosen: str, rejected: str, *, question: str = "preference", **more: Any
) -> dict[str, Any]:
    """A kept pair with three unanimous votes unless told otherwise."""
    row: dict[str, Any] = dict.fromkeys(PAIR_COLUMNS)
    row |= {
        "pair": sha([prompt, chosen, rejected, question]),
        "question": question,
        "split": "train",
        "cluster": sha(prompt),
        "domain": "chat",
        "tags": [],
        **measured([1, 1, 1]),
        "prompt": prompt,
        "context": "[]",
        "chosen": chosen,
        "rejected": rejected,
    }
    return row | more


def measured(outcomes: list[int]) -> dict[str, Any]:
    """Statistics of the votes on one pair, positive towards the chosen side, by the plainest formulas."""
    n, wins = len(outcomes), sum(1.0 if o > 0 else 0.5 if o == 0 else 0.0 for o in outcomes)
    known = n > 1
    return {
        "n_votes": n,
        "vote_share": round(wins / n, 6),
        "vote_share_lo": round(max(0.0, wins / n - 0.3), 6),
        "vote_share_hi": round(min(1.0, wins / n + 0.3), 6),
        "p_next": round((wins + 1) / (n + 2), 6) if known else None,
        "p_true": round((wins + 0.5) / (n + 1), 6) if known else None,
        "p_basis": "votes" if known else "prior",
        "method": "majority/1",
        "margin": round(sum(outcomes) / n, 6),
        "strength": round(sum(map(abs, outcomes)) / n, 6),
        "n_eff": float(n),
        "entropy": 0.5,
        "contested": len({(o > 0) - (o < 0) for o in outcomes}) > 1,
        "weight": 1.0,
    }


def response_row(prompt: str, response: str, **more: Any) -> dict[str, Any]:
    """A response that won all of four votes unless told otherwise."""
    row: dict[str, Any] = dict.fromkeys(RESPONSE_COLUMNS)
    row |= {
        "prompt": prompt,
        "context": "[]",
        "response": response,
        "response_hash": sha(json.loads(response)),
        "split": "train",
        "cluster": sha(prompt),
        "win_share": 1.0,
        "n": 4,
        "label": True,
        "basis": "win_share",
        "acceptable": True,
    }
    return row | more


def frames(
    pairs: Iterable[dict[str, Any]],
    responses: Iterable[dict[str, Any]] = (),
    options: Options | None = None,
    steps: Iterable[dict[str, Any]] = (),
) -> Sources:
    return Sources(
        pd.DataFrame(list(pairs), columns=list(PAIR_COLUMNS)),
        pd.DataFrame(list(responses), columns=list(RESPONSE_COLUMNS)),
        options or Options(),
        pd.DataFrame(list(steps), columns=list(STEP_COLUMNS), dtype=object),
    )


def step_row(prompt: str, *steps: tuple[str, bool], **more: Any) -> dict[str, Any]:
    """A response whose steps one person labelled."""
    row = {
        "prompt": prompt,
        "context": "[]",
        "response_hash": sha([text for text, _ in steps]),
        "question": "steps",
        "split": "train",
        "cluster": sha(prompt),
        "completions": [text for text, _ in steps],
        "labels": [right for _, right in steps],
        "n": 1,
    }
    return row | more


def pandalm() -> Sources:
    """The 39 decided pairs of eight prompts in three splits, and their responses with votes pooled."""
    rows = json.loads((DATA / "pandalm_prompts.json").read_text())
    clusters = sorted({sha(_question(row)) for row in rows})
    splits = dict(zip(clusters, ["test", "validation"] + ["train"] * len(clusters), strict=False))
    responses = list(_pandalm_responses(rows, splits))
    # Of each response its label as that of its only step; those between have none.
    steps = [
        step_row(each["prompt"], *[(each["response"], each["label"])] * (each["label"] is not None))
        | {name: each[name] for name in ("response_hash", "split", "cluster", "n")}
        for each in responses
    ]
    return frames(_pandalm_pairs(rows, splits), responses, steps=steps)


def _question(row: dict[str, Any]) -> str:
    return stored(turn("user", "\n\n".join(filter(None, (row["instruction"], row["input"])))))


def _outcomes(row: dict[str, Any]) -> list[int]:
    return [{1: 1, 2: -1, 0: 0}[row[f"annotator{n}"]] for n in (1, 2, 3)]


def _pandalm_pairs(rows: list[dict[str, Any]], splits: dict[str, str]) -> Iterator[dict[str, Any]]:
    for row in rows:
        outcomes = _outcomes(row)
        if not sum(outcomes):
            continue
        sides = [stored(turn("assistant", row[f"response{n}"])) for n in (1, 2)]
        models = row["cmp_key"].split("_")
        if sum(outcomes) < 0:
            sides, models, outcomes = sides[::-1], models[::-1], [-o for o in outcomes]
        cluster = sha(_question(row))
        yield pair_row(
            _question(row),
            *sides,
            **measured(outcomes),
            pair=sha([row["idx"], *sides]),
            cluster=cluster,
            split=splits[cluster],
            tags=[row["motivation_app"]],
            chosen_model=models[0],
            rejected_model=models[1],
            prompt_origin="human",
            prompt_licence="Apache-2.0",
            chosen_origin="model",
            rejected_origin="model",
        )


def _pandalm_responses(
    rows: list[dict[str, Any]], splits: dict[str, str]
) -> Iterator[dict[str, Any]]:
    votes: dict[tuple[str, str], list[float]] = defaultdict(list)
    for row in rows:
        for n, sign in ((1, 1), (2, -1)):
            key = (_question(row), stored(turn("assistant", row[f"response{n}"])))
            votes[key] += [(sign * outcome + 1) / 2 for outcome in _outcomes(row)]
    for (prompt, response), shares in votes.items():
        share = round(sum(shares) / len(shares), 6)
        label = True if share >= 0.75 else False if share <= 0.25 else None
        facts = {"win_share": share, "n": len(shares), "label": label, "acceptable": share >= 0.75}
        yield response_row(
            prompt,
            response,
            **facts,
            cluster=sha(prompt),
            split=splits[sha(prompt)],
            response_origin="model",
        )


def crscore() -> Sources:
    """Pairs of review comments on two diffs, one rater each, so without probabilities; the diff is a context document."""
    lines = (DATA / "crscore_2_diffs.jsonl").read_text().splitlines()
    return frames(pair for line in lines for pair in _crscore_pairs(json.loads(line)))


def _crscore_pairs(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    prompt = stored(turn("user", "Write a review comment for this change."))
    diff = [
        {
            "title": "",
            "kind": "diff",
            "parts": [{"type": "text", "text": row["diff"], "format": "diff"}],
        }
    ]
    for one, other in combinations(row["reviews"], 2):
        difference = int(one["ratings"][0]["relevance"]) - int(other["ratings"][0]["relevance"])
        if difference:
            better, worse = (one, other) if difference > 0 else (other, one)
            yield pair_row(
                prompt,
                stored(turn("assistant", better["text"])),
                stored(turn("assistant", worse["text"])),
                **measured([min(abs(difference), 3)]),
                pair=sha([row["index"], better, worse]),
                cluster=sha(row["diff"]),
                context=canonical(diff),
                domain="code",
                context_licence="MIT",
            )


def facts(**more: Any) -> RunFacts:
    """What a run over the PandaLM sample would tell; agreement as measured on the whole of it."""
    told: dict[str, Any] = {
        "dataset": "northgate/chat-prefs",
        "title": "Chat preferences",
        "about": "Preferences of three raters between two answers to everyday instructions.",
        "domain": "chat",
        "licence": "apache-2.0",
        "reviews": 117,
        "raters": {"imported": 3},
        "recipe": {"name": "chat", "version": 3, "stages": [{"name": "decided"}]},
        "run_hash": "7f" * 32,
        "code_version": "0.1.0",
        "agreements": (
            Agreement(
                "preference",
                "Krippendorff α, nominal",
                "as imported",
                0.8642,
                0.842,
                0.886,
                999,
                170,
            ),
            Agreement(
                "preference", "Krippendorff α, nominal", "pooled", 0.668, None, None, 999, 170
            ),
        ),
        "disagreement": 0.0801,
        "waterfall": (
            Step("purpose", "Training items only", 46, {}, 46),
            Step("decided", "A preference is needed", 46, {"no_preference": 7}, 39),
        ),
        "origins": (
            Origin("PandaLM test set", "Apache-2.0", "WeOpenML."),
            Origin("a colleague's notes"),
        ),
    }
    return RunFacts(**{**told, **more})
