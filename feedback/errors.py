"""Refusals: what was asked cannot be done, said in a sentence to the person who can act, with a stable code."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """It cannot be done."""

    # The docstring of a subclass is its sentence, so that it cannot be forgotten.
    code = "refused"
    status = 409

    def __init__(self, sentence: str | None = None, **fields: Any) -> None:
        self.sentence = sentence or " ".join((self.__doc__ or "").split())
        self.fields = fields
        super().__init__(self.sentence)


class NotThere(Refusal):
    """There is nothing here that you can see."""

    code = "not_found"
    status = 404


class NotAllowed(Refusal):
    """Your role or key does not allow this."""

    code = "not_allowed"
    status = 403


class SecondFactorNeeded(Refusal):
    """This workspace asks for a second factor when you sign in. Set one up under your settings, then go on."""

    code = "second_factor_needed"
    status = 403


class Invalid(Refusal):
    """What was sent does not fit."""

    # `problems` lists each fault with its place, code and sentence.
    code = "invalid"
    status = 422

    def __init__(
        self,
        sentence: str | None = None,
        problems: list[dict[str, Any]] | None = None,
        **fields: Any,
    ) -> None:
        super().__init__(sentence, **fields)
        self.problems = problems or []
