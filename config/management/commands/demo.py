"""`manage.py demo`: everything on this machine with the demonstration's data, until Ctrl-C."""

from __future__ import annotations

import os
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config.stack.start import Errand, Stack


class Command(BaseCommand):
    help = "Start everything as “up” does, load the demonstration, print its table and serve."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        port = int(os.environ.get("PORT") or 8000)
        parser.add_argument(
            "--port", type=int, default=port, help="port on 127.0.0.1 (default: %(default)s)"
        )
        parser.add_argument(
            "--once", action="store_true", help="stop when the demonstration is published"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        errand = Errand(("load_demo",), leave=options["once"])
        sys.exit(Stack(options["port"], errand).serve())
