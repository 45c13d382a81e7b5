"""The stages that recipes are made of, in the order in which they are usually run."""

from __future__ import annotations

from curation.stages.base import Stage
from curation.stages.by_hand import BY_HAND
from curation.stages.cap_per_prompt import CAP_PER_PROMPT
from curation.stages.contamination import CONTAMINATION
from curation.stages.contested import CONTESTED
from curation.stages.decided import DECIDED
from curation.stages.degenerate import DEGENERATE
from curation.stages.effort import EFFORT
from curation.stages.language import LANGUAGE
from curation.stages.licences import LICENCES
from curation.stages.min_votes import MIN_VOTES
from curation.stages.mixture import MIXTURE
from curation.stages.outliers import OUTLIERS
from curation.stages.personal_data import PERSONAL_DATA
from curation.stages.purpose import PURPOSE
from curation.stages.repeats import REPEATS
from curation.stages.scores import SCORES
from curation.stages.secrets import SECRETS
from curation.stages.soundness import SOUNDNESS
from curation.stages.splits import SPLITS
from curation.stages.votes import VOTES
from curation.stages.weights import WEIGHTS
from curation.stages.wording import WORDING

STAGES: tuple[Stage, ...] = (
    PURPOSE,
    DEGENERATE,
    CONTAMINATION,
    LICENCES,
    PERSONAL_DATA,
    SECRETS,
    LANGUAGE,
    WORDING,
    SOUNDNESS,
    REPEATS,
    SCORES,
    VOTES,
    MIN_VOTES,
    DECIDED,
    BY_HAND,
    CAP_PER_PROMPT,
    CONTESTED,
    OUTLIERS,
    EFFORT,
    SPLITS,
    MIXTURE,
    WEIGHTS,
)

STAGES_BY_NAME: dict[str, Stage] = {stage.name: stage for stage in STAGES}

# Reasons for which no person's word lets a pair go on.
FINAL: frozenset[str] = frozenset(reason for stage in STAGES for reason in stage.final)
