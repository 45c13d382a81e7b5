"""Signals of texts: read once for each distinct text of a project under a scheme, and found again by its hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

import orjson
import pandas as pd
from django.db import connection

from curation.methods.contamination import Index
from curation.methods.signals import NOTHING, SCHEME, Signals, read_signals
from curation.models import Run
from curation.queries.evaluation_sets import index_of
from curation.queries.prompts import whole_prompts
from curation.queries.terms import terms_of
from curation.stages.gates import GATES
from feedback.models import Project

from .evidence import evidence_of

BATCH = 5_000


def read_chunk(run: Run, pairs: pd.DataFrame) -> None:
    """Make sure that every text of these pairs has its signals, where the run's recipe asks for any."""
    if not wants_signals(run):
        return
    texts = {*whole_prompts(pairs).values(), *pairs["first"], *pairs["second"]}
    index = index_of(run.project, run.frozen.get("evaluation", ()))
    signal(run.project, scheme_of(run), sorted(texts), index)


def gate_facts(run: Run, pairs: pd.DataFrame, votes: pd.DataFrame) -> dict[str, Any]:
    """What stages learn of the texts: `signals` by response text, `prompts` by item, `terms` by both, `evidence` by pair. The pairs are as they were read."""
    about = {"evidence": evidence_of(run, pairs, votes)} if "effort" in _stages(run) else {}
    terms = terms_of(pairs) if "licences" in _stages(run) else {}
    if not wants_signals(run):
        return {**about, "terms": terms}
    prompts = whole_prompts(pairs)
    texts = sorted({*prompts.values(), *pairs["first"], *pairs["second"]})
    known = signals_of(run.project, scheme_of(run), texts)
    said = {text: found for text in texts if (found := known[_hash(text)]) is not NOTHING}
    of_prompts = {item: said[text] for item, text in prompts.items() if text in said}
    return {**about, "signals": said, "prompts": of_prompts, "terms": terms}


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


_KNOWN = """
SELECT text_hash, body::text FROM curation_textsignals
WHERE project_id = %s AND scheme = %s AND text_hash = ANY(%s)
"""

# Two workers may read one text at once: they read the same, and the first one's row stays.
_WRITE = """
INSERT INTO curation_textsignals (workspace_id, project_id, scheme, text_hash, body)
SELECT %s, %s, %s, u.hash, u.body::jsonb FROM unnest(%s::bytea[], %s::text[]) AS u(hash, body)
ON CONFLICT DO NOTHING
"""


def signal(project: Project, scheme: str, texts: Sequence[str], index: Index) -> None:
    """Read the texts that nobody has read yet. Sorted by hash when written, so that two workers never wait in a ring."""
    by_hash = {_hash(text): text for text in texts}
    missing = sorted(by_hash.keys() - _known(project, scheme, by_hash).keys())
    for start in range(0, len(missing), BATCH):
        batch = missing[start : start + BATCH]
        found = read_signals([by_hash[digest] for digest in batch], index)
        bodies = [orjson.dumps(each.document()).decode() for each in found]
        with connection.cursor() as cursor:
            at = (project.workspace_id, project.pk, scheme)
            cursor.execute(_WRITE, [*at, list(batch), bodies])


def signals_of(project: Project, scheme: str, texts: Sequence[str]) -> dict[bytes, Signals]:
    """The signals of texts that were read, by their hashes; equal ones are one object. Raises KeyError for others."""
    parsed: dict[str, Signals] = {"{}": NOTHING}
    found = {}
    hashes = [_hash(text) for text in texts]
    stored = _known(project, scheme, hashes)
    for digest in hashes:
        body = stored[digest]
        if body not in parsed:
            parsed[body] = Signals.of(orjson.loads(body))
        found[digest] = parsed[body]
    return found


def stored_signals(run: Run, texts: Sequence[str]) -> list[Signals]:
    """What a run found in these texts, read back and never read anew: pages ask for it."""
    found = _known(run.project, scheme_of(run), [_hash(text) for text in texts])
    bodies = [found.get(_hash(text), "{}") for text in texts]
    return [Signals.of(orjson.loads(body)) for body in bodies]


def _known(project: Project, scheme: str, hashes: Iterable[bytes]) -> dict[bytes, str]:
    wanted = list(hashes)
    found: dict[bytes, str] = {}
    with connection.cursor() as cursor:
        for start in range(0, len(wanted), 4 * BATCH):
            cursor.execute(_KNOWN, [project.pk, scheme, wanted[start : start + 4 * BATCH]])
            found.update((bytes(digest), body) for digest, body in cursor.fetchall())
    return found


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
