"""Near-equal texts that wait for a person, and what people have said of others."""

from __future__ import annotations

from django.db.models import QuerySet

from curation.frames import text_of
from curation.methods.templates import last_turn
from curation.models import Fingerprint, NearPair
from feedback.models import ItemRevision, Project, Response

# The nearest first.
ORDER = ("-similarity", "id")


def every_near_pair_of(project: Project) -> QuerySet[NearPair]:
    """All of them with their texts, whatever was said."""
    rows = NearPair.objects.filter(project=project)
    return rows.select_related(
        "project", "left__revision__item", "right__revision__item", "decided_by"
    )


def near_pairs_of(project: Project, verdict: str = "") -> QuerySet[NearPair]:
    """Those with this verdict, or waiting for one, to be paged by ORDER."""
    return every_near_pair_of(project).filter(verdict=verdict)


def waiting_after(pair: NearPair) -> NearPair | None:
    """The next that waits: less near than this one, or else the nearest of all."""
    waiting = near_pairs_of(pair.project).exclude(pk=pair.pk).order_by(*ORDER)
    return waiting.filter(similarity__lte=pair.similarity).first() or waiting.first()


def waiting_in_cluster(pair: NearPair) -> int:
    """How many pairs of this pair's cluster wait, itself among them."""
    return NearPair.objects.filter(
        project=pair.project, kind=pair.kind, cluster=pair.cluster, verdict=""
    ).count()


def texts_of(pair: NearPair) -> tuple[str, str]:
    """The two texts as they were written."""
    return _text(pair, pair.left), _text(pair, pair.right)


def _text(pair: NearPair, response: Response) -> str:
    if pair.kind == Fingerprint.Kind.RESPONSE:
        return text_of(response.messages)
    revision: ItemRevision = response.revision
    return last_turn(revision.prompt, revision.context)


def verdicts(project: Project) -> list[list[str]]:
    """[kind, left, right, verdict] of everything decided, hashes in hex, in an order of their own: a run freezes it."""
    rows = NearPair.objects.filter(project=project).exclude(verdict="")
    return [
        [kind, bytes(left).hex(), bytes(right).hex(), verdict]
        for kind, left, right, verdict in rows.order_by(
            "kind", "left_hash", "right_hash"
        ).values_list("kind", "left_hash", "right_hash", "verdict")
    ]
