"""What a run has found out, by content: the columns that count, and their hash, by which two runs are compared."""

from __future__ import annotations

from curation.methods.digests import Columns, frame_sha256
from curation.stages.gates import DETAILS, FLAGS

RESULT = (
    *("pair", "held", "stage", "reason", "chosen", "n_votes", "vote_share", "p_next", "p_true"),
    *(
        "p_basis",
        "method",
        "margin",
        "strength",
        "n_eff",
        "entropy",
        "score_first",
        "score_second",
        "contested",
        "weight",
        "cluster_key",
        "split",
    ),
    *FLAGS,
    *DETAILS,
)


def result_hash(pairs: Columns) -> bytes:
    """What came out, by content, of pairs in the order of their hashes."""
    return frame_sha256(pairs, [name for name in RESULT if name in pairs.columns])
