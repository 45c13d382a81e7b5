"""How a version is loaded, written out for the tools that people use; what is said here was tried or read in their sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Block:
    """Lines to copy, in a language that a highlighter knows; `file` says where they belong."""

    language: str
    text: str
    file: str = ""


@dataclass(frozen=True, slots=True)
class Snippet:
    """A tool's way: a code for addresses, its name, what to know, and what to copy."""

    code: str
    title: str
    note: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """What a snippet needs to know: where the hub is, `workspace/name`, `v1.0`, and the Parquet files of trl_dpo."""

    endpoint: str
    name: str
    version: str
    paths: Sequence[str]

    @property
    def pinned(self) -> str:
        """The name that holds this one version, for tools that know no revision."""
        return f"{self.name}.{self.version}"

    @property
    def slug(self) -> str:
        return self.name.partition("/")[2]

    @property
    def split(self) -> str:
        """The first split that the default config has."""
        return self.paths[0].rpartition("/")[2].partition("-")[0]


def snippets(source: Source) -> list[Snippet]:
    """Every tool's way, the one that needs least first."""
    return [_trl(source), _axolotl(source), _llama_factory(source), _pandas(source), _files(source)]


def _environment(source: Source) -> str:
    return f'export HF_ENDPOINT="{source.endpoint}"\nexport HF_TOKEN="$TOUCHSTONE_KEY"'


def _trl(source: Source) -> Snippet:
    text = f"""# the version is part of the name: this job reads the same bytes next year
{_environment(source)}
trl dpo --dataset_name {source.pinned} \\
        --model_name_or_path ./base --output_dir ./out"""
    note = "HF_ENDPOINT counts for the whole process, so the base model comes from a folder."
    return Snippet("trl", "TRL", note, (Block("bash", text),))


def _axolotl(source: Source) -> Snippet:
    text = f"""rl: dpo
datasets:
  - path: {source.name}
    revision: {source.version}
    split: {source.split}
    type: chat_template.default
    field_messages: prompt
    field_chosen: chosen
    field_rejected: rejected"""
    return Snippet(
        "axolotl",
        "Axolotl",
        "With HF_ENDPOINT and HF_TOKEN in the environment of the job.",
        (Block("bash", _environment(source)), Block("yaml", text, "config.yml")),
    )


def _llama_factory(source: Source) -> Snippet:
    script = f"""from datasets import load_dataset

pairs = load_dataset("{source.pinned}", split="{source.split}")
pairs = pairs.map(
    lambda row: {{"messages": row["prompt"], "chosen": row["chosen"][-1], "rejected": row["rejected"][-1]}},
    remove_columns=pairs.column_names,
)
pairs.to_json("data/{source.slug}.jsonl")"""
    info = f"""{{
  "{source.slug}": {{
    "file_name": "{source.slug}.jsonl",
    "formatting": "sharegpt",
    "ranking": true,
    "columns": {{"messages": "messages", "chosen": "chosen", "rejected": "rejected"}},
    "tags": {{"role_tag": "role", "content_tag": "content", "user_tag": "user", "assistant_tag": "assistant"}}
  }}
}}"""
    note = (
        "LLaMA-Factory wants chosen and rejected as one message each, TRL as a list; "
        "so the rows are written once more in its shape."
    )
    blocks = (Block("python", script, "write.py"), Block("json", info, "data/dataset_info.json"))
    return Snippet("llama-factory", "LLaMA-Factory", note, blocks)


def _pandas(source: Source) -> Snippet:
    text = f"""import pandas as pd

pairs = pd.read_parquet("hf://datasets/{source.pinned}/{source.paths[0]}")
pairs[pairs.p_next > 0.8].strength.describe()"""
    note = "With HF_ENDPOINT and HF_TOKEN set before Python starts."
    return Snippet("pandas", "pandas", note, (Block("python", text),))


def _files(source: Source) -> Snippet:
    text = f"""{_environment(source)}
hf download {source.pinned} --repo-type dataset --local-dir {source.slug}
hf cache verify {source.pinned} --repo-type dataset --local-dir {source.slug}"""
    note = "Every file into a folder, checked against the hashes below; the job itself then needs no network."
    return Snippet("files", "All files", note, (Block("bash", text),))
