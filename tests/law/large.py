"""A brief of a hundred pages, made of the real opinion: three times its text, each time with other volumes cited."""

from __future__ import annotations

import re
from functools import cache

from tests.law.opinion import document

SIZE = 250_000
VOLUME = re.compile(r"\b(\d{2,3})(?= (?:U\. S\.|F\. [23]d|F\. Supp\.))")


@cache
def brief() -> str:
    """250 kB with more than 400 citations of more than 100 authorities, the same every time."""
    copies = (
        VOLUME.sub(lambda found, by=number: str(int(found[1]) - by), document())  # type: ignore[misc]
        for number in range(4)
    )
    text = "\n".join(copies).encode()[:SIZE].decode(errors="ignore")
    return text[: text.rindex("\n\n")] + "\n"
