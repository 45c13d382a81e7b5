"""The pull log: who fetched which file of a version, so that one knows who holds a copy."""

from __future__ import annotations

import datetime as dt

from exports.models import DatasetVersion, Pull
from feedback.access import Principal

AGENT_LENGTH = 200


def record_pull(
    *,
    version: DatasetVersion,
    path: str,
    sent_bytes: int,
    principal: Principal,
    agent: str,
    now: dt.datetime,
) -> None:
    """Note that somebody fetched a file, or part of it: the bytes that were sent, and the client's name for itself."""
    Pull.objects.create(
        workspace_id=version.workspace_id,
        version=version,
        path=path,
        sent_bytes=sent_bytes,
        key=principal.key,
        user=principal.user,
        # A NUL cannot be stored, and a client may call itself anything.
        agent=agent.replace("\0", "")[:AGENT_LENGTH],
        at=now,
    )
