"""A recipe as plain fields, as an editor sends them, and the changes that an editor makes to it.

What is typed wrongly is kept as it was typed, for `parse_recipe` to refuse with its path.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from curation.stages import STAGES, STAGES_BY_NAME
from curation.stages.base import Param, Stage
from curation.stages.by_hand import BY_HAND

Document = dict[str, Any]
Fields = Mapping[str, Sequence[str]]

MOST_STAGES = 60
NUMBER = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,9})?", re.ASCII)


def from_fields(fields: Fields) -> Document:
    """`questions` and `stages` of an editor's fields, in the order in which the stages were sent."""
    stages = []
    for number in range(MOST_STAGES):
        stage = STAGES_BY_NAME.get(_last(fields, f"s.{number}.stage"))
        if stage is not None:
            params = {
                param.name: _value(param, _last(fields, f"s.{number}.{param.name}"))
                for param in stage.params
            }
            stages.append({"stage": stage.name, "params": params})
    return {"questions": [each for each in fields.get("questions", ()) if each], "stages": stages}


def to_fields(document: Document) -> dict[str, list[str]]:
    """The fields of an editor that show a recipe, as a browser would send them."""
    found = {"questions": [str(each) for each in document["questions"]]}
    for number, entry in enumerate(completed(document)["stages"]):
        found[f"s.{number}.stage"] = [entry["stage"]]
        for name, value in entry["params"].items():
            found[f"s.{number}.{name}"] = [str(value)]
    return found


def completed(document: Document) -> Document:
    """The recipe with every setting that is left out at its default; stages that do not exist are left out."""
    stages = [
        {
            "stage": entry["stage"],
            "params": {**STAGES_BY_NAME[entry["stage"]].defaults, **entry.get("params", {})},
        }
        for entry in document["stages"]
        if entry["stage"] in STAGES_BY_NAME
    ]
    return {"questions": list(document.get("questions", [])), "stages": stages}


def offered(document: Document) -> list[Stage]:
    """Stages that the recipe does not have, in their usual order."""
    taken = {entry["stage"] for entry in document["stages"]}
    return [stage for stage in STAGES if stage.name not in taken]


def added(document: Document, name: str) -> Document:
    """The recipe with one stage more, where it usually runs."""
    stage = STAGES_BY_NAME[name]
    earlier = [each.name for each in STAGES[: STAGES.index(stage)]]
    entries = list(document["stages"])
    at = max((n for n, entry in enumerate(entries, 1) if entry["stage"] in earlier), default=0)
    entries.insert(at, {"stage": name, "params": stage.defaults})
    return document | {"stages": entries}


def moved(document: Document, at: int, to: int) -> Document:
    """The recipe with one stage at another place, as far as it goes."""
    entries = list(document["stages"])
    entry = entries.pop(at)
    entries.insert(max(0, min(len(entries), to)), entry)
    return document | {"stages": entries}


def without(document: Document, at: int) -> Document:
    """The recipe without one of its stages."""
    left = [entry for number, entry in enumerate(document["stages"]) if number != at]
    return document | {"stages": left}


def removable(name: str) -> bool:
    """Whether a recipe may do without this stage: what people decide by hand counts in all of them."""
    return name != BY_HAND.name


def _value(param: Param, raw: str) -> int | float | str:
    text = raw.strip()
    if param.kind == "choice" or not NUMBER.fullmatch(text):
        return text
    return float(text) if "." in text else int(text)


def _last(fields: Fields, name: str) -> str:
    values = fields.get(name, ())
    return values[-1] if values else ""
