"""The page on which the methods of a run are compared, and the same by API."""

from __future__ import annotations

import re

import pytest

from curation.models import Run, RunPair
from curation.queries.methods import Compared, Method, Point, nats, share
from curation.web.methods_charts import plots_of
from feedback.models import Kind, Review, Vote
from tests.api.calls import by_key
from tests.contrary import GOLD, compared_run
from tests.curated import begin_run, curate, work_on
from tests.web.pages import Reader
from tests.world import World

RUN = "/w/northgate/p/chat/runs/{}/"


def report_of(run: Run) -> dict:
    (entry,) = run.reports.get(name="methods").body
    return entry


def test_the_page_says_who_decides_and_shows_every_method_with_gold_beside(world: World) -> None:
    run = compared_run(world)
    page = Reader(world.mara).get(RUN.format(run.number) + "methods/")
    entry = report_of(run)
    assert entry["used"] in {"one_coin", "dawid_skene"}
    assert "decides: of the methods that surely foretell held-out votes better" in page
    assert "beats majority: it foretells a held-out vote better by" in page
    assert f"On {GOLD} known answers" in page
    for name in ("Smoothed majority", "One-coin", "Dawid–Skene", "p next", "p true"):
        assert name in page
    assert page.source.count('<svg class="chart"') == 7
    assert "style=" not in page.source.split("<main")[1]


def test_a_run_links_to_it_and_says_the_decision(world: World) -> None:
    run = compared_run(world)
    page = Reader(world.mara).get(RUN.format(run.number))
    assert "How they compare" in page
    assert RUN.format(run.number) + "methods/" in page.source
    assert "has the least log-loss" in page
    pair = RunPair.objects.filter(run=run, held=False).first()
    assert pair.method == f"{report_of(run)['used']}/{report_of(run)['version']}"
    assert pair.method in Reader(world.mara).get(
        RUN.format(run.number) + f"pairs/{pair.pair.public_id}/"
    )


def test_with_few_pairs_the_page_says_that_methods_cannot_be_told_apart(world: World) -> None:
    run = curate(world)
    page = Reader(world.mara).get(RUN.format(run.number) + "methods/")
    assert "it takes 30 to tell methods apart" in page
    assert "p true" not in page
    assert set(run.pairs.values_list("method", flat=True)) == {"majority/1"}


def test_a_run_at_work_has_no_comparison_yet(world: World) -> None:
    curate(world)
    run = begin_run(world)
    assert Reader(world.mara).get(RUN.format(run.number) + "methods/").status == 404


def test_the_same_by_api(world: World) -> None:
    run = compared_run(world)
    mara = by_key(world, world.mara)
    said = mara.get(f"/projects/northgate/chat/runs/{run.number}/methods").json()
    assert said["run"] == run.number
    assert said["questions"] == [report_of(run)]
    detail = mara.get(f"/projects/northgate/chat/runs/{run.number}").json()
    assert detail["reports"]["methods"] == said["questions"]


def test_the_comparison_is_the_same_every_time(world: World) -> None:
    run = compared_run(world)
    again = work_on(begin_run(world))
    assert report_of(again) == report_of(run)
    assert again.result_sha256 == run.result_sha256


def test_an_adjudication_is_a_known_answer_from_the_next_run_on(world: World) -> None:
    run = compared_run(world)
    before = report_of(run)["scores"][0]["gold"]["n"]
    review = Review.objects.filter(item__purpose="train").order_by("pk").first()
    adjudicate(review, world)
    later = work_on(begin_run(world))
    assert report_of(later)["scores"][0]["gold"]["n"] == before + 1
    assert later.input_sha256 != run.input_sha256


def adjudicate(review: Review, world: World) -> None:
    """An adjudicator prefers the other side."""
    kept = ("workspace_id", "project_id", "item_id", "item_revision_id", "rater_id", "form_id")
    judged = Review.objects.create(
        **{name: getattr(review, name) for name in kept},
        kind=Kind.ADJUDICATION,
        submitted_at=world.now,
        received_at=world.now,
        body_sha256=bytes(32),
    )
    for vote in review.votes.all():
        Vote.objects.create(
            workspace_id=review.workspace_id,
            review=judged,
            question=vote.question,
            response_lo=vote.response_lo,
            response_hi=vote.response_hi,
            outcome=-vote.outcome,
        )


@pytest.mark.parametrize(
    ("value", "words"), [(0.05321, ".0532"), (-0.1161, "−.1161"), (0.0, ".0000")]
)
def test_differences_are_written_as_people_write_them(value: float, words: str) -> None:
    assert nats(value) == words


def test_shares_likewise() -> None:
    assert (share(0.7134), share(1.0)) == (".713", "1")


def test_contradictions_of_rankings_are_said_in_a_sentence() -> None:
    orders = {"by": "schulze", "items": 80, "cyclic": 1, "changed": 14}
    compared = Compared(
        *("q", "Q", "majority", 1, "none_better", 20, 10, "empirical", 1.0, [], []), orders=orders
    )
    assert compared.sentences == [
        (
            "Of 80 items with three responses or more, 1 contradicts itself pair by pair (A over B, B over C, C over A). "
            "Schulze’s method puts each item's responses in one order and chooses otherwise on 14 pairs."
        )
    ]


def test_a_dot_stands_where_its_numbers_are_and_is_hollow_off_the_line() -> None:
    points = [Point(0.5, 0.5, 0.4, 0.6, 10), Point(1.0, 0.5, 0.2, 0.8, 10)]
    method = Method("majority", 1, 0.5, 0.0, 0.0, 0.0, 0, True, points, None, True)
    compared = Compared(
        "q", "Q", "majority", 1, "none_better", 20, 10, "empirical", 1.0, points, [method]
    )
    held, gold = plots_of(compared, 1)
    assert gold == []
    assert [plot.title for plot in held] == ["p next", "Smoothed majority"]
    first, second = held[0].dots
    assert (first.x, first.y, first.off) == ("34.0", "101.0", False)
    assert (second.x, second.y, second.off) == ("268.0", "101.0", True)
    assert re.fullmatch(r"[a-z-]+-1", held[0].id)
