"""What a run has found out, by content: the columns that count, and their hash, by which two runs are compared."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from curation.methods.digests import frame_sha256
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


def result_hash(pairs: pd.DataFrame | pa.Table) -> bytes:
    """What came out, by content, in the order of the pairs' hashes, by which a table is sorted already."""
    if isinstance(pairs, pd.DataFrame):
        return frame_sha256(pairs.sort_values("pair"), [n for n in RESULT if n in pairs.columns])
    return frame_sha256(pairs, [name for name in RESULT if name in pairs.column_names])
