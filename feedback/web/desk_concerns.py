"""What a reviewer sees before an item is disclosed: whom it concerns, what it takes, and why it came to them."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from feedback.access import ProjectPlace
from feedback.models import Assignment
from feedback.policy.pace import roughly
from feedback.queries.concerns import concerns_of
from feedback.queries.progress import queue_of


def before_reading(place: ProjectPlace, row: Assignment, *, now: dt.datetime) -> dict[str, Any]:
    """Nothing here is of the item's texts, its form or its draft."""
    queue = queue_of(place.project, place.user, now=now)
    return {
        "workspace": place.workspace,
        "project": place.project,
        "assignment": row.public_id,
        "concerns": concerns_of(row),
        "takes": roughly(queue.median or queue.usual_minutes * 60),
        "own_pace": queue.median is not None,
        "queue": queue,
        "own_keys": json.dumps(place.user.keys),
    }
