"""The groups of hints, a bit each, and the phrases that give one away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from curation.methods.soundness import SIGNS
from curation.methods.wording import CLOSES, DENIES, MODELS, NAMES, REFUSES, SPEAKS

# What the walk finds by counting: a number, one long enough for a phone, one that is more than a date or carries a plus, the
# beginning of an IBAN, an IPv6 address, a secret by the look of it, and lines enough to repeat.
NUMBER, PHONE, WIDE, IBAN, IPV6, GIVEN, LINES = (1 << place for place in range(7))
AT, ODD, REFUSE, DENY, OPEN, CLOSE, MODEL, NAME, SPEAK, CALLS, SECRET, UPPER, ADDRESS, SAYS, PATCHED, BROKEN = (
    1 << place for place in range(7, 23)
)  # fmt: skip
EVERY = (1 << 23) - 1
# How a phrase begins that goes with anything, as `wording.OPENING` has it.
AGREES = ("sure", "certainly", "of course", "absolutely", "definitely")
OPENS = (
    *(f"{word}{after}" for word in AGREES for after in ("!", ",", ".", " thing")),
    *(f"{word} {of}" for word in ("as a", "as an") for of in ("ai", "large", "language")),
    *("great question", "good question", "thank you for", "i'd be", "i’d be", "happy to help"),
)
# Words before a phone number, as `personal.ABOUT_PHONES` has them.
CALLED = ("phone", "tel", "call", "mobile", "cell", "fax", "dial", "whatsapp", "sms", "text me", "ring", "reach", "handy", "anruf")  # fmt: skip
# What `secrets.MAYBE` looks for: forms of keys, forms in capitals, and words that a sign must follow that gives them a value.
FORMS = (
    *("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "glpat-", "gldt-", "glft-", "glsoat-", "glrt-", "glcbt-", "xox", "hooks.slack"),
    *("_live_", "eyj", "sk-", "sg.", "sq0csp", "npm_", "pypi-", "private key", "accountkey", "_authtoken"),
    *(f"-us{digit}" for digit in range(10)),
)  # fmt: skip
CAPITALS = ("akia", "asia", "abia", "acca", "a3t")
KEYWORDS = (
    *("pass", "pwd", "secret", "token", "credential", "auth"),
    *(f"{of}{join}key" for of in ("api", "private", "access") for join in ("", "_", "-")),
)
# Characters that patterns take for a letter of ASCII when the case does not matter: such texts are looked at wholly.
UNUSUAL = ("ſ", "K", "İ", "ı")
PHRASES: Mapping[int, Sequence[str]] = {
    AT: ("@",),
    ODD: UNUSUAL,
    REFUSE: REFUSES,
    DENY: DENIES,
    OPEN: OPENS,
    CLOSE: CLOSES,
    MODEL: MODELS,
    NAME: NAMES,
    SPEAK: SPEAKS,
    CALLS: CALLED,
    SECRET: FORMS,
    UPPER: CAPITALS,
    ADDRESS: ("://",),
    SAYS: KEYWORDS,
    PATCHED: ("@@ -", "diff --git ", "+++ "),
    BROKEN: (*map(str.lower, SIGNS), "```", "~~~", "Ã", "â€", "\ufffd"),
}
AT_HEAD, AT_TAIL, WHOLE_WORDS, IN_CAPITALS = REFUSE | DENY | OPEN, CLOSE, CALLS | NAME, UPPER
