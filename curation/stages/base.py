"""What a stage is, what it promises, and the facts it may read beside the pairs.

A stage is a function on the columns of a pandas frame of pairs. It adds columns, may hold rows,
and gives every row back in its place; `Stage.__call__` checks that after each run.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from curation.late import np, pd
from curation.methods.arrays import Bools, Floats, Ints
from curation.methods.lookup import places_in
from curation.methods.severity import parse_weights
from curation.stages.judged import Judged

Params = Mapping[str, Any]
Estimate = Mapping[str, Any]
Run = Callable[["pd.DataFrame", "Facts", Params], "pd.DataFrame"]

PAIR_COLUMNS = (
    "pair", "item", "question", "purpose", "prompt", "first", "second", "first_hash",
    "second_hash", "prompt_cluster", "cluster_key", "response_group_first",
    "response_group_second", "group_id",
)  # fmt: skip
VOTE_COLUMNS = ("pair", "rater", "outcome", "both_unacceptable")
BOOKS = ("held", "reason", "stage", "detail", "overruled")
HOLD, RELEASE = "hold", "release"


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """How many of a pair's votes are of reviews that were hasty, pasted or gave a reason given before, or of raters who prefer one side."""

    hasty: int = 0
    pasted: int = 0
    repeated: int = 0
    one_sided: int = 0


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a run froze beside its pairs.

    `votes`: a frame with VOTE_COLUMNS, one row per vote; outcome −3…+3, + = first better. A rater
    is a stable key; votes of unknown people must carry a key each, or equal ones count once. Where all pairs are there it may
    have, instead of their hash, their place: `row`, a ninth of the memory (`voted_rows` reads either). It may
    have `weight` (1 / (K − 1) of a vote out of an order of K) and `score_first`, `score_second` too.
    `ledger`: the split, frozen by earlier versions, of item hashes.
    `evidence`: of how the reviews behind a pair's votes came about, by pair.
    `unconfirmed`: keys of prompt clusters so large that a person must look before anything is
    held because of them. `rewrites`: questions whose pairs are a rewrite over its source. `salt`: decides the draw of splits; one per dataset.
    `truth`: known answers by pair, as outcomes: of gold items and from adjudication. `judged`: what
    `judging.judge` says of the votes, for those who need it beside the pairs; asked for again if left out.
    `estimates`: by question what an earlier run estimated (`recalling.estimates_of`), to be read with instead of fitting,
    and what is `usual` of its pairs (`outliers.usual_of`).
    `elsewhere`: where the pairs are a part of a run, how many clusters of each stratum the rest has in
    each split.
    `seed`: decides other draws; one per run. `by_hand`: HOLD or RELEASE for the hashes of pairs that a person has decided on.
    """

    votes: pd.DataFrame
    ledger: Mapping[str, str] = field(default_factory=dict)
    unconfirmed: frozenset[str] = frozenset()
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    rewrites: frozenset[str] = frozenset()
    salt: str = ""
    seed: int = 0
    truth: Mapping[str, int] = field(default_factory=dict)
    judged: Judged | None = None
    estimates: Mapping[str, Estimate] = field(default_factory=dict)
    usual: Mapping[str, tuple[float, float] | None] = field(default_factory=dict)
    elsewhere: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    by_hand: Mapping[str, str] = field(default_factory=dict)

    def decided(self, pairs: pd.DataFrame, action: str) -> Bools:
        """Which pairs a person wants held, or released."""
        hashes = [pair for pair, said in self.by_hand.items() if said == action]
        return pairs["pair"].isin(hashes).to_numpy(dtype=bool)


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Why a value is refused: where, a stable code, a sentence."""

    path: str
    code: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Param:
    """One setting of a stage: enough to check it and to draw a field for it."""

    name: str
    title: str
    kind: Literal["integer", "number", "choice", "weights"]
    default: int | float | str
    least: float | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()
    help: str = ""

    def check(self, value: object) -> Problem | None:
        if self.kind == "choice":
            if value in self.choices:
                return None
            allowed = ", ".join(self.choices)
            return self._problem("not_a_choice", f"“{self.title}” must be one of: {allowed}.")
        if self.kind == "weights":
            return self._check_weights(value)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return self._problem("not_a_number", f"“{self.title}” must be a number.")
        if self.kind == "integer" and not isinstance(value, int):
            return self._problem("not_whole", f"“{self.title}” must be a whole number.")
        return self._out_of_bounds(value)

    def _check_weights(self, value: object) -> Problem | None:
        try:
            parse_weights(value if isinstance(value, str) else repr(value))
        except ValueError as error:
            return self._problem("not_weights", f"“{self.title}”: {error}")
        return None

    def _out_of_bounds(self, value: float) -> Problem | None:
        low = self.least if self.least is not None else -math.inf
        high = self.most if self.most is not None else math.inf
        if low <= value <= high:  # not so for NaN either
            return None
        bounds = f"at least {low:g}" if math.isinf(high) else f"between {low:g} and {high:g}"
        return self._problem("out_of_bounds", f"“{self.title}” must be {bounds}.")

    def _problem(self, code: str, sentence: str) -> Problem:
        return Problem(path=self.name, code=code, sentence=sentence)


class BrokenPromise(Exception):
    """A stage broke what every stage promises; its result is not used."""

    code = "broken_promise"


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One step of a recipe.

    `reasons` are the codes it may hold a row with, each with its sentence. `needs` are columns
    that an earlier stage must have added, `adds` those it adds itself. `look` adds what it reads off texts,
    where they are: the pairs of a run come to its stages without them. `final` are the reasons that
    no person's release lifts. `by_row`: each pair is judged by itself, so that any batch of pairs,
    or a sample, gives each the same answer. `whole`: what it says of a pair depends on all the others, so that no run goes on from
    another with it.
    """

    name: str
    title: str
    says: str
    run: Run
    adds: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)
    params: tuple[Param, ...] = ()
    look: Callable[[pd.DataFrame], pd.DataFrame] | None = None
    final: frozenset[str] = frozenset()
    by_row: bool = False
    whole: bool = False

    # A template that names a stage means the stage and not what it does.
    do_not_call_in_templates: ClassVar[bool] = True

    @property
    def defaults(self) -> dict[str, int | float | str]:
        return {param.name: param.default for param in self.params}

    def check(self, params: Params) -> tuple[Problem, ...]:
        """What is wrong with `params`; those left out take their defaults."""
        known = {param.name: param for param in self.params}
        strange = [
            Problem(path=name, code="unknown_param", sentence=f"“{self.title}” has no “{name}”.")
            for name in params
            if name not in known
        ]
        checked = [known[name].check(value) for name, value in params.items() if name in known]
        return (*strange, *[problem for problem in checked if problem])

    def __call__(
        self, pairs: pd.DataFrame, facts: Facts, params: Params | None = None
    ) -> pd.DataFrame:
        """The pairs with this stage's columns and decisions; raises BrokenPromise.

        What it holds although a person has released it goes on, and `overruled` keeps the first such reason.
        """
        before = opened(pairs)
        after = self.run(before.copy(deep=False), facts, {**self.defaults, **(params or {})})
        self._keeps_rows(before, after)
        fresh = (after["held"] & ~before["held"]).to_numpy(dtype=bool)
        after = after.assign(stage=_filled(after["stage"], fresh, self.name))
        self._keeps_books(before, after, fresh)
        return self._with_released(after, fresh, facts) if facts.by_hand else after

    def _with_released(self, pairs: pd.DataFrame, fresh: Bools, facts: Facts) -> pd.DataFrame:
        final = pairs["reason"].isin(self.final).to_numpy(dtype=bool)
        lifted = fresh & facts.decided(pairs, RELEASE) & ~final
        first = lifted & pairs["overruled"].isna().to_numpy(dtype=bool)
        return pairs.assign(
            held=pairs["held"].to_numpy(dtype=bool) & ~lifted,
            overruled=_filled(pairs["overruled"], first, pairs["reason"]),
            **{name: _filled(pairs[name], lifted, None) for name in ("reason", "stage", "detail")},
        )

    def _keeps_rows(self, before: pd.DataFrame, after: pd.DataFrame) -> None:
        self._demand(after.index.equals(before.index), "the rows or their order")
        missing = [name for name in before.columns if name not in after.columns]
        self._demand(not missing, f"columns: it lost {missing}")
        extra = sorted(set(after.columns) - set(before.columns) - set(self.adds))
        self._demand(not extra, f"columns: it added {extra} unannounced")
        absent = [name for name in self.adds if name not in after.columns]
        self._demand(not absent, f"columns: it did not add {absent}")
        for name in before.columns.difference(list(BOOKS)):
            self._demand(before[name].equals(after[name]), f"the column {name!r}")

    def _keeps_books(self, before: pd.DataFrame, after: pd.DataFrame, fresh: Bools) -> None:
        held = after["held"].to_numpy(dtype=bool)
        self._demand(not (before["held"] & ~after["held"]).any(), "a held row: it released one")
        for name in BOOKS:
            same = before[name][~fresh].equals(after[name][~fresh])
            self._demand(same, f"the column {name!r} of a row that it did not hold")
        same = before["overruled"].equals(after["overruled"])
        self._demand(same, "the column 'overruled'")
        self._demand(bool((after["reason"].notna() == held).all()), "held and reason together")
        unknown = sorted(set(after["reason"][fresh]) - set(self.reasons))
        self._demand(not unknown, f"reasons: it gave {unknown} unannounced")

    def _demand(self, kept: bool, what: str) -> None:
        if not kept:
            raise BrokenPromise(f"The stage {self.name!r} broke its promise about {what}.")


def opened(pairs: pd.DataFrame) -> pd.DataFrame:
    """The pairs with the columns of the books, empty where they are not there yet."""
    if "held" in pairs.columns:
        return pairs
    empty = pd.Series(None, index=pairs.index, dtype="str")
    return pairs.assign(held=False, reason=empty, stage=empty, detail=empty, overruled=empty)


def hold(pairs: pd.DataFrame, where: Bools, reason: str, detail: str | pd.Series) -> pd.DataFrame:
    """The pairs, with the rows of `where` that are still in held for `reason`.

    `detail` is one short sentence for all of them, or a column of sentences.
    """
    fresh = where & still_in(pairs)
    return pairs.assign(
        held=pairs["held"].to_numpy(dtype=bool) | fresh,
        reason=_filled(pairs["reason"], fresh, reason),
        detail=_filled(pairs["detail"], fresh, detail),
    )


def still_in(pairs: pd.DataFrame) -> Bools:
    """Which rows no stage has held so far."""
    return ~opened(pairs)["held"].to_numpy(dtype=bool)


def voted_rows(pairs: pd.DataFrame, votes: pd.DataFrame) -> Ints:
    """The place of each vote's pair among the pairs, −1 of one that is not there."""
    if "row" in votes.columns:
        return votes["row"].to_numpy(dtype=np.int64)
    return places_in(pairs["pair"], votes["pair"])


def vote_means(pairs: pd.DataFrame, votes: pd.DataFrame, name: str) -> Floats:
    """The mean of a column of votes for each pair, NaN where it has none."""
    means = votes[name].groupby(voted_rows(pairs, votes)).mean()
    return means.reindex(np.arange(len(pairs))).to_numpy(dtype=np.float64)


def beside_pairs(
    pairs: pd.DataFrame, votes: pd.DataFrame, columns: Sequence[str], among: Bools
) -> pd.DataFrame:
    """The votes on those pairs that are `among` these, with columns of the pairs in the place of what names them."""
    row = voted_rows(pairs, votes)
    at = np.flatnonzero(row >= 0)
    at = at[among[row[at]]]
    left = votes.iloc[at].drop(columns=["pair", "row"], errors="ignore").reset_index(drop=True)
    right = pairs[list(columns)].iloc[row[at]].reset_index(drop=True)
    return pd.concat([left, right], axis=1)


def outcomes(votes: pd.DataFrame) -> Ints:
    """Signed outcomes, + = first better; finding both unacceptable prefers neither."""
    neither = votes["both_unacceptable"].to_numpy(dtype=bool)
    return np.where(neither, 0, votes["outcome"].to_numpy(dtype=np.int64))


def texts(values: Any, pairs: pd.DataFrame) -> pd.Series:
    """Strings or None, one for each pair, as an Arrow-backed column."""
    return pd.Series(values, index=pairs.index, dtype="str")


def _filled(column: pd.Series, where: Bools, value: str | pd.Series | None) -> pd.Series:
    return column.mask(where, value).astype("str")
