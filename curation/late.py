"""NumPy, SciPy, pandas and Arrow, each loaded when something of it is first asked for.

A web process loads every module that an address leads to, and answers nearly all of them without a frame or an array:
`from curation.late import np, pd` costs it nothing at its start. Workers load all of it before they fork (config/celery.py);
compiled kernels, which only workers import, take the libraries themselves.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__all__ = ("csgraph", "csv", "np", "optimize", "pa", "pc", "pd", "pq", "sparse", "special", "stats")


class Late:
    """Stands for a module, which is imported when an attribute of it is first read; what was read is kept."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        found = getattr(import_module(self._name), attribute)
        setattr(self, attribute, found)
        return found


if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq
    from pyarrow import csv
    from scipy import optimize, sparse, special, stats
    from scipy.sparse import csgraph
else:
    np, pd = Late("numpy"), Late("pandas")
    pa, pc = Late("pyarrow"), Late("pyarrow.compute")
    csv, pq = Late("pyarrow.csv"), Late("pyarrow.parquet")
    optimize, sparse, special = Late("scipy.optimize"), Late("scipy.sparse"), Late("scipy.special")
    stats, csgraph = Late("scipy.stats"), Late("scipy.sparse.csgraph")


def load() -> None:
    """All of them at once: for a process that will need them, or will fork."""
    for name in ("numpy", "pandas", "pyarrow.compute", "pyarrow.csv", "pyarrow.parquet"):
        import_module(name)
    for name in ("optimize", "sparse.csgraph", "special", "stats"):
        import_module(f"scipy.{name}")
