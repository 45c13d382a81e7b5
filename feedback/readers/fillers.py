"""The compiled parts of a mapping: each fills one place of a native row and notes what does not fit there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from .answer_mapping import Entries
from .paths import ABSENT, Scope, SourcePath
from .problems import Fault, Path, shown
from .values import Unfit

Filler = Callable[[Scope, Path, list[Fault]], Any]


class Skipped:
    """Stands for an entry whose `only_if` found nothing."""


def nothing(*_: object) -> Any:
    return ABSENT


def filler(read: Callable[[Scope], Any]) -> Filler:
    """A filler that turns what does not fit into a fault at its place in the row."""

    def fill(scope: Scope, path: Path, faults: list[Fault]) -> Any:
        try:
            return read(scope)
        except Unfit as unfit:
            faults.append(Fault(path, unfit.code, unfit.says))
            return ABSENT

    return fill


def fill_fields(
    fillers: dict[str, Filler], scope: Scope, path: Path, faults: list[Fault]
) -> dict[str, Any]:
    values = {name: fill(scope, (*path, name), faults) for name, fill in fillers.items()}
    return {name: value for name, value in values.items() if value is not ABSENT}


def listed(entries: Iterable[tuple[Filler, Scope]], path: Path, faults: list[Fault]) -> list[Any]:
    """The entries that are not skipped; an absent one stays as null so that positions hold, but for tags."""
    values: list[Any] = []
    for fill, scope in entries:
        value = fill(scope, (*path, len(values)), faults)
        if value is ABSENT and path != ("tags",):
            values.append(None)
        elif value is not ABSENT and value is not Skipped:
            values.append(value)
    return values


def each_filler(source: SourcePath, entry: Filler) -> Filler:
    def fill(scope: Scope, path: Path, faults: list[Fault]) -> Any:
        found = source.find(scope)
        if found is ABSENT or found is None:
            return ABSENT
        if isinstance(found, dict):
            found = [{"key": key, "value": value} for key, value in found.items()]
        if not isinstance(found, list):
            says = f"cannot be read from {source.written}: {shown(found)} is not a list"
            faults.append(Fault(path, "not_a_list", says))
            return ABSENT
        inner = (Scope(scope.root, here, scope.responses) for here in found)
        return listed(((entry, here) for here in inner), path, faults)

    return fill


def conditional(condition: SourcePath, entry: Filler) -> Filler:
    def fill(scope: Scope, path: Path, faults: list[Fault]) -> Any:
        found = condition.find(scope)
        there = found is not ABSENT and found is not None and found not in ("", [])
        return entry(scope, path, faults) if there else Skipped

    return fill


def strictly(entries: Filler) -> Entries:
    """A list of entries whose first fault is raised rather than noted, as the parts of one answer need it."""

    def read(scope: Scope) -> list[Any]:
        faults: list[Fault] = []
        found = entries(scope, (), faults)
        for fault in faults:
            raise Unfit(fault.code, fault.says)  # type: ignore[arg-type]
        return [] if found is ABSENT else found

    return read
