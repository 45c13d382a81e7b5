"""Shapes of two runs compared."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from curation.models import Pair, RunPair
from curation.queries.compare import KINDS, LEAST, TOLD
from curation.queries.pairs import line_of
from feedback.rest.fields import HashField, ObjectField
from feedback.rest.paging import PageQuery
from feedback.rest.reading import Strict

from .shapes import Run


class ComparisonQuery(Strict):
    """Against which run."""

    before = serializers.IntegerField(
        default=None, allow_null=True, min_value=1, help_text="Left out: the one before."
    )
    least = serializers.FloatField(
        default=LEAST,
        min_value=0.0,
        max_value=1.0,
        help_text="A chance that moves less is the same.",
    )


class ComparedPairQuery(PageQuery):
    """Against which run, and which pairs."""

    before = serializers.IntegerField(
        default=None, allow_null=True, min_value=1, help_text="Left out: the one before."
    )
    least = serializers.FloatField(default=LEAST, min_value=0.0, max_value=1.0)
    change = serializers.ChoiceField([("", "any"), *KINDS], default="", allow_blank=True)
    reason = serializers.CharField(
        default="",
        allow_blank=True,
        max_length=60,
        help_text="Why it was held before (`entered`) or is now; `absent`: that run has not got it.",
    )


class Comparison(serializers.Serializer[Any]):
    """Pairs by what became of them. `winner` + `chance` + `same` were kept in both."""

    before = Run()
    after = Run()
    because = serializers.ListField(
        child=serializers.CharField(), help_text="What went in differently."
    )
    numbers = ObjectField(help_text=f"Pairs by change: {', '.join(KINDS)}.")
    entered = ObjectField(help_text="Reason of the earlier run → pairs that entered.")
    left = ObjectField(help_text="Reason of the later run → pairs that left.")


class InOneRun(serializers.Serializer[Any]):
    """What one run says of a pair."""

    held = serializers.BooleanField()
    stage = serializers.CharField(allow_blank=True)
    reason = serializers.CharField(allow_blank=True)
    detail = serializers.CharField(allow_blank=True)
    chosen = serializers.ChoiceField(RunPair.Chosen.choices, allow_null=True)
    p_next = serializers.FloatField(allow_null=True)
    n_votes = serializers.IntegerField()
    overruled = serializers.CharField(allow_blank=True)


class ComparedPair(serializers.Serializer[Any]):
    """A pair in both runs; null where a run has not got it."""

    id = serializers.UUIDField(source="public_id")
    pair = HashField(source="pair_hash")
    question = serializers.CharField()
    item = serializers.UUIDField(source="revision.item.public_id")
    external_id = serializers.CharField(source="revision.item.record.external_id", allow_null=True)
    prompt_line = serializers.SerializerMethodField()
    before = serializers.SerializerMethodField()
    after = serializers.SerializerMethodField()

    def get_prompt_line(self, pair: Pair) -> str:
        return line_of(pair.revision.prompt)

    @extend_schema_field(InOneRun(allow_null=True))
    def get_before(self, pair: Pair) -> Any:
        return _side(pair, "before")

    @extend_schema_field(InOneRun(allow_null=True))
    def get_after(self, pair: Pair) -> Any:
        return _side(pair, "after")


def _side(pair: Pair, side: str) -> Any:
    told = {name: getattr(pair, f"{side}_{name}") for name in TOLD}
    return None if told["held"] is None else InOneRun(told).data
