"""Gates in a real run: what is registered is found and held, signals are read once, and a result can be repeated."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from hashlib import sha256
from pathlib import Path

import pytest

from curation.actions import evaluation_sets
from curation.actions.recipes import save_recipe
from curation.actions.signals import scheme_of, signal, stored_signals
from curation.methods.signals import NOTHING
from curation.models import EvaluationText, Run, RunPair, RunReport, TextSignals
from curation.queries.evaluation_sets import digests_of, index_of
from feedback.errors import Invalid
from tests.curated import begin_run, import_votes, work_on
from tests.steps import claim, import_rows, row, run_recipe, send
from tests.world import FULL, World, make_item

pytestmark = pytest.mark.usefixtures("own_files")

HUMANEVAL = Path("curation/bundled/HumanEval.jsonl.gz")


def packed(text: bytes) -> bytes:
    """The text gzipped without its hour: two workers must give a test the same name."""
    return gzip.compress(text, mtime=0)


def problem(number: int) -> dict[str, str]:
    with gzip.open(HUMANEVAL, "rt") as file:
        return [json.loads(line) for line in file][number]


def planted(world: World) -> Run:
    """A run over the usual votes and two items that hold a problem of HumanEval: one asked, one answered with it."""
    import_votes(world)
    one, other = problem(3), problem(9)
    rows = [
        row("asked", 2, 1, prompt=one["prompt"], responses=["A loop does it.", "Try a sum."]),
        row("given", 2, 1, prompt="Write something.", responses=[other["prompt"], "Nothing."]),
    ]
    import_rows(world.place(world.ines), rows, world.now, source="planted")
    run = work_on(begin_run(world))
    assert run.state == "finished", run.error
    return run


def flagged(run: Run) -> dict[str, RunPair]:
    rows = RunPair.objects.filter(run=run, flags__contains=["contaminated"])
    found = rows.select_related("pair__revision__item__record")
    return {each.pair.revision.item.record.external_id: each for each in found}


def test_pairs_that_hold_an_evaluation_text_are_held_and_say_which(world: World) -> None:
    evaluation_sets.register_bundled(place=world.place(world.ines), name="HumanEval", now=world.now)
    run = planted(world)
    found = flagged(run)
    assert set(found) == {"asked", "given"}
    assert {each.reason for each in found.values()} == {"in_evaluation_set"}
    assert found["asked"].detail == "Shares words with HumanEval: HumanEval/3 prompt, in: prompt."
    assert found["given"].signals["eval_match"] == "HumanEval: HumanEval/9 prompt"
    assert found["given"].signals["eval_where"] == "first"
    assert found["given"].signals["eval_share"] == 1
    assert 0.9 < found["given"].signals["eval_own_share"] <= 1
    report = RunReport.objects.get(run=run, name="flags").body
    assert report == {"contaminated": {"pairs": 2, "kept": 0}}


def test_without_a_registered_set_nothing_is_found(world: World) -> None:
    run = planted(world)
    assert flagged(run) == {}
    assert RunReport.objects.get(run=run, name="flags").body == {}


def test_a_retired_set_is_looked_for_no_longer_and_may_be_registered_again(world: World) -> None:
    place = world.place(world.ines)
    made = evaluation_sets.register_bundled(place=place, name="HumanEval", now=world.now)
    with pytest.raises(evaluation_sets.SetExists):
        evaluation_sets.register_bundled(place=place, name="HumanEval", now=world.now)
    first = planted(world)
    evaluation_sets.retire_set(place=place, evaluation_set=made, now=world.now)
    second = work_on(begin_run(world))
    assert flagged(second) == {}
    assert set(flagged(first)) == {"asked", "given"}
    evaluation_sets.register_bundled(place=place, name="HumanEval", now=world.now)
    third = work_on(begin_run(world))
    assert bytes(third.result_sha256 or b"") == bytes(first.result_sha256 or b"")


def test_a_text_is_read_once_whoever_asks_and_however_often(world: World) -> None:
    run = planted(world)
    before = list(TextSignals.objects.order_by("pk").values_list("pk", "text_hash", "body"))
    assert len(before) == len({digest for _, digest, _ in before})
    work_on(begin_run(world))
    assert list(TextSignals.objects.order_by("pk").values_list("pk", "text_hash", "body")) == before
    index = index_of(world.project, ())
    texts = {text: sha256(text.encode()).digest() for text in ("A loop does it.", "new")}
    signal(world.project, scheme_of(run), texts, index)
    assert TextSignals.objects.count() == len(before) + 1
    found = signal(world.their_project, scheme_of(run), {"new": texts["new"]}, index)
    assert TextSignals.objects.filter(project=world.their_project).count() == 1
    assert found == {texts["new"]: "{}"}
    assert stored_signals(run, ["new"]) == [NOTHING]


def test_items_for_evaluation_become_a_set_of_their_own(world: World) -> None:
    place = world.place(world.ines)
    with pytest.raises(evaluation_sets.NoEvaluationItems):
        evaluation_sets.register_items(place=place, name="ours", now=world.now)
    said = "Name the seven hills of Rome and the two rivers that pass between them."
    make_item(world.project, said, ("Seven.", "Two."), purpose="evaluation")
    made = evaluation_sets.register_items(place=place, name="ours", now=world.now)
    assert (made.n_texts, made.n_short) == (1, 2)
    rows = [row("leak", 2, 1, prompt=f"Please: {said.upper()}")]
    import_rows(place, rows, world.now, source="leak")
    assert set(flagged(work_on(begin_run(world)))) == {"leak"}


def test_of_a_set_no_word_is_kept(world: World) -> None:
    place = world.place(world.ines)
    content = (
        b'{"id": 7, "text": "One secret sentence that has more than eight words of its own."}\n'
    )
    made = evaluation_sets.register_upload(place=place, name="own", content=content, now=world.now)
    kept = EvaluationText.objects.get(set=made)
    assert kept.name == "7 text"
    assert b"secret" not in bytes(kept.windows)
    assert len(bytes(kept.windows)) == 8 * 5
    assert digests_of(world.project) == [bytes(made.sha256).hex()]


def test_a_gzipped_set_in_two_members_is_the_same_set(world: World) -> None:
    place = world.place(world.ines)
    texts = [
        b"One sentence that has more than eight words of its own.\n\n",
        b"And another one " * 5,
    ]
    plain, zipped = b"".join(texts), b"".join(map(packed, texts))
    one = evaluation_sets.register_upload(place=place, name="own", content=plain, now=world.now)
    evaluation_sets.retire_set(place=place, evaluation_set=one, now=world.now)
    other = evaluation_sets.register_upload(place=place, name="own", content=zipped, now=world.now)
    assert bytes(one.sha256) == bytes(other.sha256)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "set_empty"),
        (b'{"unknown": "words"}', "set_empty"),
        (b'{"text": 1}\n{"text"', "set_not_json"),
        (b"\xff\xfe\x00", "set_not_text"),
        (b"too short", "set_too_short"),
        (packed(b"one text of a set that is long enough to be found")[:-9], "set_not_text"),
        (b"\x1f\x8bno gzip", "set_not_text"),
        (packed(b"bomb " * 5_000_000), "set_too_large"),
    ],
)
def test_a_file_without_usable_texts_is_refused_with_its_reason(
    world: World, content: bytes, code: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        evaluation_sets.register_upload(
            place=world.place(world.ines), name="bad", content=content, now=world.now
        )
    assert [each["code"] for each in refusal.value.problems] == [code]


def test_evidence_is_counted_only_where_the_recipe_names_it_and_holds_nothing(world: World) -> None:
    for number in range(24):
        make_item(world.project, f"Prompt {number}", ("One answer.", "Another."), rank=number)
    for number in range(24):
        claimed = claim(world, world.ana)
        fast = {"active_ms": 900 if number == 3 else 60_000 + 500 * number}
        later = world.now + dt.timedelta(minutes=5 * (number + 1))
        own = " ".join(f"word{number * 50 + n}" for n in range(40))
        why = FULL["answers"]["why"] if number in {7, 9} else own
        said = {**FULL, "answers": {**FULL["answers"], "why": why}}
        send(
            world,
            world.ana,
            claimed,
            said,
            now=later,
            typed=10,
            pasted=400 if number == 5 else 0,
            **fast,
        )
    usual = work_on(begin_run(world))
    assert not RunPair.objects.filter(run=usual).exclude(flags=[]).exists()
    steps = [{"stage": "votes"}, {"stage": "effort"}]
    asked = save_recipe(
        project=world.project, slug="asked", by=None, now=world.now,
        document={"name": "asked", "stages": steps},
    )  # fmt: skip
    run = run_recipe(world.place(world.ines), world.now, asked)
    assert (run.state, run.n_held) == ("finished", 0), run.error
    flags = RunReport.objects.get(run=run, name="flags").body
    assert {name: each["pairs"] for name, each in flags.items()}.items() >= {
        "hasty_votes": 1,
        "pasted_votes": 1,
        "repeated_votes": 2,
    }.items()
