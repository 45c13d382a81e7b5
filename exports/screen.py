"""What a recipe's gates keep from leaving: texts that stay behind, and places in texts that leave hidden."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from curation.actions.recipes import recipe_of
from curation.methods.contamination import Index, matches
from curation.methods.licences import Terms
from curation.methods.personal import personal_data
from curation.methods.places import Found, apart
from curation.methods.redaction import redacted
from curation.methods.secrets import secrets
from curation.models import Run
from curation.queries.evaluation_sets import index_of
from curation.stages.base import Params
from curation.stages.gates import HOLD, REDACT
from curation.stages.licences import LICENCES, is_refused

# Names of things, not words of anybody.
STRUCTURE = {"role", "type", "format", "kind", "name", "id", "tool_call_id"}
FINDERS = {"personal_data": personal_data, "secrets": secrets}


@dataclass(frozen=True)
class Screen:
    """The gates of a run, for every text that would leave: single responses and earlier turns too, which no pair shows."""

    index: Index | None
    holding: tuple[str, ...]
    hiding: tuple[str, ...]
    policy: Params | None = None

    @classmethod
    def of(cls, run: Run) -> Screen:
        steps = {step.stage: step for step in recipe_of(run.recipe_version).steps}
        policy = {**LICENCES.defaults, **steps["licences"].params} if "licences" in steps else None
        asked = {name: step.params.get("when_found") for name, step in steps.items()}
        index = None
        if asked.get("contamination") == HOLD:
            index = index_of(run.project, run.frozen.get("evaluation", ()))
        return cls(
            index,
            tuple(name for name in FINDERS if asked.get(name) == HOLD),
            tuple(name for name in FINDERS if asked.get(name) == REDACT),
            policy if policy and policy["when_found"] == HOLD else None,
        )

    @property
    def is_open(self) -> bool:
        """Whether everything may leave as it is."""
        return self.index is None and not self.holding and not self.hiding

    def refuses(self, stored: Sequence[Any]) -> bool:
        """Whether a gate that holds finds something in any of these messages and documents."""
        if any(FINDERS[name](text) for name in self.holding for text in _texts(stored)):
            return True
        if self.index is None:
            return False
        return any(matches(["\n\n".join(_texts(value)) for value in stored], self.index))

    def refuses_terms(self, **terms: Terms) -> bool:
        """Whether the policy refuses one of these texts, named `prompt`, `context` or `response`."""
        policy = self.policy
        return policy is not None and any(
            is_refused(name, each, policy) for name, each in terms.items()
        )

    def shown(self, stored: Any) -> Any:
        """Messages or documents as they may leave: the same, with places hidden where the recipe says so."""
        if not self.hiding:
            return stored
        if isinstance(stored, str):
            found = self.places(stored)
            return redacted(stored, found).text if found else stored
        if isinstance(stored, list):
            return [self.shown(each) for each in stored]
        if isinstance(stored, dict):
            return {
                name: value if name in STRUCTURE else self.shown(value)
                for name, value in stored.items()
            }
        return stored

    def places(self, text: str) -> list[Found]:
        """What leaves hidden of one text, in order and apart."""
        return apart(found for name in self.hiding for found in FINDERS[name](text))


def _texts(stored: Any) -> list[str]:
    """Every text of messages and documents: words, titles, what tools were called with."""
    if isinstance(stored, str):
        return [stored]
    if isinstance(stored, dict):
        return [
            text
            for name, value in stored.items()
            if name not in STRUCTURE
            for text in _texts(value)
        ]
    return [text for each in stored for text in _texts(each)] if isinstance(stored, list) else []
