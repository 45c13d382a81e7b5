"""Finds personal data in a text: e-mail, phone, card, IBAN, social security number, public address of a computer.

Presidio's patterns and checksums, and Google's rules of phone numbers. One cheap pattern goes first, so that most texts never
reach them. Nothing here asks the network: domains are judged by the list that tldextract was packed with.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from curation.methods.places import Found, apart

# Whatever could be personal data holds an at sign, an IPv6 address, or seven digits with nothing but what divides digits between them.
DIGITS = re.compile(r"\d[\d ().\-/\u00a0]{6}")
# An IPv6 address that is anybody's: of 2000::/3, all that is given out so far. It begins with a whole group, and is shortened or has
# eight groups. So no time, no `std::vector` and no list of ports is one, whatever else could be read as an address.
IPV6 = re.compile(
    r"(?<![\w:])[23][0-9a-fA-F]{3}(?:(?::[0-9a-fA-F]{1,4}){0,6}::|(?::[0-9a-fA-F]{1,4}){7})"
)
# What each of Presidio's recognizers could find at all; they are slow, and most of these texts hold only one of them.
HINTS = {
    "card": re.compile(r"\d(?:[ -]?\d){11}"),
    "iban": re.compile(r"[A-Z]{2}\d\d"),
    "email": re.compile(r"\w@\w"),
    "ssn": re.compile(r"\d{3}[- .]?\d\d[- .]?\d{4}"),
    "ip": re.compile(rf"\d\.\d{{1,3}}\.\d{{1,3}}\.\d|{IPV6.pattern}"),
}
NUMBER = re.compile(r"(?<![\w.+\-/])\+?\(?\d[\d ().\-/\u00a0]{6,22}\d(?![\w\-/]|\.\d)")
AMERICAN = re.compile(r"(?:\+?1[ .\-]?)?(?:\(\d{3}\) ?|\d{3}[.\- ])\d{3}[.\- ]\d{4}")
DATE = re.compile(r"\d{4}[\-/.]\d{1,2}[\-/.]\d{1,2}|\d{1,2}[\-/.]\d{1,2}[\-/.]\d{4}")
ABOUT_PHONES = re.compile(
    r"(?:phone|tel|call|mobile|cell|fax|dial|whatsapp|sms|text me|ring|reach|handy|anruf)\W[^\n]{0,30}$",
    re.IGNORECASE,
)
LIKELY = 0.5
REGIONS = ("US", "GB", "DE", "FR", "IN")
# Reserved by RFC 2606 and 6761 for examples and tests, and addresses behind which is no person.
EXAMPLES = re.compile(
    r"@(?:[\w\-]+\.)*(?:example\.\w+|example|test|invalid|localhost|local)$|^(?:git|no-?reply|donotreply)@",
    re.IGNORECASE,
)


def personal_data(text: str) -> list[Found]:
    """Every place of personal data, in order and without overlaps: what is surest by its checksum goes first."""
    if "@" not in text and not DIGITS.search(text) and not IPV6.search(text):
        return []
    found = [each for find in (_patterns, _phones) for each in find(text)]
    return apart(found)


def _patterns(text: str) -> Iterator[Found]:
    for kind, recognizer, accepts in _recognizers():
        if not HINTS[kind].search(text):
            continue
        entity = recognizer.supported_entities[0]
        for result in recognizer.analyze(text, [entity], None):
            if accepts(text[result.start : result.end], result.score):
                yield Found(kind=kind, start=result.start, end=result.end)


Accepts = Callable[[str, float], bool]


@cache
def _recognizers() -> list[tuple[str, Any, Accepts]]:
    """Presidio's recognizers by our names, imported at the first text that needs them: it takes seconds."""
    from presidio_analyzer.predefined_recognizers import (
        CreditCardRecognizer,
        EmailRecognizer,
        IbanRecognizer,
        IpRecognizer,
        UsSsnRecognizer,
    )
    from tldextract import TLDExtract

    email: Any = EmailRecognizer()
    domains = TLDExtract(cache_dir=None, suffix_list_urls=())
    email.validate_result = lambda written: domains(written).fqdn != ""
    return [
        ("card", CreditCardRecognizer(), _is_certain),
        ("iban", IbanRecognizer(), _is_certain),
        ("email", email, _is_address),
        ("ssn", UsSsnRecognizer(), _is_likely),
        ("ip", IpRecognizer(), _is_global),
    ]


def _is_certain(written: str, score: float) -> bool:
    """Its checksum holds, and it is no row of one digit."""
    return score == 1 and len({*filter(str.isalnum, written)}) > 1


def _is_address(written: str, score: float) -> bool:
    """Its domain can exist, and is nobody's example."""
    return score == 1 and EXAMPLES.search(written) is None


def _is_likely(_written: str, score: float) -> bool:
    return score >= LIKELY


def _is_global(written: str, _score: float) -> bool:
    try:
        address = ipaddress.ip_address(written)
    except ValueError:
        return False
    return address.is_global and (address.version == 4 or IPV6.match(written) is not None)


def _phones(text: str) -> Iterator[Found]:
    import phonenumbers

    for match in NUMBER.finditer(text):
        written = match[0]
        if DATE.fullmatch(written) or not _looks_like_a_phone(text, match):
            continue
        regions = (None,) if written.startswith("+") else REGIONS
        for region in regions:
            found = next(iter(phonenumbers.PhoneNumberMatcher(written, region)), None)
            if found is not None:
                at = match.start()
                yield Found(kind="phone", start=at + found.start, end=at + found.end)
                break


def _looks_like_a_phone(text: str, match: re.Match[str]) -> bool:
    """Written with a plus, in the American way, or after a word that says so; a bare number may be anything."""
    if match[0].startswith("+") or AMERICAN.fullmatch(match[0]):
        return True
    return ABOUT_PHONES.search(text[max(0, match.start() - 40) : match.start()]) is not None
