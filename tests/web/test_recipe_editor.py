"""The editor of a recipe: real forms, one round trip for each change, versions made by publishing, and a try on a sample."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.utils import timezone

from curation.actions.dry_run import work_on_dry_run
from curation.models import DryRun, Pair, RecipeVersion
from curation.stages.editing import to_fields
from tests.curated import HELD, KEPT, curate, import_votes, rows
from tests.web.pages import Reader, Seen
from tests.web.test_strangers import everything
from tests.world import World

pytestmark = pytest.mark.usefixtures("own_files")

P = "/w/northgate/p/chat/recipes/"
EDIT = f"{P}chat/edit/"
ALL = len(rows())


@pytest.fixture
def mara(world: World) -> Reader:
    """Mara, whose project has its first recipe."""
    reader = Reader(world.mara)
    reader.post(f"{P}first/")
    return reader


def fields(**changes: str) -> dict[str, list[str]]:
    latest = RecipeVersion.objects.latest("pk")
    found = to_fields({"questions": latest.questions, "stages": latest.stages})
    return {**found, **{name.replace("__", "."): [value] for name, value in changes.items()}}


def shown(seen: Seen) -> dict[str, list[str]]:
    """The fields of the editor as a browser would send them."""
    form = seen.source.split('id="editor"')[1].split("</form>")[0]
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input [^>]*>", form):
        name, value = re.search(r' name="([^"]*)"', tag), re.search(r' value="([^"]*)"', tag)
        if name and ('type="checkbox"' not in tag or " checked" in tag):
            found.setdefault(name[1], []).append(unescape(value[1] if value else ""))
    for name, inside in re.findall(r'<select [^>]*name="([^"]*)"[^>]*>(.*?)</select>', form):
        chosen = re.search(r'value="([^"]*)" selected', inside)
        found[name] = [unescape(chosen[1])] if chosen else []
    return found


def stages(seen: Seen) -> list[str]:
    return re.findall(r'name="s\.\d+\.stage" value="(\w+)"', seen.source)


def test_the_editor_shows_the_recipe_and_sends_it_back_as_it_was(mara: Reader) -> None:
    seen = mara.get(EDIT)
    assert "Nothing so far." in seen
    sent = {
        name: value
        for name, value in shown(seen).items()
        if name not in {"add", "csrfmiddlewaretoken"}
    }
    assert sent == {k: v for k, v in fields().items() if v}
    assert "says the same as before" in mara.follow(EDIT, {**sent, "do": "publish"})
    assert RecipeVersion.objects.count() == 1


def test_stages_are_moved_removed_and_added_without_a_script(mara: Reader) -> None:
    names = [entry["stage"] for entry in RecipeVersion.objects.get().stages]
    removed = mara.post(EDIT, {**fields(), "do": f"remove:{names.index('contested')}"})
    assert "contested" not in stages(removed)
    assert "“Contested” is removed." in removed
    assert "“Contested” is gone." in removed
    moved = mara.post(EDIT, {**shown(removed), "do": "move:0:1"})
    assert stages(moved)[:2] == [names[1], names[0]]
    assert "“Not for training” is now stage 2." in moved
    added = mara.post(EDIT, {**shown(moved), "do": "add", "add": "contested"})
    assert sorted(stages(added)) == sorted(names)
    up = mara.post(EDIT, {**shown(added), "do": "up:1"})
    assert stages(up) == names
    assert "Nothing so far." in up
    kept = mara.post(EDIT, {**fields(), "do": f"remove:{names.index('by_hand')}"})
    assert stages(kept) == names


def test_publishing_makes_a_version_and_says_what_changed(world: World, mara: Reader) -> None:
    names = [entry["stage"] for entry in RecipeVersion.objects.get().stages]
    setting = f"s.{names.index('min_votes')}.min_votes"
    changed = mara.post(EDIT, {**fields(), setting: "3", "do": "look"})
    assert "Votes wanted on each pair: 2 → 3." in changed
    seen = mara.follow(EDIT, {**shown(changed), "do": "publish"})
    assert "chat v2 is there" in seen
    assert RecipeVersion.objects.latest("pk").created_by == world.mara
    compared = mara.get(f"{P}compare/", {"a": "chat:1", "b": "chat:2"})
    assert "Votes wanted on each pair 2 3 changed" in compared
    assert "Votes wanted on each pair: 2 → 3." in compared


def test_what_is_wrong_stands_at_its_field_and_nothing_is_published(mara: Reader) -> None:
    names = [entry["stage"] for entry in RecipeVersion.objects.get().stages]
    setting = f"s.{names.index('min_votes')}.min_votes"
    seen = mara.post(EDIT, {**fields(), setting: "0", "do": "publish"})
    assert seen.status == 422
    field = seen.source.split(f'name="{setting}"')[1].split("</div>")[0]
    assert "must be between 1 and 1000." in field.replace(",", "")
    assert 'aria-invalid="true"' in seen.source
    early = mara.post(EDIT, {**fields(), "do": f"move:{names.index('decided')}:0"})
    assert "“No preference” needs “Votes” before it." in early
    assert "It cannot be published yet" in early
    assert RecipeVersion.objects.count() == 1


def test_a_mixture_is_set_with_its_help_beside_and_refused_out_of_bounds(mara: Reader) -> None:
    added = mara.post(EDIT, {**fields(), "do": "add", "add": "mixture"})
    assert "“Mixture” is now stage" in added
    number = stages(added).index("mixture")
    assert stages(added)[number + 1] == "weights"
    assert "a group of n pairs gives n^(1/T)" in added
    wrong = {**shown(added), f"s.{number}.temperature": "0.5", "do": "look"}
    assert "“Temperature” must be between 1 and 100." in mara.post(EDIT, wrong)
    right = {**shown(added), f"s.{number}.temperature": "2.5", "do": "publish"}
    assert "chat v2 is there" in mara.follow(EDIT, right)
    entry = RecipeVersion.objects.latest("pk").stages[number]
    assert entry["params"]["temperature"] == 2.5
    assert entry["params"]["how"] == "hold"


@pytest.mark.parametrize("do", ["up:0", "down:99", "move:1", "remove:x", "add", "burn:1", ":"])
def test_whatever_is_sent_is_answered(mara: Reader, do: str) -> None:
    seen = mara.post(EDIT, {**fields(), "do": do, "add": "polish"})
    assert seen.status == 200
    assert sorted(stages(seen)) == sorted(
        entry["stage"] for entry in RecipeVersion.objects.get().stages
    )


def test_a_recipe_is_cloned_under_a_name_of_its_own(mara: Reader) -> None:
    form = mara.get(f"{P}new/")
    assert "Of this project" in form.source
    sent = mara.post(f"{P}new/", {"slug": "strict", "like": "bundled:decided_only"})
    opened = mara.get(sent.to)
    assert "New recipe strict" in opened
    assert stages(opened) == ["votes", "decided", "by_hand", "splits"]
    assert RecipeVersion.objects.count() == 1
    seen = mara.follow(f"{P}begin/", {**shown(opened), "do": "publish"})
    assert "strict v1 is there" in seen
    taken = mara.post(f"{P}new/", {"slug": "strict", "like": "chat:1"})
    assert "There is a recipe of this name" in taken
    assert mara.get(f"{P}begin/", {"slug": "strict", "like": "chat:1"}).to == f"{P}new/"
    assert mara.get(f"{P}begin/", {"slug": "other", "like": "none:1"}).status == 404


def try_it(world: World) -> DryRun:
    row = DryRun.objects.get()
    work_on_dry_run(workspace_id=row.workspace_id, dry_run_id=row.pk, clock=timezone.now)
    row.refresh_from_db()
    return row


def test_a_recipe_is_tried_on_a_sample_and_no_pair_is_written(world: World, mara: Reader) -> None:
    import_votes(world)
    sent = mara.post(f"{P}dry-runs/", fields())
    before = everything()
    assert "waits for a worker" in mara.get(sent.to)
    row = try_it(world)
    assert (row.state, row.n_items, row.n_pairs) == ("finished", ALL, ALL), row.error
    assert not Pair.objects.exists()
    after = everything()
    written = {table for table in after if after[table] != before[table]}
    # What was read off texts is kept by their content; runs use it again.
    assert written <= {"curation_dryrun", "curation_textsignals"}
    seen = mara.get(sent.to)
    held = sum(HELD.values())
    assert f"Together {ALL} −{held} {KEPT}" in seen
    assert "1 empty response" in seen
    assert "Translate this line." in seen
    assert "nothing was written" in seen


def test_a_sample_says_what_a_run_says(world: World, mara: Reader) -> None:
    run = curate(world)
    mara.post(f"{P}dry-runs/", fields())
    row = try_it(world)
    names = ("stage", "n_in", "n_held", "n_out", "reasons")
    assert [{name: fall[name] for name in names} for fall in row.falls] == list(
        run.stages.order_by("position").values(*names)
    )


def test_htmx_follows_stage_by_stage_and_stops_at_the_end(world: World, mara: Reader) -> None:
    import_votes(world)
    panel = mara.post(f"{P}dry-runs/", fields(), HX_Request="true")
    assert 'hx-trigger="every 700ms"' in panel.source
    assert "<html" not in panel.source
    row = DryRun.objects.get()
    fall = {"stage": "purpose", "n_in": 13, "n_held": 1, "n_out": 12}
    fall |= {"reasons": {"not_for_training": 1}, "examples": {}}
    DryRun.objects.update(state="running", n_pairs=13, n_items=13, falls=[fall])
    half = mara.get(f"{P}dry-runs/{row.public_id}/", HX_Request="true")
    assert f"1 of {len(row.stages)} stages done" in half
    assert "at work" in half
    DryRun.objects.update(state="waiting", falls=[])
    try_it(world)
    done = mara.get(f"{P}dry-runs/{row.public_id}/", HX_Request="true")
    assert "hx-trigger" not in done.source


def test_a_recipe_that_is_wrong_is_not_tried_and_says_why(world: World, mara: Reader) -> None:
    seen = mara.post(f"{P}dry-runs/", {"s.0.stage": "decided"}, HX_Request="true")
    assert "“No preference” needs “Votes” before it." in seen
    assert not DryRun.objects.exists()
    mara.post(f"{P}dry-runs/", fields())
    row = try_it(world)
    assert (row.state, row.error_code) == ("failed", "nothing_to_curate")


def test_reviewers_edit_and_try_nothing(world: World, mara: Reader) -> None:
    ana = Reader(world.ana)
    for path in (EDIT, f"{P}new/", f"{P}compare/", f"{P}begin/"):
        assert ana.get(path).status == 403
    assert ana.post(f"{P}dry-runs/", fields()).status == 403
