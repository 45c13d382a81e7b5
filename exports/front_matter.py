"""The card's YAML head: which files make which config and split, with columns and sizes, as hub clients read it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

import yaml

from curation.late import pa

from .facts import RunFacts
from .formats import DEFAULT
from .shards import FileFacts


def front_matter(
    facts: RunFacts, files: Iterable[FileFacts], schemas: Mapping[str, pa.Schema]
) -> str:
    """The head between its two `---` lines; `files` are the shards, `schemas` the Arrow schema of each config."""
    shards = [file for file in files if file.config]
    configs = {name: list(of) for name, of in groupby(shards, key=lambda file: str(file.config))}
    head = {
        "pretty_name": facts.title,
        "license": facts.licence or "unknown",
        "tags": ["preference", "human-feedback", facts.domain],
        "configs": [_config(name, of) for name, of in configs.items()],
        "dataset_info": [_info(name, of, schemas[name]) for name, of in configs.items()],
    }
    text = yaml.safe_dump(head, sort_keys=False, allow_unicode=True, width=120)
    return f"---\n{text}---\n"


def _config(name: str, files: list[FileFacts]) -> dict[str, Any]:
    config: dict[str, Any] = {"config_name": name}
    if name == DEFAULT.name:
        config["default"] = True
    config["data_files"] = [
        {"split": split, "path": f"{name}/{split}-*.parquet"} for split in _splits(files)
    ]
    return config


def _info(name: str, files: list[FileFacts], schema: pa.Schema) -> dict[str, Any]:
    splits = [
        {
            "name": split,
            "num_bytes": sum(f.num_bytes or 0 for f in files if f.split == split),
            "num_examples": sum(f.rows or 0 for f in files if f.split == split),
        }
        for split in _splits(files)
    ]
    return {
        "config_name": name,
        "features": features(schema),
        "splits": splits,
        "download_size": sum(file.size for file in files),
        "dataset_size": sum(split["num_bytes"] for split in splits),
    }


def _splits(files: list[FileFacts]) -> list[str]:
    return list(dict.fromkeys(str(file.split) for file in files))


def features(fields: Iterable[pa.Field]) -> list[dict[str, Any]]:
    """Arrow fields in the spelling of `datasets.Features` in YAML."""
    return [{"name": f.name, **_feature(f.type)} for f in fields]


def _feature(arrow: pa.DataType) -> dict[str, Any]:
    if pa.types.is_list(arrow):
        inner = arrow.value_type
        return {"list": features(inner) if pa.types.is_struct(inner) else _dtype(inner)}
    if pa.types.is_struct(arrow):
        return {"struct": features(arrow)}
    return {"dtype": _dtype(arrow)}


def _dtype(arrow: pa.DataType) -> str:
    return "float64" if pa.types.is_float64(arrow) else str(arrow)
