"""Frames for the stages' tests: small ones drawn by hypothesis, and real ones."""

from __future__ import annotations

import gzip
import json
from functools import cache
from hashlib import sha256
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from curation.methods.contamination import Match
from curation.methods.jaccard import components, smallest_members
from curation.methods.licences import Terms
from curation.methods.neardup import near_pairs
from curation.methods.places import Found
from curation.methods.signals import NOTHING, Signals
from curation.methods.templates import without_template
from curation.stages.base import PAIR_COLUMNS, VOTE_COLUMNS, Evidence, Facts
from curation.stages.gates import SIDES, signals_column
from curation.stages.licences import FIELDS, terms_column

DATA = Path("tests/data")

STRINGS = (
    "pair", "item", "question", "purpose", "prompt", "first", "second", "first_hash",
    "second_hash", "cluster_key", "group_id",
)  # fmt: skip


def hexed(*parts):
    return sha256(json.dumps(parts).encode()).hexdigest()


def pairs_of(rows):
    """A pairs frame of rows that say what matters to the test; the rest is filled in."""
    filled = [_filled(number, row) for number, row in enumerate(rows)]
    frame = pd.DataFrame(filled, columns=list(PAIR_COLUMNS))
    whole = ("prompt_cluster", "response_group_first", "response_group_second")
    kinds = dict.fromkeys(STRINGS, "str") | dict.fromkeys(whole, "int64")
    return frame.astype(kinds)


def _filled(number, row):
    first, second = row.get("first", f"one {number}"), row.get("second", f"two {number}")
    cluster = row.get("prompt_cluster", number)
    plain = {
        "pair": hexed("pair", number),
        "item": hexed("item", number),
        "question": "preference",
        "purpose": "train",
        "prompt": f"prompt {cluster}",
        "first": first,
        "second": second,
        "first_hash": hexed(first),
        "second_hash": hexed(second),
        "prompt_cluster": cluster,
        "cluster_key": hexed("cluster", cluster),
        "response_group_first": 2 * number,
        "response_group_second": 2 * number + 1,
        "group_id": None,
    }
    return plain | row


def votes_of(rows):
    """A votes frame of (pair, rater, outcome) or (pair, rater, outcome, both_unacceptable)."""
    table = [(*row, False)[:4] for row in rows]
    frame = pd.DataFrame(table, columns=list(VOTE_COLUMNS))
    kinds = {"pair": "str", "rater": "str", "outcome": "int64", "both_unacceptable": "bool"}
    return frame.astype(kinds)


def ballot(pairs, *lines):
    """Votes by place: `ballot(pairs, [1, 0], [-2])` is two votes on the first pair, one on the second."""
    hashes = pairs["pair"].tolist()
    cast = [
        (hashes[place], f"rater{number}", outcome)
        for place, line in enumerate(lines)
        for number, outcome in enumerate(line)
    ]
    return Facts(votes=votes_of(cast), salt="salt")


texts = st.one_of(
    st.sampled_from(
        ["", " ", "Yes.", "yes.", "No.", "Yes. ", "\u202eمرحبا", "e\u0301", "é", "\u200b"]
    ),
    st.text(max_size=6),
)


def _match(share, in_a_row, name):
    return Match(set="set", name=name, share=share, own_share=0.1, in_a_row=in_a_row)


found = st.builds(
    _match, st.sampled_from([0.5, 1.0]), st.sampled_from([8, 13]), st.sampled_from(["1", "2"])
)
terms = st.builds(
    Terms,
    origin=st.sampled_from(["human", "model", ""]),
    licence=st.sampled_from(["MIT", "CC BY-NC 4.0", "", "house rules"]),
    provider_terms=st.sampled_from(["", "Outputs may not train competing models."]),
)
some = st.integers(0, 2)
evidence = st.builds(Evidence, hasty=some, pasted=some, repeated=some, one_sided=some)
places = st.builds(Found, kind=st.sampled_from(["email", "card"]), start=st.just(0), end=st.just(1))
signals = st.one_of(
    st.just(NOTHING),
    st.builds(
        Signals,
        matches=st.lists(found, max_size=2).map(tuple),
        personal=st.lists(places, max_size=2).map(tuple),
        secrets=st.lists(places, max_size=1).map(tuple),
        language=st.sampled_from(["", "en", "de"]),
        wording=st.lists(st.sampled_from(["refusal", "canned", "names_model"]), max_size=2).map(
            tuple
        ),
        broken=st.lists(st.sampled_from(["cut_off", "garbled"]), max_size=1).map(tuple),
    ),
)


def written_signals(found):
    """Signals as a run's pairs hold them."""
    return json.dumps(found.document())


@st.composite
def pair_rows(draw, number):
    cluster = draw(st.integers(0, 3))
    return {
        "pair": hexed("pair", number),
        "question": draw(st.sampled_from(["preference", "accuracy"])),
        "purpose": draw(st.sampled_from(["train", "train", "train", "gold"])),
        "first": draw(texts),
        "second": draw(texts),
        "prompt_cluster": cluster,
        "prompt": f"prompt {draw(st.integers(0, 1))}",
        "response_group_first": draw(st.integers(0, 3)),
        "response_group_second": draw(st.integers(0, 3)),
    }


@st.composite
def runs(draw, most=7):
    """(pairs, facts) of a small project: two questions, repeats, gold, ledger, strange votes."""
    count = draw(st.integers(0, most))
    pairs = pairs_of([draw(pair_rows(number)) for number in range(count)])
    hashes = [*pairs["pair"], hexed("a pair of another run")]
    vote = st.tuples(
        st.sampled_from(hashes),
        st.sampled_from(["ann", "ben", "Ωmar"]),
        st.integers(-3, 3),
        st.booleans(),
    )
    ledger = {
        item: draw(st.sampled_from(["train", "test"]))
        for item in pairs["item"]
        if draw(st.integers(0, 5)) == 0
    }
    waits = frozenset(key for key in pairs["cluster_key"] if draw(st.integers(0, 5)) == 0)
    votes = votes_of(draw(st.lists(vote, max_size=4 * count)))
    read = {
        signals_column(side): [
            draw(st.one_of(st.none(), signals.map(written_signals))) for _ in range(count)
        ]
        for side in SIDES
    } | {
        terms_column(field): [
            draw(st.one_of(st.none(), terms.map(Terms.written))) for _ in range(count)
        ]
        for field in FIELDS
    }
    if draw(st.booleans()):
        pairs = pairs.assign(**{name: pd.Categorical(said) for name, said in read.items()})
    known = {}
    sometimes = {"tags": ["", "law", "law\x1ftax", "tax"], "source": ["a", "b"]}
    sometimes |= {"source_key": ["", "", "", "a:case 7", "b:case 9"]}
    more = {
        name: [draw(st.sampled_from(of)) for _ in range(count)] for name, of in sometimes.items()
    }
    pairs = pairs.assign(**{name: pd.Series(of, dtype="str") for name, of in more.items()})
    known["evidence"] = {pair: draw(evidence) for pair in pairs["pair"] if draw(st.booleans())}
    word = st.sampled_from([None, None, None, "hold", "release"])
    known["by_hand"] = {pair: said for pair in pairs["pair"] if (said := draw(word))}
    return pairs, Facts(votes=votes, ledger=ledger, unconfirmed=waits, salt="salt", **known)


@st.composite
def settings_of(draw, stage):
    """Any settings that a stage allows, whatever stages there are one day."""
    return {param.name: draw(_values(param)) for param in stage.params}


def _values(param):
    if param.kind == "choice":
        return st.sampled_from(param.choices)
    least = 0 if param.least is None else param.least
    most = least + 3 if param.most is None else min(param.most, max(least + 3, param.default))
    if param.kind == "integer":
        return st.integers(int(least), int(most))
    if param.kind == "number":
        return st.floats(float(least), float(most), allow_nan=False)
    return st.just(param.default)


def groups_of(texts, near):
    """Each text's component of near pairs."""
    return components(len(texts), near.left, near.right)


@cache
def pandalm():
    """PandaLM's test set: 999 pairs, three annotators' votes, boolean responses as text."""
    with gzip.open(DATA / "pandalm_testset-v1.json.gz", "rt") as file:
        rows = json.load(file)
    prompts = [f"{row['instruction']}\n\n{row['input']}" for row in rows]
    compared = without_template(prompts)
    clusters = groups_of(compared, near_pairs(compared, "char5"))
    first, second = ([str(row[f"response{k}"]) for row in rows] for k in (1, 2))
    keys = [row["cmp_key"] for row in rows]
    items = [hexed(*parts) for parts in zip(prompts, keys, first, second, strict=True)]
    sides = first + second
    groups = groups_of(sides, near_pairs(sides, "word3", 0.9, within=np.tile(clusters, 2)))
    columns = {
        "pair": [hexed(item, "preference") for item in items],
        "item": items,
        "prompt": compared,
        "first": first,
        "second": second,
        "first_hash": map(hexed, first),
        "second_hash": map(hexed, second),
        "prompt_cluster": clusters.tolist(),
        "cluster_key": smallest_members(clusters, items),
        "response_group_first": groups[:999].tolist(),
        "response_group_second": groups[999:].tolist(),
    }
    table = zip(*columns.values(), strict=True)
    pairs = pairs_of([dict(zip(columns, row, strict=True)) for row in table])
    outcome = {0: 0, 1: 1, 2: -1}
    cast = [
        (pair, name, outcome[row[name]])
        for pair, row in zip(pairs["pair"], rows, strict=True)
        for name in ("annotator1", "annotator2", "annotator3")
    ]
    return pairs, Facts(votes=votes_of(cast), salt="pandalm")


@cache
def crscore(question="relevance"):
    """CRScore's code reviews: a pair for every two comments one person rated on one diff."""
    with gzip.open(DATA / "crscore_py.jsonl.gz", "rt") as file:
        diffs = [json.loads(line) for line in file]
    rows, cast = [], []
    for number, diff in enumerate(diffs):
        rated = [(r["text"], each) for r in diff["reviews"] for each in r["ratings"]]
        for (a, left), (b, right) in combinations(rated, 2):
            if left["annotator"] != right["annotator"]:
                continue
            pair = hexed(number, len(rows))
            outcome = int(left[question]) - int(right[question])
            rows.append(
                {
                    "pair": pair,
                    "item": hexed("diff", number),
                    "question": question,
                    "prompt": diff["diff"],
                    "prompt_cluster": number,
                    "first": a,
                    "second": b,
                }
            )
            cast.append((pair, left["annotator"], max(-3, min(3, outcome))))
    return pairs_of(rows), Facts(votes=votes_of(cast), salt="crscore")
