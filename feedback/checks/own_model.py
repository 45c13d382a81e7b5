"""A response says which model it is. Only its own words are looked at: what we know of its model must not show."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .base import Case, Finding

NAME = "names_own_model"
_MODELS = (
    "ChatGPT|GPT-?\\d[\\w.]*|Claude|Gemini|Bard|Llama(?:[ -]?\\d[\\w.]*)?|Mistral|Mixtral|Copilot|DeepSeek|Qwen|Grok|Vicuna|Alpaca"
    "|PaLM|Falcon|Koala|Gemma|Command R"
)
_MAKERS = "OpenAI|Anthropic|Google(?: DeepMind)?|DeepMind|Meta(?: AI)?|Mistral AI|xAI|DeepSeek|Alibaba|Cohere|Microsoft"
_SAYS = re.compile(
    rf"\b(?:I am|I['’]m|my name is|as|call me|this is)\s+(?:an?\s+|the\s+)?(?P<name>{_MODELS})\b(?=[\s,.;:!]*(?:an? |the |$|[,.;:!]|\n|I\b|developed|trained|made|created|built))"
    rf"|\b(?:I|me|model|assistant)\b[^.\n]{{0,40}}\b(?:developed|trained|created|made|built)\s+by\s+(?P<maker>{_MAKERS})\b",
    re.IGNORECASE,
)


def names_own_model(case: Case) -> Iterator[Finding]:
    """One for each response that does."""
    for position, texts in sorted(case.responses.items()):
        for part, (text, _) in enumerate(texts):
            found = _SAYS.search(text)
            if found and not case.is_marked(position, (part, *found.span())):
                start, end = found.span("name") if found["name"] else found.span("maker")
                yield Finding(NAME, position, {"part": part, "start": start, "end": end})
                break
