"""Foreign texts as HTML: prompts, responses and guidelines, shown faithfully and never trusted.

Whatever a text holds, nothing in it runs, loads or styles: plain text is escaped; Markdown is rendered without raw HTML
and then cleaned by an allow-list; images are named, not fetched; a link shows where it goes; formulas are text; invisible
characters are marked, and nothing that Markdown would swallow is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import nh3
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

from .diffs import render_diff
from .mathematics import keep_mathematics
from .pieces import in_pieces, word_about
from .sourced import SourcedRenderer, place, set_lines
from .syntax import coloured, lexer_by_name
from .unseen import HIDDEN, marked

MOST_MARKDOWN = 100_000  # about 1 s for the worst input; longer texts are shown as plain text, with a word about it
MOST_NESTING = 19  # blocks; markdown-it leaves out what is nested deeper
MOST_ADDRESS = 200
MOST_INFO = 200
SCHEMES = {"http", "https", "mailto"}
TAGS = {
    *(
        "p",
        "br",
        "hr",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "ul",
        "ol",
        "li",
        "blockquote",
        "pre",
        "code",
        "em",
        "strong",
    ),
    *("s", "a", "span", "table", "thead", "tbody", "tr", "th", "td", "div"),
}
ATTRIBUTES = {
    "a": {"href", "rel", "target"},
    "span": {"class", "data-at", "data-n"},
    "th": {"class"},
    "td": {"class"},
    "div": {"class", "tabindex"},
    "pre": {"tabindex", "data-info"},
    "ol": {"start"},
}
_PARAGRAPHS = re.compile(r"(?>\r\n|\n|\r)[ \t]*(?>\r\n|\n|\r)")
_WORD = re.compile(r"\w+(?:['’\-]\w+)*")


def render_text(text: str, format: str = "plain", *, placed: bool = False) -> SafeString:
    """A text as HTML. Formats: `plain`, `markdown`, `diff`; an unknown one is plain.

    With `placed`, prose says of its runs where in the text they stand (see sourced.py), for critiques to hold on to.
    """
    if format == "diff":
        return render_diff(text)
    if format == "markdown":
        return render_markdown(text, placed=placed)
    return render_plain(text, placed=placed)


def render_plain(text: str, *, placed: bool = False) -> SafeString:
    """Paragraphs at blank lines; line breaks and runs of spaces inside them are kept (`white-space: pre-wrap`)."""
    paragraphs, gap = [], ""
    for start, paragraph in _paragraphs(text):
        if paragraph.strip():
            html = _in_lines(in_pieces(paragraph), placed=placed)
            if placed:
                html = f'<span data-at="{start}">{html}</span>'
            paragraphs.append(f'{word_about(paragraph)}<p class="plain">{gap}{html}</p>')
            gap = ""
        else:
            gap += "\n"  # a second blank line was meant, and stays
    return mark_safe("".join(paragraphs))  # noqa: S308  (escaped above)


def _in_lines(html: str, *, placed: bool) -> str:
    """Every line end as LF; where characters are counted, CR before LF stays, which a page sets as a space."""
    return html.replace("\r\n", "&#13;\n" if placed else "\n").replace("\r", "\n")


def _paragraphs(text: str) -> Iterator[tuple[int, str]]:
    """The paragraphs with their offsets, without the line ends around the text."""
    at, end = len(text) - len(text.lstrip("\r\n")), len(text.rstrip("\r\n"))
    for gap in _PARAGRAPHS.finditer(text, at, end):
        yield at, text[at : gap.start()]
        at = gap.end()
    yield at, text[at:end]


def render_markdown(text: str, *, placed: bool = False) -> SafeString:
    """Markdown (CommonMark, tables, strikethrough) without raw HTML, images and links to anything but the open web."""
    if len(text) > MOST_MARKDOWN:
        return _unset(text, "Too long to be set as Markdown", placed=placed)
    parser, env = _parser(), {}  # type: tuple[MarkdownIt, dict[str, Any]]
    tokens = parser.parse(text, env)
    if any(token.level >= MOST_NESTING for token in tokens):
        return _unset(text, "Too deeply nested to be set as Markdown", placed=placed)
    if placed:
        place(tokens, text, parser)
    html = parser.renderer.render(tokens, parser.options, env)
    cleaned = nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel=None)
    return marked(cleaned)


def _unset(text: str, why: str, *, placed: bool) -> SafeString:
    note = format_html('<p class="warned">{}; this is the text as it was written.</p>', why)
    return note + render_plain(text, placed=placed)


def count_words(text: str) -> int:
    """Words as a person counts them: “can't” and “self-supervised” are one each."""
    return sum(1 for _ in _WORD.finditer(text))


class _Markdown(MarkdownIt):
    """CommonMark with tables and strikethrough; raw HTML is text."""

    def __init__(self) -> None:
        options = {"html": False, "maxNesting": MOST_NESTING + 1}
        super().__init__("commonmark", options, renderer_cls=_Renderer)
        self.enable(["table", "strikethrough"])
        self.disable(
            # An escape is one thing on the page and two characters in the text; a definition would vanish from the page,
            # which is a place to hide words in.
            ["text_join", "reference"]
        )
        keep_mathematics(self)

    def validateLink(self, url: str) -> bool:  # noqa: N802  (markdown-it's name)
        """Only full addresses of the open web and of mail: a relative link would point into our own house.

        Nor one with a user's name in it, which is there to look like another address.
        """
        try:
            parts = urlsplit(url.strip())
        except ValueError:
            return False
        scheme = parts.scheme.lower()
        if scheme == "mailto":
            return True
        return scheme in SCHEMES and bool(parts.netloc) and "@" not in parts.netloc


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    return _Markdown()


class _Renderer(SourcedRenderer):
    """What markdown-it makes of each token, where it differs from its own way."""

    def heading_open(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        # The page has its own h1.
        tokens[at].tag = _below_ours(tokens[at].tag)
        return self.renderToken(tokens, at, options, env)

    def heading_close(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        tokens[at].tag = _below_ours(tokens[at].tag)
        return self.renderToken(tokens, at, options, env)

    def image(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        """An image is fetched from nowhere: a request would tell its host who reads what."""
        parts = tokens[at].children or []
        alt = "".join(
            part.content
            if part.type == "text_special"
            else self.renderInlineAsText([part], options, env)
            for part in parts
        )
        return format_html(
            '<span class="no-image">Image not loaded: {} <span class="target">{}</span></span>',
            alt or "no description",
            _short(_with_title(tokens[at], "src")),
        )

    def link_open(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        del options, env
        return format_html(
            '<a href="{}" rel="noopener noreferrer nofollow ugc" target="_blank">',
            str(tokens[at].attrs.get("href", "")),
        )

    def link_close(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        del options, env
        href, where, words = _of_link(tokens, at)
        if where == href and words.strip() in (href, href.removeprefix("mailto:")):
            return "</a>"
        return format_html('</a> <span class="target">{}</span>', _short(where))

    def fence(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        del options, env
        return _code(tokens[at], tokens[at].info)

    def code_block(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        del options, env
        return _code(tokens[at], "")

    def table_open(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        del tokens, at, options, env
        return '<div class="scroll-x" tabindex="0"><table>'

    def table_close(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        del tokens, at, options, env
        return "</table></div>"

    def th_open(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        del options, env
        return _cell("th", tokens[at])

    def td_open(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        del options, env
        return _cell("td", tokens[at])


def _below_ours(tag: str) -> str:
    return f"h{min(6, int(tag[1]) + 2)}"


def _of_link(tokens: Sequence[Token], close: int) -> tuple[str, str, str]:
    """Where the link that closes here goes, the same with its title, and its words."""
    start = close
    while tokens[start].type != "link_open":
        start -= 1
    words = "".join(token.content for token in tokens[start:close])
    return str(tokens[start].attrs.get("href", "")), _with_title(tokens[start], "href"), words


def _with_title(token: Token, name: str) -> str:
    """An address, and the title that a pointer resting on it would show."""
    address, title = (str(token.attrs.get(key, "")) for key in (name, "title"))
    return f"{address} “{title}”" if title else address


def _short(address: str) -> str:
    return address if len(address) <= MOST_ADDRESS else address[:MOST_ADDRESS] + "…"


def _cell(tag: str, token: Token) -> str:
    # markdown-it aligns by a style attribute, which our content security policy forbids.
    style = str(token.attrs.get("style", ""))
    side = style.removeprefix("text-align:")
    return f'<{tag} class="to-{side}">' if side in ("right", "center") else f"<{tag}>"


def _code(token: Token, info: str) -> str:
    """A block of code in its colours; what is written behind its fence stands above it."""
    language, *_ = info.split() or [""]
    lexer = lexer_by_name(language) if language else None
    rows = set_lines(coloured(token.content.removesuffix("\n"), lexer), token.meta.get("lines", ()))
    said = HIDDEN.sub("\N{WHITE SQUARE}", info.strip())
    said = said if len(said) <= MOST_INFO else said[:MOST_INFO] + "…"
    label = f' data-info="{escape(said)}"' if said else ""
    return f'<pre tabindex="0"{label}><code>{rows}</code></pre>\n'
