"""`manage.py up`: everything on this machine, in the foreground, until Ctrl-C."""

from __future__ import annotations

import os
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config.stack.start import Errand, Stack


class Command(BaseCommand):
    help = "Start PostgreSQL and the broker (unless you name your own), the workers and the web server."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        port = int(os.environ.get("PORT") or 8000)
        parser.add_argument(
            "--port", type=int, default=port, help="port on 127.0.0.1 (default: %(default)s)"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        sys.exit(Stack(options["port"], Errand(("setup_link", "--skip-checks"))).serve())
