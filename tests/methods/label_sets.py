"""The six public label sets as codes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

FOLDER = Path("tests/data/labels")
NAMES = (
    "rte",
    "bluebird",
    "music_genre",
    "sentiment_popularity_amt",
    "weather_sentiment_amt",
    "face",
)


@dataclass(frozen=True)
class LabelSet:
    columns: tuple[np.ndarray, np.ndarray, np.ndarray]
    sizes: dict[str, int]
    judged: np.ndarray  # the unit of each gold label
    truth: np.ndarray


def label_set(name: str) -> LabelSet:
    labels = pd.read_csv(FOLDER / name / "label.csv")
    truth = pd.read_csv(FOLDER / name / "truth.csv").set_index("item")["truth"]
    units, items = pd.factorize(labels["item"], sort=True)
    raters, workers = pd.factorize(labels["worker"], sort=True)
    classes = int(max(labels["label"].max(), truth.max())) + 1
    return LabelSet(
        columns=(units, raters, labels["label"].to_numpy()),
        sizes={"n_units": len(items), "n_raters": len(workers), "n_classes": classes},
        judged=pd.Index(items).get_indexer(truth.index),
        truth=truth.to_numpy(),
    )
