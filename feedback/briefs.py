"""A brief as HTML: numbered paragraphs that can be linked to, an outline, footnotes, and its citations marked.

Its runs of words say where in the source they stand, as all set text does (sourced.py); what we add stands in
attributes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from feedback.law.blocks import Block, blocks_of
from feedback.law.inline import Run, runs_of
from feedback.unseen import HIDDEN, visible

PIECE = 16  # blocks that a browser lays out together when they come into view


@dataclass(frozen=True, slots=True)
class Cite:
    """A citation in one text: its span, the anchor it gets, and the id of its authority."""

    start: int
    end: int
    anchor: str
    authority: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A line of the outline: the words, the anchor, and the first paragraph below it."""

    level: int
    words: str
    anchor: str
    paragraph: int


@dataclass(frozen=True, slots=True)
class Brief:
    """A text in type; `starts` are the places in the source where its paragraphs begin, from ¶ 1."""

    html: SafeString
    outline: tuple[Heading, ...]
    starts: tuple[int, ...]
    first: int

    def paragraph(self, at: int) -> int:
        """The number of the paragraph that holds a place of the source."""
        return self.first + max(0, bisect_right(self.starts, at) - 1)


@lru_cache(maxsize=16)
def set_brief(
    text: str, format: str, *, letter: str, part: int, first: int, cites: tuple[Cite, ...]
) -> Brief:
    """A text part of the response `letter`, its paragraphs numbered from `first`; `cites` do not overlap, in order."""
    setter = _Setter(text, format, letter, part, first, cites)
    html = "".join(setter.pieces())
    return Brief(mark_safe(html), tuple(setter.outline), tuple(setter.starts), first)  # noqa: S308  (escaped in runs)


@dataclass
class _Setter:
    text: str
    format: str
    letter: str
    part: int
    first: int
    cites: Sequence[Cite]
    outline: list[Heading] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ends = [cite.end for cite in self.cites]
        # What hides nothing needs no second look, and most briefs hide nothing.
        self.hides = HIDDEN.search(self.text) is not None

    def shown(self, start: int, end: int) -> str:
        """Words as HTML; a page would take CR LF for one character."""
        words = self.text[start:end]
        html = visible(words) if self.hides else escape(words)
        return html.replace("\r", "&#13;") if "\r" in html else html

    def pieces(self) -> Iterator[str]:
        """Sections of some blocks each, then the footnotes."""
        blocks = list(blocks_of(self.text, self.format))
        body = [block for block in blocks if block.kind != "note"]
        notes = [block for block in blocks if block.kind == "note"]
        yield '<div class="brief-text">'
        for at in range(0, len(body), PIECE):
            inside = "".join(self.block(block) for block in body[at : at + PIECE])
            yield f'<div class="piece">{inside}</div>'
        if notes:
            inside = "".join(map(self.note, notes))
            yield f'<div class="piece footnotes" role="group" aria-label="Footnotes">{inside}</div>'
        yield "</div>"

    @property
    def number(self) -> int:
        """Of the next paragraph."""
        return self.first + len(self.starts)

    def block(self, block: Block) -> str:
        if block.kind == "heading":
            return self.heading(block)
        if block.kind == "rule":
            return "<hr>"
        number, anchor = self.number, f"{self.letter}-p{self.number}"
        self.starts.append(block.start)
        link = f'<a class="pn" href="#{anchor}" data-n="{number}" aria-label="Paragraph {number}, link"></a>'
        return f'<div class="para" id="{anchor}" data-kind="{block.kind}">{link}{self.inside(block)}</div>'

    def inside(self, block: Block) -> str:
        if block.kind in ("code", "table"):
            words = self.shown(block.start, block.end)
            return f'<pre tabindex="0" data-at="{block.start}">{words}</pre>'
        words = self.words(block)
        if block.kind == "quote":
            return f"<blockquote>{self.p(words)}</blockquote>"
        return self.p(words)

    def p(self, words: str) -> str:
        return f"<p{' class=plain' if self.format == 'plain' else ''}>{words}</p>"

    def heading(self, block: Block) -> str:
        anchor = f"{self.letter}-h{self.part}-{len(self.outline) + 1}"
        runs = runs_of(self.text, block.start, block.end, self.format)
        words = "".join(self.text[run.start : run.end] for run in runs if not run.note)
        self.outline.append(Heading(block.level, " ".join(words.split()), anchor, self.number))
        tag = f"h{max(3, min(6, block.level + 1))}"
        return f'<{tag} id="{anchor}" data-level="{block.level}">{self.words(block)}</{tag}>'

    def note(self, block: Block) -> str:
        label = escape(block.label)
        back = f'<a class="pn" href="#{self.letter}-ref-{label}" data-note="{label}" aria-label="Footnote {label}, back"></a>'
        return f'<div class="para" id="{self.letter}-note-{label}" data-kind="note">{back}{self.p(self.words(block))}</div>'

    def words(self, block: Block) -> str:
        """The runs of a block, those of one citation inside a link to its authority."""
        cut = (
            piece
            for run in runs_of(self.text, block.start, block.end, self.format)
            for piece in self.cut(run)
        )
        html = []
        for cite, pieces in groupby(cut, key=lambda piece: piece[0]):
            inner = "".join(self.run(run) for _, run in pieces)
            html.append(inner if cite is None else self.cited(cite, inner))
        return "".join(html)

    def cut(self, run: Run) -> Iterator[tuple[Cite | None, Run]]:
        """The run in pieces that lie in one citation, or in none."""
        at = run.start
        for place in range(bisect_right(self.ends, at), len(self.cites)):
            cite = self.cites[place]
            if cite.start >= run.end:
                break
            if cite.start > at:
                yield None, run._replace(start=at, end=cite.start)
                at = cite.start
            end = min(cite.end, run.end)
            yield cite, run._replace(start=at, end=end)
            at = end
        if at < run.end:
            yield None, run._replace(start=at)

    def cited(self, cite: Cite, inner: str) -> str:
        own = f' id="{cite.anchor}"' if cite.anchor else ""
        return f'<a class="cite"{own} href="#{self.letter}-on-{cite.authority}" data-authority="{cite.authority}">{inner}</a>'

    def run(self, run: Run) -> str:
        words = self.shown(run.start, run.end)
        if run.note:
            label = escape(run.note)
            link = f'<a id="{self.letter}-ref-{label}" href="#{self.letter}-note-{label}" data-at="{run.start}">{words}</a>'
            return f"<sup>{link}</sup>"
        opened = "".join(f"<{tag}>" for tag in run.tags[:-1])
        closed = "".join(f"</{tag}>" for tag in reversed(run.tags[:-1]))
        tag = run.tags[-1] if run.tags else "span"
        return f'{opened}<{tag} data-at="{run.start}">{words}</{tag}>{closed}'
