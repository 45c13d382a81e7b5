"""Recipes: which questions become pairs, and which stages run on them in which order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from curation.late import pd
from curation.methods.severity import MQM
from curation.stages import STAGES, STAGES_BY_NAME, votes
from curation.stages.base import Estimate, Facts, Params, Problem, Stage
from curation.stages.by_hand import BY_HAND
from curation.stages.effort import EFFORT
from curation.stages.judged import RATER_COLUMNS
from curation.stages.judging import judge
from curation.stages.mixture import MIXTURE
from curation.stages.outliers import OUTLIERS, usual_of
from curation.stages.recalling import estimates_of, recalled
from curation.stages.splits import new_entries

EMPTY: dict[str, Any] = {}
# What says most about which of two responses is better comes first.
COMPARING = (
    frozenset({"preference", "ranking"}),
    frozenset({"rating"}),
    frozenset({"checklist"}),
    frozenset({"critiques"}),
    frozenset({"thumbs"}),
)


@dataclass(frozen=True, kw_only=True)
class Step:
    """One stage of a recipe with the settings that differ from its defaults."""

    stage: str
    params: Params = field(default_factory=dict)

    @property
    def does(self) -> Stage:
        return STAGES_BY_NAME[self.stage]


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """`questions` are those whose votes become pairs; none named means what the form compares."""

    name: str
    says: str
    steps: tuple[Step, ...]
    questions: tuple[str, ...] = ()

    def questions_of(self, kinds: Mapping[str, str]) -> tuple[str, ...]:
        """The questions to take from a form, given each question's type by its id.

        Without named questions: every rewrite, and of COMPARING those kinds that come first in this form.
        """
        if self.questions:
            return tuple(name for name in self.questions if name in kinds)
        known = set(kinds.values())
        compared = next((each & known for each in COMPARING if each & known), frozenset())
        return tuple(name for name, kind in kinds.items() if kind in compared | {"rewrite"})

    def params_of(self, stage: Stage) -> Params:
        """The settings of a stage as this recipe has them: its defaults where the stage is not in it."""
        said = next((step.params for step in self.steps if step.does is stage), EMPTY)
        return {**stage.defaults, **said}

    def document(self) -> dict[str, Any]:
        """The recipe as JSON, with every setting written out, so that a later default changes nothing."""
        steps = [
            {"stage": step.stage, "params": {**step.does.defaults, **step.params}}
            for step in self.steps
        ]
        return {
            "name": self.name,
            "says": self.says,
            "questions": list(self.questions),
            "stages": steps,
        }


class BadRecipe(Exception):
    """The recipe cannot be used; `problems` say why."""

    code = "bad_recipe"

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(" ".join(problem.sentence for problem in problems))
        self.problems = problems


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a run of a recipe gives: the pairs with all columns, and what to remember beside them.

    `raters`: their accuracies as `judged.Judged` gives them, nobody's where `estimates` were given. `usual` as `outliers.usual_of` gives it. `ledger`: new lines, item hash → split.
    `duplicate_votes` were equal votes of one rater on one pair and counted once. `methods`: how the
    methods compare, one entry a question, as `judged.Fit.report` gives it.
    """

    pairs: pd.DataFrame
    raters: pd.DataFrame
    estimates: dict[str, Estimate]
    usual: dict[str, tuple[float, float] | None]
    ledger: dict[str, str]
    duplicate_votes: int
    methods: list[dict[str, Any]]


After = Callable[[Stage, "pd.DataFrame"], None]


def unheard(stage: Stage, pairs: pd.DataFrame) -> None:
    """Nobody follows the stages."""


def curate(recipe: Recipe, pairs: pd.DataFrame, facts: Facts, after: After = unheard) -> Outcome:
    """Run every step in turn. The pairs are of the recipe's questions and all have their hashes.

    `after` is told of each stage and its pairs when it is done.
    """
    raters, duplicates = pd.DataFrame(columns=list(RATER_COLUMNS)), 0
    methods: list[dict[str, Any]] = []
    for step in recipe.steps:
        if step.does is votes.VOTES:
            if not facts.estimates:
                params = {**step.does.defaults, **step.params}
                judged = judge(pairs, facts, params)
                raters, duplicates = judged.raters, judged.ballots.duplicates
                methods = judged.reports(params)
                facts = replace(facts, estimates=estimates_of(judged))
            facts = replace(facts, judged=recalled(pairs, facts, facts.estimates))
        if step.does is OUTLIERS and not facts.usual:
            facts = replace(facts, usual=usual_of(pairs))
        pairs = step.does(pairs, facts, step.params)
        after(step.does, pairs)
    ledger = new_entries(pairs, facts.ledger) if "split" in pairs.columns else {}
    return Outcome(
        pairs=pairs,
        raters=raters,
        estimates=dict(facts.estimates),
        usual=dict(facts.usual),
        ledger=ledger,
        duplicate_votes=duplicates,
        methods=methods,
    )


def parse_recipe(document: Mapping[str, Any]) -> Recipe:
    """The recipe of a stored document; raises BadRecipe with every problem found."""
    problems = tuple(_problems(document))
    if problems:
        raise BadRecipe(problems)
    return Recipe(
        name=document["name"],
        says=document.get("says", ""),
        questions=tuple(document.get("questions", ())),
        steps=_with_last_word(
            [
                Step(stage=step["stage"], params=dict(step.get("params", EMPTY)))
                for step in document["stages"]
            ]
        ),
    )


def _with_last_word(steps: list[Step]) -> tuple[Step, ...]:
    """The steps, with the stage of what people decide where it usually runs: no recipe is without it."""
    if any(step.does is BY_HAND for step in steps):
        return tuple(steps)
    before = STAGES[: STAGES.index(BY_HAND)]
    earlier = [number for number, step in enumerate(steps, start=1) if step.does in before]
    at = max(earlier, default=0)
    return (*steps[:at], Step(stage=BY_HAND.name), *steps[at:])


def _problems(document: Mapping[str, Any]) -> Iterator[Problem]:
    if not isinstance(document.get("name"), str) or not document["name"]:
        yield Problem(path="name", code="no_name", sentence="A recipe needs a name.")
    questions = document.get("questions", [])
    if not isinstance(questions, list) or not all(isinstance(each, str) for each in questions):
        sentence = "The questions must be a list of question ids."
        yield Problem(path="questions", code="not_questions", sentence=sentence)
    steps = document.get("stages")
    if not isinstance(steps, list) or not steps:
        sentence = "A recipe needs a list of at least one stage."
        yield Problem(path="stages", code="no_stages", sentence=sentence)
        return
    yield from _problems_of_steps(steps)


def _problems_of_steps(steps: list[Any]) -> Iterator[Problem]:
    columns: set[str] = set()
    seen: set[str] = set()
    for number, step in enumerate(steps):
        path = f"stages.{number}"
        name = step.get("stage") if isinstance(step, dict) else None
        stage = STAGES_BY_NAME.get(name) if isinstance(name, str) else None
        if stage is None:
            sentence = f"There is no stage “{name}”."
            yield Problem(path=path, code="unknown_stage", sentence=sentence)
            continue
        if stage.name in seen:
            sentence = f"“{stage.title}” is in the recipe twice."
            yield Problem(path=path, code="repeated_stage", sentence=sentence)
        yield from _problems_of_step(path, stage, step.get("params", EMPTY), columns)
        seen.add(stage.name)
        columns |= set(stage.adds)


def _problems_of_step(
    path: str, stage: Stage, params: object, columns: set[str]
) -> Iterator[Problem]:
    missing = [name for name in stage.needs if name not in columns]
    if missing:
        earlier = next(each for each in STAGES if missing[0] in each.adds)
        sentence = f"“{stage.title}” needs “{earlier.title}” before it."
        yield Problem(path=path, code="stage_too_early", sentence=sentence)
    if not isinstance(params, dict):
        sentence = f"The settings of “{stage.title}” must be an object."
        yield Problem(path=f"{path}.params", code="not_params", sentence=sentence)
        return
    for problem in stage.check(params):
        inner = f"{path}.params.{problem.path}"
        yield Problem(path=inner, code=problem.code, sentence=problem.sentence)


def _all_stages(**params: Params) -> tuple[Step, ...]:
    """Every stage but those that a recipe must name: effort is the reviewers', and what a mixture leaves out somebody must want out."""
    return tuple(
        Step(stage=stage.name, params=params.get(stage.name, {}))
        for stage in STAGES
        if stage not in (EFFORT, MIXTURE)
    )


CHAT = Recipe(
    name="chat",
    says="Preferences of several reviewers; every stage with its defaults.",
    steps=_all_stages(),
)

CODE = Recipe(
    name="code",
    says="Review comments rated by one reviewer; pairs by the difference in relevance, six a prompt.",
    questions=("relevance",),
    steps=_all_stages(min_votes={"min_votes": 1}, cap_per_prompt={"cap": 6}),
)

LEGAL = Recipe(
    name="legal",
    says="Preferences of lawyers; two votes on each pair at least.",
    steps=_all_stages(min_votes={"min_votes": 2}),
)

TRANSLATION = Recipe(
    name="translation",
    says="Critiques weighed as MQM weighs the errors of a translation; pairs by the difference in score.",
    steps=_all_stages(scores={"weights": MQM}, min_votes={"min_votes": 1}),
)

DECIDED_ONLY = Recipe(
    name="decided_only",
    says="Every pair with a winner and nothing else held; to compare with published figures.",
    steps=(Step(stage="votes"), Step(stage="decided"), Step(stage="by_hand"), Step(stage="splits")),
)

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe for recipe in (CHAT, CODE, LEGAL, TRANSLATION, DECIDED_ONLY)
}
