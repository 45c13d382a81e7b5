"""A task of a Label Studio export as a native row: the mapping places its data, its annotations become reviews."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from .answer_mapping import compared
from .label_config import Control, parse_config
from .problems import Fault, Path, bad_mapping, shown
from .rows import MAX_RESPONSES
from .values import Unfit

GROUND_TRUTH = "ground_truth"
LONGEST_LEAD = 2_000_000  # seconds; Label Studio counts on while the page stays open
SIDES = {"left": "first", "right": "second"}

Position = Annotated[int, Meta(ge=1, le=MAX_RESPONSES)]
Answers = dict[str, Any]


class Use(Struct, forbid_unknown_fields=True):
    """What a control becomes: the question it answers, its values under our names, or a vote between two responses."""

    question: Annotated[str, Meta(min_length=1)] | None = None
    values: dict[str, Any] | None = None
    between: Annotated[list[Position], Meta(min_length=2, max_length=2)] | None = None


class LabelStudio(Struct, forbid_unknown_fields=True):
    """The part of a mapping about annotations: the labelling configuration, and which object is which response."""

    config: str
    objects: dict[str, Position] | None = None
    controls: dict[str, Use] | None = None
    ignore: list[str] | None = None
    ground_truth: Literal["review", "gold"] = "review"


class Annotations:
    """Reads the annotations of tasks that were made with one configuration."""

    def __init__(self, section: LabelStudio) -> None:
        """Raises ReadingFailed where section and configuration do not fit."""
        self.controls = parse_config(section.config)
        self.objects = section.objects or {}
        self.uses = section.controls or {}
        self.ignored = set(section.ignore or ())
        self.gold = section.ground_truth == "gold"
        faults = list(self.section_faults())
        if faults:
            raise bad_mapping(faults)

    def section_faults(self) -> list[Fault]:
        at: Path = ("label_studio", "controls")
        named = [*((*at, name) for name in self.uses)]
        named += [("label_studio", "ignore", name) for name in sorted(self.ignored)]
        faults = [
            Fault(path, "unknown_control", "is not a control of the configuration")
            for path in named
            if path[-1] not in self.controls
        ]
        on = {name for control in self.controls.values() for name in control.on}
        faults += [
            Fault(("label_studio", "objects", name), "unknown_object", "has no control on it")
            for name in self.objects
            if name not in on
        ]
        return faults + [fault for name in self.controls if (fault := self.use_fault(name, at))]

    def use_fault(self, name: str, at: Path) -> Fault | None:
        """A rating has to be of a response, a vote between two that are known."""
        control, use = self.controls[name], self.uses.get(name, Use())
        if name in self.ignored:
            return None
        if control.kind == "rating" and control.on[0] not in self.objects:
            says = f"rates {control.on[0]}, which is not among the objects that are responses"
            return Fault((*at, name), "unknown_object", says)
        if control.kind == "pairwise" and len(set(self.sides(control))) != 2:
            return Fault((*at, name), "bad_pair", "has to compare two objects that are responses")
        if use.between is not None and use.between[0] == use.between[1]:
            return Fault((*at, name, "between"), "bad_pair", "has to be two positions")
        return None

    def sides(self, control: Control) -> list[int]:
        """The positions of the responses a Pairwise compares, left first."""
        if not self.objects:
            return list(range(1, len(control.on) + 1))
        return [self.objects[name] for name in control.on if name in self.objects]

    def add_to(self, row: dict[str, Any], task: Any, faults: list[Fault]) -> None:
        """Puts the task's annotations into the row as reviews, and faults for those that cannot be."""
        annotations = task.get("annotations") if isinstance(task, dict) else None
        if annotations is None:
            return
        if not isinstance(annotations, list):
            says = f"cannot be read from annotations: {shown(annotations)} is not a list"
            faults.append(Fault(("reviews",), "not_a_list", says))
            return
        row["reviews"] = [
            self.review(annotation, task, ("reviews", place), faults)
            for place, annotation in enumerate(annotations)
        ]
        if any(isinstance(each, dict) and each.get(GROUND_TRUTH) is True for each in annotations):
            mark_as_truth(row, gold=self.gold)

    def review(
        self, annotation: Any, task: dict[str, Any], path: Path, faults: list[Fault]
    ) -> dict[str, Any]:
        if not isinstance(annotation, dict) or not isinstance(annotation.get("result", []), list):
            faults.append(Fault(path, "wrong_type", "is not an annotation with a list of results"))
            return {}
        if annotation.get("was_cancelled"):
            faults.append(Fault(path, "cancelled", "was skipped in Label Studio"))
            return {}
        answers: Answers = {}
        for place, result in enumerate(annotation.get("result", [])):
            try:
                self.add_answer(answers, result, task)
            except Unfit as unfit:
                faults.append(Fault((*path, "result", place), unfit.code, unfit.says))
        return {**effort(annotation), "answers": answers}

    def add_answer(self, answers: Answers, result: Any, task: dict[str, Any]) -> None:
        """Adds what one result says to the answers. Raises Unfit."""
        name = result.get("from_name") if isinstance(result, dict) else None
        if name in self.ignored:
            return
        control = self.controls.get(name) if isinstance(name, str) else None
        if control is None:
            says = f"names the control {shown(name)}, which the configuration does not have"
            raise Unfit("unknown_control", says)
        value = result.get("value")
        given = self.answer(control, value if isinstance(value, dict) else {}, task)
        put(answers, self.uses.get(control.name, Use()).question or control.name, given)

    def answer(self, control: Control, value: dict[str, Any], task: dict[str, Any]) -> Any:
        use = self.uses.get(control.name, Use())
        match control.kind:
            case "pairwise":
                chosen = one_of(value.get("selected"), SIDES, control)
                left, right = self.sides(control)
                return [compared(left, right, SIDES[chosen])]
            case "choices":
                return self.chosen(control, use, value.get("choices"), task)
            case "rating":
                stars = rated(value.get("rating"), control)
                return {str(self.objects[control.on[0]]): stars}
            case "textarea":
                return written(value.get("text"), control)
        says = f"comes from a {control.kind}, which has no place in a review ({control.name})"
        raise Unfit("unsupported_control", says)

    def chosen(self, control: Control, use: Use, value: Any, task: dict[str, Any]) -> Any:
        """A vote, or the codes chosen for a response or for the item."""
        listed = value if isinstance(value, list) and value else [value]
        offered = control.choices_in(task)
        names = use.values or {}
        codes = [names.get(code := one_of(each, offered, control), code) for each in listed]
        if use.between is not None:
            return [compared(use.between[0], use.between[1], codes[0])]
        if control.on[0] in self.objects:
            return {str(self.objects[control.on[0]]): codes}
        return codes


def one_of(value: Any, offered: Any, control: Control) -> str:
    if isinstance(value, str) and value in offered:
        return value
    listed = shown(sorted(offered))
    raise Unfit("not_a_choice", f"says {shown(value)}; {control.name} offers {listed}")


def rated(value: Any, control: Control) -> Any:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number and math.isfinite(value) and 0 <= value <= control.top:
        return value
    raise Unfit("not_a_choice", f"says {shown(value)}; {control.name} goes from 0 to {control.top}")


def written(value: Any, control: Control) -> str:
    texts = value if isinstance(value, list) else [value]
    if not all(isinstance(text, str) for text in texts):
        raise Unfit("wrong_type", f"says {shown(value)}, and {control.name} has to be text")
    return "\n".join(texts)


def put(answers: Answers, question: str, given: Any) -> None:
    """Adds an answer; two controls may share a question if they are on different responses. Raises Unfit."""
    there = answers.get(question)
    if isinstance(there, dict) and isinstance(given, dict) and not there.keys() & given.keys():
        there.update(given)
    elif there is None:
        answers[question] = given
    else:
        raise Unfit("repeated_control", f"answers {question} a second time")


def effort(annotation: dict[str, Any]) -> dict[str, Any]:
    """Who, when and how long; `lead_time` is what Label Studio measured, idle minutes included."""
    who = annotation.get("completed_by")
    if isinstance(who, dict):
        who = next((who[key] for key in ("id", "email") if who.get(key) is not None), None)
    said = {"id": annotation.get("id"), "rater": who, "submitted_at": annotation.get("created_at")}
    lead = annotation.get("lead_time")
    if isinstance(lead, int | float) and 0 <= lead <= LONGEST_LEAD:
        said["active_seconds"] = lead
    return {name: value for name, value in said.items() if value is not None}


def mark_as_truth(row: dict[str, Any], *, gold: bool) -> None:
    """The item keeps a tag, so that the mark is not lost; it becomes a gold item only where the mapping asks for it."""
    tags = row.get("tags")
    row["tags"] = [*(tags if isinstance(tags, list) else []), GROUND_TRUTH]
    if gold:
        row["purpose"] = "gold"
