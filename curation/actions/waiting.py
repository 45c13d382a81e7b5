"""Which near-equal texts a run may take for one, and which pairs it puts before a person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from curation.late import np, pd
from curation.methods.arrays import Bools, Floats, Ints
from curation.methods.verdicts import Verdicts, confirmed, to_ask
from curation.models import NearPair, Run
from feedback.models import Project

from .texts import PROMPT, RESPONSE

# A machine must not take two texts of the law for one: a changed citation is another case.
LEGAL = "legal_brief"
SIDES = (("first_hash", "lo_id"), ("second_hash", "hi_id"))
MOST = 20_000  # of one kind in one run; deciding them brings the next


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Two near texts for a person to look at, by their keys, with a response that shows each."""

    kind: str
    left: str
    right: str
    left_response: int
    right_response: int
    similarity: float
    why: str
    cluster: str


def may_join(
    project: Project, keys: Sequence[str], left: Ints, right: Ints, said: Verdicts
) -> Bools:
    """Of near responses left[i] and right[i] those that count as one: never what a person called different.

    In a legal project only what a person called the same.
    """
    pairs = [
        (min(keys[a], keys[b]), max(keys[a], keys[b]))
        for a, b in zip(left.tolist(), right.tolist(), strict=True)
    ]
    if project.domain == LEGAL:
        return np.array([pair in said.same for pair in pairs], dtype=np.bool_)
    return np.array([pair not in said.different for pair in pairs], dtype=np.bool_)


@dataclass(frozen=True)
class People:
    """What people have to do with prompts: a key for each pair, which clusters hold nothing, and what they are asked."""

    prompts: pd.Series
    unconfirmed: frozenset[str]
    asked: list[Asked]


def waiting_prompts(
    project: Project,
    pairs: pd.DataFrame,
    edges: Iterable[tuple[str, str, float]],
    large: frozenset[str],
    verdicts: Sequence[Sequence[str]],
) -> People:
    """Prompts that people called the same get one key. In unconfirmed clusters only equal keys count as one prompt.

    Those are the large clusters, and in a legal project every cluster of more than one key.
    """
    said = Verdicts.of(verdicts, PROMPT)
    groups = confirmed(said)
    prompts = pairs["prompt"].map({key: groups.find(key) for key in set(pairs["prompt"])})
    legal = project.domain == LEGAL
    several = prompts.groupby(pairs["cluster_key"]).nunique() > 1
    unconfirmed = large | frozenset(several.index[several] if legal else ())
    cluster_of = dict(zip(pairs["prompt"], pairs["cluster_key"], strict=True))
    why = NearPair.Why.LEGAL if legal else NearPair.Why.LARGE
    wanted = [edge for edge in edges if cluster_of[edge[0]] in unconfirmed]
    return People(
        prompts.astype("str"), unconfirmed, _asked(PROMPT, why, wanted, cluster_of, said, pairs)
    )


def responses_to_ask(
    project: Project,
    pairs: pd.DataFrame,
    edges: Iterable[tuple[str, str, float]],
    said: Verdicts,
) -> list[Asked]:
    """Near responses of a legal project that nobody has called the same or different."""
    if project.domain != LEGAL:
        return []
    cluster_of = {
        key: cluster
        for side in ("first_hash", "second_hash")
        for key, cluster in zip(pairs[side], pairs["cluster_key"], strict=True)
    }
    return _asked(RESPONSE, NearPair.Why.LEGAL, edges, cluster_of, said, pairs)


def _asked(
    kind: str,
    why: str,
    edges: Iterable[tuple[str, str, float]],
    cluster_of: Mapping[str, str],
    said: Verdicts,
    pairs: pd.DataFrame,
) -> list[Asked]:
    asked = to_ask(edges, said)[:MOST]
    shown = _shown(kind, pairs) if asked else {}
    return [
        Asked(
            kind=kind,
            left=left,
            right=right,
            left_response=shown[left],
            right_response=shown[right],
            similarity=similarity,
            why=why,
            cluster=cluster_of[left],
        )
        for (left, right), similarity in asked
    ]


def _shown(kind: str, pairs: pd.DataFrame) -> dict[str, int]:
    """For each key the oldest response that has it, or answers it."""
    sides = (("prompt", "lo_id"),) if kind == PROMPT else SIDES
    found: dict[str, int] = {}
    for text, response in sides:
        for key, pk in pairs.groupby(text)[response].min().items():
            found[str(key)] = min(found.get(str(key), int(pk)), int(pk))
    return found


def edges_of(
    keys: Sequence[str], left: Ints, right: Ints, similarity: Floats
) -> list[tuple[str, str, float]]:
    """Near texts by their keys; equal keys are no edge."""
    found = zip(left.tolist(), right.tolist(), similarity.tolist(), strict=True)
    return [(keys[a], keys[b], each) for a, b, each in found if keys[a] != keys[b]]


def write_asked(run: Run, asked: Sequence[Asked], *, now: dt.datetime) -> None:
    """Put new ones before people. What waits already, or was decided, stays as it is."""
    NearPair.objects.bulk_create(
        [
            NearPair(
                workspace_id=run.workspace_id,
                project_id=run.project_id,
                kind=each.kind,
                left_hash=bytes.fromhex(each.left),
                right_hash=bytes.fromhex(each.right),
                left_id=each.left_response,
                right_id=each.right_response,
                similarity=each.similarity,
                why=each.why,
                cluster=bytes.fromhex(each.cluster),
                found_by=run,
                found_at=now,
            )
            for each in asked
        ],
        ignore_conflicts=True,
    )
