"""Code in the colours of our pages."""

from __future__ import annotations

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from feedback.syntax import Piece, lexer_by_name, lines


def coloured(text: str, language: str) -> SafeString:
    """The text as HTML for a <pre>, with classes for words, texts, names and notes."""
    rows = ("".join(map(_piece, row)) for row in lines(text, lexer_by_name(language)))
    return mark_safe("\n".join(rows))  # noqa: S308  (each piece is escaped)


def _piece(piece: Piece) -> str:
    css, text = piece
    return format_html('<span class="{}">{}</span>', css, text) if css else escape(text)
