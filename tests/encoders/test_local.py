"""A model in a folder: loaded by the package that made it, and refused in words where that is not to be had."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from curation.encoders.base import EncoderFault
from curation.encoders.local import local


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(EncoderFault, match="no folder"):
        local(tmp_path / "nothing")


@pytest.mark.parametrize(
    ("file", "package"), [("modules.json", "sentence-transformers"), ("config.json", "model2vec")]
)
def test_a_missing_package_is_named(tmp_path: Path, file: str, package: str) -> None:
    (tmp_path / file).write_text("{}")
    with pytest.raises(EncoderFault, match=package):
        local(tmp_path)


def test_a_model_gives_vectors_of_length_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Model:
        """What model2vec loads: not ours."""

        @classmethod
        def from_pretrained(cls, path: str) -> Model:
            assert path == str(tmp_path)
            return cls()

        def encode(self, texts: list[str]) -> Any:
            return np.array([[len(text), 3.0] for text in texts])

    package = ModuleType("model2vec")
    package.StaticModel = Model  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "model2vec", package)
    model = local(tmp_path)
    assert (model.name, model.dim) == (tmp_path.name, 2)
    assert model.encode(["four"]).tolist() == [pytest.approx([0.8, 0.6])]
