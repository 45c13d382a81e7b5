"""All pairs of a run that went on, column by column: those that its base has left as they were, and those decided again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from curation.late import np, pa, pc, pd
from curation.methods.arrays import Bools

from .states import COUNTED


@dataclass(frozen=True)
class Whole:
    """Pairs in the order of their hashes. A column is put together when it is asked for: all of them at once would lie
    in memory three times over.
    """

    known: pa.Table
    ours: pa.Table
    order: pa.Array

    @classmethod
    def of(cls, known: pa.Table, again: Bools, pairs: pd.DataFrame) -> Whole:
        """Those of `known` but for the rows of `again`, and `pairs` in their place."""
        names = [name for name in COUNTED if name in pairs.columns]
        ours = pa.Table.from_pandas(pairs[names], preserve_index=False)
        rows = np.concatenate([np.flatnonzero(~again), len(known) + np.arange(len(ours))])
        keys = _column(known, ours, "pair").take(pa.array(rows))
        return cls(known, ours, pa.array(rows[pc.sort_indices(keys).to_numpy()]))

    @property
    def columns(self) -> list[str]:
        """The names of the columns that count."""
        return list(self.ours.column_names)

    def __len__(self) -> int:
        return len(self.order)

    def __getitem__(self, name: str) -> pa.ChunkedArray:
        return _column(self.known, self.ours, name).take(self.order)

    def frame(self, names: Iterable[str]) -> pd.DataFrame:
        """Of some columns those that there are."""
        some = {name: self[name] for name in names if name in self.columns}
        frame: pd.DataFrame = pa.table(some).to_pandas()
        return frame


def _column(known: pa.Table, ours: pa.Table, name: str) -> pa.ChunkedArray:
    both = [table.select([name]) for table in (known, ours)]
    return pa.concat_tables(both, promote_options="permissive")[name]
