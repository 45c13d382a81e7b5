"""Signals of texts: read once for each distinct text of a project under a scheme, and found again by its hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence

import orjson
from django.db import connection, transaction

from curation.late import pd
from curation.methods.contamination import Index
from curation.methods.signals import SCHEME, Signals, read_signals
from curation.models import Run
from curation.queries.evaluation_sets import index_of
from curation.queries.prompts import whole_prompts
from curation.queries.terms import with_terms
from curation.stages.base import Evidence
from curation.stages.gates import GATES, signals_column
from feedback.models import Project

from .copying import copy_columns
from .evidence import evidence_of

BATCH = 5_000


def read_chunk(run: Run, pairs: pd.DataFrame) -> pd.DataFrame:
    """The pairs as they were read, with what the recipe's gates read of their texts beside them: signals and terms."""
    if "licences" in _stages(run):
        pairs = with_terms(pairs)
    return _with_signals(run, pairs) if wants_signals(run) else pairs


def _with_signals(run: Run, pairs: pd.DataFrame) -> pd.DataFrame:
    """A column of JSON for the prompt, with its documents, and for each response."""
    prompts = whole_prompts(pairs)
    said = {
        "prompt": [prompts[item] for item in pairs["item"].tolist()],
        **{side: pairs[side].tolist() for side in ("first", "second")},
    }
    index = index_of(run.project, run.frozen.get("evaluation", ()))
    hashes = {text: _hash(text) for texts in said.values() for text in texts}
    bodies = signal(run.project, scheme_of(run), hashes, index)
    columns = {
        signals_column(side): pd.Categorical([bodies[hashes[text]] for text in texts])
        for side, texts in said.items()
    }
    return pairs.assign(**columns)


def evidence_facts(run: Run, pairs: pd.DataFrame, votes: pd.DataFrame) -> Mapping[str, Evidence]:
    """Evidence by pair, where the recipe asks for it."""
    return evidence_of(run, pairs, votes) if "effort" in _stages(run) else {}


def wants_signals(run: Run) -> bool:
    """Whether a stage of the recipe reads signals; the others are not made to pay for them."""
    return not GATES.isdisjoint(_stages(run))


def _stages(run: Run) -> set[str]:
    return {step["stage"] for step in run.recipe_version.stages}


def scheme_of(run: Run) -> str:
    """Signals hold what was found of evaluation sets, so the sets are part of their scheme."""
    sets = run.frozen.get("evaluation", ())
    if not sets:
        return SCHEME
    return f"{SCHEME}+{hashlib.sha256(''.join(sets).encode()).hexdigest()[:16]}"


# All hashes in one value: an array of them would be written out one by one.
_KNOWN = """
SELECT text_hash, body::text FROM curation_textsignals
WHERE project_id = %s AND scheme = %s AND text_hash = ANY(ARRAY(
    SELECT substring(all_of.hashes FROM 32 * n + 1 FOR 32)
    FROM (SELECT %s::bytea AS hashes) all_of, generate_series(0, length(all_of.hashes) / 32 - 1) n))
"""

# Two workers may read one text at once: they read the same, and the first one's row stays.
_FRESH = "CREATE TEMPORARY TABLE fresh_signals (text_hash bytea, body jsonb) ON COMMIT DROP"
_WRITE = """
INSERT INTO curation_textsignals (workspace_id, project_id, scheme, text_hash, body)
SELECT %s, %s, %s, text_hash, body FROM fresh_signals
ON CONFLICT DO NOTHING
"""


def signal(
    project: Project, scheme: str, texts: Mapping[str, bytes], index: Index
) -> dict[bytes, str]:
    """The signals of texts with their hashes, as JSON by hash; those are read that nobody has read yet.

    They are sorted by hash when written, so that two workers never wait in a ring.
    """
    by_hash = {digest: text for text, digest in texts.items()}
    known = _known(project, scheme, by_hash)
    missing = sorted(by_hash.keys() - known.keys())
    bodies = list[str]()
    for start in range(0, len(missing), BATCH):
        batch = missing[start : start + BATCH]
        found = read_signals([by_hash[digest] for digest in batch], index)
        several = {id(each): each for each in found}  # most texts share theirs
        written = {key: orjson.dumps(each.document()).decode() for key, each in several.items()}
        bodies += [written[id(each)] for each in found]
    if missing:
        _write(project, scheme, missing, bodies)
    return known | dict(zip(missing, bodies, strict=True))


@transaction.atomic
def _write(project: Project, scheme: str, hashes: list[bytes], bodies: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS fresh_signals")
        cursor.execute(_FRESH)
        written = {"text_hash": ["\\x" + each.hex() for each in hashes], "body": bodies}
        copy_columns("fresh_signals", written)
        cursor.execute(_WRITE, [project.workspace_id, project.pk, scheme])


def stored_signals(run: Run, texts: Sequence[str]) -> list[Signals]:
    """What a run found in these texts, read back and never read anew: pages ask for it."""
    found = _known(run.project, scheme_of(run), [_hash(text) for text in texts])
    bodies = [found.get(_hash(text), "{}") for text in texts]
    return [Signals.of(orjson.loads(body)) for body in bodies]


def _known(project: Project, scheme: str, hashes: Iterable[bytes]) -> dict[bytes, str]:
    wanted, found = list(hashes), dict[bytes, str]()
    with connection.cursor() as cursor:
        for start in range(0, len(wanted), 4 * BATCH):
            joined = b"".join(wanted[start : start + 4 * BATCH])
            cursor.execute(_KNOWN, [project.pk, scheme, joined])
            found.update((bytes(digest), body) for digest, body in cursor.fetchall())
    return found


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
