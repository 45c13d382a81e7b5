"""Shapes of a run's comparison of methods."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from feedback.rest.fields import ObjectField


class CalibrationBin(serializers.Serializer[Any]):
    """Forecasts between `low` and `high` towards the side they favour, and how often they came true; a tie counts half."""

    low = serializers.FloatField()
    high = serializers.FloatField()
    n = serializers.IntegerField()
    said = serializers.FloatField(help_text="Their mean.")
    seen = serializers.FloatField()
    least = serializers.FloatField(help_text="95 % interval of `seen`.")
    most = serializers.FloatField()


class GoldScore(serializers.Serializer[Any]):
    """Against known answers: keys of gold items, and adjudications."""

    n = serializers.IntegerField()
    accuracy = serializers.FloatField()
    log_loss = serializers.FloatField()
    bins = CalibrationBin(many=True)


class MethodScore(serializers.Serializer[Any]):
    """One method on held-out votes; `gain` is the log-loss of smoothed majority less its own."""

    method = serializers.CharField()
    version = serializers.IntegerField()
    log_loss = serializers.FloatField()
    gain = serializers.FloatField()
    gain_low = serializers.FloatField(allow_null=True, help_text="95 % interval.")
    gain_high = serializers.FloatField(allow_null=True)
    iterations = serializers.IntegerField()
    converged = serializers.BooleanField()
    bins = CalibrationBin(many=True)
    gold = GoldScore(allow_null=True)


class QuestionMethods(serializers.Serializer[Any]):
    """The comparison on one question, and which method decides its pairs."""

    question = serializers.CharField()
    asked = serializers.CharField(help_text="What the recipe says.")
    used = serializers.CharField()
    version = serializers.IntegerField()
    best = serializers.CharField(help_text="What `auto` would take.")
    why = serializers.ChoiceField(["asked", "best", "none_better", "too_few"])
    class_prior = serializers.CharField()
    smoothing = ObjectField(allow_null=True, help_text="Strength of the smoothing of `p_next`.")
    orders = ObjectField(
        allow_null=True,
        help_text="Items with three responses or more: how many contradict themselves pair by pair.",
    )
    held_out = serializers.IntegerField(help_text="Votes.")
    pairs = serializers.IntegerField()
    next_bins = CalibrationBin(many=True, help_text="Calibration of `p_next`.")
    scores = MethodScore(many=True)


class RunMethods(serializers.Serializer[Any]):
    """How the methods of a run compare; empty until it has finished."""

    run = serializers.IntegerField()
    as_of = serializers.IntegerField(
        allow_null=True, help_text="The run it went on from, which made this comparison."
    )
    questions = QuestionMethods(many=True)
