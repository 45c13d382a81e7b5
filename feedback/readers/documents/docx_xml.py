"""The few ways in which we look at WordprocessingML."""

from __future__ import annotations

from xml.etree.ElementTree import Element

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
OFF = {"0", "false", "off", "none"}


def child(parent: Element | None, *path: str) -> Element | None:
    """The element under these names, one below the other."""
    for name in path:
        parent = None if parent is None else parent.find(f"{W}{name}")
    return parent


def attribute(element: Element | None, name: str) -> str:
    return "" if element is None else element.get(f"{W}{name}", "")


def value(parent: Element | None, *path: str) -> str:
    """The `val` of the element under these names."""
    return attribute(child(parent, *path), "val")


def whole(text: str) -> int:
    """A whole number, 0 where there is none."""
    return int(text) if text.lstrip("-").isdecimal() else 0
