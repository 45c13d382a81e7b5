"""What the test of two hosts has done against their servers, in a process of its own: `python -m tests.stack.sharing fill | run SIZE`.

`fill` makes a project with reviews; `run` begins a run in pieces of SIZE reviews with the ledger as empty as for the first
one, waits until somebody has finished it, and says its result, from where connections came, and how its chunks were done.
"""

from __future__ import annotations

import json
import sys
import time

import django


def fill() -> None:
    from django.utils import timezone

    from tests.steps import import_rows, row
    from tests.world import make_world

    world = make_world(timezone.now())
    rows = [
        row(
            f"i{n}",
            n % 7 - 3,
            2,
            -1,
            prompt=f"Which of these is a sound answer to question number {n // 2}?",
            responses=[f"The court held number {n // 4} void for want of notice", f"b {n}"],
        )
        for n in range(240)
    ]
    job = import_rows(world.place(world.mara), rows, world.now, source="s")
    say({"items": job.items_created})


def run(size: int) -> None:
    from django.db import connection
    from django.utils import timezone

    from curation.actions import start_run as starting
    from curation.models import Run, SplitEntry
    from feedback import access
    from feedback.models import Project, User
    from tests.steps import recipe

    mara = access.Principal(User.objects.get(email="mara@example.org"))
    project = Project.objects.get(workspace__slug="northgate")
    place = access.project(mara, "northgate", project.slug)
    starting.CHUNK_REVIEWS = size
    SplitEntry.objects.all().delete()
    now = timezone.now()
    begun = starting.start_run(place=place, version=recipe(project, now, "chat"), now=now)
    seen: set[str] = set()
    deadline = time.monotonic() + 240
    while begun.state in Run.AT_WORK:
        assert time.monotonic() < deadline, begun.state
        time.sleep(0.1)
        begun.refresh_from_db()
        with connection.cursor() as cursor:
            cursor.execute("SELECT DISTINCT host(client_addr) FROM pg_stat_activity")
            seen |= {address for (address,) in cursor.fetchall() if address}
    assert begun.state == "finished", begun.error
    chunks = begun.chunks.values_list("kind", "attempts")
    said = {
        "result": bytes(begun.result_sha256).hex(),
        "addresses": sorted(seen),
        "kinds": sorted({kind for kind, _ in chunks}),
        "chunks": len(chunks),
        "attempts": sorted({attempts for _, attempts in chunks}),
    }
    say(said)


def say(found: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    django.setup()
    if sys.argv[1] == "fill":
        fill()
    else:
        run(int(sys.argv[2]))
