"""The formats a version is published in: one file a format, pure functions from frames to Arrow tables."""

from __future__ import annotations

from . import all_pairs, sft, trl_dpo, trl_kto, trl_prm, trl_reward
from .base import (
    PAIR_COLUMNS,
    RESPONSE_COLUMNS,
    SPLITS,
    STEP_COLUMNS,
    Format,
    Rows,
    Sources,
    known,
)
from .content import REASONS, FormatError
from .schemas import Options

DEFAULT = trl_dpo.FORMAT
FORMATS = (
    DEFAULT,
    trl_reward.FORMAT,
    trl_kto.FORMAT,
    trl_prm.FORMAT,
    sft.FORMAT,
    all_pairs.FORMAT,
)

__all__ = [
    "DEFAULT",
    "FORMATS",
    "PAIR_COLUMNS",
    "REASONS",
    "RESPONSE_COLUMNS",
    "SPLITS",
    "STEP_COLUMNS",
    "Format",
    "FormatError",
    "Options",
    "Rows",
    "Sources",
    "known",
]
