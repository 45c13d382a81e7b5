"""A form as plain fields: what an editor shows of each type of question, read from its dataclass, and back into JSON.

A new type of question appears in the editor by itself: every field of its dataclass says its words (`said`), and its type
says which control it needs. What is typed wrongly is kept as it was typed, for `parse_form` to refuse with its path.
"""

from __future__ import annotations

import json
import re
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from functools import cache
from typing import Any, Literal

from .questions import BY_KIND, Fields, Question
from .questions.base import last
from .questions.text import typed
from .reading import ObjectReader

Shape = Literal["line", "lines", "flag", "whole", "number", "pick", "list", "rows", "group", "json"]
Schema = dict[str, Any]

MOST_ROWS = 60
NUMBER = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,6})?", re.ASCII)
WHOLE = re.compile(r"-?[1-9][0-9]{0,5}|0", re.ASCII)
WHOLE = re.compile(r"-?[1-9][0-9]{0,5}|0", re.ASCII)
SCALARS: dict[object, Shape] = {str: "line", bool: "flag", int: "whole", float: "number"}
LISTED = (str, str | int)
LONG = frozenset({"guide"})
# What a new question starts with where its type has no default.
STARTS: dict[str, Schema] = {"rating": {"min": 1, "max": 5}}
COMMON = 4  # id, title, guide, required
KEY, WORDS = "key", "words"


@dataclass(frozen=True, slots=True)
class Control:
    """One field of a question: its name in the JSON, what people call it, and how it is edited.

    `columns` are the parts of a row or group; `optional` fields may be left empty.
    """

    name: str
    words: str
    shape: Shape
    choices: tuple[Any, ...] = ()
    columns: tuple[Control, ...] = ()
    optional: bool = False
    pairs: bool = False


@cache
def controls(kind: str) -> tuple[Control, ...]:
    """The fields of a type of question that its JSON may have, the common ones first."""
    found = tuple(_controls(BY_KIND[kind]))
    # A type that inherits from another may read fewer fields than it has; what it leaves over has no meaning.
    reader = ObjectReader(dict.fromkeys(control.name for control in found), "", [])
    BY_KIND[kind].read(reader)
    return tuple(control for control in found if control.name not in reader.names())


def _controls(cls: type[Any]) -> Iterator[Control]:
    hints = typing.get_type_hints(cls)
    for field in fields(cls):
        yield _control(field, hints[field.name])


def _control(field: Field[Any], hint: Any) -> Control:
    name = str(field.metadata.get("json", field.name))
    words = str(field.metadata.get("words", name.replace("_", " ")))
    choices = tuple(field.metadata.get("choices", ()))
    if typing.get_origin(hint) is Literal:
        choices = typing.get_args(hint)
    optional = field.default is not MISSING or field.default_factory is not MISSING
    if choices:
        return Control(name, words, "pick", choices=choices, optional=optional)
    shape, columns, pairs = _shape(name, hint)
    return Control(name, words, shape, columns=columns, optional=optional, pairs=pairs)


def _shape(name: str, hint: Any) -> tuple[Shape, tuple[Control, ...], bool]:
    """Which control edits a value of this type, and the parts of one that has parts."""
    inner = [each for each in typing.get_args(hint) if each is not types.NoneType]
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        if set(inner) == {int, float}:
            return "number", (), False
        if len(inner) == 1:
            shape, columns, pairs = _shape(name, inner[0])
            return shape, columns, pairs
    if hint in SCALARS:
        return ("lines" if name in LONG else SCALARS[hint]), (), False
    if is_dataclass(hint) and isinstance(hint, type) and _is_flat(hint):
        return "group", tuple(_controls(hint)), False
    if typing.get_origin(hint) is tuple and len(inner) == 2 and inner[1] is Ellipsis:
        if inner[0] in LISTED:
            return "list", (), False
        if is_dataclass(inner[0]) and isinstance(inner[0], type) and _is_flat(inner[0]):
            return "rows", tuple(_controls(inner[0])), False
    if typing.get_origin(hint) in (dict, Mapping) and inner == [str, str]:
        return "rows", (Control(KEY, "", "line"), Control(WORDS, "", "line")), True
    return "json", (), False


def _is_flat(cls: type[Any]) -> bool:
    """Whether every part of it fits on a line: rows hold no rows."""
    return all(
        hint in SCALARS or hint in [tuple[each, ...] for each in LISTED]  # type: ignore[valid-type]
        for hint in typing.get_type_hints(cls).values()
    )


def written(control: Control, value: Any) -> Any:
    """A value as its control shows it: text, yes or no, or (of rows and groups) those of every column."""
    match control.shape:
        case "flag":
            return bool(value)
        case "list":
            return "\n".join(str(each) for each in value or ())
        case "json":
            return "" if value is None else json.dumps(value, ensure_ascii=False, indent=2)
        case "rows":
            pairs = (
                [{KEY: k, WORDS: w} for k, w in (value or {}).items()] if control.pairs else value
            )
            return [_parts(control, row) for row in pairs or ()]
        case "group":
            return _parts(control, value or {})
        case _:
            return "" if value is None else str(value)


def _parts(control: Control, row: Mapping[str, Any]) -> dict[str, Any]:
    return {column.name: written(column, row.get(column.name)) for column in control.columns}


def to_fields(schema: Schema) -> dict[str, list[str]]:
    """The fields of an editor that show a form, as a browser would send them."""
    found: dict[str, list[str]] = {"desk": [str(schema["desk"])]}
    span = schema.get("responses", {})
    found["responses.min"], found["responses.max"] = [str(span.get("min"))], [str(span.get("max"))]
    found["usual_minutes"] = [str(schema.get("usual_minutes"))]
    for number, question in enumerate(schema.get("questions", ())):
        found[f"q.{number}.type"] = [question["type"]]
        for control in controls(question["type"]):
            value = written(control, with_defaults(question).get(control.name))
            found |= _flat(f"q.{number}.{control.name}", control, value)
    return found


def _flat(name: str, control: Control, value: Any) -> dict[str, list[str]]:
    if control.shape == "flag":
        return {name: ["yes"]} if value else {}
    if control.shape == "group":
        return _columns(name, control, value)
    if control.shape == "rows":
        found: dict[str, list[str]] = {}
        for number, row in enumerate(value):
            found |= _columns(f"{name}.{number}", control, row)
        return found
    return {name: [value]}


def _columns(name: str, control: Control, row: Mapping[str, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for column in control.columns:
        found |= _flat(f"{name}.{column.name}", column, row[column.name])
    return found


def from_fields(fields: Fields) -> Schema:
    """The form in an editor's fields, whatever was typed; to be checked by `parse_form`."""
    questions = []
    for number in range(MOST_ROWS):
        kind = last(fields, f"q.{number}.type")
        if kind in BY_KIND:
            questions.append(_question(fields, f"q.{number}", kind))
    taken: set[str] = set()
    for question in questions:
        question["id"] = _named(question.get("id", ""), question.get("title", ""), taken)
        taken.add(question["id"])
    return {
        "desk": last(fields, "desk") or "compare",
        "responses": {
            "min": _whole(last(fields, "responses.min")),
            "max": _whole(last(fields, "responses.max")),
        },
        "usual_minutes": _whole(last(fields, "usual_minutes")),
        "questions": questions,
    }


def with_defaults(question: Schema) -> Schema:
    """A question with what its type says where it says nothing."""
    found = dict(question)
    known = {control.name for control in controls(question["type"])}
    for field in fields(BY_KIND[question["type"]]):
        default = field.default if field.default is not MISSING else None
        if field.default_factory is not MISSING:
            default = field.default_factory()
        if field.name in known:
            found.setdefault(field.name, _plain(default))
    return found


def blank(kind: str, schema: Schema) -> Schema:
    """A new question of a type, with an id that the form does not have."""
    ids = {question.get("id") for question in schema["questions"]}
    id = next(each for n in range(1, MOST_ROWS + 2) if (each := f"{kind}-{n}") not in ids)
    made = with_defaults({"type": kind, "id": id, "title": "", **STARTS.get(kind, {})})
    return {name: value for name, value in made.items() if value not in (None, [], {})}


def _question(sent: Fields, at: str, kind: str) -> Schema:
    question: Schema = {"type": kind}
    for control in controls(kind):
        value = _read(sent, f"{at}.{control.name}", control)
        if value is not None:
            question[control.name] = value
    return question


def _read(sent: Fields, name: str, control: Control) -> Any:
    """What a control holds; None where it is empty and may be."""
    raw = typed(last(sent, name))
    match control.shape:
        case "flag":
            return raw != ""
        case "rows":
            return _rows(sent, name, control)
        case "group":
            row = {
                column.name: _read(sent, f"{name}.{column.name}", column)
                for column in control.columns
            }
            return {k: v for k, v in row.items() if v is not None} if any(row.values()) else None
        case "list":
            lines = [line.strip() for line in raw.split("\n") if line.strip()]
            return [int(line) if WHOLE.fullmatch(line) else line for line in lines] or None
        case "json":
            return _json(raw)
        case "whole" | "number":
            return None if not raw.strip() else _number(raw.strip())
        case "pick":
            return next((each for each in control.choices if str(each) == raw), raw or None)
        case _:
            return raw if raw or not control.optional else None


def _rows(sent: Fields, name: str, control: Control) -> Any:
    """The rows of a list; a row in which nothing stands is none, and a value that is not given is read off its title."""
    rows: list[Schema] = []
    for number in range(MOST_ROWS):
        read = {c.name: _read(sent, f"{name}.{number}.{c.name}", c) for c in control.columns}
        row = {key: value for key, value in read.items() if value is not None}
        if any(value not in ("", False) for value in row.values()):
            rows.append(row)
    for key in ("value", "id"):
        taken: set[str] = set()
        for row in rows:
            if key in row and "title" in row:
                row[key] = row[key] or _named("", row["title"], taken)
                taken.add(row[key])
    if control.pairs:
        return {row[KEY]: row[WORDS] for row in rows}
    return rows if rows or not control.optional else None


def _named(id: str, title: str, taken: set[str]) -> str:
    """The id as it is, or one made of the title."""
    if id.strip():
        return id.strip()
    plain = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")[:30]
    stem = plain if plain[:1].isalpha() else f"q_{plain}".rstrip("_")
    return next(
        each
        for n in range(1, MOST_ROWS + 2)
        if (each := stem if n == 1 else f"{stem}_{n}") not in taken
    )


def _whole(raw: str) -> Any:
    return _number(raw.strip()) if raw.strip() else None


def _number(raw: str) -> int | float | str:
    if not NUMBER.fullmatch(raw):
        return raw
    return float(raw) if "." in raw else int(raw)


def _json(raw: str) -> Any:
    if not raw.strip():
        return None
    try:
        return json.loads(raw)
    except ValueError:
        return raw


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {
            str(field.metadata.get("json", field.name)): _plain(getattr(value, field.name))
            for field in fields(value)
        }
    return dict(value) if isinstance(value, Mapping) else value


def moved(schema: Schema, at: int, by: int) -> Schema:
    """The form with one question moved up or down, as far as it goes."""
    questions: Sequence[Schema] = schema["questions"]
    to = max(0, min(len(questions) - 1, at + by))
    order = list(questions)
    if 0 <= at < len(order):
        order.insert(to, order.pop(at))
    return schema | {"questions": order}


def row_moved(schema: Schema, at: int, name: str, row: int, by: int) -> Schema:
    """The form with one row of a question's list (options, criteria, anchors …) moved up or down, as far as it goes."""
    questions = [dict(question) for question in schema["questions"]]
    rows = questions[at].get(name) if 0 <= at < len(questions) else None
    if not isinstance(rows, list | dict) or not 0 <= row < len(rows):
        return schema
    order: list[Any] = list(rows.items()) if isinstance(rows, dict) else list(rows)
    order.insert(max(0, min(len(order) - 1, row + by)), order.pop(row))
    questions[at][name] = dict(order) if isinstance(rows, dict) else order
    return schema | {"questions": questions}


def row_at(sent: Fields, name: str, shown: int) -> int:
    """Which row of a list the one at this line of the editor is: empty lines count for nothing."""
    filled = [
        number
        for number in range(MOST_ROWS)
        if any(
            typed(last(sent, each)).strip() for each in sent if each.startswith(f"{name}.{number}.")
        )
    ]
    return filled.index(shown) if shown in filled else -1


def without(schema: Schema, at: int) -> Schema:
    """The form without one of its questions."""
    left = [question for number, question in enumerate(schema["questions"]) if number != at]
    return schema | {"questions": left}


def in_words(question: Question) -> Iterator[tuple[str, str]]:
    """What a question says besides its id, title, guide and whether it is required: the words of each field and its value."""
    for control in controls(question.kind)[COMMON:]:
        value = getattr(question, control.name, None)
        if value not in (None, "", ()):
            yield control.words, _in_words(value)


def _in_words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(_in_words(each) for each in value)
    return str(getattr(value, "title", value))
