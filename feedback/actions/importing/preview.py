"""The first rows of a file as they would be imported, before anything is stored."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from typing import Any

from feedback.access import ProjectPlace
from feedback.errors import Invalid
from feedback.readers.confined import Preview, preview
from feedback.readers.problems import ReadingFailed

from .start import Wish, check_wish, unusable

MOST_ROWS = 20


@dataclass(frozen=True, slots=True)
class Sample:
    """The beginning of a file: its text, and its name if that says what it is."""

    text: str
    name: str = "sample"


def preview_rows(*, place: ProjectPlace, sample: Sample, wish: Wish) -> Preview:
    """The sample's first rows, good or bad, with what is wrong with each. Raises Invalid."""
    checked = check_wish(place, wish)
    with tempfile.NamedTemporaryFile() as file:
        file.write(sample.text.encode())
        file.flush()
        return _read(file.name, sample.name, checked.format, checked.mapping)


def _read(path: str, name: str, format: str, mapping: dict[str, Any] | None) -> Preview:
    try:
        return preview(path, format or None, mapping, MOST_ROWS, name=name)
    except ReadingFailed as failed:
        if failed.problems:
            raise unusable(failed.sentence, failed.problems) from failed
        raise Invalid(
            failed.sentence, problems=[{"field": "text", "code": failed.code}]
        ) from failed
