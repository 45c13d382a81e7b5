"""Candidate pairs out of band rows in Parquet, by DuckDB: for more texts than one process should hold at once.

A row says that a text has a band hash. Rows of one hash lie in one partition, since a partition is a prefix of the hash, so
partitions are joined apart from each other and need a partition's memory; beyond its limit DuckDB writes to disk. The pairs are
those that `minhash.candidates` finds, crowded buckets included. Leskovec, Rajaraman and Ullman, "Mining of Massive Datasets", §3.4.

A text is named by the first 128 bits of its SHA-256 as two numbers, `hi` and `lo`, which order texts as their keys do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from curation.late import np, pa
from curation.methods.arrays import Bools, Hashes, Ints
from curation.methods.minhash import LARGEST_BUCKET
from curation.methods.shingles import mixed

if TYPE_CHECKING:
    from numpy.typing import NDArray

Names: TypeAlias = "NDArray[np.bytes_]"
NAME = 16  # bytes of a text's name
PAIR = ("label", "left_hi", "left_lo", "right_hi", "right_lo")


@dataclass(frozen=True)
class Joined:
    """Distinct candidate pairs, left before right, each with the label of both; and how many buckets were crowded."""

    pairs: pa.Table
    crowded: int


def names_of(keys: Sequence[str]) -> Names:
    """Texts' names by their keys, which are SHA-256 in hexadecimal."""
    return np.frombuffer(bytes.fromhex("".join(key[: 2 * NAME] for key in keys)), dtype=f"S{NAME}")


def halves(names: Names) -> tuple[Hashes, Hashes]:
    """Names as two columns of numbers in the same order."""
    both = np.ascontiguousarray(names).view(">u8").reshape(-1, 2).astype(np.uint64)
    return both[:, 0].copy(), both[:, 1].copy()


def names_from(hi: Hashes, lo: Hashes) -> Names:
    """What `halves` took apart."""
    both: Names = np.ascontiguousarray(np.stack([hi, lo], axis=1).astype(">u8")).view(f"S{NAME}")
    return both.ravel()


def band_rows(names: Names, hashes: Ints, label: Ints, present: Bools) -> pa.Table:
    """One row a band: its hash and whose it is. `hashes` is (texts, 21); texts that are not `present` have none."""
    hi, lo = halves(names[present])
    bands = hashes.shape[1]
    return pa.table(
        {
            "h": np.ascontiguousarray(hashes[present]).view(np.uint64).ravel(),
            "label": np.repeat(label[present], bands),
            "hi": np.repeat(hi, bands),
            "lo": np.repeat(lo, bands),
        }
    )


def split(table: pa.Table, by: Hashes, parts: int) -> list[pa.Table]:
    """The rows in `parts` tables, a power of two of them, by the first bits of `by`."""
    place = np.zeros(len(by), np.int64) if parts == 1 else prefix(by, parts)
    order = np.argsort(place, kind="stable")
    sizes = np.bincount(place, minlength=parts)
    taken = table.take(pa.array(order))
    starts = np.cumsum(sizes) - sizes
    return [
        taken.slice(start, size)
        for start, size in zip(starts.tolist(), sizes.tolist(), strict=True)
    ]


def prefix(hashes: Hashes, parts: int) -> Ints:
    """The first bits of a hash as the number of one of `parts`, more than one and a power of two."""
    return (hashes >> np.uint64(64 - (parts.bit_length() - 1))).astype(np.int64)


def pair_hash(pairs: pa.Table) -> Hashes:
    """By what pairs are shared out to be checked: the same pair under whichever band comes to the same place."""
    columns = [pairs[name].to_numpy() for name in ("left_lo", "right_lo")]
    return mixed(columns[0] ^ mixed(columns[1]))


def opened(folder: Path, megabytes: int) -> Any:
    """A DuckDB of one thread that holds so much, and keeps what is more in a folder of its own."""
    import duckdb

    settings: dict[str, str | bool | int] = {
        "threads": 1,
        "memory_limit": f"{megabytes}MB",
        "temp_directory": str(folder),
        "preserve_insertion_order": False,
        "autoinstall_known_extensions": False,
    }
    return duckdb.connect(config={**settings})


# Most hashes are one text's alone: they leave before anything is sorted.
_MEMBERS = """
CREATE OR REPLACE TEMP TABLE members AS
SELECT DISTINCT h, label, hi, lo FROM read_parquet($files)
WHERE h IN (SELECT h FROM read_parquet($files) GROUP BY h HAVING count(*) > 1)
"""
_NUMBERED = """
CREATE OR REPLACE TEMP TABLE numbered AS
SELECT *, row_number() OVER (PARTITION BY h ORDER BY hi, lo, label) AS i, count(*) OVER (PARTITION BY h) AS n FROM members
"""
_CROWDED = "SELECT count(*) FROM numbered WHERE i = 1 AND n > $largest"
_PAIRS = """
SELECT DISTINCT a.label, a.hi AS left_hi, a.lo AS left_lo, b.hi AS right_hi, b.lo AS right_lo
FROM numbered a JOIN numbered b ON a.h = b.h AND a.i < b.i AND a.label = b.label
WHERE a.n <= $largest OR a.i = 1 OR b.i = a.i + 1
"""


def joined(database: Any, files: Sequence[str], largest: int = LARGEST_BUCKET) -> Joined:
    """Every two texts of these files that share a band hash, once each.

    Of a bucket of more than `largest` texts each is paired with the first and with its follower alone, as in memory.
    """
    database.execute(_MEMBERS, {"files": list(files)})
    database.execute(_NUMBERED)
    [(crowded,)] = database.execute(_CROWDED, {"largest": largest}).fetchall()
    pairs = database.sql(_PAIRS, params={"largest": largest}).to_arrow_table()
    return Joined(pairs, int(crowded))
