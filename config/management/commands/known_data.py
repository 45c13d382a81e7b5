"""`manage.py known_data`: figures that bundled data must give, beside ours. Exits with 1 when one of them does not agree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.demo.known.figure import TESTS_DATA, Figure, Value
from config.demo.known.methods import articles, codings, food, labels
from config.demo.known.models import llmfao, mqm
from config.demo.known.reviews import crscore, finegrained, pandalm
from config.demo.known.throwaway import throwaway
from feedback.following import quietly

PARTS = (pandalm, finegrained, crscore, codings, food, labels, articles, mqm, llmfao)
MARKS = {True: "✓", False: "✗", None: " "}
LAYOUT = "{:<32} {:<42} {:>20} {:>20} {}"


def figures() -> Iterator[Figure]:
    """Every figure; nothing of what was imported for it stays."""
    for part in PARTS:
        with throwaway() as inside:
            yield from part(inside)


class Command(BaseCommand):
    help = "Imports and runs known data in a throw-away workspace, and compares the figures. Leaves nothing behind."

    def handle(self, *args: Any, **options: Any) -> None:
        if not TESTS_DATA.is_dir():
            raise CommandError(f"The data are in {TESTS_DATA}, which is missing here.")
        self.stdout.write(LAYOUT.format("data", "figure", "expected", "ours", "").rstrip())
        wrong = 0
        with quietly():
            for figure in figures():
                cells = (figure.data, figure.name, _cell(figure.expected), _cell(figure.ours))
                self.stdout.write(LAYOUT.format(*cells, MARKS[figure.agrees]).rstrip())
                wrong += figure.agrees is False
        if wrong:
            raise CommandError(f"{wrong} figures do not agree.")


def _cell(value: Value) -> str:
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int) else str(value)
