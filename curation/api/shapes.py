"""Shapes of recipes, runs, pairs and agreement."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from curation.actions.by_hand import LONGEST_REASON
from curation.models import Decision, RaterReliability, RunPair
from curation.models import Run as Row
from curation.queries.by_hand import decisions_on
from curation.queries.lineage import Lineage
from curation.queries.pairs import line_of
from curation.queries.reliability import LEAST_SHARED
from feedback.models import Rater
from feedback.rest.fields import HashField, ObjectField
from feedback.rest.paging import PageQuery
from feedback.rest.reading import Strict

from .method_shapes import QuestionMethods

LONGEST_SLUG = 60
MOST_STAGES = 100
MOST_SEED = 2**31


class RecipeVersion(serializers.Serializer[Any]):
    """One version of a recipe. It never changes."""

    recipe = serializers.CharField(source="recipe.slug")
    version = serializers.IntegerField()
    questions = serializers.ListField(
        child=serializers.CharField(),
        help_text="Empty: the form's own preferences, or its ratings.",
    )
    stages = serializers.ListField(
        child=ObjectField(), help_text="`{stage, params}` in the order in which they run."
    )
    sha256 = HashField()
    created_at = serializers.DateTimeField()


class NewRecipe(Strict):
    """What a recipe is to do from now on."""

    recipe = serializers.SlugField(
        max_length=LONGEST_SLUG, help_text="One that is there gets its next version."
    )
    questions = serializers.ListField(
        child=serializers.CharField(max_length=40), default=list, max_length=MOST_STAGES
    )
    stages = serializers.ListField(child=ObjectField(), max_length=MOST_STAGES)


class RecipeName(serializers.Serializer[Any]):
    """A version of a recipe by its name."""

    recipe = serializers.CharField(source="recipe.slug")
    version = serializers.IntegerField()


class NewRun(Strict):
    """Which recipe; without one the project's own at its latest version."""

    recipe = serializers.SlugField(default="", allow_blank=True, max_length=LONGEST_SLUG)
    version = serializers.IntegerField(
        default=None, allow_null=True, min_value=1, help_text="The latest if left out."
    )
    seed = serializers.IntegerField(
        default=0, min_value=0, max_value=MOST_SEED, help_text="What chance begins with."
    )
    since = serializers.IntegerField(
        default=None,
        allow_null=True,
        min_value=1,
        help_text="Number of a finished run to go on from: with its recipe and estimates, over what is new since.",
    )


class Run(serializers.Serializer[Any]):
    """A recipe applied to the reviews as they were. Counts of pairs are 0 until it has finished."""

    number = serializers.IntegerField()
    recipe = RecipeName(source="recipe_version")
    state = serializers.ChoiceField(Row.State.choices)
    seed = serializers.IntegerField()
    n_items = serializers.IntegerField()
    n_reviews = serializers.IntegerField()
    n_votes = serializers.IntegerField()
    n_pairs = serializers.IntegerField()
    n_held = serializers.IntegerField()
    n_out = serializers.IntegerField()
    input_sha256 = HashField(
        allow_null=True, help_text="What went in: reviews, recipe, ledger, seed."
    )
    result_sha256 = HashField(allow_null=True, help_text="What came out, pair by pair.")
    error_code = serializers.CharField(allow_blank=True)
    error = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class RunStage(serializers.Serializer[Any]):
    """A stage of the waterfall: n_in = n_held + n_out."""

    stage = serializers.CharField()
    params = ObjectField()
    n_in = serializers.IntegerField()
    n_held = serializers.IntegerField()
    n_out = serializers.IntegerField()
    reasons = ObjectField(help_text="Code of a reason → pairs held for it; they add up to n_held.")


class RunProgress(serializers.Serializer[Any]):
    """How far the reading is, and in a large run the search for near texts."""

    read = serializers.IntegerField()
    pieces = serializers.IntegerField()
    joined = serializers.IntegerField()
    joins = serializers.IntegerField(help_text="0 where near texts are looked for in memory.")


class Estimate(serializers.Serializer[Any]):
    """A figure and its 95 % interval, null where there is too little to tell; what it was measured on."""

    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    units = serializers.IntegerField(help_text="Pooled: every vote counts in both orientations.")
    clusters = serializers.IntegerField()


class Coefficients(serializers.Serializer[Any]):
    """Krippendorff's α at three levels, and percent agreement."""

    alpha_nominal = Estimate()
    alpha_ordinal = Estimate()
    alpha_interval = Estimate()
    percent = Estimate()


class RaterAgreement(serializers.Serializer[Any]):
    """Two raters who share enough: Cohen's κ and percent agreement."""

    first = serializers.CharField(help_text="`member:<rater id>` or `imported:<source>:<name>`.")
    second = serializers.CharField()
    kappa = Estimate()
    percent = Estimate()


class QuestionAgreement(serializers.Serializer[Any]):
    """How far people agree on a question, read from votes or from ratings."""

    question = serializers.CharField()
    of = serializers.ChoiceField(["votes", "ratings"])
    units = serializers.IntegerField()
    values = serializers.IntegerField()
    as_imported = Coefficients(help_text="For comparison with published figures.")
    pooled = Coefficients(required=False, help_text="Both orientations of a vote; not for ratings.")
    raters = RaterAgreement(many=True)


class RunAgreement(serializers.Serializer[Any]):
    """Agreement as the latest finished run measured it; `run` is null before there is one."""

    run = serializers.IntegerField(allow_null=True)
    questions = QuestionAgreement(many=True)


class RunReports(serializers.Serializer[Any]):
    """What a finished run found beside its pairs; empty before."""

    agreement = QuestionAgreement(many=True, default=list)
    clusters = ObjectField(default=dict, help_text="How prompts and responses clustered.")
    methods = QuestionMethods(many=True, default=list)
    by_hand = ObjectField(
        default=dict, help_text="`overruled`: reasons that people lifted, and of how many pairs."
    )
    votes = ObjectField(default=dict, help_text="Votes read, and repeated ones counted once.")
    diversity = ObjectField(
        default=dict, help_text="How varied the chosen responses are, and how new; docs/gates.md."
    )
    mixture = ObjectField(
        default=dict,
        help_text="Where the recipe mixes: its `settings`, and of each of the `groups` pairs `before` and `after`, and `weight`.",
    )
    flags = ObjectField(default=dict, help_text="Flag → pairs that have it, and kept ones of them.")


class RunDetail(Run):
    """A run with its questions, its waterfall and its reports."""

    questions = serializers.SerializerMethodField()
    progress = serializers.SerializerMethodField()
    stages = serializers.SerializerMethodField()
    reports = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_questions(self, run: Row) -> Any:
        return self.context["questions"]

    @extend_schema_field(RunProgress)
    def get_progress(self, run: Row) -> Any:
        return RunProgress(self.context["progress"]).data

    @extend_schema_field(RunStage(many=True))
    def get_stages(self, run: Row) -> Any:
        return RunStage(self.context["stages"], many=True).data

    @extend_schema_field(RunReports)
    def get_reports(self, run: Row) -> Any:
        return RunReports(self.context["reports"]).data


class PairQuery(PageQuery):
    """Which pairs."""

    held = serializers.BooleanField(default=None, allow_null=True)
    contested = serializers.BooleanField(
        default=None, allow_null=True, help_text="Votes that are not unanimous."
    )
    reason = serializers.CharField(
        default="", allow_blank=True, max_length=60, help_text="Held for this reason."
    )
    flag = serializers.CharField(
        default="", allow_blank=True, max_length=40, help_text="Marked by a gate with this flag."
    )
    released = serializers.BooleanField(
        default=None, allow_null=True, help_text="Kept only because a person released it."
    )


class Pair(serializers.Serializer[Any]):
    """A pair as a run saw it. Statistics point to the chosen response; docs/columns.md explains each."""

    id = serializers.UUIDField(source="pair.public_id", help_text="The same in every run.")
    pair = HashField(source="pair.pair_hash", help_text="As rows of a version name it.")
    question = serializers.CharField(source="pair.question")
    item = serializers.UUIDField(source="pair.revision.item.public_id")
    external_id = serializers.CharField(
        source="pair.revision.item.record.external_id", allow_null=True
    )
    prompt_line = serializers.SerializerMethodField(help_text="How the prompt begins.")
    first = serializers.IntegerField(source="pair.response_lo.position")
    second = serializers.IntegerField(source="pair.response_hi.position")
    held = serializers.BooleanField()
    stage = serializers.CharField(allow_blank=True, help_text="Which stage held it.")
    reason = serializers.CharField(allow_blank=True)
    detail = serializers.CharField(allow_blank=True)
    chosen = serializers.ChoiceField(RunPair.Chosen.choices, allow_null=True)
    n_votes = serializers.IntegerField()
    n_first = serializers.IntegerField()
    n_tie = serializers.IntegerField()
    n_second = serializers.IntegerField()
    vote_share = serializers.FloatField(allow_null=True)
    vote_share_lo = serializers.FloatField(allow_null=True)
    vote_share_hi = serializers.FloatField(allow_null=True)
    p_next = serializers.FloatField(allow_null=True)
    p_true = serializers.FloatField(allow_null=True)
    p_basis = serializers.CharField(allow_blank=True)
    method = serializers.CharField(
        allow_blank=True, help_text="Which method decided, and its version: `one_coin/2`."
    )
    margin = serializers.FloatField()
    strength = serializers.FloatField()
    n_eff = serializers.FloatField()
    entropy = serializers.FloatField(allow_null=True)
    contested = serializers.BooleanField()
    weight = serializers.FloatField()
    flags = serializers.ListField(
        child=serializers.CharField(),
        help_text="What the gates found; docs/gates.md explains each.",
    )
    signals = ObjectField(help_text="The same with where and how much.")
    cluster = HashField(allow_null=True)
    group_id = serializers.CharField(allow_blank=True)
    pooled_into = HashField(allow_null=True, help_text="The pair that counts its votes.")
    split = serializers.CharField(allow_blank=True)
    overruled = serializers.CharField(
        allow_blank=True, help_text="Released by a person; else it would be held for this reason."
    )

    def get_prompt_line(self, row: RunPair) -> str:
        return line_of(row.pair.revision.prompt)

    def _lineage(self) -> Lineage:
        found: Lineage = self.context["lineage"]
        return found


class Decided(serializers.Serializer[Any]):
    """A person's word over a pair. The latest one of a pair is in force in every run begun after it."""

    id = serializers.UUIDField(source="public_id")
    pair = serializers.UUIDField(source="pair.public_id")
    action = serializers.ChoiceField(Decision.Action.choices)
    reason = serializers.CharField()
    decided_by = serializers.CharField()
    decided_at = serializers.DateTimeField()


class NewDecision(Strict):
    """What becomes of a pair: `clear` leaves it to the recipe again."""

    action = serializers.ChoiceField(Decision.Action.choices)
    reason = serializers.CharField(max_length=LONGEST_REASON)


class Voter(serializers.Serializer[Any]):
    """Under which name a vote stands."""

    id = serializers.UUIDField(source="public_id")
    kind = serializers.ChoiceField(Rater.Kind.choices, source="rater_kind")
    external_key = serializers.CharField(allow_blank=True)


class PairVote(serializers.Serializer[Any]):
    """One vote behind a pair; positive where the first response is better."""

    review = serializers.UUIDField(source="vote.review.public_id")
    rater = Voter(source="vote.review.rater")
    outcome = serializers.IntegerField(source="vote.outcome")
    both_unacceptable = serializers.BooleanField(source="vote.both_unacceptable")
    submitted_at = serializers.DateTimeField(source="vote.review.submitted_at")


class PairDetail(Pair):
    """A pair with its texts, its votes, and the pairs that repeat it."""

    prompt = serializers.ListField(child=ObjectField(), source="pair.revision.prompt")
    context = serializers.ListField(child=ObjectField(), source="pair.revision.context")  # type: ignore[assignment]
    first_messages = serializers.ListField(child=ObjectField(), source="pair.response_lo.messages")
    second_messages = serializers.ListField(child=ObjectField(), source="pair.response_hi.messages")
    votes = serializers.SerializerMethodField()
    decisions = serializers.SerializerMethodField(help_text="By hand, the latest first.")
    pooled = serializers.SerializerMethodField()

    @extend_schema_field(PairVote(many=True))
    def get_votes(self, row: RunPair) -> Any:
        return PairVote(self._lineage().voices, many=True).data

    @extend_schema_field(Decided(many=True))
    def get_decisions(self, row: RunPair) -> Any:
        return Decided(decisions_on(row.pair), many=True).data

    @extend_schema_field(serializers.ListField(child=serializers.UUIDField()))
    def get_pooled(self, row: RunPair) -> Any:
        return [str(each.pair.public_id) for each in self._lineage().pooled]


class Reliability(serializers.Serializer[Any]):
    """How often a rater finds what the others' votes make most likely; null while too few votes tell."""

    rater = Voter()
    question = serializers.CharField()
    n_votes = serializers.IntegerField()
    shared = serializers.SerializerMethodField(
        help_text="Votes on pairs that somebody else judged too."
    )
    accuracy = serializers.SerializerMethodField(help_text=f"From {LEAST_SHARED} shared votes on.")
    accuracy_lo = serializers.SerializerMethodField()
    accuracy_hi = serializers.SerializerMethodField()

    def get_shared(self, row: RaterReliability) -> int:
        found: int = self.context["shared"](row)
        return found

    def get_accuracy(self, row: RaterReliability) -> float | None:
        return row.accuracy if self._tells(row) else None

    def get_accuracy_lo(self, row: RaterReliability) -> float | None:
        return row.accuracy_lo if self._tells(row) else None

    def get_accuracy_hi(self, row: RaterReliability) -> float | None:
        return row.accuracy_hi if self._tells(row) else None

    def _tells(self, row: RaterReliability) -> bool:
        return self.get_shared(row) >= LEAST_SHARED
