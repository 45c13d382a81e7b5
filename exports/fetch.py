"""A file of a version on its way to somebody, and the line in the log of pulls when it is through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import structlog
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from feedback.access import Principal
from feedback.errors import Refusal

from . import blobs
from .actions.pulls import record_pull
from .models import DatasetVersion
from .serving import Body, Part

log = structlog.get_logger(__name__)


class BytesMissing(Refusal):
    """The bytes of this file are not where they are kept. Whoever runs this server restores the folder of files from a backup; `manage.py verify_versions` names what is missing."""

    code = "bytes_missing"
    status = 503


def _nothing(_body: Body) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Fetch:
    """Who fetches which file; `then` is called once with the body when it is through, whether or not it was read."""

    version: DatasetVersion
    path: str
    principal: Principal
    agent: str
    then: Callable[[Body], None] = _nothing

    def body(self, sha256: str, wanted: Part) -> Body:
        """The bytes of that part of the file with this hash (hex), for the server to send. Raises BytesMissing."""
        if not blobs.is_there(sha256):
            log.error("bytes_missing", version=self.version.pk, path=self.path)
            raise BytesMissing
        return Body(blobs.pieces(sha256, wanted.start, wanted.length), wanted.length, self._done)

    def _done(self, body: Body) -> None:
        self.then(body)
        if body.begun is None:
            return
        try:
            self._record(body.sent)
        except DatabaseError:
            # A long download may outlive the connection that began it.
            close_old_connections()
            self._record_or_say(body.sent)

    def _record(self, sent_bytes: int) -> None:
        record_pull(
            version=self.version,
            path=self.path,
            sent_bytes=sent_bytes,
            principal=self.principal,
            agent=self.agent,
            now=timezone.now(),
        )

    def _record_or_say(self, sent_bytes: int) -> None:
        """The framework swallows what is raised while a response closes, so a pull that is not noted is logged."""
        try:
            self._record(sent_bytes)
        except DatabaseError:
            log.exception("pull_not_recorded", version=self.version.pk, key=self.principal.identity)
