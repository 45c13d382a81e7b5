"""Turns the document of a mapping into functions that fill native rows, noting every fault of the document."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import inspect

from . import answer_mapping
from .answer_mapping import Answer
from .critiques import WrittenCritique, critiques
from .faults import options, type_faults
from .fillers import (
    Filler,
    conditional,
    each_filler,
    fill_fields,
    filler,
    listed,
    nothing,
    strictly,
)
from .paths import SourcePath, parse_path
from .problems import Fault, MappingCode, Path, shown
from .rows import MAX_RESPONSES
from .values import SOURCES, Expression, Value, compile_value

VALUE = inspect.type_info(Value)
ANYTHING = inspect.AnyType()
EXPRESSION_ANSWERS = {
    "preferences": answer_mapping.preferences,
    "choices": answer_mapping.choices,
    "text": answer_mapping.text,
}
ENTRY_ANSWERS = {
    "ratings": answer_mapping.ratings,
    "choices_per_response": answer_mapping.choices_per_response,
    "critiques": critiques,
}
ENTRIES = {"critiques": inspect.type_info(list[WrittenCritique])}
ANSWERS = ["preference", *EXPRESSION_ANSWERS, *ENTRY_ANSWERS]


class Compiler:
    """Compiles the nodes of one document; what is wrong with them gathers in `faults`."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def refuse(self, path: Path, code: MappingCode, says: str) -> Filler:
        self.faults.append(Fault(path, code, says))
        return nothing

    def node(self, node: Any, kind: inspect.Type, path: Path) -> Filler:
        """Fills what stands at `path` of the row, which has to be of that kind."""
        if is_expression(node):
            return self.leaf(node, path)
        if isinstance(node, list) or (isinstance(node, dict) and "each" in node):
            return self.many(node, kind, path)
        if isinstance(node, dict):
            return self.shape(node, kind, path)
        says = f'is {shown(node)}; a path is text, a fixed value is written {{"constant": …}}'
        return self.refuse(path, "wrong_type", says)

    def leaf(self, node: Any, path: Path) -> Filler:
        expression = self.expression(node, path)
        return filler(expression.read) if expression else nothing

    def expression(self, node: Any, path: Path) -> Expression | None:
        """The expression that a node is, or None when that has been refused."""
        if not is_expression(node):
            self.refuse(path, "wrong_type", "has to be a path or an expression")
            return None
        written = {"path": node} if isinstance(node, str) else node
        faults = list(type_faults(written, VALUE, path))
        if len(SOURCES & written.keys()) > 1:
            faults.append(Fault(path, "unknown_field", f"has more than one of {sorted(SOURCES)}"))
        self.faults += faults
        if faults:
            return None
        try:
            return compile_value(msgspec.convert(written, Value))
        except ValueError as fault:
            code: MappingCode = "bad_template" if "template" in written else "bad_path"
            self.refuse(path, code, str(fault))
            return None

    def path(self, written: Any, path: Path) -> SourcePath | None:
        try:
            return parse_path(written)
        except ValueError as fault:
            self.refuse(path, "bad_path", str(fault))
            return None

    def shape(self, node: dict[str, Any], kind: inspect.Type, path: Path) -> Filler:
        """An object with a node for each field."""
        known = fields_of(kind)
        if known is None:
            says = "has to be a path, an expression or a list"
            return self.refuse(path, "wrong_type", says)
        fillers = {}
        for name, inner in node.items():
            if name == "answers" and path[:1] == ("reviews",) and isinstance(inner, dict):
                fillers[name] = self.answers(inner, (*path, name))
            elif known and name not in known:
                listed = ", ".join(known)
                self.refuse((*path, name), "unknown_field", f"is not a field here ({listed})")
            else:
                fillers[name] = self.node(inner, known.get(name, ANYTHING), (*path, name))
        return lambda scope, at, faults: fill_fields(fillers, scope, at, faults)

    def many(self, node: Any, kind: inspect.Type, path: Path) -> Filler:
        """A list: entry by entry as it is written, or one entry for each of the source."""
        lists = [option for option in options(kind) if isinstance(option, inspect.ListType)]
        inner = lists[0].item_type if lists else ANYTHING
        if not lists and not isinstance(kind, inspect.AnyType):
            return self.refuse(path, "wrong_type", "is not a list in a row")
        if isinstance(node, dict):
            return self.each(node, inner, path)
        entries = [self.entry(each, inner, (*path, n)) for n, each in enumerate(node)]
        return lambda scope, at, faults: listed(((e, scope) for e in entries), at, faults)

    def each(self, node: dict[str, Any], kind: inspect.Type, path: Path) -> Filler:
        for name in node.keys() - {"each", "entry"}:
            self.refuse((*path, name), "unknown_field", "is not a field here (each, entry)")
        if "entry" not in node:
            return self.refuse((*path, "entry"), "missing_field", "is missing")
        source = self.path(node["each"], (*path, "each"))
        entry = self.entry(node["entry"], kind, (*path, "entry"))
        return each_filler(source, entry) if source else nothing

    def entry(self, node: Any, kind: inspect.Type, path: Path) -> Filler:
        """An entry of a list; with `only_if` it is there only when that path finds something."""
        if not isinstance(node, dict) or "only_if" not in node:
            return self.node(node, kind, path)
        condition = self.path(node["only_if"], (*path, "only_if"))
        inner = {name: node[name] for name in node if name != "only_if"}
        fill = self.node(inner, kind, path)
        return conditional(condition, fill) if condition else nothing

    def answers(self, node: dict[str, Any], path: Path) -> Filler:
        """The answers of a review, one node a question."""
        if is_expression(node):
            return self.leaf(node, path)
        fillers = {question: self.answer(node[question], (*path, question)) for question in node}
        return lambda scope, at, faults: fill_fields(fillers, scope, at, faults)

    def answer(self, node: Any, path: Path) -> Filler:
        """One answer: an expression that has the stored shape already, or one of ANSWERS."""
        if is_expression(node):
            return self.leaf(node, path)
        kinds = [kind for kind in ANSWERS if isinstance(node, dict) and kind in node]
        if len(kinds) != 1:
            return self.refuse(path, "wrong_type", f"has to have one of {', '.join(ANSWERS)}")
        kind = kinds[0]
        allowed = {kind, "between"} if kind == "preference" else {kind}
        for name in node.keys() - allowed:
            self.refuse((*path, name), "unknown_field", f"is not a field beside {kind}")
        made = self.answer_of(kind, node, path)
        return filler(made) if made else nothing

    def answer_of(self, kind: str, node: dict[str, Any], path: Path) -> Answer | None:
        if kind in ENTRY_ANSWERS:
            entries = self.many(node[kind], ENTRIES.get(kind, ANYTHING), (*path, kind))
            return ENTRY_ANSWERS[kind](strictly(entries))
        expression = self.expression(node[kind], (*path, kind))
        if expression is None:
            return None
        if kind in EXPRESSION_ANSWERS:
            return EXPRESSION_ANSWERS[kind](expression)
        between = node.get("between", [1, 2])
        if not is_pair(between):
            self.refuse((*path, "between"), "bad_pair", "has to be two positions, such as [1, 2]")
            return None
        return answer_mapping.preference(expression, (between[0], between[1]))


def is_expression(node: Any) -> bool:
    return isinstance(node, str) or (isinstance(node, dict) and bool(SOURCES & node.keys()))


def is_pair(between: Any) -> bool:
    return (
        isinstance(between, list)
        and len(between) == 2
        and all(isinstance(each, int) and 1 <= each <= MAX_RESPONSES for each in between)
        and between[0] != between[1]
    )


def fields_of(kind: inspect.Type) -> dict[str, inspect.Type] | None:
    """The fields an object of this kind has; empty if they are free, None if it is no object."""
    for option in options(kind):
        if isinstance(option, inspect.StructType):
            return {field.encode_name: field.type for field in option.fields}
        if isinstance(option, inspect.DictType | inspect.AnyType):
            return {}
    return None
