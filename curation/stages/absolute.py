"""Labels of single responses, for KTO and SFT: what was said of a response, not of a pair.

Pairs cannot give them: a response that wins one pair and loses another would be both true and
false. So everything said of one response to one prompt is pooled first.
"""

from __future__ import annotations

from curation.late import np, pd
from curation.methods.arrays import Bools, Floats, rounded
from curation.stages.base import outcomes

WINS, LOSES = 0.75, 0.25
KEY = ["prompt", "response_hash"]
VOTE_COLUMNS = ("prompt", "item", "first_hash", "second_hash", "outcome", "both_unacceptable")
RATING_COLUMNS = ("prompt", "item", "response_hash", "rater", "value", "acceptable_from")


def response_labels(votes: pd.DataFrame, ratings: pd.DataFrame) -> pd.DataFrame:
    """One row per (prompt, response), sorted: what may be said of the response by itself.

    In: votes as VOTE_COLUMNS, ratings as RATING_COLUMNS (`acceptable_from` is the question's
    anchor, NaN where it has none); `prompt` is a hash of the prompt's content, so that one
    prompt in two items is one. Out: `prompt`, `item` (the smallest it occurs in),
    `response_hash`, `win_share` (ties ½; NaN without votes), `n` (what the basis counts: raters or
    votes), `label` (true, false, null), `basis` (rating, both_unacceptable, win_share, null),
    `acceptable` (a true label by rating: fit for SFT).

    The first basis with something to say decides, null included: raters who put the response
    at or above every anchor against those who did not (more than half); more than half of its
    votes finding both unacceptable; else the win share, ≥ .75 true, ≤ .25 false.
    """
    sides = _sides(votes)
    shares = sides.groupby(KEY)[["won", "neither"]].mean()
    sizes = sides.groupby(KEY).size()
    judged = _judged(ratings)
    said = judged.groupby(KEY)["acceptable"].agg(["mean", "size"])
    seen = pd.concat([sides[[*KEY, "item"]], ratings[[*KEY, "item"]]])
    found = seen.groupby(KEY, sort=True)[["item"]].min()
    found["win_share"] = rounded(_column(shares["won"], found))
    rating = rounded(_column(said["mean"], found))
    neither = rounded(_column(shares["neither"], found))
    rated, refused = ~np.isnan(rating), neither > 0.5
    names = ["rating", "both_unacceptable", "win_share"]
    basis = np.select([rated, refused, ~np.isnan(neither)], names, "")
    share = np.select([rated, refused], [rating, np.zeros(len(found))], found["win_share"])
    counts = np.where(rated, _column(said["size"], found), _column(sizes, found))
    found["n"] = np.nan_to_num(counts).astype(np.int64)
    found["label"] = pd.array(_verdict(share, rated), dtype="boolean")
    found["basis"] = pd.Series(basis, index=found.index, dtype="str").where(basis != "")
    found["acceptable"] = rated & found["label"].fillna(False).to_numpy(dtype=bool)
    return found.reset_index()


def _sides(votes: pd.DataFrame) -> pd.DataFrame:
    """Two rows a vote, one for each response: what it won (1, ½, 0), whether neither would do."""
    neither = votes["both_unacceptable"].to_numpy(dtype=bool)
    won = (np.sign(outcomes(votes)) + 1) / 2
    common = {"prompt": votes["prompt"], "item": votes["item"], "neither": neither.astype(float)}
    first = pd.DataFrame({**common, "response_hash": votes["first_hash"], "won": won})
    second = pd.DataFrame({**common, "response_hash": votes["second_hash"], "won": 1 - won})
    return pd.concat([first, second], ignore_index=True)


def _judged(ratings: pd.DataFrame) -> pd.DataFrame:
    """One row per rater and response with an anchor: 1 where every anchored rating reaches it."""
    anchored = ratings[ratings["acceptable_from"].notna().to_numpy(dtype=bool)]
    reached = (anchored["value"] >= anchored["acceptable_from"]).astype(float)
    by = [*KEY, "rater"]
    return anchored.assign(acceptable=reached).groupby(by)["acceptable"].min().reset_index()


def _column(values: pd.Series, found: pd.DataFrame) -> Floats:
    return values.reindex(found.index).to_numpy(dtype=np.float64)


def _verdict(share: Floats, rated: Bools) -> list[bool | None]:
    """Raters need more than half; a share of wins needs three quarters."""
    high = np.where(rated, share > 0.5, share >= WINS)
    low = np.where(rated, share < 0.5, share <= LOSES)
    return [True if up else False if down else None for up, down in zip(high, low, strict=True)]
