"""Says under which kind of licence each text of a pair stands, and marks pairs that a policy does not let leave."""

from __future__ import annotations

from curation.late import np, pd
from curation.methods.arrays import Ints
from curation.methods.licences import POLICIES, UNSTATED, Terms
from curation.stages.base import Facts, Param, Params, Stage, hold, texts
from curation.stages.gates import HOLD, when_found, where

FIELDS = ("prompt", "context", "first", "second")
TERMS = ("any", "unrestricted")


def run(pairs: pd.DataFrame, facts: Facts, params: Params) -> pd.DataFrame:
    del facts
    refused, kinds = {}, {}
    for name in FIELDS:
        codes, known = _terms(pairs, terms_column(name))
        refused[name] = np.array([is_refused(name, each, params) for each in known])[codes]
        kind = np.array([each.kind for each in known], dtype=object)
        kinds[f"licence_{name}"] = texts(kind[codes], pairs)
    marked, place = where(pairs, refused)
    pairs = pairs.assign(**kinds, licence_refused=place)
    if params["when_found"] != HOLD:
        return pairs
    return hold(pairs, marked, "licence", "The policy does not let it leave: " + place + ".")


def terms_column(field: str) -> str:
    """The column of pairs that holds the terms of one of FIELDS, as `Terms.written` writes them."""
    return f"{field}_terms"


def _terms(pairs: pd.DataFrame, column: str) -> tuple[Ints, list[Terms]]:
    """The place of each row's terms among the distinct ones; UNSTATED where there are none."""
    if column not in pairs.columns:
        return np.zeros(len(pairs), dtype=np.int64), [UNSTATED]
    codes, written = pd.factorize(pairs[column])
    known = [*map(Terms.read, written), UNSTATED]
    return np.where(codes < 0, len(written), codes).astype(np.int64), known


def is_refused(name: str, terms: Terms, params: Params) -> bool:
    """Whether a policy refuses one text: of `prompt`, `context` or a response. `params` has every setting of the stage.

    By the policy for texts of people where a person wrote it, else by that for prompts or for responses."""
    if name == "context" and terms is UNSTATED:
        return False  # there is no document
    policy = "people" if terms.origin == "human" else "responses"
    if name in ("prompt", "context"):
        policy = "prompts"
    if terms.kind not in POLICIES[params[policy]]:
        return True
    return bool(params["terms"] == "unrestricted" and terms.restricts_training)


def _policy(name: str, title: str) -> Param:
    return Param(name=name, title=title, kind="choice", default="any", choices=tuple(POLICIES))


LICENCES = Stage(
    name="licences",
    title="Licences",
    says="Says which kind of licence each text has, and marks pairs with a text that the policy does not let leave.",
    run=run,
    by_row=True,
    adds=(
        "licence_prompt",
        "licence_context",
        "licence_first",
        "licence_second",
        "licence_refused",
    ),
    reasons={"licence": "The policy does not let one of its texts leave."},
    final=frozenset({"licence"}),  # one pair's release would not change whose text it is
    params=(
        when_found("What happens to a pair that the policy refuses", HOLD),
        _policy("prompts", "Licences of prompts and documents that may leave"),
        _policy("responses", "Licences of responses by models that may leave"),
        _policy("people", "Licences of responses by people that may leave"),
        Param(
            name="terms",
            title="Terms of the model’s provider",
            kind="choice",
            default="any",
            choices=TERMS,
        ),
    ),
)
