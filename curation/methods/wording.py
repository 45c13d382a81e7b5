"""What a response says beside the point: that it refuses, phrases that go with anything, which model it is."""

from __future__ import annotations

import re

from feedback.checks.base import Case
from feedback.checks.own_model import names_own_model

HEAD = 400
CANNOT = r"(?:can ?not|can['’]t|could ?n['’]t|could not|am unable to|['’]m unable to|am not able to|['’]m not able to|won['’]t|will not|must decline to|do not feel comfortable|don['’]t feel comfortable)"
DO = (
    r"(?:assist|help|provide|answer|fulfil|fulfill|comply|create|write|discuss|do (?:that|this)|continue|support|generate|engage"
    r"|give|offer|share|respond|complete|access|perform|process|translate|recommend|advise|say|tell)"
)
REFUSAL = re.compile(
    rf"^\W*(?:(?:I['’]m|I am|we['’]re)\s+(?:very\s+|so\s+)?sorry|sorry|I apologi[sz]e|my apologies|unfortunately)\b[^\n]{{0,120}}?\bI?\s*{CANNOT}\b"
    rf"|\bI\s*(?:really |simply |just )?{CANNOT} (?:to )?(?:directly |actually )?{DO}\w*\b"
    r"|\bas an? (?:AI|artificial intelligence|(?:large )?language model)\b[^.\n]{0,90}\b(?:can ?not|can['’]t|do not|don['’]t|unable|not able)\b"
    r"|\b(?:goes|is) against my (?:programming|guidelines|principles|policy)\b|\bI must (?:respectfully )?decline\b",
    re.IGNORECASE,
)
OPENING = re.compile(
    r"^\W*(?:(?:sure|certainly|of course|absolutely|definitely)(?: thing)?[!,.]|great question\b|good question\b|thank you for (?:your|the|asking)|"
    r"as an? (?:AI|large language|language) (?:language )?model\b|I['’]d be (?:happy|glad) to\b|happy to help\b)",
    re.IGNORECASE,
)
CLOSING = re.compile(
    r"(?:I hope (?:this|that) helps|let me know if|feel free to (?:ask|reach)|is there anything else|please (?:let me know|don['’]t hesitate)"
    r"|happy to help further)[^\n]{0,160}$",
    re.IGNORECASE,
)
# One of these stands in whatever the patterns above can find; most texts have none.
REFUSES = ("sorry", "apolog", "unfortunately", "i can", "i could", "i am ", "i’m", "i'm", "i will", "i won", "i must", "i do", "i really", "i simply", "i just", "language model", "an ai", "against my", "an artificial", "we're", "we’re")  # fmt: skip
CLOSES = ("hope", "let me know", "feel free", "anything else", "hesitate", "happy to help")
# And one of these in a refusal.
DENIES = ("cannot", "can not", "can't", "can’t", "could not", "couldn't", "couldn’t", "could n't", "could n’t", "unable", "not able", "won't", "won’t", "will not", "decline", "comfortable", "do not", "don't", "don’t", "against my")  # fmt: skip
# Models by how their names begin, and whole names of models and makers.
MODELS = ("gpt", "llama")
NAMES = ("claude", "gemini", "bard", "mistral", "mixtral", "copilot", "deepseek", "qwen", "grok", "vicuna", "alpaca", "palm", "falcon", "koala", "gemma", "command r", "openai", "anthropic", "google", "deepmind", "meta", "xai", "alibaba", "cohere", "microsoft")  # fmt: skip
SPEAKS = (
    "i am",
    "i'm",
    "i’m",
    "my name is",
    "as ",
    "call me",
    "this is",
    "i ",
    "me ",
    "model",
    "assistant",
)


def wording(text: str) -> list[str]:
    """Of `refusal`, `canned` and `names_model` those that hold of a response, in this order."""
    lower = text.lower()
    head, tail = lower[:HEAD], lower[-HEAD:]
    found = []
    if any(hint in head for hint in REFUSES) and REFUSAL.search(text[:HEAD]):
        found.append("refusal")
    closes = any(hint in tail for hint in CLOSES) and CLOSING.search(text[-HEAD:].rstrip())
    if OPENING.match(text[:HEAD]) or closes:
        found.append("canned")
    if _may_name(lower) and next(names_own_model(Case({0: [(text, "plain")]})), None) is not None:
        found.append("names_model")
    return found


def _may_name(lower: str) -> bool:
    return any(name in lower for name in (*MODELS, *NAMES)) and any(
        word in lower for word in SPEAKS
    )
