"""`manage.py load_demo`: the demonstration, into a product that runs. `manage.py demo` calls it once everything is up."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from config.demo import people, table
from config.demo.load import load
from feedback.errors import Refusal
from feedback.following import Line, quietly


class Command(BaseCommand):
    requires_system_checks: list[str] = []
    help = "Loads the demonstration through real workers, once; later calls print what is there."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--reset-passwords", action="store_true", help="give the demo's people new passwords"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        line = Line(self.stdout)
        try:
            with quietly():
                loaded = load(line)
        except Refusal as refusal:
            raise CommandError(f"{refusal.sentence} [{refusal.code}]") from refusal
        place = people.manager_place(timezone.now())
        passwords = people.set_passwords(anew=options["reset_passwords"])
        key = people.make_key(place, timezone.now())
        sections = (
            table.table(loaded),
            table.sign_in(passwords),
            table.snippet(key, loaded),
        )
        for section in sections:
            line.keep("")
            for words in section:
                line.keep(words)
