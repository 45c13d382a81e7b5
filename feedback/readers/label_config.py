"""Reads a Label Studio labelling configuration, with the vendor's own parser behind a parser that knows no entities."""

from __future__ import annotations

import re
from typing import Any, NamedTuple
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from .problems import Fault, Path, bad_mapping, shown

CONFIG: Path = ("label_studio", "config")
DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
MOST_STARS = 5  # Label Studio's own default


class Control(NamedTuple):
    """A control of the configuration: what it is on, which choices it has (None: they come with each task)."""

    name: str
    kind: str
    on: tuple[str, ...]
    choices: frozenset[str] | None
    choices_from: str
    top: int

    def choices_in(self, task: dict[str, Any]) -> frozenset[str]:
        """The choices a task had, also where its data names them (`value="$options"`)."""
        if self.choices is not None:
            return self.choices
        data = task.get("data")
        offered = data.get(self.choices_from) if isinstance(data, dict) else None
        values = offered if isinstance(offered, list) else []
        return frozenset(str(v.get("value") if isinstance(v, dict) else v) for v in values)


def parse_config(config: str) -> dict[str, Control]:
    """The controls of a configuration by name. Raises ReadingFailed with line and column of what is broken."""
    try:
        fromstring(config, forbid_dtd=True)
    except ParseError as error:
        line, column = error.position
        reason = str(error).partition(":")[0]
        says = f"is broken XML at line {line}, column {column + 1}: {reason}"
        raise bad_mapping([Fault(CONFIG, "bad_label_config", says)]) from None
    except DefusedXmlException:
        says = "holds a document type or entities, which are not read"
        raise bad_mapping([Fault(CONFIG, "bad_label_config", says)]) from None
    return {control.name: control for control in vendor_controls(DECLARATION.sub("", config))}


def vendor_controls(config: str) -> list[Control]:
    # Costs a second and 100 MB, so that only a process that reads such an export pays it.
    from label_studio_sdk.label_interface.interface import LabelInterface

    try:
        interface = LabelInterface(config)
        return [as_control(tag) for tag in interface.controls or ()]
    except Exception as error:  # noqa: BLE001  (the vendor raises bare exceptions)
        says = f"cannot be used: {shown(str(error))}"
        raise bad_mapping([Fault(CONFIG, "bad_label_config", says)]) from None


def as_control(tag: Any) -> Control:
    stars = str(tag.attr.get("maxRating", ""))
    return Control(
        name=tag.name,
        kind=tag.tag.lower(),
        on=tuple(name.strip() for name in tag.to_name),
        choices=None if tag.dynamic_value else frozenset(tag.labels),
        choices_from=tag.attr.get("value", "").removeprefix("$"),
        top=int(stars) if stars.isdigit() else MOST_STARS,
    )
