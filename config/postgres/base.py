"""Django's PostgreSQL backend; whether a connection still stands is read off its socket instead of asked with `SELECT 1`.

A server that goes away (restart, `pg_terminate_backend`, a dead machine that answers with a reset) leaves its farewell or
the end of the stream in the socket of every connection at rest. A quiet socket is therefore a usable connection, found
without a round trip; any other is asked as Django asks.
"""

from __future__ import annotations

import select

from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus

_AT_REST = {TransactionStatus.IDLE, TransactionStatus.INTRANS}


class DatabaseWrapper(base.DatabaseWrapper):
    """The connection of one thread."""

    def is_usable(self) -> bool:
        """Whether the connection can be used for a new request."""
        return self._is_quiet() or super().is_usable()

    def _is_quiet(self) -> bool:
        if self.connection is None or self.connection.closed or self.connection.broken:
            return False
        if self.connection.pgconn.transaction_status not in _AT_REST:
            return False
        watch = select.poll()
        watch.register(self.connection.fileno(), select.POLLIN)
        return not watch.poll(0)
