"""Runs that go on from another: begun in the browser, and plain about what they have from where."""

from __future__ import annotations

import datetime as dt

import pytest

from curation.actions import start_run as starting
from curation.models import Run
from feedback.actions.projects import change_project
from feedback.models import Scope
from tests.api.calls import by_key
from tests.contrary import compared_run
from tests.steps import import_rows, recipe, row, work_off
from tests.web.pages import Reader
from tests.world import World

pytestmark = pytest.mark.usefixtures("own_files")

RUNS = "/w/northgate/p/chat/runs/"
NEW = f"{RUNS}new/"


@pytest.fixture
def base(world: World) -> Run:
    return compared_run(world)


def more(world: World) -> None:
    new = row("new", 2, 1, prompt="Which bridge is the oldest?", responses=["That one.", "This."])
    import_rows(world.place(world.mara), [new], world.now, source="s")


def begun(world: World, **fields: str) -> Run:
    mara = Reader(world.mara)
    form = mara.get(NEW)
    sent = mara.post(NEW, {"recipe": "", "since": "", "seed": "", "once": form.once, **fields})
    assert sent.status == 302, sent.words
    later = world.now + dt.timedelta(hours=1)
    run = work_off(Run.objects.latest("pk"), later)
    if run.state == Run.State.READING:
        run = work_off(run, later)
    assert run.state == "finished", run.error
    return run


def test_a_run_is_begun_from_the_last_and_says_what_it_has_from_there(
    world: World, base: Run
) -> None:
    more(world)
    mara = Reader(world.mara)
    assert f"Run {base.number}, chat v1: only what is new since then" in mara.get(NEW)
    run = begun(world, since=str(base.number))
    assert (run.base_id, run.frozen["since"]) == (base.pk, base.result_sha256.hex())
    page = mara.get(f"{RUNS}{run.number}/")
    assert f"It goes on from run {base.number} 1 pair that new reviews touch was decided" in page
    assert f"as run {base.number} measured it, over all of its {base.n_pairs} pairs" in page
    assert f'href="{RUNS}{base.number}/"' in page.source
    methods = mara.get(f"{RUNS}{run.number}/methods/")
    assert f"This is the comparison of run {base.number} ; nothing was compared anew" in methods
    assert "Nothing was compared" not in methods
    assert "Smoothed majority" in methods
    slot = mara.get("/w/northgate/p/chat/agreement/")
    assert f"As run {base.number} had measured it, from which run {run.number} went on" in slot


def test_a_run_that_read_everything_after_all_shows_the_methods_of_its_base(
    world: World, base: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starting, "_only_new", lambda *_: False)
    run = begun(world, since=str(base.number))
    assert run.base_id is None
    mara = Reader(world.mara)
    page = mara.get(f"{RUNS}{run.number}/")
    assert "What is new touched so much that every review was read." in page
    assert f"over all {run.n_pairs} pairs, held ones too" in page
    methods = mara.get(f"{RUNS}{run.number}/methods/")
    assert f"This is the comparison of run {base.number}" in methods
    assert "Smoothed majority" in methods
    api = by_key(world, world.mara, Scope.RUNS_READ)
    told = api.get(f"/projects/northgate/chat/runs/{run.number}/methods").json()
    assert told["as_of"] == base.number
    assert told["questions"][0]["scores"]


def test_without_a_finished_run_there_is_none_to_go_on_from(world: World) -> None:
    page = Reader(world.mara).get(NEW)
    assert "No run of this project has finished yet." in page
    assert "disabled" in page.source.split('name="since"')[1].split(">")[0]


def test_where_something_else_changed_the_field_is_off_and_says_what(
    world: World, base: Run
) -> None:
    place = world.place(world.mara)
    change_project(place=place, changes={"prompt_template": "Please"})
    page = Reader(world.mara).get(NEW)
    said = f"Since run {base.number} the template of prompts changed, so that everything must be read again."
    assert said in page
    form = {"recipe": "", "since": str(base.number), "seed": "", "once": page.once}
    Reader(world.mara).post(NEW, form)  # a field that is off is not listened to
    assert Run.objects.latest("pk").frozen.get("since") is None


def test_another_recipe_or_seed_is_refused_at_its_field(world: World, base: Run) -> None:
    mara = Reader(world.mara)
    again = {"since": str(base.number), "seed": "7", "once": mara.get(NEW).once}
    seen = mara.post(NEW, {"recipe": "chat:1", **again})
    assert seen.status == 422
    assert f"Run {base.number} has the seed 0; a run goes on with the same." in seen
    recipe(world.project, world.now, "legal")
    seen = mara.post(NEW, {"recipe": "legal:1", **again, "seed": ""})
    assert f"Run {base.number} is of chat v1; a run goes on with the same recipe." in seen
    assert Run.objects.count() == 1
