from __future__ import annotations

import copy
import datetime as dt
from itertools import pairwise
from typing import Any

import pytest

from curation.actions import decide
from curation.actions.start_run import NothingToCurate, start_run
from curation.models import Run, RunPair, SplitEntry
from curation.stages.base import BrokenPromise
from feedback import access
from feedback.actions import projects
from feedback.actions.leases import sweep_leases
from feedback.actions.submit import Effort, revise_review
from feedback.models import Project, Review
from tests.steps import claim, files_root, import_rows, recipe, row, run_recipe, send, work_off
from tests.world import FULL, World, make_item

HOUR = dt.timedelta(hours=1)
UNPLACED = {"stages": [{"stage": "votes"}, {"stage": "decided"}]}


def items(*ids: int, votes: tuple[int, ...] = (2, 1), **more: Any) -> list[dict[str, Any]]:
    return [
        row(f"i{n}", *votes, prompt=f"Question {n}?", responses=[f"yes {n}", f"no {n}"], **more)
        for n in ids
    ]


def saying(value: int) -> dict[str, Any]:
    slots = copy.deepcopy(FULL)
    slots["answers"]["preference"][0]["value"] = value
    return slots


def pair_of(run: Run) -> RunPair:
    return RunPair.objects.get(run=run)


def test_the_result_depends_on_what_was_said_and_not_on_serials(world: World) -> None:
    """The same reviews in another workspace, imported in another order, under other ids of every row."""
    rows = items(*range(12), votes=(2, -1, 3))
    mine, theirs = world.place(world.mara), world.place(world.eve, world.their_project)
    import_rows(mine, rows, world.now, source="s")
    import_rows(theirs, items(99), world.now, source="other")
    for each in rows[::-1]:
        import_rows(theirs, [each], world.now + HOUR, source="s")
    runs = [_unplaced(place, world.now) for place in (mine, theirs)]
    pairs = [dict(_by_hash(run)) for run in runs]
    assert len(pairs[0]) == 12
    assert pairs[0] == {key: value for key, value in pairs[1].items() if key in pairs[0]}


def _unplaced(place: access.ProjectPlace, now: dt.datetime) -> Run:
    """Without splits, whose draw is the dataset's own."""
    from curation.actions.recipes import save_recipe

    version = save_recipe(project=place.project, slug="plain", document=UNPLACED, by=None, now=now)
    return run_recipe(place, now, version)


def _by_hash(run: Run) -> list[tuple[bytes, Any]]:
    rows = RunPair.objects.filter(run=run).select_related("pair")
    return [(bytes(r.pair.pair_hash), (r.n_votes, r.vote_share, r.margin, r.chosen)) for r in rows]


def test_a_run_over_the_same_has_the_same_hashes(world: World) -> None:
    place = world.place(world.mara)
    import_rows(place, items(*range(6)), world.now)
    first, second = (run_recipe(place, world.now + n * HOUR) for n in range(2))
    assert bytes(first.result_sha256) == bytes(second.result_sha256)
    assert (first.number, second.number) == (1, 2)


def test_what_went_in_is_hashed_vote_by_vote_and_setting_by_setting(world: World) -> None:
    place = world.place(world.mara)
    import_rows(place, items(*range(4)), world.now, source="s")
    version = recipe(world.project, world.now)
    before = run_recipe(place, world.now, version)
    SplitEntry.objects.all().delete()
    seen = {bytes(before.input_sha256)}

    def differs(run: Run) -> None:
        SplitEntry.objects.all().delete()
        assert run.state == "finished"
        assert bytes(run.input_sha256) not in seen
        seen.add(bytes(run.input_sha256))

    import_rows(place, items(0, votes=(2, 1, -3)), world.now, source="s")
    differs(run_recipe(place, world.now, version))
    differs(work_off(start_run(place=place, version=version, now=world.now, seed=7), world.now))
    differs(run_recipe(place, world.now, recipe(world.project, world.now, "chat")))
    projects.change_project(place=place, changes={"prompt_template": "Question"})
    differs(run_recipe(world.place(world.mara), world.now, version))
    form = copy.deepcopy(world.project.forms.get().schema)
    form["questions"][0]["title"] = "Which?"
    projects.publish_form(place=place, schema=form, now=world.now)
    differs(run_recipe(world.place(world.mara), world.now, version))


def test_a_frozen_run_does_not_see_what_comes_later(world: World) -> None:
    place = world.place(world.mara)
    import_rows(place, items(0, votes=(2,)), world.now, source="s")
    run = start_run(place=place, version=recipe(world.project, world.now), now=world.now)
    import_rows(place, items(0, votes=(2, -3, -3)), world.now, source="s")
    work_off(run, world.now)
    assert (run.n_reviews, run.n_votes, pair_of(run).chosen) == (1, 1, "first")


def test_a_correction_counts_instead_of_what_it_corrects(world: World) -> None:
    make_item(world.project)
    sent = send(world, world.ana, claim(world, world.ana), saying(2))
    place = world.place(world.ana)
    review = access.own_review(place, sent.public_id)
    revise_review(
        place=place, review=review, slots=saying(-3), effort=Effort(), now=world.now + HOUR
    )
    run = run_recipe(world.place(world.mara), world.now, recipe(world.project, world.now))
    shown_first = Review.objects.get(revision=1).order_shown[0]
    found = pair_of(run)
    assert (run.n_reviews, found.n_votes) == (1, 1)
    assert found.chosen == ("second" if shown_first == 1 else "first")
    assert found.margin == 3


def test_a_surplus_review_is_not_used(world: World) -> None:
    make_item(world.project, wanted=1)
    late = world.now + 2 * HOUR
    assignment = claim(world, world.ana)
    sweep_leases(now=late)
    send(world, world.ben, claim(world, world.ben, now=late), saying(3), now=late)
    assert send(world, world.ana, assignment, saying(-3), now=late).surplus
    run = run_recipe(world.place(world.mara), late, recipe(world.project, world.now))
    assert (run.n_reviews, pair_of(run).n_votes) == (1, 1)


@pytest.mark.parametrize("purpose", ["gold", "evaluation"])
def test_only_training_items_become_pairs(world: World, purpose: str) -> None:
    place = world.place(world.mara)
    import_rows(place, [*items(0), *items(1, purpose=purpose)], world.now)
    run = run_recipe(place, world.now)
    held = RunPair.objects.get(run=run, held=True)
    assert (held.stage, held.reason, held.split) == ("purpose", "not_for_training", "")
    assert run.n_out == 1
    assert SplitEntry.objects.count() == 1


def test_pairs_that_repeat_each_other_pool_their_votes(world: World) -> None:
    """The same two answers to the same question, once the other way round: one pair with the votes of both."""
    long = [f"This is a long and careful answer number {n}, with many words." for n in (1, 2)]
    rows = [
        row("a", 2, 1, prompt="Why is the sky blue?", responses=long),
        row("b", -3, prompt="Why is the sky blue?", responses=long[::-1]),
    ]
    place = world.place(world.mara)
    import_rows(place, rows, world.now)
    run = run_recipe(place, world.now)
    kept, repeat = RunPair.objects.filter(run=run).order_by("held")
    assert (repeat.reason, bytes(repeat.pooled_into)) == ("repeat_pair", bytes(kept.pair.pair_hash))
    assert (kept.n_votes, kept.vote_share) == (3, 1.0)
    assert sorted(abs(o) for o in (kept.margin,)) == [2.0]


def test_repeated_pairs_with_opposite_winners_wait_for_a_person(world: World) -> None:
    long = [f"This is a long and careful answer number {n}, with many words." for n in (1, 2)]
    rows = [
        row("a", 2, 1, prompt="Why is the sky blue?", responses=long),
        row("b", 3, prompt="Why is the sky blue?", responses=long[::-1]),
    ]
    place = world.place(world.mara)
    import_rows(place, rows, world.now)
    run = run_recipe(place, world.now)
    assert set(RunPair.objects.values_list("reason", flat=True)) == {"conflict"}
    assert run.n_out == 0


def test_the_waterfall_begins_with_every_pair_and_ends_with_what_is_kept(world: World) -> None:
    place = world.place(world.mara)
    rows = [*items(*range(6)), *items(6, votes=(0, 0)), *items(7, purpose="gold")]
    import_rows(place, rows, world.now)
    run = run_recipe(place, world.now)
    stages = list(run.stages.order_by("position"))
    assert stages[0].n_in == run.n_pairs == 8
    assert stages[-1].n_out == run.n_out == 6
    assert sum(stage.n_held for stage in stages) == run.n_held == 2
    for before, after in pairwise(stages):
        assert before.n_out == after.n_in
    for stage in stages:
        held = RunPair.objects.filter(run=run, stage=stage.stage)
        assert stage.n_held == held.count() == sum(stage.reasons.values())


def test_the_ledger_is_frozen_over_runs_and_only_grows(world: World) -> None:
    place = world.place(world.mara)
    import_rows(place, items(*range(30)), world.now, source="s")
    run_recipe(place, world.now)
    first = dict(SplitEntry.objects.values_list("item_hash", "split"))
    assert set(first.values()) == {"train", "validation", "test"}
    import_rows(place, items(*range(30, 90)), world.now, source="s")
    second_run = run_recipe(place, world.now + HOUR)
    second = {bytes(k): v for k, v in SplitEntry.objects.values_list("item_hash", "split")}
    assert len(second) == 90
    assert {bytes(key): value for key, value in first.items()}.items() <= second.items()
    placed = RunPair.objects.filter(run=second_run).select_related("pair__revision")
    for each in placed:
        assert second[bytes(each.pair.revision.content_hash)] == each.split
    assert SplitEntry.objects.filter(run=second_run).count() == 60


def test_reports_and_reliability_are_kept_as_they_were_then(world: World) -> None:
    place = world.place(world.mara)
    rows = items(*range(25), votes=(2, 2, -1))
    unknown = {"rater_kind": "unknown", "answers": {"preference": [{"a": 1, "b": 2, "value": 1}]}}
    rows[0]["reviews"].append(unknown)
    import_rows(place, rows, world.now)
    run = run_recipe(place, world.now)
    named = {
        "agreement",
        "clusters",
        "diversity",
        "flags",
        "leaderboard",
        "methods",
        "splits",
        "votes",
    }
    named.add("by_hand")
    assert set(run.reports.values_list("name", flat=True)) == named
    known = run.reliability.order_by("rater__external_key")
    assert [each.rater.external_key for each in known] == ["r1", "r2", "r3"]
    for each in known:
        assert each.n_votes == 25
        assert 0 < each.accuracy_lo < each.accuracy < each.accuracy_hi < 1
    assert known[2].accuracy < known[0].accuracy


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (BrokenPromise("The stage 'x' broke its promise about the rows."), "stage_broken"),
        (ValueError("could not convert 'a reviewer's words'"), "stage_failed"),
        (KeyError("x"), "stage_failed"),
    ],
)
def test_a_stage_that_fails_ends_its_run_with_a_sentence_and_no_words_of_anybody(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    error: Exception,
    code: str,
) -> None:
    place = world.place(world.mara)
    import_rows(place, items(0), world.now)

    def fail(*args: Any) -> None:
        raise error

    monkeypatch.setattr(decide, "curate", fail)
    run = run_recipe(place, world.now)
    assert (run.state, run.error_code, run.result_sha256) == ("failed", code, None)
    assert run.error.endswith(".")
    assert "a reviewer's words" not in run.error + "".join(capfd.readouterr())
    assert not RunPair.objects.exists()
    assert not (files_root() / "runs" / str(run.public_id)).exists()
    assert set(run.chunks.values_list("state", "lease")) == {("done", None)}


class TestNothingToCurate:
    def test_without_reviews(self, world: World) -> None:
        make_item(world.project)
        with pytest.raises(NothingToCurate):
            self._start(world)

    def test_when_nobody_answers_a_question_of_the_recipe(self, world: World) -> None:
        place = world.place(world.mara)
        import_rows(place, items(0), world.now)
        with pytest.raises(NothingToCurate):
            start_run(place=place, version=recipe(world.project, world.now, "code"), now=world.now)
        assert not Run.objects.exists()

    def test_when_nobody_could_judge(self, world: World) -> None:
        refusal = {"rater": "r", "cannot_judge": {"reason": "bad_task", "note": ""}}
        import_rows(world.place(world.mara), [row("a") | {"reviews": [refusal]}], world.now)
        with pytest.raises(NothingToCurate):
            self._start(world)

    @staticmethod
    def _start(world: World) -> Run:
        place = world.place(world.mara)
        return start_run(place=place, version=recipe(world.project, world.now), now=world.now)


def test_a_projects_template_is_taken_out_of_its_prompts(world: World) -> None:
    """Twenty different questions in one long frame are no near-duplicates."""
    frame = (
        "You are a careful assistant of a law firm and answer only what you can prove. Question: {}"
    )
    rows = [
        row(f"i{n}", 1, prompt=frame.format(word), responses=[f"yes {n}", f"no {n}"])
        for n, word in enumerate(["tax", "divorce", "patent", "lease"])
    ]
    place = world.place(world.mara)
    import_rows(place, rows, world.now)
    Project.objects.filter(pk=world.project.pk).update(prompt_template=frame.format(""))
    run = run_recipe(world.place(world.mara), world.now)
    assert run.reports.get(name="clusters").body["clusters"] == 4
