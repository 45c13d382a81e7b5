"""Says which language prompt and responses are written in, and marks responses in another one than expected."""

from __future__ import annotations

from curation.late import pd
from curation.stages.base import Facts, Param, Params, Stage, hold, texts
from curation.stages.gates import FLAG, HOLD, SIDES, signals_of, when_found, where

PROMPTS = "prompt"
KNOWN = ("ar", "cs", "da", "de", "el", "en", "es", "fi", "fr", "he", "hi", "hu", "id", "it", "ja", "ko", "nl", "no", "pl", "pt", "ro", "ru", "sv", "th", "tr", "uk", "vi", "zh")  # fmt: skip


def run(pairs: pd.DataFrame, facts: Facts, params: Params) -> pd.DataFrame:
    del facts
    spoken = {
        side: found.each(lambda signals: signals.language)
        for side, found in signals_of(pairs).items()
    }
    expected = spoken["prompt"] if params["expected"] == PROMPTS else params["expected"]
    other = {
        side: (spoken[side] != expected) & (spoken[side] != "") & (expected != "")
        for side in ("first", "second")
    }
    marked, place = where(pairs, other)
    pairs = pairs.assign(
        **{
            f"language_{side}": texts([each or None for each in spoken[side]], pairs)
            for side in SIDES
        },
        other_language=place,
    )
    if params["when_found"] != HOLD:
        return pairs
    return hold(
        pairs, marked, "other_language", "Another language than expected, in " + place + "."
    )


LANGUAGE = Stage(
    name="language",
    title="Language",
    says="Says which language each text is in, and marks responses in another one than the prompt’s or the one named.",
    run=run,
    by_row=True,
    adds=("language_prompt", "language_first", "language_second", "other_language"),
    reasons={"other_language": "A response is in another language than expected."},
    params=(
        when_found("What happens to a pair with another language", FLAG),
        Param(
            name="expected",
            title="Language of the responses",
            kind="choice",
            default=PROMPTS,
            choices=(PROMPTS, *KNOWN),
        ),
    ),
)
