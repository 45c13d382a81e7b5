"""The opinion of eyecite's own tests, as it came and as the document that an import makes of it."""

from __future__ import annotations

import gzip
from functools import cache

from feedback.readers.documents.paragraphs import to_markdown
from feedback.readers.documents.plain import typed_pages
from tests.readers.files import DATA


@cache
def typed() -> str:
    return gzip.decompress((DATA / "legal/eyecite_opinion.txt.gz").read_bytes()).decode()


@cache
def document() -> str:
    return to_markdown(typed_pages(typed()), typed=True)
