"""Checks the quotations of a text against its sources: word for word but for what quoting may change, or how near they come.

Quotation marks, dashes, white space, ellipses and bracketed alterations are no differences. What is not found so is
compared with the passage of the sources that shares most of its rare words.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from .words import Words, words_of

FEWEST_WORDS = 4  # shorter ones are terms and scare quotes
LONGEST = 3000  # characters between quotation marks; beyond it one of them is missing
COMMON = 400  # places of a word in the sources beyond which it says nothing of where it stands
NEAR = 0.5  # of the words; what shares less is no passage that was quoted

OPEN, CLOSE = "“", "”"
QUOTED = re.compile(
    rf"{OPEN}([^{OPEN}{CLOSE}]*(?:{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}[^{OPEN}{CLOSE}]*)*){CLOSE}"
)
STRAIGHT = re.compile(r'(?<![\w"])"(?=\S)([^"]{1,3000}?)(?<=\S)"(?!\w)')
ELLIPSIS = re.compile(r"\s*(?:\[?(?:\.\s?){2,}\.?\]?|…|\*\s\*\s\*)\s*")
BRACKETED = re.compile(r"\[[^\]\n]{0,80}\]")
WORD = re.compile(r"[^\W_]+")

State = Literal["exact", "altered", "near", "absent"]
Text = tuple[str, str]  # a text and its format


@dataclass(frozen=True, slots=True)
class Passage:
    """A span of one source, by its number and places in its source text."""

    source: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Quotation:
    """One quotation of the text (its span without the marks), what became of it, and the passage it is or comes near to.

    `exact`: the same words; `altered`: but for what is in brackets or left out by an ellipsis, as quoting allows;
    `near`: other words stand in the passage; `absent`: no source has anything like it.
    """

    start: int
    end: int
    state: State
    passage: Passage | None
    likeness: float


@dataclass(frozen=True, slots=True)
class _Token:
    """One word in its plain form and where it stands in the source."""

    word: str
    start: int
    end: int


def check_quotations(text: Text, sources: Sequence[Text]) -> list[Quotation]:
    """Every quotation of at least four words, in order. About linear in the lengths of text and sources."""
    words = words_of(*text)
    index = _Index([_tokens(words_of(*source)) for source in sources])
    return [_checked(words, start, end, index) for start, end in quotations(words)]


def quotations(words: Words) -> Iterator[tuple[int, int]]:
    """The spans between quotation marks in the words, the outermost where they are nested."""
    found = [match.span(1) for match in QUOTED.finditer(words.text)]
    found += [match.span(1) for match in STRAIGHT.finditer(words.text)]
    for start, end in sorted(found):
        if end - start <= LONGEST and len(WORD.findall(words.text, start, end)) >= FEWEST_WORDS:
            yield start, end


def _checked(words: Words, start: int, end: int, index: _Index) -> Quotation:
    pieces = _pieces(words.text[start:end])
    at = words.span(start, end)
    found = index.find(pieces)
    if found is not None:
        altered = len(pieces) > 1 or BRACKETED.search(words.text[start:end]) is not None
        return Quotation(*at, "altered" if altered else "exact", found, 1.0)
    passage, likeness = index.nearest([word for piece in pieces for word in piece])
    if passage is None or likeness < NEAR:
        return Quotation(*at, "absent", None, likeness)
    return Quotation(*at, "near", passage, likeness)


def _pieces(quoted: str) -> list[list[str]]:
    """The words between ellipses; a word with letters in brackets and whole words in brackets may be any."""
    return [
        piece
        for part in ELLIPSIS.split(quoted)
        for each in re.split(r"\[[^\]\n]*\s[^\]\n]*\]", part)
        if (piece := [_plain(word) for word in re.findall(r"[^\s—–-]+", each) if WORD.search(word)])
    ]


def _plain(word: str) -> str:
    """A word as it is compared; `*` where brackets say that it is not the source's own."""
    bracketed = BRACKETED.search(word)
    if bracketed is None:
        return "".join(WORD.findall(word)).casefold()
    rest = "".join(WORD.findall(BRACKETED.sub("", word))).casefold()
    # “[W]e” is we; “cit[ed]” begins with cit; “[they]” may stand for anything.
    inside = "".join(WORD.findall(bracketed[0])).casefold()
    return (
        (inside + rest if len(inside) == 1 and word.startswith("[") else rest + "*")
        if rest
        else "*"
    )


def _tokens(words: Words) -> list[_Token]:
    found = []
    for match in re.finditer(r"[^\s—–-]+", words.text):
        plain = "".join(WORD.findall(match[0])).casefold()
        if plain:
            found.append(_Token(plain, *words.span(*match.span())))
    return found


class _Index:
    """The words of the sources by where they stand."""

    def __init__(self, sources: Sequence[Sequence[_Token]]) -> None:
        self.sources = sources
        self.places: Mapping[str, list[tuple[int, int]]] = defaultdict(list)
        for number, tokens in enumerate(sources):
            for place, token in enumerate(tokens):
                self.places[token.word].append((number, place))

    def find(self, pieces: Sequence[Sequence[str]]) -> Passage | None:
        """The first passage in which all pieces follow one another; None where there is none."""
        if not pieces:
            return None
        for number, place in self._starts(pieces[0]):
            end = self._follow(number, place, pieces)
            if end is not None:
                tokens = self.sources[number]
                return Passage(number, tokens[place].start, tokens[end - 1].end)
        return None

    def _starts(self, piece: Sequence[str]) -> Iterator[tuple[int, int]]:
        """Where a piece could begin: told by its rarest word."""
        known = [
            (len(self.places.get(w, ())), n) for n, w in enumerate(piece) if not w.endswith("*")
        ]
        if not known:
            return
        _, rarest = min(known)
        for number, place in self.places.get(piece[rarest], ()):
            if place >= rarest and self._stands(number, place - rarest, piece):
                yield number, place - rarest

    def _stands(self, number: int, place: int, piece: Sequence[str]) -> bool:
        tokens = self.sources[number]
        return place + len(piece) <= len(tokens) and all(
            _same(word, tokens[place + n].word) for n, word in enumerate(piece)
        )

    def _follow(self, number: int, place: int, pieces: Sequence[Sequence[str]]) -> int | None:
        """The place behind the last piece, if each later piece stands within a page of the one before."""
        at = place + len(pieces[0])
        for piece in pieces[1:]:
            starts = (p for n, p in self._starts(piece) if n == number and at <= p <= at + 600)
            found = next(starts, None)
            if found is None:
                return None
            at = found + len(piece)
        return at

    def nearest(self, words: Sequence[str]) -> tuple[Passage | None, float]:
        """The window of the sources that shares most words with these in their order, and how much it shares."""
        votes: Counter[tuple[int, int]] = Counter()
        for offset, word in enumerate(words):
            places = self.places.get(word, ())
            if len(places) <= COMMON:
                votes.update({(number, max(0, place - offset) // 8) for number, place in places})
        best: tuple[Passage | None, float] = (None, 0.0)
        for (number, bucket), _ in votes.most_common(3):
            found = self._window(number, bucket * 8, words)
            best = max(best, found, key=lambda each: each[1])
        return best

    def _window(
        self, number: int, place: int, words: Sequence[str]
    ) -> tuple[Passage | None, float]:
        tokens = self.sources[number]
        low, high = max(0, place - 8), min(len(tokens), place + len(words) + 16)
        there = [token.word for token in tokens[low:high]]
        blocks = [
            b
            for b in SequenceMatcher(None, list(words), there, False).get_matching_blocks()
            if b.size
        ]
        if not blocks:
            return None, 0.0
        first, last = low + blocks[0].b, low + blocks[-1].b + blocks[-1].size
        shared = sum(block.size for block in blocks) / len(words)
        return Passage(number, tokens[first].start, tokens[last - 1].end), shared


def _same(quoted: str, source: str) -> bool:
    return source.startswith(quoted[:-1]) if quoted.endswith("*") else quoted == source
