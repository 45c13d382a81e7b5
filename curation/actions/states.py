"""The state that a finished run leaves, from which others go on: of its pairs what others ask, without a text or a vote."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

import orjson
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from curation import parts
from curation.late import np, pa, pc, pd
from curation.models import Run
from curation.stages.base import voted_rows
from curation.stages.gates import EVERY_FLAG
from curation.stages.recipes import Outcome, Recipe
from curation.stages.splits import SPLITS, placed_clusters

from .clusters import Clustered
from .result import RESULT

FOLDER = "states"
# What becomes of pairs, by which a run is counted and hashed; and what says which of them something new touches.
COUNTED = tuple(dict.fromkeys((*RESULT, *EVERY_FLAG, "overruled")))
DISTINCT = ("item", "prompt", "cluster_key")
KEPT = (*COUNTED, "item", "prompt", "revision_id", "source_key", "tags", "prompt_cluster", "cast")


@dataclass(frozen=True)
class State:
    """What a run left. `prompts` have each prompt's bands and the number of its cluster; `pairs` those columns of KEPT that
    the run has: `cast` is how many votes were read. `placed` counts the clusters of each stratum by split, `distinct` the
    values of some columns of pairs.
    """

    pairs: pa.Table
    prompts: pa.Table
    estimates: dict[str, Any]
    usual: dict[str, Any]
    shared: list[str]
    placed: dict[str, dict[str, int]]
    distinct: dict[str, int]


def keep_prompts(run: Run, lease: uuid.UUID, prompts: pa.Table) -> None:
    """Write the prompts of the state: nobody asks for them again once they have their clusters."""
    parts.save_flat(prompts, f"{_folder(run, lease)}/prompts")


def keep(
    run: Run,
    lease: uuid.UUID,
    recipe: Recipe,
    outcome: Outcome,
    found: Clustered,
    votes: pd.DataFrame,
) -> str:
    """Write the rest of the state under a name of this worker's own. Returns it."""
    folder = _folder(run, lease)
    rows = voted_rows(outcome.pairs, votes)
    cast = np.bincount(rows[rows >= 0], minlength=len(outcome.pairs))
    pairs = outcome.pairs[[name for name in KEPT if name in outcome.pairs.columns]]
    table = pa.Table.from_pandas(pairs.assign(cast=cast), preserve_index=False)
    parts.save_flat(table, f"{folder}/pairs", compression="zstd")
    body = {
        "estimates": outcome.estimates,
        "usual": outcome.usual,
        "shared": found.shared,
        "distinct": _distinct(table),
        "placed": placed_clusters(outcome.pairs, recipe.params_of(SPLITS))
        if "split" in outcome.pairs.columns
        else {},
    }
    default_storage.save(f"{folder}/known.json", ContentFile(orjson.dumps(body)))
    return folder


def _folder(run: Run, lease: uuid.UUID) -> str:
    return f"{FOLDER}/{run.public_id}/{lease}"


def _distinct(pairs: pa.Table) -> dict[str, int]:
    return {name: pc.count_distinct(pairs[name]).as_py() for name in DISTINCT}


def known_to(run: Run) -> dict[str, Any]:
    """What a run that left its state estimated: `estimates` of raters, what is `usual`, and the `shared` paragraphs."""
    with default_storage.open(f"{run.keeps}/known.json") as file:
        body = orjson.loads(file.read())
    return {name: body[name] for name in ("estimates", "usual", "shared")}


def state_of(run: Run) -> State:
    """What `keep` wrote."""
    with default_storage.open(f"{run.keeps}/known.json") as file:
        body = orjson.loads(file.read())
    if "distinct" not in body:
        return _state_before(run, body)
    pairs, prompts = (parts.flat(f"{run.keeps}/{name}") for name in ("pairs", "prompts"))
    return State(pairs, prompts, **body)


def _state_before(run: Run, body: dict[str, Any]) -> State:
    """What versions before 0.1.0 wrote: Parquet, of pairs with every column there was."""
    pairs = parts.load_any(f"{run.keeps}/pairs", KEPT)
    return State(pairs, parts.load(f"{run.keeps}/prompts"), distinct=_distinct(pairs), **body)


def forget_states() -> int:
    """Delete the states of all but the latest run of each recipe version, and what killed workers left. Returns how many."""
    try:
        names = default_storage.listdir(FOLDER)[0]
    except FileNotFoundError:
        return 0
    # In this order: a run that leaves its state meanwhile is seen at work, or else finished.
    at_work = Run.objects.filter(state__in=Run.AT_WORK)
    rows = at_work.values_list("public_id", "base__public_id")
    wanted = {str(public_id) for row in rows for public_id in row}
    latest = (
        Run.objects.filter(state=Run.State.FINISHED)
        .exclude(keeps="")
        .order_by("recipe_version_id", "-number")
        .distinct("recipe_version_id")
        .values_list("keeps", flat=True)
    )
    wanted |= {folder.split("/")[1] for folder in latest}
    ended = [name for name in names if name not in wanted]
    for name in ended:
        parts.forget(f"{FOLDER}/{name}")
    return len(ended)
