"""What a worker makes of a chunk's reviews: frames, and beside them each distinct text with its bands."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields

from curation import parts
from curation.frames import Frames
from curation.late import pa, pd
from curation.methods.code import View
from curation.methods.diversity import draw
from curation.methods.minhash import BANDS, bands, signatures
from curation.methods.shingles import Kind, shingles
from curation.methods.templates import compared, fragments_of, paragraphs_of
from curation.stages import STAGES
from feedback.models import Project

from .texts import PROMPT, RESPONSE, shingle_of, viewed

TEXTS = ("prompt", "first", "second")  # left where they are kept: stages read columns
PARAGRAPH = "\n\n"
BAND_BYTES = BANDS * 8


@dataclass(frozen=True)
class Read:
    """What was read, as tables: frames, and each distinct text with its bands."""

    pairs: pa.Table
    votes: pa.Table
    ratings: pa.Table
    prompts: pa.Table
    responses: pa.Table


def prepared(found: Frames, project: Project, view: View) -> Read:
    """Frames as tables without a text, `prompt_key` naming the words that are compared, and each distinct text once with its bands.

    `view` is how code in responses is compared.
    """
    asked = found.pairs["prompt"].tolist()
    keys, prompts = _asked({*asked}, project)
    said = {
        hashed: text
        for side in ("first", "second")
        for hashed, text in zip(
            found.pairs[f"{side}_hash"].tolist(), found.pairs[side].tolist(), strict=True
        )
    }
    key = pd.Series([keys[text] for text in asked], index=found.pairs.index, dtype="str")
    pairs = _looked_at(found.pairs).assign(prompt_key=key).drop(columns=[*TEXTS])
    return Read(
        pairs=table_of(pairs),
        votes=table_of(found.votes),
        ratings=table_of(found.ratings),
        prompts=prompts,
        responses=_with_draws(_banded(said, viewed(said, view), shingle_of(project, RESPONSE))),
    )


def prompts_of(texts: Collection[str], project: Project) -> pa.Table:
    """The distinct words that some prompts are compared by, as `Read.prompts` has them."""
    return _asked(texts, project)[1]


def _asked(texts: Collection[str], project: Project) -> tuple[dict[str, str], pa.Table]:
    """Of prompts as they were asked the key of the words that are compared, and these words with their bands."""
    fragments = fragments_of([project.prompt_template])
    words = {text: paragraphs_of(text, fragments) for text in texts}
    keys = {text: _key(PARAGRAPH.join(said)) for text, said in words.items()}
    asked = {keys[text]: said for text, said in words.items()}
    joined = {key: PARAGRAPH.join(paragraphs) for key, paragraphs in asked.items()}
    one = {key: compared(paragraphs, ()) for key, paragraphs in asked.items()}
    return keys, _banded(joined, one, shingle_of(project, PROMPT))


def store(read: Read, folder: str) -> None:
    """Write a chunk's tables under a folder of their own."""
    for field in fields(read):
        parts.save(getattr(read, field.name), f"{folder}/{field.name}")


def table_of(frame: pd.DataFrame) -> pa.Table:
    """A frame as its chunk keeps it. Codes of few values are wide enough for those of all chunks together."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    for place, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            wide = pa.dictionary(pa.int32(), field.type.value_type)
            table = table.set_column(place, field.name, table[field.name].cast(wide))
    return table


def banded_bytes(texts: Sequence[str], kind: Kind) -> list[bytes | None]:
    """The 21 band hashes of each text, little-endian; None for a text without a shingle."""
    found = signatures(shingles(texts, kind))
    rows = bands(found).astype("<i8")
    return [
        row.tobytes() if present else None for row, present in zip(rows, found.present, strict=True)
    ]


def _looked_at(pairs: pd.DataFrame) -> pd.DataFrame:
    """The pairs with what every stage reads off their texts."""
    for stage in STAGES:
        if stage.look is not None:
            pairs = stage.look(pairs)
    return pairs


def _banded(texts: Mapping[str, str], compared_as: Mapping[str, str], kind: Kind) -> pa.Table:
    """Sorted by key: the text, and the bands of what it is compared as."""
    keys = sorted(texts)
    hashes = banded_bytes([compared_as[key] for key in keys], kind)
    return pa.table(
        {
            "key": pa.array(keys, pa.string()),
            "text": pa.array([texts[key] for key in keys], pa.string()),
            "bands": pa.array(hashes, pa.binary(BAND_BYTES)),
        }
    )


def _with_draws(responses: pa.Table) -> pa.Table:
    """Beside each text the number by which it is drawn for a sample, null where it says nothing."""
    draws = [draw(text) if text.strip() else None for text in responses["text"].to_pylist()]
    return responses.append_column("draw", pa.array(draws, pa.uint64()))


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
