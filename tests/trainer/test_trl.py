"""TRL's own command line trains a tiny random model on what the hub serves: a few steps of DPO and KTO, unmodified."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.hub.live import Live, serving

pytestmark = [pytest.mark.django_db, pytest.mark.trainer]
TRAINER = Path(__file__).resolve().parents[2] / ".venv-trainer" / "bin"

TINY = """
import sys
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
vocabulary = {token: i for i, token in enumerate(["<pad>", "<s>", "</s>", *alphabet])}
inner = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
inner.pre_tokenizer, inner.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
tokenizer = PreTrainedTokenizerFast(tokenizer_object=inner, pad_token="<pad>", bos_token="<s>", eos_token="</s>")
tokenizer.chat_template = (
    "{% for m in messages %}<s>{{ m['role'] }}\\n{{ m['content'] }}</s>{% endfor %}"
    "{% if add_generation_prompt %}<s>assistant\\n{% endif %}"
)
tokenizer.save_pretrained(sys.argv[1])
config = LlamaConfig(vocab_size=len(vocabulary), hidden_size=16, intermediate_size=32, num_hidden_layers=1,
                     num_attention_heads=2, num_key_value_heads=2, max_position_embeddings=4096)
LlamaForCausalLM(config).save_pretrained(sys.argv[1])
"""


@pytest.fixture(scope="module")
def live(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Live]:
    with serving(django_db_blocker, tmp_path_factory.mktemp("homes")) as running:
        yield running


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Llama of forty thousand parameters that reads bytes; made here, since nothing is fetched."""
    assert TRAINER.exists(), ".ci/run installs the trainer's environment in .venv-trainer"
    folder = tmp_path_factory.mktemp("tiny")
    subprocess.run([TRAINER / "python", "-c", TINY, folder], check=True, capture_output=True)
    return folder


def trl(live: Live, tiny: Path, out: Path, *arguments: str) -> str:
    """Everything the command prints; three steps on the processor."""
    command = [
        *(TRAINER / "trl", *arguments, "--model_name_or_path", tiny, "--output_dir", out),
        *("--max_steps", "3", "--per_device_train_batch_size", "2", "--max_length", "256"),
        *("--logging_steps", "1", "--report_to", "none", "--save_strategy", "no", "--use_cpu"),
        *(
            "--gradient_checkpointing",
            "false",
            "--bf16",
            "false",
            "--gradient_accumulation_steps",
            "1",
        ),
    ]
    done = subprocess.run(
        command,
        env={**live.environment("trainer"), "PATH": f"{TRAINER}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    printed = done.stdout + done.stderr
    assert done.returncode == 0, printed[-4000:]
    return printed


def losses(printed: str) -> list[float]:
    return [float(value) for value in re.findall(r"'loss': '?([0-9.]+)", printed)]


def test_trl_dpo_trains_on_a_version_pinned_by_its_alias(
    live: Live, tiny: Path, tmp_path: Path
) -> None:
    printed = trl(live, tiny, tmp_path, "dpo", "--dataset_name", "northgate/chat-prefs.v1.0")
    assert len(losses(printed)) == 3
    # Before it has learned anything a DPO loss is log 2: the reference model is the model itself.
    assert losses(printed)[0] == pytest.approx(0.6931, abs=0.01)


def test_trl_kto_trains_on_the_config_of_that_name(live: Live, tiny: Path, tmp_path: Path) -> None:
    name = ("--dataset_name", "northgate/chat-prefs", "--dataset_config", "trl_kto")
    printed = trl(live, tiny, tmp_path, "kto", *name)
    assert len(losses(printed)) == 3
