"""The votes of LLMFAO, imported with a mapping alone, rank the models they are about."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import numpy as np

from curation.methods.bradley_terry import bradley_terry, tally
from feedback.models import Vote
from tests.steps import import_content
from tests.world import World

FILE = Path("tests/data/comparisons/evalica_llmfao.csv.gz")
WON = {"left": 1.0, "tie": 0.5, "right": 0.0}


def strengths(games: list[tuple[str, str, float]]) -> dict[str, float]:
    """Bradley–Terry of (first, second, first's share), by name."""
    names = sorted({name for game in games for name in game[:2]})
    code = {name: number for number, name in enumerate(names)}
    first = np.array([code[game[0]] for game in games])
    second = np.array([code[game[1]] for game in games])
    found = bradley_terry(tally(first, second, np.array([game[2] for game in games]), len(names)))
    assert found.converged
    assert found.prior == 0
    return dict(zip(names, found.theta.tolist(), strict=True))


def test_llmfao_comes_in_by_a_mapping_and_ranks_its_59_models(world: World) -> None:
    content = gzip.decompress(FILE.read_bytes())
    place = world.place(world.mara)
    job = import_content(place, content, world.now, name="llmfao.csv", mapping_name="llmfao")
    assert (job.items_created, job.reviews_created, job.items_rejected) == (2_139, 8_931, 0)
    votes = Vote.objects.filter(review__project=place.project)
    assert votes.values("review__rater").distinct().count() == 124
    models = ("response_lo__provenance__model", "response_hi__provenance__model")
    ours = strengths(
        [(lo, hi, (np.sign(won) + 1) / 2) for lo, hi, won in votes.values_list(*models, "outcome")]
    )
    assert len(ours) == 59
    assert max(ours, key=lambda name: ours[name]) == "GPT 4"
    rows = csv.DictReader(io.StringIO(content.decode()))
    assert ours == strengths([(row["left"], row["right"], WON[row["winner"]]) for row in rows])
