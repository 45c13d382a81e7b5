"""Makes visible what a text hides: bidirectional controls, zero-width characters, tags and other invisible code points."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

MOST_MARKS = (
    2_000  # a text of nothing but invisible characters must not become a page of nothing but marks
)

NAMES = {
    0x00AD: "SHY",
    0x034F: "CGJ",
    0x061C: "ALM",
    0x200B: "ZWSP",
    0x200C: "ZWNJ",
    0x200D: "ZWJ",
    0x200E: "LRM",
    0x200F: "RLM",
    0x2028: "LSEP",
    0x2029: "PSEP",
    0x202A: "LRE",
    0x202B: "RLE",
    0x202C: "PDF",
    0x202D: "LRO",
    0x202E: "RLO",
    0x2060: "WJ",
    0x2066: "LRI",
    0x2067: "RLI",
    0x2068: "FSI",
    0x2069: "PDI",
    0xFEFF: "BOM",
}

_ALWAYS = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"
)
# Joiners are letters' business in the scripts from Arabic to the Indic ones and hold emoji together; Han characters
# have variants. Elsewhere all of these only hide something.
_ELSEWHERE = (
    "(?<![\u0600-\u1cff])\u200c|(?<![\u0600-\u1cff\ufe0f\u2600-\u27bf\U0001f000-\U0001faff])\u200d"
    "|(?<![\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])[\U000e0100-\U000e01ef]"
)
HIDDEN = re.compile(f"[{_ALWAYS}]|{_ELSEWHERE}")
_RUN = re.compile(f"([{_ALWAYS}]|{_ELSEWHERE})\\1*")


def marked(html: str) -> SafeString:
    """The same HTML with each invisible character of its text as a small named mark; runs of one are counted.

    The HTML is ours: no attribute in it may hold such a character. Behind the 2,000th mark a white square stands for
    each run. `data-n` says of how many characters a mark stands for.
    """
    marks = 0

    def mark(found: re.Match[str]) -> str:
        nonlocal marks
        marks += 1
        if marks > MOST_MARKS:
            count = len(found.group())
            square = "\N{WHITE SQUARE}"
            return square if count == 1 else f'<span data-n="{count}">{square}</span>'
        return _mark(found.group(1), len(found.group()))

    return mark_safe(_RUN.sub(mark, html))  # noqa: S308  (it was HTML before)


def visible(text: str) -> SafeString:
    """A foreign text as HTML: escaped, with what is invisible in it marked."""
    return marked(escape(text))


@lru_cache(maxsize=512)
def _mark(char: str, times: int) -> str:
    point = ord(char)
    short = NAMES.get(point) or (chr(0x2400 + point) if point < 0x20 else f"U+{point:04X}")
    name = unicodedata.name(char, "control character").lower()
    count = f" ×{times}" if times > 1 else ""
    return format_html(
        '<span class="unseen" data-n="{}" title="Invisible: {}, U+{}{}">{}{}</span>',
        times,
        name,
        f"{point:04X}",
        count,
        short,
        count,
    )
