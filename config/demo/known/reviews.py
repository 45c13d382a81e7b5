"""Known figures of reviews, through import and run: PandaLM, its Label Studio export, FineGrainedRLHF, CRScore."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Q, QuerySet

from config.demo.parts import DATA
from config.demo.prepare import DIMENSIONS, agreement_items, packed, read_lines
from curation.models import Run, RunPair
from curation.stages.recipes import RECIPES
from feedback.access import ProjectPlace
from feedback.models import ImportJob, Item, Response, Vote

from .figure import TESTS_DATA, Figure, rounded
from .throwaway import Throwaway, report

PANDALM = DATA / "chat" / "pandalm_testset-v1.json.gz"
EXPORT = TESTS_DATA / "label_studio" / "pandalm_as_label_studio_export.json.gz"
FINEGRAINED = TESTS_DATA / "finegrained_dev_feedback.json.gz"
CRSCORE = DATA / "code" / "crscore.jsonl.gz"
DOUBLE_RATED = TESTS_DATA / "agreement" / "crscore_double_rated_py.jsonl.gz"
KAPPAS = {(1, 2): 0.8520, (1, 3): 0.8789, (2, 3): 0.8617}
# Only pairs without a winner are held, as in published figures; contested ones are marked.
DECIDED = {
    "name": "known",
    "stages": [{"stage": stage} for stage in ("votes", "contested", "decided", "splits")],
}
ALPHAS = {"conciseness": 0.7518, "comprehensiveness": 0.7155, "relevance": 0.7291}


def pandalm(inside: Throwaway) -> Iterator[Figure]:
    """PandaLM, and the same votes out of a Label Studio export."""
    here, job = inside.bring_in("pandalm", "chat", PANDALM, "pandalm")
    decided = inside.run(here, DECIDED)
    yield from _counted("PandaLM", job)
    yield from _agreement(decided)
    yield from _majority(decided)
    yield from _default_recipe(inside.run(here, RECIPES["chat"].document()))
    there, _ = inside.bring_in("export", "chat", EXPORT, "pandalm_label_studio")
    again = inside.run(there, DECIDED)
    name = "PandaLM as Label Studio export"
    yield Figure(name, "votes", 2997, _votes(there).count())
    yield Figure(name, "pairs with other votes than PandaLM's", 0, _different(decided, again))
    yield Figure(name, "decided pairs, decided filter only", 894, again.n_out)


def finegrained(inside: Throwaway) -> Iterator[Figure]:
    """FineGrainedRLHF: six votes over four responses in one review of nobody named."""
    here, job = inside.bring_in("finegrained", "chat", FINEGRAINED, "finegrained_rlhf")
    numbers = Item.objects.filter(project=here.project).values_list("responses", flat=True)
    outcomes = Counter(_votes(here).values_list("outcome", flat=True))
    yield Figure("FineGrainedRLHF", "items", 500, job.items_created)
    yield Figure("FineGrainedRLHF", "responses to each", "4", ", ".join(map(str, set(numbers))))
    yield Figure("FineGrainedRLHF", "votes", 3000, outcomes.total())
    found = " / ".join(f"{outcomes[outcome]:,}" for outcome in (0, 1, -1))
    yield Figure("FineGrainedRLHF", "votes: tie / first / second", "384 / 1,577 / 1,039", found)


def crscore(inside: Throwaway) -> Iterator[Figure]:
    """CRScore's ratings as the demonstration has them, and the agreement of its doubly rated comments."""
    here, job = inside.bring_in("crscore", "code_review", CRSCORE)
    run = inside.run(here, RECIPES["code"].document())
    first = _votes(here).filter(question="relevance", review__external_id__startswith="final/")
    pairs = RunPair.objects.of(run)
    yield Figure("CRScore", "diffs", 81, job.items_created)
    yield Figure("CRScore", "pairs of comments that one person rated", 3555, first.count())
    yield Figure("CRScore", "of them ties on relevance", 1351, first.filter(outcome=0).count())
    yield Figure("CRScore", "pairs with two votes", 160, pairs.filter(n_votes=2).count())
    yield Figure("CRScore", "largest number of pairs kept for a prompt", 6, _largest(pairs))
    yield Figure("CRScore", "pairs with a chance and fewer than two votes", 0, _too_sure(pairs))
    rows = packed(agreement_items(read_lines(DOUBLE_RATED)))
    there, _ = inside.bring_in("crscore double", "code_review", ("double.jsonl.gz", rows))
    ratings = report(inside.run(there, RECIPES["code"].document()), "agreement")
    for dimension in DIMENSIONS:
        entry = next(e for e in ratings if (e["of"], e["question"]) == ("ratings", dimension))
        alpha = entry["as_imported"]["alpha_ordinal"]["value"]
        name = f"α ordinal, {dimension}"
        yield rounded("CRScore, rated twice", name, ALPHAS[dimension], alpha)


def _counted(name: str, job: ImportJob) -> Iterator[Figure]:
    texts = Response.objects.filter(revision__item__project_id=job.project_id)
    yes = [{"role": "assistant", "parts": [{"type": "text", "text": "true"}]}]
    yield Figure(name, "items", 999, job.items_created)
    yield Figure(name, "reviews", 2997, job.reviews_created)
    yield Figure(name, "items with the texts of another one", 99, job.twins)
    yield Figure(name, "boolean responses, read as text", 6, texts.filter(messages=yes).count())


def _agreement(run: Run) -> Iterator[Figure]:
    (entry,) = (e for e in report(run, "agreement") if e["of"] == "votes")
    names = {f"imported:known:annotator{number}": number for number in (1, 2, 3)}
    found = {(names[p["first"]], names[p["second"]]): p["kappa"]["value"] for p in entry["raters"]}
    for raters, kappa in KAPPAS.items():
        yield rounded(
            "PandaLM", f"κ of annotators {raters[0]} and {raters[1]}", kappa, found[raters]
        )
    alphas = {key: entry[key]["alpha_nominal"]["value"] for key in ("as_imported", "pooled")}
    yield rounded("PandaLM", "α nominal, as imported", 0.8642, alphas["as_imported"])
    yield Figure("PandaLM", "α nominal, both orientations pooled", None, round(alphas["pooled"], 4))


def _majority(run: Run) -> Iterator[Figure]:
    pairs = RunPair.objects.of(run)
    unanimous = Q(n_first=3) | Q(n_tie=3) | Q(n_second=3)
    chosen = Counter(pairs.values_list("chosen", flat=True))
    counts = f"{chosen[None]} / {chosen['first']} / {chosen['second']}"
    contested = pairs.filter(contested=True)
    yield Figure("PandaLM", "majority: tie / first / second", "105 / 422 / 472", counts)
    yield Figure("PandaLM", "unanimous pairs", 879, pairs.filter(unanimous).count())
    yield Figure("PandaLM", "contested pairs", 120, contested.count())
    held = contested.filter(held=True).exclude(chosen=None).count()
    yield Figure("PandaLM", "contested pairs held though decided", 0, held)
    yield Figure("PandaLM", "decided pairs, decided filter only", 894, run.n_out)


def _default_recipe(run: Run) -> Iterator[Figure]:
    held = Counter[str]()
    for stage in run.stages.all():
        held.update(stage.reasons)
    yield Figure("PandaLM", "default recipe: empty responses held", 54, held["empty_response"])
    for reason in ("repeat_pair", "conflict", "no_preference"):
        yield Figure("PandaLM", f"default recipe: {reason}", None, held[reason])
    yield Figure("PandaLM", "default recipe: kept", None, run.n_out)
    missing = run.n_pairs - held.total() - run.n_out
    yield Figure("PandaLM", "default recipe: pairs the waterfall lost", 0, missing)


def _votes(here: ProjectPlace) -> QuerySet[Vote]:
    return Vote.objects.filter(review__project=here.project)


def _different(one: Run, other: Run) -> int:
    """How many pairs of two runs do not have the same votes."""
    mine, theirs = (
        set(
            RunPair.objects.of(run).values_list(
                "pair__pair_hash", "n_first", "n_tie", "n_second", "margin"
            )
        )
        for run in (one, other)
    )
    return len({row[0] for row in _plain(mine) ^ _plain(theirs)})


def _plain(rows: set[Any]) -> set[tuple[Any, ...]]:
    return {(bytes(sha), *rest) for sha, *rest in rows}


def _largest(pairs: QuerySet[RunPair]) -> int:
    kept = pairs.filter(held=False).values("pair__revision").annotate(n=Count("pk"))
    largest: int = max(row["n"] for row in kept)
    return largest


def _too_sure(pairs: QuerySet[RunPair]) -> int:
    return pairs.filter(n_votes__lt=2).exclude(p_next=None, p_true=None).count()
