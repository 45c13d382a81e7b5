"""Vectors for “find similar”: fitted for each project by a leased worker, kept up after every import, fitted anew when it has doubled.

A version is made beside the one that answers; when all its vectors are there it answers, and the older ones are removed.
"""

from __future__ import annotations

import datetime as dt
import functools
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from curation.actions import near
from curation.encoders import lexical
from curation.encoders.base import Encoder, EncoderFault, stored
from curation.encoders.endpoint import endpoint
from curation.encoders.local import local
from curation.methods.templates import last_turn, without_template
from curation.models import Encoding, ItemVector
from feedback import jobs
from feedback.models import ItemRevision, Project
from feedback.statements import run

WAITING = "curation.encoding_waiting"
LEASE_MINUTES = 5.0
MOST_ATTEMPTS = 3
BATCH = 1_000
DOUBLED = 2


class _Stays(EncoderFault):
    """The workspace's texts may not be sent."""

    code = "texts_stay"


class _Lost(Exception):
    """Another worker has these vectors."""


@transaction.atomic
def want_vectors(*, workspace_id: int, project_id: int, now: dt.datetime) -> None:
    """See to it that every item of the project gets a vector by the encoder of the settings; fitted anew where it has doubled."""
    project = Project.objects.filter(pk=project_id, workspace_id=workspace_id).first()
    if project is None:
        return
    # Two at once would make two versions.
    run("SELECT pg_advisory_xact_lock(727003, %(project)s::int)", {"project": project_id})
    latest = Encoding.objects.filter(project=project).order_by("-version").first()
    wanted = f"{settings.ENCODER}#{settings.ENCODER_MODEL}" if _is_address() else settings.ENCODER
    if latest is None or latest.encoder != wanted or _has_doubled(latest):
        latest = Encoding.objects.create(
            workspace_id=workspace_id,
            project=project,
            version=1 + (latest.version if latest else 0),
            encoder=wanted,
            name=_name(),
            created_at=now,
        )
    elif latest.state in {Encoding.State.READY, Encoding.State.FAILED}:
        Encoding.objects.filter(pk=latest.pk).update(
            state=Encoding.State.WAITING, lease=None, leased_until=None, attempts=0
        )
    jobs.announce(WAITING, workspace_id=workspace_id, now=now, encoding_id=latest.pk)


def _is_address() -> bool:
    return str(settings.ENCODER).startswith(("https://", "http://"))


def _name() -> str:
    """What people read of the encoder of the settings: lexical, a folder's name, or a model's."""
    if _is_address():
        return str(settings.ENCODER_MODEL)[:200] or "no model"
    return Path(settings.ENCODER).name[:200]


def _has_doubled(latest: Encoding) -> bool:
    """Whether a lexical fit on fewer texts than a sample has is to be made anew."""
    if latest.encoder != lexical.NAME or not 0 < latest.n_texts < lexical.SAMPLE:
        return False
    return latest.project.items.count() >= DOUBLED * latest.n_texts


def work_on_encoding(
    *, workspace_id: int, encoding_id: int, clock: Callable[[], dt.datetime]
) -> None:
    """Fit if that is to be done, encode what has no vector yet, and bring an index up to it. Boring when nothing is missing or another worker has it."""
    rows = Encoding.objects.filter(
        pk=encoding_id, workspace_id=workspace_id, state__in=["waiting", "running"]
    )
    lease = jobs.take(rows, now=clock(), minutes=LEASE_MINUTES, state=Encoding.State.RUNNING)
    if lease is None:
        return
    row = Encoding.objects.select_related("project__workspace").get(pk=encoding_id)
    if row.attempts > MOST_ATTEMPTS:
        _fail(row, lease, "gave_up", "Workers died over the vectors of this project.")
        return
    try:
        encoder = _encoder(row, lease, clock)
        if encoder is None:
            _fail(
                row,
                lease,
                "few_texts",
                f"Fewer than {lexical.LEAST} different prompts are too few to fit vectors on.",
            )
            return
        _make_whole(row, lease, encoder, clock)
        _finish(row, lease)
    except EncoderFault as fault:
        _fail(row, lease, fault.code, fault.sentence)
    except _Lost:
        return


def resume_encodings(*, now: dt.datetime) -> int:
    """Call a new worker for those whose worker has died. Returns how many."""
    at_work = Encoding.objects.filter(state=Encoding.State.RUNNING)
    return jobs.resume(at_work, now=now, name=WAITING, key="encoding_id")


def _encoder(row: Encoding, lease: uuid.UUID, clock: Callable[[], dt.datetime]) -> Encoder | None:
    """The encoder of this version, fitted and kept if it is lexical and has not been; None with too few texts."""
    if row.encoder != lexical.NAME:
        model = _model(row)
        _keep(row, lease, clock, dim=model.dim)
        return model
    if row.stored_at:
        with default_storage.open(row.stored_at) as file:
            return lexical.unpacked(file.read())
    texts = _sample(row.project)
    if len(texts) < lexical.LEAST:
        return None
    fitted = lexical.fit(texts)
    name = default_storage.save(f"encodings/{row.public_id}.npz", ContentFile(fitted.packed()))
    row.stored_at, row.dim = name, fitted.dim
    facts = {"dim": fitted.dim, "n_texts": len(texts), "explained": fitted.explained}
    try:
        _keep(row, lease, clock, stored_at=name, **facts)
    except _Lost:  # who has it now writes a file of its own
        default_storage.delete(name)
        raise
    return fitted


def _model(row: Encoding) -> Encoder:
    """A model of somebody else's, here or elsewhere. Raises EncoderFault."""
    address, at, name = row.encoder.partition("#")
    if not (at and address.startswith("http")):
        return local(Path(row.encoder))
    if not row.project.workspace.third_party_allowed:
        raise _Stays(
            f"Texts of this workspace stay here: an owner must allow that they are sent to {urlsplit(address).hostname}."
        )
    return endpoint(address, name, settings.ENCODER_KEY)


# The same every time, whatever order items came in.
_SAMPLED = """
SELECT revision.id, revision.prompt, revision.context FROM feedback_item item
JOIN feedback_itemrevision revision ON revision.id = item.revision_id
WHERE item.project_id = %(project)s ORDER BY revision.content_hash LIMIT %(count)s
"""
# A revised item's vector is of what it said before.
_MISSING = """
SELECT item.id, item.revision_id FROM feedback_item item
LEFT JOIN curation_itemvector vector ON vector.encoding_id = %(encoding)s AND vector.item_id = item.id
WHERE item.project_id = %(project)s AND item.revision_id IS NOT NULL
    AND vector.revision_id IS DISTINCT FROM item.revision_id
ORDER BY item.id LIMIT %(count)s
"""
_WRITE = """
INSERT INTO curation_itemvector (workspace_id, encoding_id, item_id, revision_id, vector)
SELECT %(workspace)s, %(encoding)s, given.* FROM unnest(%(item)b::bigint[], %(revision)b::bigint[], %(vector)b::bytea[])
    AS given(item_id, revision_id, vector)
ON CONFLICT (encoding_id, item_id) DO UPDATE SET revision_id = EXCLUDED.revision_id, vector = EXCLUDED.vector
"""


def _sample(project: Project) -> list[str]:
    rows = ItemRevision.objects.raw(_SAMPLED, {"project": project.pk, "count": lexical.SAMPLE})
    return sorted({text for text in _texts(project, list(rows)) if text})


def _texts(project: Project, rows: Sequence[ItemRevision]) -> list[str]:
    declared = [project.prompt_template]
    return [without_template([last_turn(row.prompt, row.context)], declared)[0] for row in rows]


@dataclass(frozen=True, slots=True)
class _Missing:
    item_id: int
    revision_id: int


def _make_whole(
    row: Encoding, lease: uuid.UUID, encoder: Encoder, clock: Callable[[], dt.datetime]
) -> None:
    """Vectors answer as soon as they are all there; what came in while an index was made is next."""
    more = True
    while more:
        while _encode_more(row, lease, encoder, clock):
            pass
        near.forget(_older(row))
        _answer(row, lease, clock())
        near.follow(row, functools.partial(_keep, row, lease, clock))
        more = _encode_more(row, lease, encoder, clock)


def _encode_more(
    row: Encoding, lease: uuid.UUID, encoder: Encoder, clock: Callable[[], dt.datetime]
) -> bool:
    """Encode a batch of items without a vector; False when there was none."""
    values = {"encoding": row.pk, "project": row.project_id, "count": BATCH}
    missing = [_Missing(*found) for found in run(_MISSING, values, prepare=False)]
    if not missing:
        return False
    by_id = ItemRevision.objects.in_bulk([each.revision_id for each in missing])
    texts = _texts(row.project, [by_id[each.revision_id] for each in missing])
    found = stored(encoder.encode(texts))
    with transaction.atomic():
        written = {
            "workspace": row.workspace_id,
            "encoding": row.pk,
            "item": [each.item_id for each in missing],
            "revision": [each.revision_id for each in missing],
            "vector": found,
        }
        run(_WRITE, written, prepare=False)
        _keep(row, lease, clock)
    return True


def _keep(
    row: Encoding,
    lease: uuid.UUID,
    clock: Callable[[], dt.datetime],
    minutes: float = LEASE_MINUTES,
    **changes: object,
) -> None:
    rows = Encoding.objects.filter(pk=row.pk)
    if not jobs.keep(rows, lease=lease, now=clock(), minutes=minutes, attempts=1, **changes):
        raise _Lost


def _older(row: Encoding) -> list[int]:
    older = Encoding.objects.filter(project=row.project, version__lt=row.version)
    return list(older.values_list("pk", flat=True))


@transaction.atomic
def _answer(row: Encoding, lease: uuid.UUID, now: dt.datetime) -> None:
    """These vectors answer from now on; older versions of the project are removed with their files."""
    row.n_vectors, row.encoded_at = ItemVector.objects.filter(encoding=row).count(), now
    _keep(row, lease, lambda: now, n_vectors=row.n_vectors, encoded_at=now)
    older = Encoding.objects.filter(pk__in=_older(row))
    files = [name for name in older.values_list("stored_at", flat=True) if name]
    ItemVector.objects.filter(encoding__in=older).delete()
    older.delete()
    for name in files:
        transaction.on_commit(functools.partial(default_storage.delete, name))


def _finish(row: Encoding, lease: uuid.UUID) -> None:
    done = Encoding.objects.filter(pk=row.pk, lease=lease).update(
        state=Encoding.State.READY, error_code="", error="", lease=None, leased_until=None
    )
    if not done:
        raise _Lost


def _fail(row: Encoding, lease: uuid.UUID, code: str, sentence: str) -> None:
    Encoding.objects.filter(pk=row.pk, lease=lease).update(
        state=Encoding.State.FAILED,
        error_code=code,
        error=sentence[:1000],
        lease=None,
        leased_until=None,
    )
