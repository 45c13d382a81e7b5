"""An embeddings endpoint on a real socket: what it is asked, and what becomes of an answer that is none."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from curation.encoders.base import EncoderFault
from curation.encoders.endpoint import BATCH, Unreachable, endpoint


class Asked(BaseHTTPRequestHandler):
    """Answers with the length of each text, last first, and keeps what it was asked."""

    seen: list[dict[str, Any]] = []
    status, answer = 200, ""

    def do_POST(self) -> None:
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.seen.append({"path": self.path, "key": self.headers["Authorization"], **said})
        data = [{"index": n, "embedding": [len(t), 0.0, 1.0]} for n, t in enumerate(said["input"])]
        body = (self.answer or json.dumps({"data": data[::-1]})).encode()
        self.send_response(self.status)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(Asked, "seen", [])
    server = HTTPServer(("127.0.0.1", 0), Asked)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()


def test_texts_are_asked_for_in_batches_with_the_key_in_a_header(served: str) -> None:
    model = endpoint(served, "small", "secret")
    found = model.encode(["a" * n for n in range(BATCH + 10)])
    assert (model.dim, found.shape) == (3, (BATCH + 10, 3))
    assert not found[0].any()
    assert found[9].tolist() == pytest.approx([9 / 82**0.5, 0, 1 / 82**0.5])
    assert [len(each["input"]) for each in Asked.seen] == [1, BATCH, 9]
    assert {each["path"] for each in Asked.seen} == {"/v1/embeddings"}
    assert {(each["key"], each["model"]) for each in Asked.seen} == {("Bearer secret", "small")}
    assert "secret" not in repr(model)


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (302, ""),
        (500, ""),
        (200, "hello"),
        (200, '{"data": [{"index": 0}]}'),
        (200, " " * 5_000_001),
    ],
)
def test_another_answer_is_refused_and_no_redirect_followed(
    served: str, monkeypatch: pytest.MonkeyPatch, status: int, answer: str
) -> None:
    monkeypatch.setattr(Asked, "status", status)
    monkeypatch.setattr(Asked, "answer", answer)
    with pytest.raises(Unreachable):
        endpoint(served, "small", "")
    assert len(Asked.seen) == 1


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/v1",
        "ftp://127.0.0.1/v1",
        "https:///v1",
        "http://127.0.0.1.example.org/v1",
    ],
)
def test_an_address_in_the_clear_is_never_asked(address: str) -> None:
    with pytest.raises(EncoderFault, match="https"):
        endpoint(address, "small", "")


def test_a_model_must_be_named(served: str) -> None:
    with pytest.raises(EncoderFault, match="ENCODER_MODEL"):
        endpoint(served, "", "")
    assert Asked.seen == []
