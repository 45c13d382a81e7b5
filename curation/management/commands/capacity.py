"""`manage.py capacity`: what a run of so many responses needs in seconds, memory and disk, and what breaks first as it grows."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from curation.methods.capacity import LENGTH, NEAR, Load, limits, phases, space

PHASE = "{:<12} {:>14} {:>9} {:>14} {:>16}"
UNITS = ((1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"))
TIMES = ((86_400.0, "days"), (3_600.0, "h"), (60.0, "min"))


class Command(BaseCommand):
    help = (
        "Reckons what a run needs by straight lines through measured figures (docs/operations/scale.md). "
        "Reads no data."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("responses", type=int, help="of the whole run; two make a pair")
        parser.add_argument("--length", type=float, default=LENGTH, help="mean characters of one")
        parser.add_argument(
            "--near", type=float, default=NEAR, help="share of prompts near another"
        )
        parser.add_argument(
            "--reviews",
            type=float,
            default=3.0,
            help="of a pair, for PostgreSQL; seconds are those of three",
        )
        parser.add_argument("--workers", type=int, default=2, help="processes, each on a core")
        parser.add_argument("--memory", type=float, default=2.0, help="GiB that a worker may hold")
        parser.add_argument(
            "--disk", type=float, default=1024.0, help="GiB of files, and of PostgreSQL"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        load = _load(options)
        self.stdout.write(
            PHASE.format("phase", "by the clock", "workers", "processor", "memory of each")
        )
        for phase in phases(load):
            times = _time(phase.seconds), phase.workers, _time(phase.cpu)
            self.stdout.write(PHASE.format(phase.name, *times, _size(phase.memory)))
        whole = phases(load)
        seconds, cpu = (sum(getattr(each, name) for each in whole) for name in ("seconds", "cpu"))
        most = max(each.memory for each in whole)
        self.stdout.write(PHASE.format("together", _time(seconds), "", _time(cpu), _size(most)))
        self._space(load)
        self.stdout.write("\nBreaks at about so many responses:")
        for limit in limits(load, options["memory"] * (1 << 30), options["disk"] * (1 << 30)):
            self.stdout.write(f"{limit.responses:>16,.0f}  {limit.what}")

    def _space(self, load: Load) -> None:
        needs = space(load)
        ways = f"{load.partitions} partitions" if load.partitioned else "one worker's memory"
        self.stdout.write(
            f"\nNear texts are found in {ways}.\n"
            f"Files while it runs: {_size(needs.frames)} of frames, {_size(needs.partitions)} of partitions, "
            f"in {load.files:,.0f} files.\n"
            f"PostgreSQL: {_size(needs.reviews)} of items and reviews, {_size(needs.run)} more for each run."
        )


def _load(options: dict[str, Any]) -> Load:
    wrong = [name for name in ("responses", "length", "reviews", "workers") if options[name] <= 0]
    if wrong or not 0 <= options["near"] <= 1:
        raise CommandError(
            "Responses, length, reviews and workers must be above 0, and the near share between 0 and 1."
        )
    return Load(
        responses=options["responses"],
        length=options["length"],
        near=options["near"],
        reviews=options["reviews"],
        workers=options["workers"],
        in_memory=settings.JOIN_IN_MEMORY,
    )


def _size(count: float) -> str:
    for unit, name in UNITS:
        if count >= unit:
            return f"{count / unit:,.1f} {name}"
    return f"{count / UNITS[-1][0]:.1f} MiB"


def _time(seconds: float) -> str:
    for unit, name in TIMES:
        if seconds >= unit:
            return f"{seconds / unit:,.1f} {name}"
    return f"{seconds:.1f} s"
