"""`manage.py verify_seals`: whether any review was edited since it was sent. Ends with 1 if so."""

from __future__ import annotations

import datetime as dt
import sys
import uuid
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from feedback.actions.sealing import broken_seals, edited_bodies, head
from feedback.models import ReviewSeal


class Command(BaseCommand):
    help = "Checks every seal and every body against the hashes written when reviews were sent; ends with 1 if one differs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--head", metavar="HEX", help="a head that was printed before and kept")

    def handle(self, *args: Any, **options: Any) -> None:
        seals = list(ReviewSeal.objects.order_by("hour"))
        faults = [*_of_hours(broken_seals()), *_of_bodies(edited_bodies())]
        if options["head"] and not _knows(seals, options["head"]):
            faults.append("The head that you kept is none of this chain: history was rewritten.")
        for line in _words(seals):
            self.stdout.write(line)
        if faults:
            self.stderr.write("\n".join(faults))
            sys.exit(1)
        self.stdout.write("Nothing was edited.")


def _words(seals: list[ReviewSeal]) -> Iterator[str]:
    if not seals:
        yield "No hour is sealed yet."
        return
    reviews = sum(seal.reviews for seal in seals)
    yield f"{len(seals):,} hours with {reviews:,} reviews are sealed, the last one {_hour(seals[-1].hour)}."
    yield f"Head of the chain: {head(seals[-1]).hex()}"


def _of_hours(hours: list[dt.datetime]) -> Iterator[str]:
    for hour in hours:
        yield f"Broken: the hour {_hour(hour)} is not as it was sealed."


def _of_bodies(reviews: list[uuid.UUID]) -> Iterator[str]:
    for review in reviews:
        yield f"Edited: the body of review {review} is not what was sent."


def _hour(hour: dt.datetime) -> str:
    return f"{hour:%Y-%m-%d %H:%M} UTC"


def _knows(seals: list[ReviewSeal], kept: str) -> bool:
    try:
        wanted = bytes.fromhex(kept)
    except ValueError as error:
        raise CommandError(f"“{kept}” is no head; it has 64 hexadecimal digits.") from error
    return wanted in {head(seal) for seal in seals}
