"""Known figures of methods on data that are no reviews: coded labels, crowd labels with gold, near-duplicate articles."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator

import numpy as np
import pandas as pd

from curation.actions.fingerprints import near_groups
from curation.actions.texts import RESPONSE
from curation.methods.agreement import krippendorff_alpha
from curation.methods.one_coin import ClassPrior, one_coin
from feedback.actions.projects import create_project

from .figure import TESTS_DATA, Figure, rounded
from .throwaway import Throwaway

# Majority with ties counted in fractions; one-coin with the empirical and the uniform class prior.
LABEL_SETS = {
    "rte": (0.8969, 0.925, 0.925),
    "bluebird": (0.7593, 0.713, 0.722),
    "music_genre": (0.7042, 0.793, 0.799),
    "sentiment_popularity_amt": (0.9430, 0.944, 0.944),
    "weather_sentiment_amt": (0.8533, 0.857, 0.850),
    "face": (0.6367, 0.615, 0.628),
}
PRIORS: tuple[ClassPrior, ...] = ("empirical", "uniform")


def codings(_: Throwaway) -> Iterator[Figure]:
    """Krippendorff's α of evalica's example."""
    with (TESTS_DATA / "agreement" / "evalica_codings.csv").open(newline="") as file:
        table = [[float(cell) if cell else np.nan for cell in row] for row in csv.reader(file)]
    values = np.array(table).T
    units = np.repeat(np.arange(len(values)), values.shape[1])
    alpha = krippendorff_alpha(units, values.ravel(), "nominal").value
    yield rounded("evalica codings", "α nominal", 0.743421, alpha, digits=6)


def labels(_: Throwaway) -> Iterator[Figure]:
    """Accuracy against gold of majority and one-coin EM on six sets of crowd labels."""
    for name, (majority, *coins) in LABEL_SETS.items():
        votes = pd.read_csv(TESTS_DATA / "labels" / name / "label.csv")
        truth = pd.read_csv(TESTS_DATA / "labels" / name / "truth.csv").set_index("item")["truth"]
        yield rounded(f"labels: {name}", "majority", majority, _majority(votes, truth))
        for prior, expected in zip(PRIORS, coins, strict=True):
            ours = round(_one_coin(votes, truth, prior), 4)
            yield Figure(f"labels: {name}", f"one-coin, {prior} prior", expected, ours, 0.005)


def articles(inside: Throwaway) -> Iterator[Figure]:
    """The planted near-duplicates among a thousand articles, through the index in the database."""
    folder = TESTS_DATA / "neardup"
    with gzip.open(folder / "articles_1000.train.gz", "rt") as file:
        names, texts = zip(*(line.rstrip("\n").split(" ", 1) for line in file), strict=True)
    gold = [line.split() for line in (folder / "articles_1000.truth").read_text().splitlines()]
    project = create_project(
        place=inside.place, name="articles", domain="chat", now=inside.place.workspace.created_at
    )
    near = near_groups(project, RESPONSE, "word3", texts, 0.5)
    group = dict(zip(names, near.groups.tolist(), strict=True))
    found = sum(group[one] == group[other] for one, other in gold)
    yield Figure("articles_1000", "planted pairs found", 10, found)
    yield Figure("articles_1000", "other pairs found", 0, near.near - found)


def _majority(votes: pd.DataFrame, truth: pd.Series) -> float:
    """The share of gold items whose most frequent label is right; of k labels at the top each counts 1/k."""
    counts = votes.groupby(["item", "label"]).size().unstack(fill_value=0).loc[truth.index]
    top = counts.eq(counts.max(axis=1), axis=0)
    right = [
        top.at[item, label] if label in top.columns else False for item, label in truth.items()
    ]
    return float((np.array(right) / top.sum(axis=1).to_numpy()).mean())


def _one_coin(votes: pd.DataFrame, truth: pd.Series, prior: ClassPrior) -> float:
    units, items = pd.factorize(votes["item"], sort=True)
    raters, workers = pd.factorize(votes["worker"], sort=True)
    found = one_coin(
        units,
        raters,
        votes["label"].to_numpy(),
        n_units=len(items),
        n_raters=len(workers),
        n_classes=int(max(votes["label"].max(), truth.max())) + 1,
        class_prior=prior,
    )
    named = pd.Series(found.posterior.argmax(axis=1), index=items).reindex(truth.index)
    return float((named == truth).mean())
