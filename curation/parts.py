"""What the workers of a run hand to each other: tables in storage, as Parquet, under names of their own.

They hold texts while a run is at work, and are forgotten with its end.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage

from curation.late import np, pa, pc, pd, pq
from curation.models import Run

FOLDER = "runs"


def folder_of(run: Run) -> str:
    """Where the parts of a run lie while it is at work."""
    return f"{FOLDER}/{run.public_id}"


def save(table: pa.Table | pd.DataFrame, name: str) -> None:
    """Write a table under a name that nobody else uses."""
    if isinstance(table, pd.DataFrame):
        table = pa.Table.from_pandas(table, preserve_index=False)
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd", compression_level=1)
    default_storage.save(f"{name}.parquet", ContentFile(buffer.getvalue()))


def path_of(name: str) -> str:
    """Where a table lies, for who reads it a part at a time."""
    return default_storage.path(f"{name}.parquet")


def scratch(folder: str) -> Path:
    """A folder for what a worker cannot hold in memory; it goes with the run, if not before."""
    path = Path(default_storage.path(folder))
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def load(name: str, columns: Sequence[str] | None = None) -> pa.Table:
    """The table that `save` wrote, or some of its columns."""
    with default_storage.open(f"{name}.parquet") as file:
        return pq.read_table(io.BytesIO(file.read()), columns=columns)


def save_flat(table: pa.Table, name: str, *, compression: str | None = None) -> None:
    """Write a table under a name that nobody else uses, to be read where it lies (`flat`): each column as one block of bytes."""
    buffer = io.BytesIO()
    options = pa.ipc.IpcWriteOptions(compression=compression)
    with pa.ipc.new_file(buffer, table.schema, options=options) as file:
        file.write_table(table.combine_chunks())
    default_storage.save(f"{name}.arrow", File(buffer))


def flat(name: str) -> pa.Table:
    """The table that `save_flat` wrote. Of columns that are not compressed nothing is read before it is asked for.

    Raises FileNotFoundError.
    """
    with pa.memory_map(default_storage.path(f"{name}.arrow")) as file:
        return pa.ipc.open_file(file).read_all()


def load_any(name: str, columns: Sequence[str]) -> pa.Table:
    """Of some columns those that the table has which `save` wrote."""
    with default_storage.open(f"{name}.parquet") as file:
        table = pq.ParquetFile(io.BytesIO(file.read()))
    there = set(table.schema_arrow.names)
    return table.read([column for column in columns if column in there])


def gather(
    folders: Sequence[str], part: str, columns: Sequence[str] | None = None, *, by: Sequence[str]
) -> pa.Table:
    """One part of all folders as one table, sorted by what it says, so that it does not matter how it was cut."""
    return joined([load(f"{folder}/{part}", columns) for folder in folders], by=by)


def joined(tables: Sequence[pa.Table], *, by: Sequence[str]) -> pa.Table:
    """Tables as one, sorted by what it says."""
    whole = pa.concat_tables(tables, promote_options="permissive")
    return whole.sort_by([(name, "ascending") for name in by])


def distinct(table: pa.Table, key: str) -> pa.Table:
    """The first row of each key of a table that is sorted by it."""
    keys = table[key].combine_chunks()
    if len(keys) < 2:
        return table
    fresh = pc.not_equal(keys[1:], keys[:-1]).to_numpy(zero_copy_only=False)
    return table.filter(pa.array(np.concatenate([[True], fresh])))


def looked_up(
    folders: Sequence[str], part: str, key: str, column: str, keys: Collection[str]
) -> dict[str, str]:
    """One column's values for some keys, read folder by folder."""
    wanted = pa.array(sorted(keys), pa.large_string())
    found: dict[str, str] = {}
    for folder in folders:
        table = load(f"{folder}/{part}", [key, column])
        table = table.filter(pc.is_in(table[key].cast(pa.large_string()), wanted))
        found.update(zip(table[key].to_pylist(), table[column].to_pylist(), strict=True))
    return found


def forget(folder: str) -> None:
    """Delete everything under a folder, half-written leftovers of killed workers too."""
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in folders:
        forget(f"{folder}/{name}")
    for name in files:
        default_storage.delete(f"{folder}/{name}")
    with suppress(OSError):  # somebody is still writing into it, and will forget that
        default_storage.delete(folder)


def left_over() -> list[str]:
    """The names of all runs that have parts in storage."""
    try:
        return default_storage.listdir(FOLDER)[0]
    except FileNotFoundError:
        return []
