"""Encoders from a folder on this machine: sentence-transformers or model2vec. Nothing is ever downloaded.

Neither package is part of Touchstone; whoever names a folder installs the one that it needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from curation.encoders.base import EncoderFault, Vectors, unit
from curation.late import np

SENTENCES, STATIC = "sentence-transformers", "model2vec"


@dataclass(frozen=True)
class Local:
    """A model of somebody else's; its name is the folder's."""

    name: str
    dim: int
    model: Any

    def encode(self, texts: Sequence[str]) -> Vectors:
        found = np.asarray(self.model.encode(list(texts)), dtype=np.float32)
        return unit(found.reshape(len(texts), self.dim))


def local(folder: Path) -> Local:
    """Load the model in `folder`. Raises EncoderFault: no such folder, or its package is not installed."""
    if not folder.is_dir():
        raise EncoderFault(
            f"ENCODER names {folder}, where there is no folder. Name the folder of a model, or say lexical."
        )
    package = SENTENCES if (folder / "modules.json").exists() else STATIC
    try:
        module = import_module(package.replace("-", "_"))
    except ImportError as missing:
        raise EncoderFault(
            f"The model in {folder} needs the package {package}, which is not installed. Install it beside Touchstone, or set ENCODER to lexical."
        ) from missing
    if package == SENTENCES:
        model = module.SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    else:
        model = module.StaticModel.from_pretrained(str(folder))
    dim = int(np.asarray(model.encode(["a"])).reshape(1, -1).shape[1])
    return Local(folder.name, dim, model)
