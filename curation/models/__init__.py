"""The tables of what we make of what people said."""

from __future__ import annotations

from .dry_runs import DryRun
from .fingerprints import Band, Fingerprint, ItemLikeness
from .gates import EvaluationSet, EvaluationText, TextSignals
from .near_pairs import NearPair
from .pairs import Decision, Pair, RunPair, SplitEntry
from .recipes import Recipe, RecipeVersion
from .reliability import RaterReliability
from .runs import Run, RunChunk, RunReport, RunStage
from .vectors import Encoding, ItemVector

__all__ = [
    "Band",
    "Decision",
    "DryRun",
    "Encoding",
    "EvaluationSet",
    "EvaluationText",
    "Fingerprint",
    "ItemLikeness",
    "ItemVector",
    "NearPair",
    "Pair",
    "RaterReliability",
    "Recipe",
    "RecipeVersion",
    "Run",
    "RunChunk",
    "RunPair",
    "RunReport",
    "RunStage",
    "SplitEntry",
    "TextSignals",
]
