"""What a run reports of the models behind the responses: who wins, by how much, and where a model loses. Frames in, plain figures out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.frames import BETWEEN_TAGS
from curation.late import np, pd
from curation.methods.arrays import Floats, Ints
from curation.methods.standings import Games, Interval, means, standings
from curation.stages.base import beside_pairs, outcomes

STYLE = ("position", "length", "markdown")
RANKED = ("train", "evaluation")  # of the others the responses were made for the purpose
READ = (
    *("pair", "question", "cluster_key", "tags", "first_model", "second_model", "first_length"),
    *("second_length", "first_markdown", "second_markdown"),
)
MOST_TAGS = 24
LEAST_VOTES = 20  # of a tag, to stand by itself


def leaderboards(
    pairs: pd.DataFrame, votes: pd.DataFrame, ratings: pd.DataFrame, *, seed: int
) -> dict[str, Any]:
    """`votes`: a ranking for each question that compares models; `scores`: the means of each that scores them."""
    games = _games(pairs, votes)
    return {
        "votes": [
            _ranking(str(question), part.reset_index(drop=True), seed)
            for question, part in games.groupby("question", sort=True)
        ],
        "scores": [
            _means(str(question), part.reset_index(drop=True), seed)
            for question, part in ratings[ratings["model"] != ""].groupby("question", sort=True)
            if part[
                "value"
            ].any()  # critiques that were asked for, and nobody made one, score nothing
        ],
    }


def _games(pairs: pd.DataFrame, votes: pd.DataFrame) -> pd.DataFrame:
    """One row a vote between two models, equal votes of one rater once, in an order that depends on content alone."""
    named = (pairs["first_model"] != "") & (pairs["second_model"] != "")
    apart = pairs["first_model"] != pairs["second_model"]
    counted = (named & apart & pairs["purpose"].isin(RANKED)).to_numpy(dtype=bool)
    cast = beside_pairs(pairs, votes, READ, counted)
    found = cast.drop_duplicates(["pair", "rater", "outcome"])
    return found.sort_values(["question", "pair", "rater", "outcome"]).reset_index(drop=True)


def _ranking(question: str, games: pd.DataFrame, seed: int) -> dict[str, Any]:
    """The ranking by all votes, by those of each tag, and the share of votes each model won under each tag."""
    tags = _tags(games["tags"])
    models = sorted({*games["first_model"], *games["second_model"]})
    return {
        "question": question,
        "votes": len(games),
        "overall": _board(games, seed),
        "tags": [
            {"tag": tag, **_board(games.iloc[places].reset_index(drop=True), seed)}
            for tag, places in tags.items()
        ],
        "map": _map(games, tags, models, seed),
    }


def _board(games: pd.DataFrame, seed: int) -> dict[str, Any]:
    names, found = _standings(games, seed)
    order = sorted(range(len(names)), key=lambda at: (-found.strength.value[at], names[at]))
    known = not np.isnan(found.strength.low).any()
    return {
        "votes": len(games),
        "clusters": found.clusters,
        "open": bool(found.prior),
        "models": [
            {
                "model": names[at],
                **_plain(found.strength, at),
                "plain": float(found.plain[at]),
                "best": int(found.best[at]) if known else None,
                "worst": int(found.worst[at]) if known else None,
                "votes": int(found.votes[at]),
                "share": float(found.share[at]),
            }
            for at in order
        ],
        "effects": [
            {"effect": name, **_plain(found.effects, at)}
            for at, name in enumerate(STYLE)
            if not np.isnan(found.effects.value[at])
        ],
    }


def _standings(games: pd.DataFrame, seed: int) -> tuple[list[str], Any]:
    names = sorted({*games["first_model"], *games["second_model"]})
    index = pd.Index(names)
    found = standings(
        Games(
            n=len(names),
            first=_codes(index, games["first_model"]),
            second=_codes(index, games["second_model"]),
            won=_won(games),
            weight=games["weight"].to_numpy(dtype=np.float64),
            cluster=_coded(games["cluster_key"]),
            style=_style(games),
        ),
        seed=seed,
    )
    return names, found


def _style(games: pd.DataFrame) -> Floats:
    """First minus second: shown first (1) or second (−1), and differences of length and markup over their sums."""
    columns = [games["order"].to_numpy(dtype=np.float64)]
    for name in ("length", "markdown"):
        first = games[f"first_{name}"].to_numpy(dtype=np.float64)
        second = games[f"second_{name}"].to_numpy(dtype=np.float64)
        columns.append((first - second) / np.maximum(first + second, 1))
    return np.column_stack(columns)


def _map(
    games: pd.DataFrame, tags: Mapping[str, Ints], models: list[str], seed: int
) -> list[dict[str, Any]]:
    """The share of votes that each model won, over all and under each tag; tags and models that never met are left out."""
    index, won = pd.Index(models), _won(games)
    clusters = _coded(games["cluster_key"])
    weight = games["weight"].to_numpy(dtype=np.float64)
    sides = [
        (_codes(index, games["first_model"]), won),
        (_codes(index, games["second_model"]), 1 - won),
    ]
    columns = {"": np.arange(len(games)), **tags}
    cells, values, weights, at = [], [], [], []
    for number, places in enumerate(columns.values()):
        for codes, shares in sides:
            cells.append(number * len(models) + codes[places])
            values.append(shares[places])
            weights.append(weight[places])
            at.append(clusters[places])
    size = len(columns) * len(models)
    cell = np.concatenate(cells)
    found = means(
        np.concatenate(values), np.concatenate(weights), cell, size, np.concatenate(at), seed=seed
    )
    counts = np.bincount(cell, minlength=size)
    names = list(columns)
    return [
        {
            "tag": names[place // len(models)],
            "model": models[place % len(models)],
            "votes": int(counts[place]),
            **_plain(found, place),
        }
        for place in np.flatnonzero(counts).tolist()
    ]


def _means(question: str, ratings: pd.DataFrame, seed: int) -> dict[str, Any]:
    """Each model's mean score: over the raters of a response first, then over its responses, one for each item."""
    by = ["model", "revision_id", "response_hash", "prompt_hash"]
    answers = ratings.groupby(by, sort=True)["value"].agg(["mean", "size"]).reset_index()
    models = sorted(set(answers["model"]))
    codes = _codes(pd.Index(models), answers["model"])
    values = answers["mean"].to_numpy(dtype=np.float64)
    ones = np.ones(len(values))
    clusters = _coded(answers["prompt_hash"])
    found = means(values, ones, codes, len(models), clusters, seed=seed)
    responses = np.bincount(codes, minlength=len(models))
    scores = np.bincount(codes, answers["size"], minlength=len(models))
    order = sorted(range(len(models)), key=lambda at: (-found.value[at], models[at]))
    return {
        "question": question,
        "models": [
            {
                "model": models[at],
                **_plain(found, at),
                "responses": int(responses[at]),
                "scores": int(scores[at]),
            }
            for at in order
        ],
    }


def _tags(joined: pd.Series) -> dict[str, Ints]:
    """The places of each tag that has votes enough, in the order of names; of very many those with the most votes."""
    codes, texts = pd.factorize(joined)
    sets = [set(str(text).split(BETWEEN_TAGS)) - {""} for text in texts]
    counts = np.bincount(codes, minlength=len(sets))
    total: dict[str, int] = {}
    for names, count in zip(sets, counts.tolist(), strict=True):
        for name in names:
            total[name] = total.get(name, 0) + count
    enough = [name for name, count in total.items() if count >= LEAST_VOTES]
    kept = sorted(sorted(enough, key=lambda name: (-total[name], name))[:MOST_TAGS])
    return {
        name: np.flatnonzero(np.array([name in names for names in sets])[codes]) for name in kept
    }


def _won(games: pd.DataFrame) -> Floats:
    won: Floats = (np.sign(outcomes(games)) + 1) / 2
    return won


def _codes(index: pd.Index[str], names: pd.Series) -> Ints:
    return index.get_indexer(pd.Index(names)).astype(np.int64)


def _coded(names: pd.Series) -> Ints:
    return pd.factorize(names, sort=True)[0].astype(np.int64)


def _plain(interval: Interval, at: int) -> dict[str, float | None]:
    figures = {"value": interval.value[at], "low": interval.low[at], "high": interval.high[at]}
    return {name: None if np.isnan(x) else float(x) for name, x in figures.items()}
