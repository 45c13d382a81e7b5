"""A finished run and a published version as rows alone: quick to make, for walks over addresses. tests/curated.py makes real ones."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import asdict
from pathlib import Path

from curation.actions.evaluation_sets import register_upload
from curation.models import (
    Pair,
    Recipe,
    RecipeVersion,
    Run,
    RunChunk,
    RunPair,
    RunReport,
    RunStage,
)
from exports import blobs
from exports.figures import Epsilon, Figures, Lengths, Part
from exports.models import Dataset, DatasetVersion, VersionFile, VersionRun
from feedback.models import Item, Response, Review
from tests.world import World

STAGES = [{"stage": "votes", "params": {}}, {"stage": "splits", "params": {}}]
FIGURE = {"value": None, "low": None, "high": None, "units": 0, "clusters": 0}
SHA = b"\x01" * 32
FIGURES = Figures(
    pairs=1,
    configs={
        name: {"train": Part(1, 1)} if name == "trl_dpo" else {}
        for name in ("trl_dpo", "trl_reward", "trl_kto", "trl_prm", "sft", "all")
    },
    left_out={},
    shared_clusters=0,
    votes={"1": 1},
    contested=0,
    epsilon=Epsilon(None, None, 0, 1),
    lengths=Lengths(1, 1, 1.0, 0.0),
    labels={},
    provenance=(),
)


def publish_rows(world: World, review: Review, mark: str) -> dict[str, str]:
    """Parameter of a route → what it names, for runs, recipes, pairs and datasets of Northgate."""
    run = _run(world, review)
    pair = _pair(run, review.item)
    dataset = _dataset(world, run, mark)
    words = b"one two three four five six seven eight nine"
    registered = register_upload(
        place=world.place(world.ines), name=mark, content=words, now=world.now
    )
    return {
        "evaluation": str(registered.public_id),
        "recipe": run.recipe_version.recipe.slug,
        "number": str(run.number),
        "pair": str(pair.public_id),
        "dataset": dataset.slug,
        "tag": "v1.0",
        "path": "README.md",
    }


def _run(world: World, review: Review) -> Run:
    at = {"workspace_id": world.workspace.pk}
    recipe = Recipe.objects.create(**at, project=world.project, slug="recipe-of-northgate")
    version = RecipeVersion.objects.create(
        **at, recipe=recipe, version=1, stages=STAGES, sha256=SHA
    )
    run = Run.objects.create(
        **at,
        project=world.project,
        number=7,
        recipe_version=version,
        state=Run.State.FINISHED,
        seed=0,
        frozen={"questions": ["preference"], "forms": [bytes(review.form.sha256).hex()]},
        input_sha256=SHA,
        result_sha256=SHA,
        finished_at=world.now,
        n_items=1,
        n_reviews=1,
        n_votes=1,
        n_pairs=1,
        n_out=1,
    )
    RunChunk.objects.create(
        **at, run=run, kind="read", number=1, state="done", review_ids=[review.pk]
    )
    for position, step in enumerate(STAGES, start=1):
        counts = {"n_in": 1, "n_held": 0, "n_out": 1}
        RunStage.objects.create(**at, run=run, position=position, stage=step["stage"], **counts)
    agreement = {
        "question": "preference",
        "of": "votes",
        "units": 1,
        "values": 1,
        "raters": [],
        **dict.fromkeys(("as_imported", "pooled"), _coefficients()),
    }
    clusters = {"prompts": 1, "clusters": 1, "near_prompts": 0, "near_responses": 0}
    bodies = {
        "agreement": [agreement],
        "clusters": {**clusters, "crowded": 0, "waiting": []},
        "votes": {"votes": 1, "duplicates": 0, "seconds": 0.1, "shared": []},
    }
    for name, body in bodies.items():
        RunReport.objects.create(**at, run=run, name=name, body=body)
    return run


def _coefficients() -> dict[str, object]:
    return dict.fromkeys(("alpha_nominal", "alpha_ordinal", "alpha_interval", "percent"), FIGURE)


def _pair(run: Run, item: Item) -> Pair:
    at = {"workspace_id": run.workspace_id}
    lo, hi = Response.objects.filter(revision=item.revision).order_by("position")
    pair = Pair.objects.create(
        **at,
        project_id=run.project_id,
        revision=item.revision,
        response_lo=lo,
        response_hi=hi,
        question="preference",
        pair_hash=SHA,
    )
    votes = {"n_votes": 1, "n_first": 1, "vote_share": 1.0, "vote_share_lo": 0.2}
    RunPair.objects.create(
        **at,
        **votes,
        run=run,
        pair=pair,
        held=False,
        chosen="first",
        vote_share_hi=1.0,
        p_basis="prior",
        method="majority/1",
        margin=2.0,
        strength=2.0,
        n_eff=1.0,
        cluster=SHA,
        split="train",
    )
    return pair


def _dataset(world: World, run: Run, mark: str) -> Dataset:
    at = {"workspace_id": world.workspace.pk}
    dataset = Dataset.objects.create(**at, slug="pairs-of-northgate", title=mark)
    version = DatasetVersion.objects.create(
        **at,
        dataset=dataset,
        major=1,
        runs_key=SHA,
        state="published",
        sha256=SHA,
        commit=SHA.hex()[:40],
        figures=asdict(FIGURES),
        published_at=world.now,
    )
    VersionRun.objects.create(**at, version=version, run=run)
    _file(version, "README.md", f"---\n---\n# {mark}\n".encode())
    _file(version, "trl_dpo/train-00000-of-00001.parquet", b"PAR1", config="trl_dpo", rows=1)
    return dataset


def _file(
    version: DatasetVersion, path: str, content: bytes, *, config: str = "", rows: int | None = None
) -> None:
    digest = hashlib.sha256(content).hexdigest()
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        blobs.keep(Path(file.name), digest)
    VersionFile.objects.create(
        workspace_id=version.workspace_id,
        version=version,
        path=path,
        size=len(content),
        sha256=bytes.fromhex(digest),
        git_sha1="0" * 40,
        config=config,
        split="train" if config else "",
        rows=rows,
    )
