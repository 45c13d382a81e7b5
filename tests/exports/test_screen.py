"""What a recipe's gates keep from leaving: places hidden in every file, and texts that stay behind in all of them."""

from __future__ import annotations

import gzip
import io
import json
from typing import Any

import pyarrow.parquet as pq
import pytest

from curation.actions.evaluation_sets import register_bundled
from curation.actions.recipes import save_recipe
from curation.models import RunPair
from exports.models import DatasetVersion
from exports.screen import Screen
from tests.exports.test_publishing import bytes_of
from tests.steps import import_rows, publish_run, row, run_recipe
from tests.world import World

pytestmark = pytest.mark.usefixtures("own_files")

MAIL, KEY = "anna.berg@northgatelaw.com", "correct-horse-9"
STAGES = ("contamination", "personal_data", "secrets", "votes", "decided", "splits")


def problem() -> str:
    with gzip.open("curation/bundled/HumanEval.jsonl.gz", "rt") as file:
        return str(json.loads(file.readline())["prompt"])


def rows() -> list[dict[str, Any]]:
    turns = [
        {"role": "user", "content": f"My address is {MAIL}. Remember it."},
        {"role": "assistant", "content": "I will."},
        {"role": "user", "content": "Now write a greeting."},
    ]
    return [
        row("earlier", 2, 1, prompt=turns, responses=["Good day to you.", "Hello there."]),
        row("answer", 2, 1, prompt="Whom to ask?", responses=[f"Ask {MAIL} today.", "Nobody."]),
        row("config", 2, 1, prompt="Set it up.", responses=[f'password = "{KEY}"', "Not yet."]),
        row("problem", 2, 1, prompt="Write a function.", responses=[problem(), "pass"]),
        row("plain", 2, 1, prompt="Why is the sky blue?", responses=["Scattering.", "It is not."]),
    ]


def publish(world: World, asked: str) -> tuple[DatasetVersion, str]:
    """The version, and everything that its Parquet files hold as one text."""
    place = world.place(world.ines)
    import_rows(place, rows(), world.now, source="tests")
    register_bundled(place=place, name="HumanEval", now=world.now)
    steps = [
        {"stage": name, "params": {"when_found": asked}} if name in STAGES[1:3] else {"stage": name}
        for name in STAGES
    ]
    document = {"name": "screened", "stages": steps}
    version = save_recipe(
        project=world.project, slug="screened", document=document, by=None, now=world.now
    )
    run = run_recipe(place, world.now, version)
    assert run.state == "finished", run.error
    made = publish_run(place, run, world.now)
    assert made.state == "published", made.error
    return made, "\n".join(_texts(made))


def _texts(version: DatasetVersion) -> list[str]:
    found = []
    for file in version.files.filter(path__endswith=".parquet"):
        table = pq.read_table(io.BytesIO(bytes_of(file)))
        found.append(json.dumps(table.to_pylist(), ensure_ascii=False, default=str))
    return found


def test_marked_pairs_leave_as_they_are(world: World) -> None:
    _, said = publish(world, "flag")
    assert MAIL in said
    assert KEY in said
    marked = RunPair.objects.exclude(flags=[]).values_list("flags", "signals__personal")
    assert (["personal"], "email in first") in list(marked)


def test_hidden_places_are_hidden_in_every_file_and_in_earlier_turns(world: World) -> None:
    _, said = publish(world, "redact")
    assert MAIL not in said
    assert KEY not in said
    assert said.count("My address is [email]██") > 1
    assert "Ask [email]███████████████████ today." in said
    assert "Now write a greeting." in said


def test_what_a_gate_holds_stays_out_of_every_file_not_of_pairs_alone(world: World) -> None:
    _, said = publish(world, "hold")
    assert MAIL not in said
    assert KEY not in said
    assert "has_close_elements" not in said
    assert "Scattering." in said


def test_a_screen_hides_words_of_every_kind_and_no_structure(world: World) -> None:
    screen = Screen(None, (), ("personal_data", "secrets"))
    message = {
        "role": "assistant",
        "parts": [{"type": "text", "text": f"{MAIL} and {KEY}", "format": "plain"}],
        "tool_calls": [{"id": "c1", "function": {"name": "mail", "arguments": {"to": [MAIL, 1]}}}],
    }
    [shown] = screen.shown([message])
    assert MAIL not in str(shown)
    assert shown["parts"][0]["format"] == "plain"
    assert shown["tool_calls"][0]["function"]["name"] == "mail"
    assert shown["tool_calls"][0]["function"]["arguments"]["to"][1] == 1
    assert Screen(None, (), ()).shown([message]) == [message]


def test_a_policy_on_licences_holds_for_single_responses_too(world: World) -> None:
    place = world.place(world.ines)
    open_ones = [
        {"text": "Under a free licence.", "licence": "MIT"},
        {"text": "Likewise.", "licence": "MIT"},
    ]
    closed = [
        {"text": "For research alone.", "licence": "CC BY-NC 4.0"},
        {"text": "Mine.", "licence": "MIT"},
    ]
    rows = [
        row("open", 2, 1, prompt="Say it freely.", responses=open_ones),
        row("closed", 2, 1, prompt="Say it narrowly.", responses=closed),
    ]
    import_rows(place, rows, world.now, source="tests")
    steps = [
        {"stage": "licences", "params": {"responses": "open"}},
        *({"stage": name} for name in ("votes", "decided", "splits")),
    ]
    version = save_recipe(
        project=world.project,
        slug="free",
        document={"name": "free", "stages": steps},
        by=None,
        now=world.now,
    )
    run = run_recipe(place, world.now, version)
    assert RunPair.objects.get(run=run, held=True).detail.endswith("leave: first.")
    made = publish_run(place, run, world.now)
    said = "\n".join(_texts(made))
    assert "Under a free licence." in said
    assert "For research alone." not in said
