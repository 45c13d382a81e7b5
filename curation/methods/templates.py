"""What a prompt is when prompts are compared: its last user turn and context, without template text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from curation.methods.shingles import normalised

SHARED_BY = 0.2
LEAST_PROMPTS = 10
PLACEHOLDER = re.compile(r"\{[^{}\n]*\}")


def last_turn(messages: Sequence[Mapping[str, Any]], context: Sequence[Mapping[str, Any]]) -> str:
    """The text of the last user message and of every context document, a blank line between parts.

    Both in Touchstone's content shape. Without a user message the last message counts.
    """
    users = [message for message in messages if message["role"] == "user"]
    asked = (users or list(messages))[-1:]
    parts = [part for source in [*asked, *context] for part in source.get("parts", [])]
    return "\n\n".join(part["text"] for part in parts if part.get("type") == "text")


def without_template(texts: Sequence[str], declared: Sequence[str] = ()) -> list[str]:
    """Each prompt, normalised, without declared template text and widely shared paragraphs.

    A declared template may hold {placeholders}; the words around them are what is taken out.
    A paragraph is shared widely when more than a fifth of the distinct prompts hold it, told only
    from ten distinct prompts on. A prompt that would have nothing left stays whole.
    """
    fragments = fragments_of(declared)
    asked = [paragraphs_of(text, fragments) for text in texts]
    shared = widely_shared(asked)
    return [compared(paragraphs, shared) for paragraphs in asked]


def paragraphs_of(text: str, fragments: Sequence[re.Pattern[str]]) -> list[str]:
    """The normalised paragraphs of a prompt without the template's words; all of them if nothing would be left."""
    paragraphs = _paragraphs(text)
    return _without(paragraphs, fragments) or paragraphs


def compared(paragraphs: Sequence[str], shared: Collection[str]) -> str:
    """A prompt as it is compared: its paragraphs but for the widely shared ones, all of them if nothing would be left."""
    return " ".join([each for each in paragraphs if each not in shared] or paragraphs)


def _paragraphs(text: str) -> list[str]:
    blocks = re.split(r"\n\s*\n", text.replace("\r\n", "\n"))
    return [paragraph for block in blocks if (paragraph := normalised(block))]


def fragments_of(declared: Iterable[str]) -> list[re.Pattern[str]]:
    """Patterns of the fixed words of the templates, the longest first."""
    pieces = {
        paragraph
        for template in declared
        for piece in PLACEHOLDER.split(template)
        for paragraph in _paragraphs(piece)
    }
    longest_first = sorted(pieces, key=lambda piece: (-len(piece), piece))
    return [re.compile(_whole_words(piece)) for piece in longest_first]


def _whole_words(piece: str) -> str:
    before = r"(?<!\w)" if re.match(r"\w", piece) else ""
    after = r"(?!\w)" if re.search(r"\w\Z", piece) else ""
    return before + re.escape(piece) + after


def _without(paragraphs: list[str], fragments: Sequence[re.Pattern[str]]) -> list[str]:
    kept = []
    for paragraph in paragraphs:
        for fragment in fragments:
            paragraph = fragment.sub(" ", paragraph)
        if paragraph.strip():
            kept.append(" ".join(paragraph.split()))
    return kept


def widely_shared(prompts: Iterable[Sequence[str]]) -> set[str]:
    """The paragraphs that more than a fifth of the distinct prompts hold; none below ten distinct prompts."""
    distinct = {tuple(paragraphs) for paragraphs in prompts}
    if len(distinct) < LEAST_PROMPTS:
        return set()
    holders = Counter(each for paragraphs in distinct for each in set(paragraphs))
    return {each for each, count in holders.items() if count > SHARED_BY * len(distinct)}
