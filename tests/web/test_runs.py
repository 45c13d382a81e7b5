"""Runs: begun, followed, read down to the votes behind a pair; recipes and agreement beside them."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import unquote

import pytest
from django.test import Client

from curation.actions.work import fail
from curation.models import Run, RunChunk, RunPair, RunStage
from curation.queries.pairs import line_of
from tests.curated import CONTESTED, HELD, KEPT, begin_run, curate, import_votes, rows, work_on
from tests.web.pages import Reader
from tests.world import World, add_reviewer, make_project

pytestmark = pytest.mark.usefixtures("own_files")

P = "/w/northgate/p/chat/"
RUNS = f"{P}runs/"
ALL = len(rows())


def the_pair(run: Run, **filters: Any) -> RunPair:
    return run.pairs.select_related("pair__revision").filter(**filters).order_by("pk")[0]


def at(run: Run, row: RunPair) -> str:
    return f"{RUNS}{run.number}/pairs/{row.pair.public_id}/"


def test_before_the_first_run_the_list_says_what_a_run_is(world: World) -> None:
    seen = Reader(world.mara).get(RUNS)
    assert "No run yet" in seen
    assert 'href="/w/northgate/p/chat/runs/new/"' in seen.source


def test_the_project_leads_to_its_runs(world: World) -> None:
    import_votes(world)
    seen = Reader(world.mara).get(P)
    assert f'href="{RUNS}"' in seen.source
    assert f'href="{RUNS}new/"' in seen.source
    assert f'hx-get="{P}agreement/"' in seen.source


def test_a_run_is_begun_with_the_projects_own_recipe(world: World) -> None:
    import_votes(world)
    mara = Reader(world.mara)
    form = mara.get(f"{RUNS}new/")
    assert "The project’s own, as it is now" in form
    sent = mara.post(f"{RUNS}new/", {"recipe": "", "seed": "4", "once": form.once})
    run = Run.objects.get()
    assert sent.to == f"{RUNS}1/"
    assert (run.seed, run.created_by, run.recipe_version.recipe.slug) == (4, world.mara, "chat")
    assert "Run 1 has begun" in mara.get(sent.to)


def test_the_same_form_sent_twice_begins_one_run(world: World) -> None:
    import_votes(world)
    mara = Reader(world.mara)
    fields = {"recipe": "", "once": mara.get(f"{RUNS}new/").once}
    mara.post(f"{RUNS}new/", fields)
    assert "This run was begun already" in mara.follow(f"{RUNS}new/", fields)
    assert Run.objects.count() == 1


def test_a_run_without_a_review_is_refused_in_the_form(world: World) -> None:
    mara = Reader(world.mara)
    seen = mara.post(f"{RUNS}new/", {"recipe": "", "once": mara.get(f"{RUNS}new/").once})
    assert seen.status == 422
    assert "No review of this project answers a question of this recipe yet" in seen


def test_a_run_at_work_says_how_far_it_is_and_htmx_asks_again(world: World) -> None:
    import_votes(world)
    run = begin_run(world)
    mara = Reader(world.mara)
    seen = mara.get(f"{RUNS}1/")
    assert "Reading the reviews" in seen
    assert "0 of 1 piece read" in seen
    assert f"{3 * ALL} reviews of {ALL} items" in seen
    assert 'hx-trigger="every 2s"' in seen.source
    assert f'<noscript><p><a href="{RUNS}1/">See how far it is now</a>' in seen.source
    RunChunk.objects.filter(run=run, kind="read").update(state="done")
    RunChunk.objects.create(workspace=run.workspace, run=run, kind="shared", number=1)
    Run.objects.update(state="joining")
    part = mara.get(f"{RUNS}1/", HX_Request="true")
    assert "Looking for near texts" in part
    assert "0 of 1 part done" in part
    RunChunk.objects.filter(run=run, kind="shared").delete()
    Run.objects.update(state="deciding")
    part = mara.get(f"{RUNS}1/", HX_Request="true")
    assert "Deciding" in part
    assert "step 2 of 2" in part
    assert "<html" not in part.source


def test_when_the_run_is_done_htmx_is_told_to_read_the_page_again(world: World) -> None:
    curate(world)
    mara = Reader(world.mara)
    assert mara.get(f"{RUNS}1/", HX_Request="true").headers["HX-Refresh"] == "true"
    whole = mara.get(f"{RUNS}1/")
    assert "every 2s" not in whole.source


def test_a_finished_run_tells_what_became_of_every_pair(world: World) -> None:
    curate(world)
    seen = Reader(world.mara).get(f"{RUNS}1/")
    held = sum(HELD.values())
    assert f"{KEPT} pairs out of {ALL}" in seen
    assert f"{ALL} − {held} = {KEPT}" in seen
    assert f"{CONTESTED} contested , kept on purpose" in seen
    for stage in RunStage.objects.all():
        assert stage.n_in == stage.n_held + stage.n_out
    for reason, number in HELD.items():
        words = reason.replace("_", " ")
        assert f"{words.capitalize()}, {number}" in seen
        assert f'href="?show={reason}#pairs"' in seen.source
    assert "Votes wanted on each pair: 2" in seen
    assert Run.objects.get().result_sha256.hex()[:8] in seen.source


def test_the_waterfall_is_drawn_to_scale(world: World) -> None:
    curate(world)
    seen = Reader(world.mara).get(f"{RUNS}1/")
    drawing = seen.source.split('class="chart vast"')[1].split("</svg>")[0]
    widths = {
        css: [
            float(width)
            for width in re.findall(rf'width="([\d.]+)" height="20" class="{css}"', drawing)
        ]
        for css in ("bar-n", "bar-on", "bar-held", "bar-keep")
    }
    whole, out = widths["bar-n"][0], widths["bar-keep"][0]
    assert out / whole == pytest.approx(KEPT / ALL, abs=0.001)
    assert sum(widths["bar-held"]) / whole == pytest.approx(1 - KEPT / ALL, abs=0.001)
    assert len(widths["bar-held"]) == len([s for s in RunStage.objects.all() if s.n_held])
    assert "style=" not in seen.source


def test_held_pairs_are_found_by_their_reason(world: World) -> None:
    run = curate(world)
    for reason, count in HELD.items():
        seen = Reader(world.mara).get(f"{RUNS}1/", {"show": reason})
        listed = set(re.findall(rf"{RUNS}1/pairs/([0-9a-f-]+)/", seen.source))
        known = {str(row.pair.public_id) for row in run.pairs.filter(reason=reason)}
        assert listed == known
        assert f"{count} in all" in seen


def test_a_reason_that_no_pair_has_shows_what_was_held(world: World) -> None:
    curate(world)
    seen = Reader(world.mara).get(f"{RUNS}1/", {"show": "nonsense"})
    assert "Held pairs" in seen
    assert f"{sum(HELD.values())} in all" in seen


def test_kept_and_contested_pairs_are_listed_too(world: World) -> None:
    curate(world)
    mara = Reader(world.mara)
    assert f"{KEPT} in all" in mara.get(f"{RUNS}1/", {"show": "kept"})
    contested = mara.get(f"{RUNS}1/", {"show": "contested"})
    assert f"{CONTESTED} in all" in contested
    assert "Name the longest river." in contested
    assert "2 A, 1 B" in contested


def test_contested_pairs_are_told_by_their_votes_whatever_the_recipe_marks(world: World) -> None:
    import_votes(world)
    mara = Reader(world.mara)
    mara.post(f"{P}recipes/first/")
    document = {"stages": [{"stage": "votes"}, {"stage": "decided"}]}
    mara.post(f"{P}recipes/chat/json/", {"slug": "plain", "document": json.dumps(document)})
    mara.post(f"{RUNS}new/", {"recipe": "plain:1", "once": mara.get(f"{RUNS}new/").once})
    run = work_on(Run.objects.get())
    assert not run.pairs.filter(contested=True).exists()
    seen = mara.get(f"{RUNS}1/", {"show": "contested"})
    assert f"{CONTESTED} contested , kept on purpose" in seen
    assert "Name the longest river." in seen
    row = next(r for r in run.pairs.filter(held=False) if r.n_votes not in (r.n_first, r.n_second))
    assert "Contested: the votes are not unanimous" in mara.get(at(run, row))


def test_pairs_come_page_by_page_and_none_twice(world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr("curation.web.run.PAIRS_SHOWN", 4)
    curate(world)
    mara, found, after = Reader(world.mara), [], ""
    for _ in range(3):
        seen = mara.get(f"{RUNS}1/", {"show": "kept", "after": after})
        found += re.findall(rf'href="{RUNS}1/pairs/([0-9a-f-]+)/"', seen.source)
        after = "".join(re.findall(r'rel="next" href="\?show=kept&amp;after=([^"]+)"', seen.source))
        after = unquote(after)
    assert not after
    assert len(found) == len(set(found)) == KEPT


def test_a_pair_tells_its_texts_votes_and_statistics(world: World) -> None:
    run = curate(world)
    row = the_pair(run, contested=True, held=False)
    seen = Reader(world.mara).get(at(run, row))
    assert "Name the longest river." in seen
    assert "Answer 8a: because of this" in seen
    assert "model-a" in seen
    assert "ruth A slightly better not known" in seen
    assert "sam B slightly better not known" in seen
    assert "Contested: the votes are not unanimous" in seen
    assert f"{row.vote_share_lo:.2f} to {row.vote_share_hi:.2f}, 95 %" in seen
    assert "votes.jsonl , row 9" in seen
    assert f"/items/{row.pair.revision.item.public_id}/" in seen.source


def test_a_repeated_pair_and_the_one_that_counts_its_votes_lead_to_each_other(world: World) -> None:
    run = curate(world)
    repeat = the_pair(run, reason="repeat_pair")
    head = run.pairs.select_related("pair").get(pair__pair_hash=repeat.pooled_into)
    mara = Reader(world.mara)
    seen = mara.get(at(run, repeat))
    assert "Held by “Repeated pairs”" in seen
    assert at(run, head) in seen.source
    back = mara.get(at(run, head))
    assert "1 pair repeats this one" in back
    assert at(run, repeat) in back.source
    assert head.n_votes == 4  # equal votes of one rater on both count once


def test_a_pair_shows_the_votes_that_its_run_froze_and_no_later_ones(world: World) -> None:
    run = curate(world)
    row = the_pair(run, held=False)
    before = Reader(world.mara).get(at(run, row))
    RunChunk.objects.filter(run=run, kind="read").update(review_ids=[])
    after = Reader(world.mara).get(at(run, row))
    assert "ruth" in before
    assert "No vote of its own" in after


def test_agreement_stands_on_the_run_on_its_own_page_and_in_the_overviews_slot(
    world: World,
) -> None:
    curate(world)
    mara = Reader(world.mara)
    page, part = mara.get(f"{P}agreement/"), mara.get(f"{P}agreement/", HX_Request="true")
    for seen in (mara.get(f"{RUNS}1/"), page, part):
        assert "Krippendorff’s α, ordinal" in seen
        assert "Which response is better overall?" in seen
        assert (
            "none" in seen
        )  # thirteen items make thirteen clusters, but no interval is invented where there is none
    assert "<html" in page.source
    assert "<html" not in part.source
    assert "run 1" in part


def test_without_a_run_the_slot_says_so(world: World) -> None:
    part = Reader(world.mara).get(f"{P}agreement/", HX_Request="true")
    assert "Not measured yet" in part
    assert f'href="{RUNS}new/"' in part.source


def test_a_rater_with_few_shared_votes_has_no_figure(world: World) -> None:
    curate(world)
    seen = Reader(world.mara).get(f"{RUNS}1/")
    assert "too few votes to tell, 20 are needed" in seen


def test_a_failed_run_says_why_and_can_be_begun_again(world: World) -> None:
    import_votes(world)
    fail(begin_run(world), "gave_up", "Five workers have died over this run.", world.now)
    mara = Reader(world.mara)
    seen = mara.get(f"{RUNS}1/")
    assert "Five workers have died over this run." in seen
    assert "gave_up" in seen
    assert "gave_up" in mara.get(RUNS)
    sent = mara.post(f"{RUNS}1/again/", {"once": seen.once})
    assert sent.to == f"{RUNS}2/"
    assert Run.objects.get(number=2).recipe_version == Run.objects.get(number=1).recipe_version


def test_again_twice_is_once(world: World) -> None:
    curate(world)
    mara = Reader(world.mara)
    once = {"once": mara.get(f"{RUNS}1/").once}
    mara.post(f"{RUNS}1/again/", once)
    mara.post(f"{RUNS}1/again/", once)
    assert Run.objects.count() == 2


def test_two_runs_of_the_same_reviews_and_recipe_are_equal(world: World) -> None:
    first, second = curate(world), work_on(begin_run(world))
    third = work_on(begin_run(world))
    # The first run froze the splits; from then on all is the same.
    assert bytes(second.result_sha256) == bytes(third.result_sha256) == bytes(first.result_sha256)


def test_reviewers_have_no_business_here(world: World) -> None:
    curate(world)
    for path in ("runs/", "runs/1/", "runs/new/", "agreement/", "recipes/"):
        assert Reader(world.ana).get(P + path).status == 403, path


def test_a_pair_of_another_run_is_not_there(world: World) -> None:
    run = curate(world)
    row = the_pair(run)
    begin_run(world)
    assert Reader(world.mara).get(f"{RUNS}2/pairs/{row.pair.public_id}/").status == 404
    assert Reader(world.mara).get(f"{RUNS}99999999999/").status == 404
    assert Reader(world.mara).get(f"{P}recipes/chat/v99999999999/").status == 404


def test_texts_are_shown_and_never_run(world: World) -> None:
    run = curate(world)
    row = the_pair(run, held=False)
    evil = "<script>alert(1)</script> <img src=x onerror=alert(1)>"
    prompt = [{"role": "user", "parts": [{"type": "text", "text": evil}]}]
    row.pair.revision.prompt = prompt
    row.pair.revision.save()
    mara = Reader(world.mara)
    for seen in (mara.get(at(run, row)), mara.get(f"{RUNS}1/", {"show": "kept"})):
        assert "<script>alert" not in seen.source
        assert "<img src=x" not in seen.source
    assert line_of(prompt).startswith("<script>")


def queries(user: Any, path: str, count: Any, **options: Any) -> None:
    client = Client()
    client.force_login(user)
    client.get(path)
    with count(options["most"]):
        assert client.get(path).status_code == 200


def test_pages_ask_the_database_a_bounded_number_of_times(
    world: World, django_assert_max_num_queries: Any
) -> None:
    run = curate(world)
    row = the_pair(run, held=False)
    for path, most in (
        (RUNS, 10),
        (f"{RUNS}1/", 26),
        (f"{RUNS}1/?show=kept", 26),
        (at(run, row), 24),
        (f"{P}agreement/", 16),
        (f"{P}recipes/", 12),
    ):
        queries(world.mara, path, django_assert_max_num_queries, most=most)


def test_another_workspaces_run_is_not_there(world: World) -> None:
    curate(world, world.their_project, world.eve)
    mara = Reader(world.mara)
    slug = world.their_project.slug
    for path in (f"/w/elsewhere/p/{slug}/runs/", f"/w/elsewhere/p/{slug}/runs/1/", f"{RUNS}1/"):
        assert mara.get(path).status == 404


def test_a_reviewer_of_one_project_sees_no_run_of_another(world: World) -> None:
    other = make_project(world.ines, world.workspace, world.now, name="Other")
    curate(world, other)
    carl = type(world.ana).objects.create_user(email="carl@example.org", password="x", name="Carl")
    add_reviewer(world, carl)
    assert Reader(carl).get(f"/w/northgate/p/{other.slug}/runs/1/").status == 404
