"""Vectors from an OpenAI-compatible embeddings endpoint: the one address that the environment names, and nothing it points to.

https, or http to this very machine; no redirects; ten seconds and five megabytes an answer; the key in a header, never in an address.
"""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from curation.encoders.base import EncoderFault, Vectors, unit
from curation.late import np

BATCH = 64
LENGTH = 8_000  # characters of a text that are sent
SECONDS, MOST_BYTES = 10.0, 5_000_000
LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class Unreachable(EncoderFault):
    """The endpoint did not answer as it should."""

    code = "encoder_unreachable"


@dataclass(frozen=True)
class Endpoint:
    """A model behind an address; `dim` is what its first answer has."""

    address: str
    name: str
    key: str = field(repr=False)
    dim: int

    def encode(self, texts: Sequence[str]) -> Vectors:
        found = np.zeros((len(texts), self.dim), dtype=np.float32)
        said = [at for at, text in enumerate(texts) if text.strip()]
        for start in range(0, len(said), BATCH):
            places = said[start : start + BATCH]
            vectors = _asked(self.address, self.name, self.key, [texts[at] for at in places])
            if vectors.shape != (len(places), self.dim):
                raise Unreachable(
                    "The embeddings endpoint gave vectors of another number or length than before."
                )
            found[places] = vectors
        return unit(found)


def endpoint(address: str, model: str, key: str) -> Endpoint:
    """The encoder at `address` (…/v1). Raises EncoderFault: no model named, not https, or it does not answer."""
    if not model:
        raise EncoderFault("ENCODER is an address, and ENCODER_MODEL does not say which model.")
    return Endpoint(address, model, key, _asked(address, model, key, ["a"]).shape[1])


def _asked(address: str, model: str, key: str, texts: Sequence[str]) -> Vectors:
    body = json.dumps({"model": model, "input": [text[:LENGTH] for text in texts]})
    answer = _posted(address, key, body.encode())
    try:
        rows = sorted(json.loads(answer)["data"], key=_index)
        found = np.array([row["embedding"] for row in rows], dtype=np.float32)
    except (ValueError, KeyError, TypeError) as broken:
        raise Unreachable("The embeddings endpoint answered something else.") from broken
    if found.ndim != 2 or not np.isfinite(found).all():
        raise Unreachable("The embeddings endpoint answered something else.")
    return found


def _index(row: Any) -> int:
    return int(row["index"])


def _posted(address: str, key: str, body: bytes) -> bytes:
    at = urlsplit(address)
    host = at.hostname or ""
    secure = at.scheme == "https"
    if not host or not (secure or (at.scheme == "http" and host in LOOPBACK)):
        raise EncoderFault("ENCODER must be an https address, or http on this machine.")
    connection = (
        http.client.HTTPSConnection(
            host, at.port, timeout=SECONDS, context=ssl.create_default_context()
        )
        if secure
        else http.client.HTTPConnection(host, at.port, timeout=SECONDS)
    )
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    try:
        connection.request("POST", f"{at.path.rstrip('/')}/embeddings", body, headers)
        answer = connection.getresponse()
        content = answer.read(MOST_BYTES + 1)
    except (OSError, http.client.HTTPException) as broken:
        raise Unreachable(f"The embeddings endpoint at {host} does not answer.") from broken
    finally:
        connection.close()
    if answer.status != http.client.OK or len(content) > MOST_BYTES:
        raise Unreachable(
            f"The embeddings endpoint at {host} answered {answer.status}, or too much. Redirects are not followed."
        )
    return content
