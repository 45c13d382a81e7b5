"""Asks a web server whether it is ready, without ever waiting for the answer."""

from __future__ import annotations

import select
import socket

_REQUEST = b"GET /health/ready HTTP/1.0\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"


class WebProbe:
    """Call it again and again: True once `/health/ready` has answered 200.

    The listening socket exists before the server does, so a request waits in it until somebody accepts. Asking anew
    each time would fill that queue; this asks once and looks for the answer.
    """

    def __init__(self, port: int) -> None:
        self._address = ("127.0.0.1", port)
        self._asked: socket.socket | None = None

    def __call__(self, _pid: int) -> bool:
        if self._asked is None:
            self._asked = socket.create_connection(self._address, timeout=5.0)
            self._asked.sendall(_REQUEST)
        if not select.select([self._asked], [], [], 0)[0]:
            return False
        with self._asked as answering:
            self._asked = None
            return b" 200 " in _first_line(answering)


def _first_line(connection: socket.socket) -> bytes:
    try:
        return connection.recv(256).partition(b"\r\n")[0]
    except OSError:  # the server died while it answered
        return b""
