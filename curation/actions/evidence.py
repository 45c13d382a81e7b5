"""How the reviews behind a run's votes came about: read only where the recipe asks, and kept as counts alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation import frames
from curation.late import np, pd
from curation.methods.integrity import hasty, one_sided, pasted, repeated
from curation.models import Run, RunChunk
from curation.stages.base import Evidence, beside_pairs
from feedback.bodies import form_of
from feedback.forms.questions.text import Text
from feedback.models import FormVersion, Review

BATCH = 20_000
COLUMNS = ("rater", "revision_id", "active_ms", "typed", "pasted")


def evidence_of(run: Run, pairs: pd.DataFrame, votes: pd.DataFrame) -> Mapping[str, Evidence]:
    """Pair → its evidence, for pairs that have any. Pairs and votes are as they were read."""
    length = pairs["prompt_size"] + pairs["first_size"] + pairs["second_size"]
    about = pairs[["pair", "revision_id"]].assign(characters=length.to_numpy(dtype=np.int64))
    cast = beside_pairs(about, votes, list(about.columns), np.ones(len(about), dtype=np.bool_))
    table = cast.merge(_effort(run), on=["rater", "revision_id"], how="left")
    reviews = table.drop_duplicates(["rater", "revision_id"])
    fast = hasty(
        reviews["active_ms"].to_numpy(np.float64), reviews["characters"].to_numpy(np.int64)
    )
    copied = pasted(reviews["typed"].to_numpy(np.float64), reviews["pasted"].to_numpy(np.float64))
    marked = reviews[["rater", "revision_id"]].assign(hasty=fast, copied=copied)
    table = table.merge(marked, on=["rater", "revision_id"])
    table = table.merge(_repeated(run), on=["rater", "revision_id"], how="left")
    table["repeated"] = table["repeated"].eq(other=True)
    counted = (
        table.assign(one_sided=_one_sided(table))
        .groupby("pair")[["hasty", "copied", "repeated", "one_sided"]]
        .sum()
    )
    some = counted[counted.sum(axis=1) > 0]
    return {
        str(pair): Evidence(hasty=int(a), pasted=int(b), repeated=int(c), one_sided=int(d))
        for pair, a, b, c, d in some.itertuples()
    }


def _one_sided(table: pd.DataFrame) -> pd.Series:
    """Votes of raters who prefer one side of the screen; only decided ones whose order is known are counted against them."""
    decided = (table["outcome"] != 0) & (table["order"] != 0) & ~table["both_unacceptable"]
    codes, _ = pd.factorize(table["rater"], sort=True)
    rows = np.flatnonzero(decided.to_numpy(dtype=bool))
    shown_first = np.sign(table["outcome"].to_numpy()[rows]) == table["order"].to_numpy()[rows]
    marked = np.zeros(len(table), dtype=bool)
    marked[rows] = one_sided(codes[rows].astype(np.int64), shown_first)
    return pd.Series(marked, index=table.index)


def _reviews(run: Run, *fields: str, **where: Any) -> list[tuple[Any, ...]]:
    """These fields of the frozen reviews. A recipe on a sample has no chunks, and shows nothing of this."""
    chunks = RunChunk.objects.filter(run_id=run.pk, kind=RunChunk.Kind.READ)
    ids = [pk for each in chunks.values_list("review_ids", flat=True) for pk in each]
    return [
        row
        for start in range(0, len(ids), BATCH)
        for row in Review.objects.filter(pk__in=ids[start : start + BATCH], **where).values_list(
            *fields
        )
    ]


def _repeated(run: Run) -> pd.DataFrame:
    """(rater, revision_id) of reviews whose reasons the rater gave for another item too, with `repeated` true."""
    asked = _texts_asked(run)
    wanted = (
        "rater_id",
        "occasion",
        "item_revision_id",
        "item_id",
        "form_id",
        "body__body__answers",
    )
    rows = _reviews(run, *wanted, form_id__in=asked)
    keys = frames.RaterKeys({row[0] for row in rows})
    raters = [keys[rater, occasion] for rater, occasion, *_ in rows]
    codes, _ = pd.factorize(pd.Series(raters, dtype="str"), sort=True)
    items = np.array([row[3] for row in rows], dtype=np.int64)
    texts = [_said(row[5], asked[row[4]]) for row in rows]
    found = repeated(codes.astype(np.int64), items, texts)
    frame = pd.DataFrame(
        {
            "rater": pd.Series(raters, dtype="str"),
            "revision_id": np.array([row[2] for row in rows], dtype=np.int64),
        }
    )
    return frame[found].drop_duplicates().assign(repeated=True)


def _texts_asked(run: Run) -> dict[int, list[str]]:
    """Form → the questions of it that ask for words."""
    versions = FormVersion.objects.filter(project_id=run.project_id)
    named = {
        version.pk: [each.id for each in form_of(version).questions if each.kind == Text.kind]
        for version in versions
    }
    return {form: names for form, names in named.items() if names}


def _said(answers: Mapping[str, Any] | None, names: list[str]) -> str:
    """The reasons of a review; none where it was erased."""
    said = ((answers or {}).get(name) for name in names)
    return "\n".join(each for each in said if isinstance(each, str))


def _effort(run: Run) -> pd.DataFrame:
    """What is still kept of the effort behind the frozen reviews; what its retention has ended is gone."""
    counted = ("active_ms", "effort__typed", "effort__pasted")
    wanted = ("rater_id", "occasion", "item_revision_id", *counted)
    rows = _reviews(run, *wanted, active_ms__isnull=False)
    keys = frames.RaterKeys({row[0] for row in rows})
    named = [(keys[rater, occasion], *rest) for rater, occasion, *rest in rows]
    frame = pd.DataFrame(named, columns=list(COLUMNS)).drop_duplicates(["rater", "revision_id"])
    kinds = {"rater": "str", "revision_id": "int64"}
    return frame.astype(kinds | dict.fromkeys(COLUMNS[2:], "float64"))
