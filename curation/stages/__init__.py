"""The stages that recipes are made of, in the order in which they are usually run."""

from __future__ import annotations

from curation.stages.base import Stage
from curation.stages.cap_per_prompt import CAP_PER_PROMPT
from curation.stages.contested import CONTESTED
from curation.stages.decided import DECIDED
from curation.stages.degenerate import DEGENERATE
from curation.stages.min_votes import MIN_VOTES
from curation.stages.purpose import PURPOSE
from curation.stages.repeats import REPEATS
from curation.stages.splits import SPLITS
from curation.stages.votes import VOTES
from curation.stages.weights import WEIGHTS

STAGES: tuple[Stage, ...] = (
    PURPOSE,
    DEGENERATE,
    REPEATS,
    VOTES,
    MIN_VOTES,
    DECIDED,
    CAP_PER_PROMPT,
    CONTESTED,
    SPLITS,
    WEIGHTS,
)

STAGES_BY_NAME: dict[str, Stage] = {stage.name: stage for stage in STAGES}
