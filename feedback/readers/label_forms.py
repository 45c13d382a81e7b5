"""A form out of a labelling configuration of Label Studio: every control that can be asked here, and a list of those that cannot.

Runs in the child process that reads files from outside; the vendor's own parser has the first word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

import orjson
from defusedxml.ElementTree import fromstring

from .label_config import DECLARATION, parse_config
from .label_tags import (
    BOTH,
    COMMENT,
    CONTROLS,
    LAYOUT,
    OBJECTS,
    OTHERWISE,
    OURS,
    PARTS,
    REFUSED,
    SEVERITY,
    STEPS,
)
from .problems import Fault, bad_config

MOST_RESPONSES = 16
NUMBERED = re.compile(r"(.+?)[._-]?([1-9][0-9]?)")
ANSWER = re.compile(
    r"(response|answer|completion|output|reply|candidate|summary|patch|brief)", re.IGNORECASE
)
Schema = dict[str, Any]


@dataclass
class _Asked:
    """A control with the headings above it."""

    tag: Element
    titles: list[str]

    @property
    def name(self) -> str:
        return self.tag.get("name", "")

    @property
    def on(self) -> list[str]:
        return [each.strip() for each in self.tag.get("toName", "").split(",") if each.strip()]

    @property
    def per_region(self) -> bool:
        return self.tag.get("perRegion") == "true"


@dataclass
class _Config:
    """What a configuration shows and asks, in its order."""

    ours: dict[str, Any]
    objects: dict[str, Element] = field(default_factory=dict)
    asked: list[_Asked] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def read_label_config(config: str) -> Schema:
    """The schema of a form. Raises ReadingFailed: `bad_mapping` for what is no configuration, `bad_label_config` with every refusal."""
    parse_config(config)
    root = fromstring(DECLARATION.sub("", config), forbid_dtd=True)
    found = _Config(_ours(root))
    _walk(root, found, [])
    responses = _responses(found)
    questions = list(_questions(found, responses)) if not found.faults else []
    if not found.faults and not questions:
        found.faults.append(Fault((), "nothing_asked", "asks nothing that Touchstone can ask"))
    if found.faults:
        raise bad_config(found.faults)
    low, high = found.ours.get("responses") or _span(found, responses)
    return {
        "desk": "compare",
        "responses": {"min": low, "max": high},
        "usual_minutes": found.ours.get("usual_minutes", 5),
        "questions": questions,
    }


def _walk(tag: Element, found: _Config, above: list[str]) -> None:
    """Every object and control in order, each control with the headings between it and the one before."""
    for child in tag:
        name = str(child.tag)
        if name == "Header":
            above.append(child.get("value", ""))
        elif name in CONTROLS:
            found.asked.append(_Asked(child, [words for words in above if words]))
            above.clear()
            _refuse_dynamic(child, found)
        elif name in OBJECTS:
            found.objects[child.get("name", "")] = child
        elif name in LAYOUT:
            _walk(child, found, above)
        elif name not in PARTS:
            why = REFUSED.get(name, OTHERWISE)
            found.faults.append(Fault((name,), "unsupported_tag", f"cannot be taken over: {why}"))


def _refuse_dynamic(tag: Element, found: _Config) -> None:
    if tag.tag in {"Choices", "Labels"} and tag.get("value", "").startswith("$"):
        says = "takes its choices from each task; a form's are the same for every item"
        found.faults.append(Fault((str(tag.get("name")),), "dynamic_choices", says))


def _responses(found: _Config) -> list[str]:
    """The objects that are responses, in order: those compared, else those with numbers, else those called so."""
    texts = [name for name, tag in found.objects.items() if tag.tag != "List"]
    numbered = [name for name in texts if NUMBERED.fullmatch(name)]
    compared = next((each.on for each in found.asked if len(each.on) >= 2), [])
    if not set(compared) <= set(numbered):
        return [name for name in texts if name in compared]
    return numbered or [name for name in texts if ANSWER.search(name)]


def _span(found: _Config, responses: list[str]) -> tuple[int, int]:
    if any(each.tag.tag == "Ranker" for each in found.asked):
        return (max(3, len(responses)), max(MOST_RESPONSES, len(responses)))
    return (len(responses), len(responses))


def _questions(found: _Config, responses: list[str]) -> Iterator[Schema]:
    """The questions; the controls of one question on each response are one question."""
    done: set[str] = set()
    for each in found.asked:
        if each.name in done or each.per_region:
            continue
        group = _group(each, found, responses)
        done |= {one.name for one in group}
        made = _READ[str(each.tag.tag)](each, group, found)
        if made is not None:
            yield _whole(each, len(group) > 1 or made.get("per") == "response", made)


def _group(each: _Asked, found: _Config, responses: list[str]) -> list[_Asked]:
    """The same control on every response: names with the same stem, one on each."""
    stem = NUMBERED.fullmatch(each.name)
    if len(each.on) != 1 or each.on[0] not in responses or stem is None:
        return [each]
    same = [
        other
        for other in found.asked
        if other.tag.tag == each.tag.tag
        and len(other.on) == 1
        and other.on[0] in responses
        and (match := NUMBERED.fullmatch(other.name)) is not None
        and match[1] == stem[1]
    ]
    return same if {one.on[0] for one in same} == set(responses) else [each]


def _whole(each: _Asked, several: bool, made: Schema) -> Schema:
    """A question with what all have in common, and what our own attribute adds."""
    stem = NUMBERED.fullmatch(each.name)
    id = stem[1] if several and stem else each.name
    titles = each.titles or [re.sub(r"[._-]+", " ", id).strip().capitalize() or "Question"]
    question: Schema = {"type": made.pop("type"), "id": _id(id), "title": titles[0][:200]}
    if len(titles) > 1:
        question["guide"] = "\n".join(titles[1:])[:4000]
    question["required"] = each.tag.get("required") == "true"
    ours = {key: value for key, value in _ours(each.tag).items() if key != "type"}
    return {**question, **made, **ours}


def _id(name: str) -> str:
    plain = re.sub(r"[^a-z0-9_-]+", "_", name.lower()).strip("_") or "question"
    return (plain if plain[0].isalpha() else f"q_{plain}")[:40]


def _pairwise(each: _Asked, group: list[_Asked], found: _Config) -> Schema | None:
    del group, each, found
    return {"type": "preference", "steps": 3, "allow_tie": False, "allow_both_unacceptable": False}


def _choices(each: _Asked, group: list[_Asked], found: _Config) -> Schema | None:
    options = [
        {"value": tag.get("alias") or tag.get("value") or "", "title": tag.get("value") or ""}
        for tag in each.tag.iter("Choice")
    ]
    values = [option["value"] for option in options]
    if len(each.on) > 1:
        return _scale(each, values, found)
    multiple = each.tag.get("choice", "single") == "multiple"
    per = "response" if _of_responses(each, group, found) else "item"
    return {"type": "choice", "options": options, "multiple": multiple, "per": per}


def _scale(each: _Asked, values: list[str], found: _Config) -> Schema | None:
    """Choices on two responses are a preference if they are the steps of one."""
    steps = [value for value in values if value != BOTH]
    for all_steps in (STEPS, STEPS[2:5]):
        for tie in (True, False):
            if steps == [step for step in all_steps if tie or step != "0"]:
                return {
                    "type": "preference",
                    "steps": len(all_steps),
                    "allow_tie": tie,
                    "allow_both_unacceptable": BOTH in values,
                }
    says = (
        "asks of several texts at once, and its choices are not the steps of a comparison (3 to −3)"
    )
    found.faults.append(Fault((each.name,), "unsupported_choices", says))
    return None


def _rating(each: _Asked, group: list[_Asked], found: _Config) -> Schema | None:
    if not _of_responses(each, group, found):
        says = "rates one text alone; here a rating is asked of every response"
        found.faults.append(Fault((each.name,), "rating_of_one", says))
        return None
    if each.tag.tag == "Rating":
        return {"type": "rating", "min": 1, "max": _int(each.tag.get("maxRating"), 5)}
    low, high = _int(each.tag.get("min"), None), _int(each.tag.get("max"), None)
    if low is None or high is None or each.tag.get("step", "1") != "1":
        says = "needs whole bounds (min and max, step 1) to become a rating"
        found.faults.append(Fault((each.name,), "unbounded_number", says))
        return None
    return {"type": "rating", "min": low, "max": high}


def _text_area(each: _Asked, group: list[_Asked], found: _Config) -> Schema | None:
    del group, found
    return {"type": "text", "multiline": each.tag.get("rows", "4") != "1"}


def _ranker(each: _Asked, group: list[_Asked], found: _Config) -> Schema | None:
    del group
    if list(each.tag.iter("Bucket")):
        says = "sorts into buckets; use one Choices on each response"
        found.faults.append(Fault((each.name,), "ranker_with_buckets", says))
        return None
    return {"type": "ranking"}


def _labels(each: _Asked, group: list[_Asked], found: _Config) -> Schema | None:
    del group
    categories = [
        {"value": tag.get("alias") or tag.get("value") or "", "title": tag.get("value") or ""}
        for tag in each.tag.iter("Label")
    ]
    made: Schema = {"type": "critiques", "categories": categories}
    grave = next((one for one in found.asked if one.name == each.name + SEVERITY), None)
    if grave is not None and OURS not in each.tag.attrib:
        tags = list(grave.tag.iter("Choice"))
        made["severities"] = [
            {
                "value": tag.get("alias") or tag.get("value") or "",
                "title": tag.get("value") or "",
                "weight": 1 if n == 0 else 5,
            }
            for n, tag in enumerate(tags)
        ]
    comment = next((one for one in found.asked if one.name == each.name + COMMENT), None)
    if comment is not None and comment.tag.get("required") == "true":
        made["comments"] = True
    return made


_READ: dict[str, Callable[[_Asked, list[_Asked], _Config], Schema | None]] = {
    "Pairwise": _pairwise,
    "Choices": _choices,
    "Rating": _rating,
    "Number": _rating,
    "TextArea": _text_area,
    "Ranker": _ranker,
    "Labels": _labels,
}


def _of_responses(each: _Asked, group: list[_Asked], found: _Config) -> bool:
    """Whether a control is asked of every response: of each by its own, or of the only one there is."""
    responses = _responses(found)
    return len(group) > 1 or (responses == each.on)


def _ours(tag: Element) -> dict[str, Any]:
    """What our own attribute says; what others wrote there counts for nothing."""
    try:
        value = orjson.loads(tag.get(OURS, "{}"))
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}


def _int(raw: str | None, default: int | None) -> int | None:
    return int(raw) if raw is not None and re.fullmatch(r"-?[0-9]{1,4}", raw) else default
