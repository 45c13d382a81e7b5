"""What critiques weigh: by how grave each is and of what kind, as MQM counts errors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

# Freitag et al. 2021, "Experts, Errors, and Context", table 10; names as the preset `mqm_ted_ende` writes them.
MQM = "minor = 1, major = 5, critical = 25, fluency_punctuation/minor = 0.1, non_translation/* = 25"
HEAVIEST = 1_000.0
_BETWEEN = re.compile(r"[,;\n]")
_ENTRY = re.compile(r"(?P<name>[^=]+?)\s*=\s*(?P<weight>[0-9]+(?:\.[0-9]+)?)", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Weights:
    """Weights by `severity`, `category/severity` or `category/*`; what is not named weighs what its form says."""

    said: Mapping[str, float] = field(default_factory=dict)

    def of(self, category: str, severity: str, otherwise: float) -> float:
        """The weight of one critique: the closest that is named, else `otherwise`."""
        for name in (f"{category}/{severity}", f"{category}/*", severity):
            if name in self.said:
                return self.said[name]
        return otherwise


def parse_weights(text: str) -> Weights:
    """Weights written as `minor = 1, accuracy/minor = 2, other/* = 0`. Raises ValueError with a sentence."""
    said: dict[str, float] = {}
    for entry in _BETWEEN.split(text):
        if not entry.strip():
            continue
        found = _ENTRY.fullmatch(entry.strip())
        if not found or not float(found["weight"]) <= HEAVIEST:
            raise ValueError(f"“{entry.strip()}” is no weight; write them as “minor = 1”.")
        if found["name"] in said:
            raise ValueError(f"“{found['name']}” has two weights.")
        said[found["name"]] = float(found["weight"])
    return Weights(said=said)
