"""Known figures of methods on data that are no reviews: coded labels, crowd labels with gold, near-duplicate articles."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from typing import TypedDict

import numpy as np
import pandas as pd

from curation.methods.agreement import krippendorff_alpha
from curation.methods.arrays import Ints
from curation.methods.bradley_terry import bradley_terry, tally
from curation.methods.dawid_skene import dawid_skene
from curation.methods.labels import ClassPrior, accuracy_against, distinct, shares
from curation.methods.neardup import near_pairs
from curation.methods.one_coin import one_coin

from .figure import TESTS_DATA, Figure, rounded
from .throwaway import Throwaway

# Majority with ties counted in fractions; Dawid–Skene; one-coin with the empirical and the uniform class prior.
LABEL_SETS = {
    "rte": (0.8969, 0.9275, 0.925, 0.925),
    "bluebird": (0.7593, 0.8889, 0.713, 0.722),
    "music_genre": (0.7042, 0.7686, 0.793, 0.799),
    "sentiment_popularity_amt": (0.9430, 0.9440, 0.944, 0.944),
    "weather_sentiment_amt": (0.8533, 0.8400, 0.857, 0.850),
    "face": (0.6367, 0.6404, 0.615, 0.628),
}
FOOD = {"Tacos": 2.5090, "Sushi": 1.1012, "Burger": 0.8549, "Pasta": 0.7404, "Pizza": 0.5717}
PRIORS: tuple[ClassPrior, ...] = ("empirical", "uniform")
WON = {"left": 1.0, "tie": 0.5, "right": 0.0}


class Sizes(TypedDict):
    """How many units, raters and classes there are."""

    n_units: int
    n_raters: int
    n_classes: int


def codings(_: Throwaway) -> Iterator[Figure]:
    """Krippendorff's α of evalica's example."""
    with (TESTS_DATA / "agreement" / "evalica_codings.csv").open(newline="") as file:
        table = [[float(cell) if cell else np.nan for cell in row] for row in csv.reader(file)]
    values = np.array(table).T
    units = np.repeat(np.arange(len(values)), values.shape[1])
    alpha = krippendorff_alpha(units, values.ravel(), "nominal").value
    yield rounded("evalica codings", "α nominal", 0.743421, alpha, digits=6)


def food(_: Throwaway) -> Iterator[Figure]:
    """Bradley–Terry scores of evalica's example."""
    rows = pd.read_csv(TESTS_DATA / "comparisons" / "evalica_food.csv")
    names = pd.Index(sorted(FOOD))
    first, second = (
        names.get_indexer(pd.Index(rows["left"])),
        names.get_indexer(pd.Index(rows["right"])),
    )
    won = np.array([WON[winner] for winner in rows["winner"]])
    wins = tally(first.astype(np.int64), second.astype(np.int64), won, len(names))
    scores = bradley_terry(wins).scores
    for name, expected in FOOD.items():
        ours = round(float(scores[names.get_loc(name)]), 4)
        yield Figure("evalica food", f"Bradley–Terry, {name}", expected, ours, 0.001)


def labels(_: Throwaway) -> Iterator[Figure]:
    """Accuracy against gold of majority, Dawid–Skene and one-coin EM on six sets of crowd labels."""
    for name, (majority, skene, *coins) in LABEL_SETS.items():
        votes = pd.read_csv(TESTS_DATA / "labels" / name / "label.csv")
        truth = pd.read_csv(TESTS_DATA / "labels" / name / "truth.csv").set_index("item")["truth"]
        columns, sizes, judged = _coded(votes, truth)
        known = truth.to_numpy()
        most = shares(distinct(*columns, **sizes))
        ours = round(accuracy_against(most[judged], known), 4)
        yield Figure(f"labels: {name}", "majority", majority, ours, 0.015)
        posterior = dawid_skene(*columns, **sizes).posterior
        ours = round(accuracy_against(posterior[judged], known), 4)
        yield Figure(f"labels: {name}", "Dawid–Skene", skene, ours, 0.015)
        for prior, expected in zip(PRIORS, coins, strict=True):
            posterior = one_coin(*columns, **sizes, class_prior=prior).posterior
            ours = round(accuracy_against(posterior[judged], known), 4)
            yield Figure(f"labels: {name}", f"one-coin, {prior} prior", expected, ours, 0.005)


def articles(_: Throwaway) -> Iterator[Figure]:
    """The planted near-duplicates among a thousand articles."""
    folder = TESTS_DATA / "neardup"
    with gzip.open(folder / "articles_1000.train.gz", "rt") as file:
        names, texts = zip(*(line.rstrip("\n").split(" ", 1) for line in file), strict=True)
    gold = {
        frozenset(line.split())
        for line in (folder / "articles_1000.truth").read_text().splitlines()
    }
    near = near_pairs(texts, "word3", 0.5)
    found = {frozenset({names[a], names[b]}) for a, b in zip(near.left, near.right, strict=True)}
    yield Figure("articles_1000", "planted pairs found", 10, len(found & gold))
    yield Figure("articles_1000", "other pairs found", 0, len(found - gold))


def _coded(votes: pd.DataFrame, truth: pd.Series) -> tuple[tuple[Ints, Ints, Ints], Sizes, Ints]:
    """The votes as codes, how many there are of each, and the unit of each gold label."""
    units, items = pd.factorize(votes["item"], sort=True)
    raters, workers = pd.factorize(votes["worker"], sort=True)
    sizes = Sizes(
        n_units=len(items),
        n_raters=len(workers),
        n_classes=int(max(votes["label"].max(), truth.max())) + 1,
    )
    columns = (units.astype(np.int64), raters.astype(np.int64), votes["label"].to_numpy())
    return columns, sizes, pd.Index(items).get_indexer(truth.index).astype(np.int64)
