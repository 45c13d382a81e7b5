"""The state that a finished run leaves, from which others go on: its pairs with all columns, without a text or a vote."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

import orjson
import pandas as pd
import pyarrow as pa
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from curation import parts
from curation.frames import Frames
from curation.models import Run
from curation.stages.gates import SIDES, signals_column
from curation.stages.licences import FIELDS, terms_column
from curation.stages.recipes import Outcome, Recipe
from curation.stages.splits import SPLITS, placed_clusters

from .clusters import Clustered

FOLDER = "states"


@dataclass(frozen=True)
class State:
    """What a run left. `prompts` have each prompt's bands and the number of its cluster; `pairs` has beside the stages' columns
    `cast`, how many votes were read. `placed` counts the clusters of each stratum by split.
    """

    pairs: pd.DataFrame
    prompts: pa.Table
    estimates: dict[str, Any]
    usual: dict[str, Any]
    shared: list[str]
    placed: dict[str, dict[str, int]]


def keep(
    run: Run,
    lease: uuid.UUID,
    recipe: Recipe,
    outcome: Outcome,
    found: Clustered,
    together: Frames,
) -> str:
    """Write the state under a name of this worker's own. Returns it."""
    folder = f"{FOLDER}/{run.public_id}/{lease}"
    cast = together.votes.groupby("pair").size()
    bare = outcome.pairs.drop(columns=read_once(outcome.pairs))
    pairs = bare.assign(cast=outcome.pairs["pair"].map(cast).fillna(0).astype("int64"))
    parts.save(pairs, f"{folder}/pairs")
    parts.save(found.prompts, f"{folder}/prompts")
    body = {
        "estimates": outcome.estimates,
        "usual": outcome.usual,
        "shared": found.shared,
        "placed": placed_clusters(outcome.pairs, recipe.params_of(SPLITS))
        if "split" in outcome.pairs.columns
        else {},
    }
    default_storage.save(f"{folder}/known.json", ContentFile(orjson.dumps(body)))
    return folder


def read_once(pairs: pd.DataFrame) -> list[str]:
    """The columns that gates have read off the pairs' texts: what they said of them is in other columns."""
    read = {*map(signals_column, SIDES), *map(terms_column, FIELDS)}
    return [name for name in pairs.columns if name in read]


def known_to(run: Run) -> dict[str, Any]:
    """What a run that left its state estimated: `estimates` of raters, what is `usual`, and the `shared` paragraphs."""
    with default_storage.open(f"{run.keeps}/known.json") as file:
        body = orjson.loads(file.read())
    return {name: body[name] for name in ("estimates", "usual", "shared")}


def state_of(run: Run) -> State:
    """What `keep` wrote."""
    with default_storage.open(f"{run.keeps}/known.json") as file:
        body = orjson.loads(file.read())
    return State(
        pairs=parts.load(f"{run.keeps}/pairs").to_pandas(),
        prompts=parts.load(f"{run.keeps}/prompts"),
        **body,
    )


def forget_states() -> int:
    """Delete the states of all but the latest run of each recipe version, and what killed workers left. Returns how many."""
    latest = (
        Run.objects.filter(state=Run.State.FINISHED)
        .exclude(keeps="")
        .order_by("recipe_version_id", "-number")
        .distinct("recipe_version_id")
        .values_list("keeps", flat=True)
    )
    at_work = Run.objects.filter(state__in=Run.AT_WORK)
    wanted = {folder.split("/")[1] for folder in latest}
    wanted |= {str(public_id) for public_id in at_work.values_list("public_id", flat=True)}
    based = at_work.exclude(base=None).values_list("base__public_id", flat=True)
    wanted |= {str(public_id) for public_id in based}
    try:
        names = default_storage.listdir(FOLDER)[0]
    except FileNotFoundError:
        return 0
    ended = [name for name in names if name not in wanted]
    for name in ended:
        parts.forget(f"{FOLDER}/{name}")
    return len(ended)
