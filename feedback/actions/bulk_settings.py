"""What each bulk action needs to be told, checked before anything is counted."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from feedback import access
from feedback.access import ProjectPlace
from feedback.errors import Invalid, NotThere
from feedback.models import BulkJob, Membership
from feedback.policy.rank import HIGHEST, LOWEST

MOST_MORE, MOST_DAYS, MOST_TAGS, LONGEST_TAG, LONGEST_REASON = 10, 30, 20, 80, 200
Raw = Mapping[str, Any]


def checked(place: ProjectPlace, action: str, raw: Raw) -> dict[str, Any]:
    """The settings of an action, complete. Raises Invalid with the field that does not fit."""
    read = _READ.get(action)
    if read is None:
        raise _wrong("action", f"This is one of {', '.join(BulkJob.Action.values)}.")
    unknown = set(raw) - FIELDS[action]
    if unknown:
        raise _wrong(min(unknown), "This has no meaning for this action.")
    return read(place, raw)


# What an action may be told; doors build their forms and shapes from it.
FIELDS: dict[str, frozenset[str]] = {
    BulkJob.Action.REQUEUE: frozenset({"more"}),
    BulkJob.Action.RETIRE: frozenset({"reason"}),
    BulkJob.Action.RESTORE: frozenset(),
    BulkJob.Action.RELEASE: frozenset({"member"}),
    BulkJob.Action.ASSIGN: frozenset({"member", "days"}),
    BulkJob.Action.PRIORITY: frozenset({"priority"}),
    BulkJob.Action.TAG: frozenset({"add", "remove"}),
}


def _requeue(place: ProjectPlace, raw: Raw) -> dict[str, Any]:
    del place
    return {"more": _whole(raw, "more", 1, MOST_MORE, 1)}


def _retire(place: ProjectPlace, raw: Raw) -> dict[str, Any]:
    del place
    reason = str(raw.get("reason") or "").strip()
    if not reason or len(reason) > LONGEST_REASON or "\x00" in reason:
        raise _wrong("reason", f"Say why, in at most {LONGEST_REASON} characters.")
    return {"reason": reason}


def _restore(place: ProjectPlace, raw: Raw) -> dict[str, Any]:
    del place, raw
    return {}


def _release(place: ProjectPlace, raw: Raw) -> dict[str, Any]:
    if not raw.get("member"):
        return {"member": None}
    return {"member": str(_member(place, raw["member"]).public_id)}


def _assign(place: ProjectPlace, raw: Raw) -> dict[str, Any]:
    member = _member(place, raw.get("member"))
    if not access.reviews_in(member, place.project):
        raise _wrong("member", "They do not review in this project. Name them under People first.")
    return {"member": str(member.public_id), "days": _whole(raw, "days", 1, MOST_DAYS, 3)}


def _priority(place: ProjectPlace, raw: Raw) -> dict[str, Any]:
    del place
    return {"priority": _whole(raw, "priority", LOWEST, HIGHEST, None)}


def _tag(place: ProjectPlace, raw: Raw) -> dict[str, Any]:
    del place
    add, remove = _tags(raw, "add"), _tags(raw, "remove")
    if not add and not remove:
        raise _wrong("add", "Name a tag to add or to remove.")
    if set(add) & set(remove):
        raise _wrong("remove", "A tag cannot be added and removed at once.")
    return {"add": add, "remove": remove}


_READ: dict[str, Callable[[ProjectPlace, Raw], dict[str, Any]]] = {
    BulkJob.Action.REQUEUE: _requeue,
    BulkJob.Action.RETIRE: _retire,
    BulkJob.Action.RESTORE: _restore,
    BulkJob.Action.RELEASE: _release,
    BulkJob.Action.ASSIGN: _assign,
    BulkJob.Action.PRIORITY: _priority,
    BulkJob.Action.TAG: _tag,
}


def _whole(raw: Raw, name: str, low: int, high: int, default: int | None) -> int:
    given = raw.get(name, default)
    try:
        value = int(str(given if given not in (None, "") else default))
    except ValueError:
        value = low - 1
    if not low <= value <= high:
        raise _wrong(name, f"This is a whole number from {low} to {high}.")
    return value


def _tags(raw: Raw, name: str) -> list[str]:
    given = raw.get(name) or []
    words = given.split(",") if isinstance(given, str) else list(given)
    tags = list(dict.fromkeys(str(word).strip() for word in words if str(word).strip()))
    if len(tags) > MOST_TAGS or any(len(tag) > LONGEST_TAG or "\x00" in tag for tag in tags):
        raise _wrong(name, f"At most {MOST_TAGS} tags of at most {LONGEST_TAG} characters.")
    return tags


def _member(place: ProjectPlace, given: object) -> Membership:
    try:
        return access.member(place, uuid.UUID(str(given)))
    except (ValueError, NotThere) as error:
        raise _wrong("member", "Choose a reviewer.") from error


def _wrong(field: str, sentence: str) -> Invalid:
    problem = {"field": field, "code": "bad_setting", "sentence": sentence}
    return Invalid(sentence, problems=[problem])
