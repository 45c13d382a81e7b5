"""Automatic checks of an answer: what each is called, what it looks for, and all of them over one case."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from . import authorities, evidence, length, own_model, patches, quotations
from .base import Case, Document, Finding

MOST_FINDINGS = 12


@dataclass(frozen=True, slots=True)
class Check:
    """A check that a project may switch off."""

    name: str
    title: str
    find: Callable[[Case], Iterator[Finding]]


CHECKS = (
    Check(quotations.NAME, "A quotation that no source has", quotations.quotation_missing),
    Check(
        authorities.NAME,
        "A citation whose authority is never given",
        authorities.authority_not_found,
    ),
    Check(patches.NAME, "A patch that does not fit the files", patches.patch_does_not_apply),
    Check(evidence.NAME, "Tests that failed", evidence.tests_failed),
    Check(own_model.NAME, "A response that names its own model", own_model.names_own_model),
    Check(length.NAME, "The longer response preferred by far", length.length_gap),
)
NAMES = tuple(check.name for check in CHECKS)


def findings(case: Case, names: Collection[str]) -> list[Finding]:
    """What the named checks find, in their order, at most twelve."""
    found = [each for check in CHECKS if check.name in names for each in check.find(case)]
    return found[:MOST_FINDINGS]


__all__ = ["CHECKS", "NAMES", "Case", "Check", "Document", "Finding", "findings"]
