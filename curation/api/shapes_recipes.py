"""Shapes of stages, of recipes looked at before they are saved, and of recipes on a sample."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from curation.actions.dry_run import MOST_SAMPLE, SAMPLE
from curation.models import DryRun as Row
from feedback.rest.fields import ObjectField
from feedback.rest.reading import Strict

from .shapes import MOST_STAGES

NAMED = r"^[-\w]+:[0-9]{1,8}$"


class Param(serializers.Serializer[Any]):
    """A setting of a stage and what it may be."""

    name = serializers.CharField()
    title = serializers.CharField()
    kind = serializers.CharField()
    default = serializers.JSONField()
    least = serializers.FloatField(allow_null=True)
    most = serializers.FloatField(allow_null=True)
    choices = serializers.ListField(child=serializers.CharField())
    help = serializers.CharField(help_text="What it does, in a few words.")


class StageShape(serializers.Serializer[Any]):
    """What a recipe can be made of."""

    name = serializers.CharField()
    title = serializers.CharField()
    says = serializers.CharField()
    needs = serializers.ListField(
        child=serializers.CharField(), help_text="Columns of earlier ones."
    )
    adds = serializers.ListField(child=serializers.CharField())
    reasons = ObjectField(help_text="Code → sentence.")
    by_row = serializers.BooleanField(help_text="Each pair is judged by itself.")
    whole = serializers.BooleanField(help_text="A run with it reads everything, also with `since`.")
    params = Param(many=True)


class Catalogue(serializers.Serializer[Any]):
    """Every stage in its usual order, and the recipes that Touchstone brings."""

    stages = StageShape(many=True)
    recipes = serializers.ListField(child=ObjectField())


class RecipeBody(Strict):
    """What a recipe does, without its name."""

    questions = serializers.ListField(
        child=serializers.CharField(max_length=40), default=list, max_length=MOST_STAGES
    )
    stages = serializers.ListField(child=ObjectField(), max_length=MOST_STAGES)


class RecipeToCheck(RecipeBody):
    """A recipe to look at; with the name of one that is there, what it would change."""

    recipe = serializers.SlugField(default="", allow_blank=True, max_length=60)


class RecipeFault(serializers.Serializer[Any]):
    """What is wrong with a recipe and where."""

    path = serializers.CharField()
    code = serializers.CharField()
    sentence = serializers.CharField()


class Checked(serializers.Serializer[Any]):
    """A recipe as it would be saved, or what is wrong with it."""

    problems = RecipeFault(many=True)
    changes = serializers.ListField(child=serializers.CharField())
    questions = serializers.ListField(child=serializers.CharField())
    stages = serializers.ListField(child=ObjectField())


class VersionsQuery(Strict):
    """Two versions, each as `name:version`; one that is left out is the latest of all."""

    a = serializers.RegexField(NAMED, max_length=80, default="", allow_blank=True)
    b = serializers.RegexField(NAMED, max_length=80, default="", allow_blank=True)


class Changes(serializers.Serializer[Any]):
    """What `b` does differently than `a`."""

    changes = serializers.ListField(child=serializers.CharField())


class NewDryRun(RecipeBody):
    """A recipe to try on a sample of the items."""

    sample = serializers.IntegerField(
        default=SAMPLE, min_value=1, max_value=MOST_SAMPLE, help_text="Items at most."
    )


class DryRun(serializers.Serializer[Any]):
    """A recipe on a sample: `stages` grow while it is at work. It is forgotten after a day."""

    id = serializers.UUIDField(source="public_id")
    state = serializers.ChoiceField(Row.State.choices)
    n_items = serializers.IntegerField()
    n_reviews = serializers.IntegerField()
    n_pairs = serializers.IntegerField(allow_null=True)
    stages = serializers.SerializerMethodField()
    error_code = serializers.CharField(allow_blank=True)
    error = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)

    @extend_schema_field(serializers.ListField(child=ObjectField()))
    def get_stages(self, row: Row) -> Any:
        names = ("stage", "n_in", "n_held", "n_out", "reasons")
        return [{name: fall[name] for name in names} for fall in row.falls]
