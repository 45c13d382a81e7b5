"""Finds secrets in a text: keys, tokens, passwords, by the detectors of detect-secrets. Of a patch only added lines are read.

A line is handed to them only if a cheap pattern says that it could hold one; what their filters take for a placeholder
(a template, a sequence, a UUID, a reference to a variable) is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from curation.methods.places import Found, apart

LONGEST_LINE = 4_000
PATCH = re.compile(r"^(?:@@ -\d|diff --git |\+\+\+ \S)", re.MULTILINE)
MAYBE = re.compile(
    r"(?:AKIA|ASIA|ABIA|ACCA|A3T|gh[pousr]_|gl(?:pat|dt|ft|soat|rt|cbt)-|xox[abposr]-|hooks\.slack|[rs]k_live_|eyJ|sk-|SG\.|sq0csp|npm_"
    r"|pypi-|PRIVATE KEY|AccountKey|_authToken|-us\d|://[^\s:/@]+:[^\s/@]+@|\bAC[a-z0-9]{32}|\bSK[a-z0-9]{32}|\d{8,10}:[\w-]{35}"
    r"|[MNO][\w-]{23,25}\.[\w-]{6}\.[\w-]{27})"
    r"|(?i:pass(?:word|wd|phrase)?|pwd|secret|token|api[_-]?key|credential|auth|private[_-]?key|access[_-]?key)\w*[\"']?\]?\s*(?::=|[:=]>?|\()"
    r"|[\"'][A-Za-z0-9+/=_\-]{20,}[\"']"
)
# Before that: a long run without a space, or a word that a secret goes with. Most texts have neither.
WORDS = ("pass", "pwd", "secret", "token", "key", "credential", "auth", "://", "akia", "asia", "xox", "eyj", "sk-", "sg.")  # fmt: skip
RUN = 20
# Only hexadecimal digits: as often a digest as a key. They count where the line says what they are.
SAYS_SECRET = re.compile(r"pass|pwd|secret|token|key|credential|auth", re.IGNORECASE)
BLOCKS, DIGITS = "Private Key", "Hex High Entropy String"
NAMES = {
    "Secret Keyword": "password",
    "Base64 High Entropy String": "random string",
    DIGITS: "random digits",
}
# What detect-secrets reads only in files whose kind it knows: settings without quotation marks, and keys of a mapping.
OWN = re.compile(
    r"^[+\s]*(?:export\s+)?[A-Z0-9_]*(?:PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY)[A-Z0-9_]*=(?P<set>[^\s$<{\"']{8,})$"
    r"|[\"'](?i:[\w\-]*(?:password|passwd|secret|token|api[_\-]?key))[\"']\]?\s*[=:]\s*[\"'](?P<key>[^\"'\s]{6,})[\"']"
)
# A private key is its whole block; detect-secrets names its first line.
BLOCK = re.compile(r"-----BEGIN[A-Z ]*PRIVATE KEY-----")
BLOCK_END = re.compile(r"-----END[A-Z ]*PRIVATE KEY-----")
BLOCK_LINE = re.compile(r"[A-Za-z0-9+/=:, \-]*")
# Detectors that tell a form by its beginning may name the beginning alone.
TOKEN = re.compile(r"[A-Za-z0-9_.\-+/=~]*")
WHOLE = {"Basic Auth Credentials", BLOCKS, *NAMES}
NOT_SECRET = {"Public IP (ipv4)"}  # personal data, found there


def secrets(text: str) -> list[Found]:
    """Every place of a secret, in order and without overlaps; the more telling detector names it."""
    if not could_hold_one(text):
        return []
    found: list[Found] = []
    in_block = False
    for start, sign, line in _read_lines(text):
        at = start + sign
        begins = BLOCK.search(line)
        if begins or (in_block and BLOCK_LINE.fullmatch(line)):
            found.append(Found(kind=BLOCKS, start=at, end=at + len(line)))
            in_block = BLOCK_END.search(line) is None
            continue
        in_block = False
        if len(line) <= LONGEST_LINE and MAYBE.search(line):
            found += [
                Found(kind=each.kind, start=at + each.start, end=at + each.end)
                for each in _of_line(line)
            ]
    return apart(found)


def could_hold_one(text: str) -> bool:
    """Whether any line is worth a look."""
    lower = text.lower()
    worth = any(word in lower for word in WORDS) or max(map(len, text.split()), default=0) >= RUN
    return worth and MAYBE.search(text) is not None


def _read_lines(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, length of the sign, line) of every line that counts: of a patch those that it adds."""
    is_patch = PATCH.search(text) is not None
    start = 0
    for line in text.split("\n"):
        if not is_patch:
            yield start, 0, line
        elif line.startswith("+") and not line.startswith("+++"):
            yield start, 1, line[1:]
        start += len(line) + 1


def _of_line(line: str) -> Iterator[Found]:
    for plugin in _plugins():
        for each in plugin.analyze_line(filename="text", line=line, line_number=1) or ():
            value = each.secret_value or ""
            at = line.find(value) if value else -1
            if at < 0 or _is_harmless(plugin, value, line):
                continue
            end = at + len(value)
            if plugin.secret_type not in WHOLE:
                end = TOKEN.match(line, end).end()  # type: ignore[union-attr]
            yield Found(kind=NAMES.get(plugin.secret_type, plugin.secret_type), start=at, end=end)
    own = OWN.search(line)
    if own:
        group = "set" if own["set"] else "key"
        if not _is_placeholder(own[group]):
            yield Found(kind="password", start=own.start(group), end=own.end(group))


def _is_harmless(plugin: Any, value: str, line: str) -> bool:
    from detect_secrets.filters import heuristic

    if plugin.secret_type == BLOCKS:
        return False
    if plugin.secret_type == DIGITS and not SAYS_SECRET.search(line):
        return True
    return _is_placeholder(value) or heuristic.is_indirect_reference(line)


def _is_placeholder(value: str) -> bool:
    from detect_secrets.filters import heuristic

    tests = (
        heuristic.is_sequential_string,
        heuristic.is_potential_uuid,
        heuristic.is_not_alphanumeric_string,
        heuristic.is_templated_secret,
        heuristic.is_prefixed_with_dollar_sign,
    )
    return any(test(value) for test in tests)


@cache
def _plugins() -> list[Any]:
    """Every detector with its own settings; those that know a form by name before those that measure randomness."""
    from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class

    kinds: dict[str, Any] = get_mapping_from_secret_type_to_class()
    named = [kind for kind in sorted(kinds) if kind not in NOT_SECRET and kind not in NAMES]
    return [kinds[kind]() for kind in [*named, *NAMES]]
