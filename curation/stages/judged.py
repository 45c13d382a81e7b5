"""What judging leaves: the ballots, what each question's votes say by which method, and the accuracy of its raters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from curation.late import np, pd
from curation.methods import comparison, majority
from curation.methods.arrays import Bools, Floats, Ints
from curation.methods.comparison import DAWID_SKENE, MAJORITY, VERSIONS, Comparison
from curation.methods.dawid_skene import DawidSkene, bearing
from curation.methods.majority import NO_VOTES
from curation.methods.one_coin import OneCoin, vote_weight
from curation.stages.orders import Ordered, ordered

CLASSES = 3
RATER_COLUMNS = ("question", "rater", "method", "accuracy", "low", "high", "votes", "shared")

# Why a method decides: the recipe names it, it surely foretells best, none surely beats majority, or too few pairs have a vote to hold out.
ASKED, BEST, NONE_BETTER, TOO_FEW = "asked", "best", "none_better", "too_few"
RECALLED = "recalled"  # an earlier run settled it


@dataclass(frozen=True, kw_only=True)
class Ballots:
    """Distinct votes by row: place of the pair, code of the rater, outcome; sorted by content.

    `duplicates` equal votes of one rater on one row were left out.
    """

    rows: Ints
    raters: Ints
    outcomes: Ints
    names: list[str]
    duplicates: int

    def of(self, chosen: Bools) -> Ballots:
        """Those of the rows in `chosen`."""
        at = chosen[self.rows]
        return replace(self, rows=self.rows[at], raters=self.raters[at], outcomes=self.outcomes[at])


@dataclass(frozen=True, kw_only=True)
class Fit:
    """What one question's votes say: `rows` are the places of its pairs, in order of their hashes.

    `sides` are the items and responses of its pairs, as `orders.sides_of` has them. `used` is the method that decides and `why`
    it does. `reading` is the EM that gives `p_true`: Dawid–Skene where that decides, else one-coin.
    """

    question: str
    rows: Ints
    ballots: Ballots
    places: Ints
    smoothing: majority.Smoothing | None
    reading: OneCoin | DawidSkene
    comparison: Comparison | None
    used: str
    why: str
    sides: pd.DataFrame

    @property
    def made_by(self) -> str:
        """The deciding method with its version, as pairs name it."""
        return made_by(self.used)

    @property
    def winner(self) -> Ints:
        """What the deciding method says of each pair: FIRST, TIE, SECOND, or NO_VOTES."""
        plain = majority.plurality(self._counts)
        if self.used == MAJORITY:
            return plain
        return np.where(plain == NO_VOTES, NO_VOTES, majority.plurality(self.reading.posterior))

    def ordered(self, name: str) -> Ordered:
        """The orders of items with three responses or more, by the method `name`."""
        return ordered(self.sides, self._counts, name)

    @property
    def _counts(self) -> Ints:
        classes = majority.class_of(self.ballots.outcomes)
        return majority.class_counts(self.places[self.ballots.rows], classes, len(self.rows))

    @property
    def weights(self) -> Floats:
        """How much a vote of each rater weighs with the EM that was read."""
        if isinstance(self.reading, DawidSkene):
            return bearing(self.reading.confusion)
        return vote_weight(self.reading.accuracy, CLASSES)

    @property
    def raters(self) -> pd.DataFrame:
        """Those who voted: a frame of RATER_COLUMNS."""
        seen = np.flatnonzero(self.reading.votes)
        read = DAWID_SKENE if isinstance(self.reading, DawidSkene) else comparison.ONE_COIN
        return pd.DataFrame(
            {
                "question": self.question,
                "rater": [self.ballots.names[code] for code in seen],
                "method": read,
                "accuracy": self.reading.accuracy[seen],
                "low": self.reading.low[seen],
                "high": self.reading.high[seen],
                "votes": self.reading.votes[seen],
                "shared": self._shared()[seen],
            }
        )

    def report(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The comparison as a run keeps it: plain figures, the same for the same votes."""
        smoothing = asdict(self.smoothing) if self.smoothing else None
        orders = self.ordered(params["order"])
        return {
            "question": self.question,
            "asked": params["method"],
            "class_prior": params["class_prior"],
            "used": self.used,
            "version": VERSIONS[self.used],
            "why": self.why,
            "smoothing": smoothing,
            "orders": orders.report(self.winner) if orders.items else None,
            **(self.comparison.document() if self.comparison else {}),
        }

    def _shared(self) -> Ints:
        """Each rater's votes on pairs that have at least one vote more."""
        at = self.places[self.ballots.rows]
        company = np.bincount(at, minlength=len(self.rows))[at] > 1
        counts = np.bincount(self.ballots.raters[company], minlength=len(self.ballots.names))
        return counts.astype(np.int64)


@dataclass(frozen=True, kw_only=True)
class Judged:
    """All questions' fits, in order of their names, and the ballots they were made on."""

    ballots: Ballots
    fits: tuple[Fit, ...]

    @property
    def raters(self) -> pd.DataFrame:
        """The fitted accuracy of each rater on each question: a frame of RATER_COLUMNS.

        `low` and `high` bound 95 %. `shared` are the votes on pairs that somebody else judged too: with
        fewer than 20 of them the figure says more of its prior than of the person.
        """
        tables = [fit.raters for fit in self.fits]
        if not tables:
            return pd.DataFrame(columns=list(RATER_COLUMNS))
        return pd.concat(tables, ignore_index=True)

    def reports(self, params: Mapping[str, Any]) -> list[dict[str, Any]]:
        """What a run keeps of each question's comparison."""
        return [fit.report(params) for fit in self.fits]


def made_by(method: str) -> str:
    """A method with its version: one_coin/2."""
    return f"{method}/{VERSIONS[method]}"
