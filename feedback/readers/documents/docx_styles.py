"""What the styles and the numbering of a DOCX say about a paragraph: heading, quotation, number."""

from __future__ import annotations

from collections import defaultdict
from xml.etree.ElementTree import Element

from .docx_xml import W, attribute, child, value, whole

QUOTES = ("quote", "block text", "blocktext", "blockquote")
DEEPEST = 9


def style_of(settings: Element | None) -> str:
    return value(settings, "pStyle")


class Styles:
    """The paragraph styles by id, each with what it is based on."""

    def __init__(self, root: Element | None) -> None:
        found = [] if root is None else root.findall(f"{W}style")
        self.by_id = {attribute(style, "styleId"): style for style in found}

    def chain(self, id: str) -> list[Element]:
        """The style and what it is based on, nearest first."""
        found: list[Element] = []
        while id in self.by_id and self.by_id[id] not in found:
            found.append(self.by_id[id])
            id = value(found[-1], "basedOn")
        return found

    def outline(self, settings: Element | None, style: str) -> int:
        """The level of a heading from 1; 0 for text."""
        for element in [settings, *(child(each, "pPr") for each in self.chain(style))]:
            written = value(element, "outlineLvl")
            if written:
                return whole(written) + 1 if whole(written) < DEEPEST else 0
        for each in self.chain(style):
            name = value(each, "name").casefold()
            if name.startswith("heading ") and name[8:].isdecimal():
                return int(name[8:])
            if name == "title":
                return 1
        return 0

    def numbered(self, style: str) -> Element | None:
        """The numbering that comes with a style."""
        found = (child(each, "pPr", "numPr") for each in self.chain(style))
        return next((each for each in found if each is not None), None)

    def quoted(self, settings: Element | None, style: str, set_in: int) -> bool:
        """Whether a paragraph is a quotation: by its style, or set in from both sides."""
        names = (value(each, "name").casefold() for each in self.chain(style))
        if any(name.startswith(QUOTES) or name.endswith("quote") for name in names):
            return True
        indents = [settings, *(child(each, "pPr") for each in self.chain(style))]
        found = next(
            (child(each, "ind") for each in indents if child(each, "ind") is not None), None
        )
        left = whole(attribute(found, "left") or attribute(found, "start"))
        right = whole(attribute(found, "right") or attribute(found, "end"))
        return left >= set_in and right >= set_in


class Numbering:
    """Counts the numbered paragraphs as a word processor would show them."""

    def __init__(self, root: Element | None) -> None:
        root = Element("none") if root is None else root
        levels = {
            attribute(each, "abstractNumId"): {
                whole(attribute(level, "ilvl")): level for level in each.findall(f"{W}lvl")
            }
            for each in root.findall(f"{W}abstractNum")
        }
        self.levels = {
            attribute(each, "numId"): (
                value(each, "abstractNumId"),
                levels.get(value(each, "abstractNumId"), {}),
            )
            for each in root.findall(f"{W}num")
        }
        self.counts: dict[str, dict[int, int]] = defaultdict(dict)

    def next(self, settings: Element | None, from_style: Element | None) -> str:
        """The number of this paragraph with a space ("12. "), a dash for a bullet, or nothing."""
        own = child(settings, "numPr")
        id = value(own, "numId") or value(from_style, "numId")
        depth = whole(value(own, "ilvl") or value(from_style, "ilvl"))
        if id in {"", "0"} or id not in self.levels:
            return ""
        list_id, levels = self.levels[id]
        if value(levels.get(depth), "numFmt") == "bullet":
            return "- "
        counts = self.counts[list_id]
        counts[depth] = counts.get(depth, whole(value(levels.get(depth), "start") or "1") - 1) + 1
        for deeper in [each for each in counts if each > depth]:
            del counts[deeper]
        return self._shown(levels, counts, depth) + " "

    def _shown(self, levels: dict[int, Element], counts: dict[int, int], depth: int) -> str:
        pattern = value(levels.get(depth), "lvlText") or f"%{depth + 1}."
        for level in range(depth + 1):
            kind = value(levels.get(level), "numFmt")
            pattern = pattern.replace(f"%{level + 1}", written(counts.get(level, 1), kind))
        return pattern.strip()


def written(number: int, kind: str) -> str:
    """A number in the writing of a list: 4, iv, IV, d, D."""
    if kind.endswith("Roman"):
        roman = to_roman(number)
        return roman if kind == "upperRoman" else roman.lower()
    if kind.endswith("Letter"):
        letter = chr(ord("A") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letter if kind == "upperLetter" else letter.lower()
    return str(number)


def to_roman(number: int) -> str:
    found = ""
    for size, sign in (
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ):
        found, number = found + sign * (number // size), number % size
    return found
