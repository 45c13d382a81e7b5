"""A saved mapping: a JSON document shaped like the native row, whose leaves say where each value is read.

The whole language is described, with examples, in docs/imports.md.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import orjson
from msgspec import Struct, inspect

from .compiler import Compiler
from .faults import type_faults
from .fillers import Filler, nothing
from .label_studio import LabelStudio
from .paths import ABSENT, Scope
from .problems import Fault, bad_mapping
from .written import WrittenItem

MAX_BYTES = 1 << 20
PRESETS = Path(__file__).parent / "presets"
WRITTEN = {field.name: field for field in inspect.type_info(WrittenItem).fields}  # type: ignore[attr-defined]


class Settings(Struct, forbid_unknown_fields=True):
    """What a mapping says beside the row's fields."""

    about: str = ""
    label_studio: LabelStudio | None = None


SETTINGS = inspect.type_info(Settings)


class Mapping:
    """A mapping that has been checked and is ready to fill rows."""

    def __init__(self, settings: Settings, fillers: dict[str, Filler]) -> None:
        self.label_studio = settings.label_studio
        self.fillers = fillers
        self.responses = fillers.get("responses", nothing)

    def fill(self, record: Any) -> tuple[dict[str, Any], list[Fault]]:
        """The native row that this record gives, in the written form, and what could not be read."""
        faults: list[Fault] = []
        responses = self.responses(Scope(record, record, 0), ("responses",), faults)
        count = len(responses) if isinstance(responses, list) else 0
        scope = Scope(record, record, count)
        row = {} if responses is ABSENT else {"responses": responses}
        for name, filler in self.fillers.items():
            if name != "responses":
                value = filler(scope, (name,), faults)
                if value is not ABSENT:
                    row[name] = value
        return row, faults


def parse_mapping(document: Any) -> Mapping:
    """The mapping that a JSON document describes. Raises ReadingFailed with all that is wrong with it."""
    if not isinstance(document, dict):
        raise bad_mapping([Fault((), "wrong_type", "has to be a JSON object")])
    refuse_unsendable(document)
    said = {name: document[name] for name in document.keys() - WRITTEN.keys()}
    faults = list(type_faults(said, SETTINGS))
    compiler = Compiler()
    fillers = {
        name: compiler.node(document[name], field.type, (name,))
        for name, field in WRITTEN.items()
        if name in document
    }
    faults += compiler.faults
    if "prompt" not in document:
        faults.append(Fault(("prompt",), "missing_field", "is missing"))
    if "reviews" in document and "label_studio" in document:
        says = "cannot be mapped as well; they are read from the annotations"
        faults.append(Fault(("reviews",), "unknown_field", says))
    if faults:
        raise bad_mapping(faults)
    return Mapping(msgspec.convert(said, Settings), fillers)


def refuse_unsendable(document: dict[str, Any]) -> None:
    try:
        size = len(orjson.dumps(document))
    except orjson.JSONEncodeError as error:
        raise bad_mapping([Fault((), "wrong_type", f"is not plain JSON: {error}")]) from None
    if size > MAX_BYTES:
        raise bad_mapping([Fault((), "field_too_large", f"has more than {MAX_BYTES:,} bytes")])


def preset_names() -> list[str]:
    """The mappings that come with Touchstone."""
    return sorted(file.stem for file in PRESETS.glob("*.json"))


def preset(name: str) -> dict[str, Any]:
    """The document of a mapping that comes with Touchstone. Raises KeyError."""
    if name not in preset_names():
        raise KeyError(name)
    document: dict[str, Any] = json.loads((PRESETS / f"{name}.json").read_text("utf-8"))
    return document
