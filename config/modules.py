"""ES modules of our own as one: each in a block of its own, behind those that it imports from.

No parser: it knows the few forms that our modules use and refuses every other one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

_IMPORT = re.compile(r'^import \{ ([\w, ]+) \} from "\./([\w-]+)\.js";$', re.MULTILINE)
_LATER = re.compile(r'\bimport\("\./([\w-]+)\.js"\)')
_EXPORT = re.compile(r"^export (?=(?:async function|function|class|const) (\w+))", re.MULTILINE)
_OTHER = re.compile(r"^(?:import|export)\b.*|\bimport(?:\(|\.meta).*", re.MULTILINE)


class NotJoined(ValueError):
    """A module is written in a way that cannot be joined; the message says where."""


def joined(sources: Mapping[str, str], first: Sequence[str]) -> str:
    """One module that runs those named in `first` in that order, each behind what it imports, now or later.

    `sources` holds neighbours by their names without `.js`. Raises NotJoined.
    """
    order: dict[str, None] = {}
    for name in first:
        order |= dict.fromkeys(_behind(name, sources, ()))
    return "\n".join(_block(name, sources[name]) for name in order)


def _behind(name: str, sources: Mapping[str, str], above: tuple[str, ...]) -> Iterator[str]:
    if name in above:
        raise NotJoined(f"Modules that import from each other: {' → '.join((*above, name))}")
    source = sources[name]
    for other in [other for _, other in _IMPORT.findall(source)] + _LATER.findall(source):
        yield from _behind(other, sources, (*above, name))
    yield name


def _block(name: str, source: str) -> str:
    """A module as a block: what it imports are names of its own, what it exports becomes an object."""
    exported = _EXPORT.findall(source)
    body = _IMPORT.sub(lambda m: f"const {{ {m[1]} }} = {_named(m[2])};", source)
    body = _LATER.sub(lambda m: f"Promise.resolve({_named(m[1])})", _EXPORT.sub("", body))
    other = _OTHER.search(body)
    if other:
        raise NotJoined(f"{name}.js: cannot join {other[0]!r}")
    return f"const {_named(name)} = {{}};\n{{\n{body}\nObject.assign({_named(name)}, {{ {', '.join(exported)} }});\n}}"


def _named(name: str) -> str:
    return f"${name.replace('-', '_')}"
