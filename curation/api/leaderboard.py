"""The rankings of models by API, as a run's report has them: strengths in log-odds, shares of votes, mean scores."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from curation import access
from curation.queries.leaderboards import NOTHING, leaderboard_of
from curation.queries.runs import latest_finished
from feedback.models import Role, Scope
from feedback.rest.documented import operation
from feedback.rest.principal import at_project
from feedback.rest.reading import read_query

TAG = "runs"


class LeaderboardQuery(serializers.Serializer[Any]):
    """Which run's."""

    run = serializers.IntegerField(
        default=None, allow_null=True, min_value=1, help_text="Left out: the latest finished run."
    )


class Estimate(serializers.Serializer[Any]):
    """A value with its 95 % interval over prompts; no interval below ten prompts."""

    value = serializers.FloatField()
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)


class RankedModel(Estimate):
    """A model's strength with style taken out, `plain` with it left in; log-odds with mean 0."""

    model = serializers.CharField()
    plain = serializers.FloatField()
    best = serializers.IntegerField(allow_null=True, help_text="The best place it may have.")
    worst = serializers.IntegerField(allow_null=True)
    votes = serializers.IntegerField()
    share = serializers.FloatField(help_text="Of its votes won, ties half.")


class StyleEffect(Estimate):
    """What style adds to the log-odds: shown first (±1), relative difference of length and of Markdown (−1 to 1)."""

    effect = serializers.ChoiceField(["position", "length", "markdown"])


class Board(serializers.Serializer[Any]):
    """A ranking, the best model first."""

    votes = serializers.IntegerField()
    clusters = serializers.IntegerField(help_text="Clusters of prompts.")
    open = serializers.BooleanField(help_text="A prior holds what the votes leave open.")
    models = RankedModel(many=True)
    effects = StyleEffect(many=True)


class TagBoard(Board):
    """The ranking by the votes on items with a tag."""

    tag = serializers.CharField()


class MapCell(Estimate):
    """The share of votes that a model won under a tag; an empty tag is all items."""

    tag = serializers.CharField(allow_blank=True)
    model = serializers.CharField()
    votes = serializers.IntegerField()


class Ranking(serializers.Serializer[Any]):
    """What the votes on one question say of the models."""

    question = serializers.CharField()
    votes = serializers.IntegerField()
    overall = Board()
    tags = TagBoard(many=True)
    map = MapCell(many=True)


class ScoredModel(Estimate):
    """A model's mean score over its responses."""

    model = serializers.CharField()
    responses = serializers.IntegerField()
    scores = serializers.IntegerField()


class Scores(serializers.Serializer[Any]):
    """The mean scores of one question that scores responses one by one."""

    question = serializers.CharField()
    models = ScoredModel(many=True)


class Leaderboard(serializers.Serializer[Any]):
    """Rankings by votes and by scores; no run, no rankings."""

    run = serializers.IntegerField(allow_null=True)
    as_of = serializers.IntegerField(
        allow_null=True, help_text="The run that measured it, where this one went on from that."
    )
    votes = Ranking(many=True)
    scores = Scores(many=True)


@operation(TAG, gives=Leaderboard, query=LeaderboardQuery)
def read_leaderboard(request: Request, workspace: str, project: str) -> Response:
    """Which model wins and where each of them loses. Names of models are for managers alone."""
    place = at_project(request, workspace, project, Role.MANAGER, scope=Scope.RUNS_READ)
    number = read_query(LeaderboardQuery, request)["run"]
    run = access.run(place, number) if number else latest_finished(place.project)
    found = leaderboard_of(run) if run else NOTHING
    said = {"as_of": None, **found, "run": run.number if run else None}
    return Response(Leaderboard(said).data)
