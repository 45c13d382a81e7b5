"""README.md of a version: a head for clients and a text for people, both measured."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from exports.card import COLUMN_NOTES
from exports.facts import Mixed, Mixture, Origin
from exports.formats import FORMATS, REASONS, FormatError, Options, Sources
from exports.markdown import count, plain, table
from exports.package import write_package
from exports.shards import write_shards
from tests.formats.samples import (
    crscore,
    facts,
    frames,
    pair_row,
    pandalm,
    response_row,
    step_row,
    stored,
    turn,
)

ASK = stored(turn("user", "q"))
GOOD, BAD = stored(turn("assistant", "good")), stored(turn("assistant", "bad"))


def card_of(folder: Path, sources: Sources, **told: object) -> tuple[dict, str]:
    """The head as a client parses it, and the text after it."""
    write_package(folder, sources, facts(**told))
    _, head, text = (folder / "README.md").read_text().split("---\n", 2)
    return yaml.safe_load(head), text


def test_the_card_tells_what_each_group_gave_to_the_mixture(tmp_path):
    groups = (Mixed("law|tax", 400, 100, 0.5), Mixed("no tag", 100, 100, 0.5))
    mixed = Mixture("tag", "temperature 2, held what is too much", groups)
    _, text = card_of(tmp_path, pandalm(), mixture=mixed)
    told = section(text, "Mixture")
    assert "Pairs for training, by tag: temperature 2, held what is too much." in told
    assert "| law\\|tax | 400 | 80.0 % | 100 | 50.0 % | 50.0 % |" in told
    assert "Share of the weight" in told


@pytest.fixture
def chat(tmp_path):
    return card_of(tmp_path / "chat", pandalm())


@pytest.fixture
def code(tmp_path):
    return card_of(tmp_path / "code", crscore(), agreements=(), disagreement=None, waterfall=())


def section(text: str, title: str) -> str:
    return text.split(f"\n## {title}\n")[1].split("\n## ")[0]


def test_the_head_names_configs_splits_and_the_default(chat):
    head, _ = chat
    assert [config["config_name"] for config in head["configs"]] == [
        "trl_dpo",
        "trl_reward",
        "trl_kto",
        "trl_prm",
        "sft",
        "all",
    ]
    assert [config.get("default") for config in head["configs"]] == [True, *[None] * 5]
    assert head["configs"][0]["data_files"][2] == {
        "split": "test",
        "path": "trl_dpo/test-*.parquet",
    }
    assert (head["license"], head["pretty_name"]) == ("apache-2.0", "Chat preferences")
    assert head["tags"] == ["preference", "human-feedback", "chat"]


def test_the_head_tells_sizes_that_add_up(chat, tmp_path):
    head, _ = chat
    shards = write_shards(tmp_path / "again", "trl_dpo", FORMATS[0].build(pandalm()))
    told = [
        (split["num_examples"], split["num_bytes"]) for split in head["dataset_info"][0]["splits"]
    ]
    assert told == [(shard.rows, shard.num_bytes) for shard in shards]
    for info in head["dataset_info"]:
        assert info["dataset_size"] == sum(split["num_bytes"] for split in info["splits"])
        assert info["download_size"] > 1_000
    assert sum(split["num_examples"] for split in head["dataset_info"][0]["splits"]) == 39


def test_a_config_or_split_without_rows_is_left_out_and_the_text_says_so(code):
    head, text = code
    assert [config["config_name"] for config in head["configs"]] == ["trl_dpo", "trl_reward", "all"]
    assert [split["split"] for split in head["configs"][0]["data_files"]] == ["train"]
    configs = section(text, "Configs")
    assert "`trl_kto` is not here. The run has no rows for it." in configs
    assert "`trl_dpo` has no split `validation` and no split `test`" in configs


def test_rows_without_a_place_are_counted_with_their_reason(chat, tmp_path):
    configs = section(chat[1], "Configs")
    assert f"`trl_kto` is without 7 rows: {REASONS['undecided']}." in configs
    assert "In `trl_kto` 13 rows have the label true, 13 false." in configs
    none_good = frames(
        [pair_row(ASK, GOOD, BAD)], [response_row(ASK, BAD, label=None, acceptable=False)]
    )
    configs = section(card_of(tmp_path / "x", none_good, waterfall=())[1], "Configs")
    assert f"`sft` is not here. 1 row: {REASONS['not_acceptable']}." in configs


def test_the_figures_are_the_measured_ones(chat):
    _, text = chat
    for line in (
        "| Pairs | 39 |",
        "| Reviews behind them | 117 |",
        "| Raters | 3 raters (3 imported) |",
        "| Votes a pair | 3 on 39 pairs |",
        "| Contested pairs | 9 of 39 |",
        "| Doubt, ε | 0.233 |",
    ):
        assert line in text
    assert "medians 159 and 60 characters" in text


def test_agreement_is_shown_as_imported_and_pooled_with_intervals(chat, code):
    shown = section(chat[1], "Agreement")
    assert "| as imported | 0.864 | 0.842 to 0.886 | 999 | 170 |" in shown
    assert "| pooled | 0.668 | – | 999 | 170 |" in shown
    assert "Not measured" in section(code[1], "Agreement")


def test_epsilon_and_disagreement_are_two_figures_under_their_own_names(chat):
    shown = section(chat[1], "Doubt and disagreement")
    assert "**ε = 0.2333**, the mean of 1 − `p_next` over the 39 rows of `trl_dpo`" in shown
    assert "`label_smoothing=0.2333`" in shown
    assert "**d = 0.0801**, the raters' disagreement" in shown


def test_epsilon_is_said_to_be_not_estimable_where_it_is_not(code, tmp_path):
    shown = section(code[1], "Doubt and disagreement")
    assert "**ε is not estimable**: `p_next` is unknown for 64 of the 64 rows" in shown
    assert "**The raters' disagreement d is not estimable**" in shown
    assert "| Doubt, ε | not estimable |" in code[1]
    mixed = frames(
        [
            pair_row(ASK, GOOD, BAD),
            pair_row(ASK, BAD, GOOD, p_next=None, p_basis="prior", n_votes=1),
        ]
    )
    shown = section(card_of(tmp_path / "x", mixed, waterfall=())[1], "Doubt and disagreement")
    assert "unknown for 1 of the 2 rows" in shown
    assert "Over the 1 row where it is known the mean of 1 − `p_next` is 0.2000." in shown


def test_the_waterfall_shows_every_stage_and_reason(chat):
    shown = section(chat[1], "How the pairs were chosen")
    assert "Of 46 pairs 39 were kept (84.8 %)" in shown
    assert "| Training items only | 46 | 0 | – | 46 |" in shown
    assert "| A preference is needed | 46 | 7 | `no_preference` 7 | 39 |" in shown


def test_splits_show_rows_and_clusters_and_admit_a_leak(chat, tmp_path):
    assert "| `trl_dpo` | `train` | 24 | 6 |" in section(chat[1], "Splits")
    assert "no cluster of the pairs lies in two splits" in section(chat[1], "Splits")
    leaky = frames(
        [pair_row(ASK, GOOD, BAD, cluster="c"), pair_row(ASK, BAD, GOOD, cluster="c", split="test")]
    )
    shown = section(card_of(tmp_path / "x", leaky, waterfall=())[1], "Splits")
    assert "1 prompt cluster of the pairs lies in more than one split." in shown


def test_unknown_licences_and_origins_are_shown_as_unknown(chat):
    shown = section(chat[1], "Where the texts come from")
    assert "- PandaLM test set: licence Apache-2.0. WeOpenML." in shown
    assert "- a colleague's notes: licence unknown." in shown
    assert "| pairs | prompt | human | Apache-2.0 | 39 |" in shown
    assert "| pairs | chosen | model | unknown | 39 |" in shown
    assert "licence of some texts is unknown" in section(chat[1], "Limitations")


def test_limitations_follow_from_the_figures(chat, code, tmp_path):
    of_chat, of_code = section(chat[1], "Limitations"), section(code[1], "Limitations")
    assert "Chosen responses are longer (ratio 2.65)" in of_chat
    assert "Split `test` has 1 prompt cluster" in of_chat
    assert "rest on a single vote" not in of_chat
    assert "64 pairs rest on a single vote" in of_code
    told = card_of(tmp_path / "x", pandalm(), limitations=("English only.",))[1]
    assert "- English only." in section(told, "Limitations")


def test_a_dataset_without_gaps_speaks_of_none(tmp_path):
    texts = ("prompt", "chosen", "rejected", "response")
    known = {f"{text}_licence": "MIT" for text in texts}
    same_length = stored(turn("assistant", "goof"))
    splits = ("train", "validation", "test")
    asks = {split: stored(turn("user", split)) for split in splits}
    pairs = [pair_row(asks[split], GOOD, same_length, split=split, **known) for split in splits]
    responses = [response_row(asks[split], GOOD, split=split, **known) for split in splits]
    steps = [step_row(asks[split], ("One.", True), split=split) for split in splits]
    _, text = card_of(tmp_path / "x", frames(pairs, responses, steps=steps), waterfall=())
    assert "Left out" not in text
    assert "No stage held a pair." in text
    assert "longer (" not in section(text, "Limitations")
    assert "unknown" not in section(text, "Limitations")


def test_every_column_of_the_default_config_is_explained(chat):
    names = FORMATS[0].schema(Options()).names
    assert set(names) - {"prompt", "chosen", "rejected"} == set(COLUMN_NOTES)
    for name, note in COLUMN_NOTES.items():
        assert f"- `{name}`: {note}." in chat[1]


def test_the_card_loads_the_dataset_by_its_name_and_names_no_version_and_no_time(chat):
    _, text = chat
    assert 'load_dataset("northgate/chat-prefs", split="train")' in text
    assert "trl dpo --dataset_name northgate/chat-prefs " in text
    assert not re.search(r"\bv\d+\.\d+\b|\b20\d\d-\d\d|\d\d:\d\d", text)


def test_what_people_type_is_shown_and_is_never_markup(tmp_path):
    nasty = "A | <b>bold</b> `x`\n# [link](http://x) *y* &lt;"
    told = {
        "title": nasty,
        "origins": (Origin(nasty, nasty, nasty),),
        "limitations": (nasty,),
        "licence": nasty,
    }
    head, text = card_of(tmp_path / "x", pandalm(), **told)
    assert head["pretty_name"] == nasty
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    kinds = {child.type for token in tokens for child in token.children or ()} | {
        token.type for token in tokens
    }
    assert not kinds & {"html_inline", "html_block", "link_open", "em_open"}
    (title,) = [
        tokens[n + 1]
        for n, token in enumerate(tokens)
        if token.type == "heading_open" and token.tag == "h1"
    ]
    assert "".join(child.content for child in title.children) == " ".join(nasty.split())


@given(st.text())
def test_any_text_stays_itself_inside_a_cell(text):
    html = (
        MarkdownIt("commonmark")
        .enable("table")
        .parse(table(("Of", ">N"), [(f"x{plain(text)}x", "1")]))
    )
    cells = [token for token in html if token.type == "inline"]
    assert len(cells) == 4
    shown = "".join(child.content for child in cells[2].children)
    assert shown.replace("\ufffd", "") == f"x{' '.join(text.split())}x".replace("\0", "").replace(
        "\ufffd", ""
    )


def test_counts_read_like_words():
    assert (count(1, "pair"), count(2385, "review"), count(0, "row")) == (
        "1 pair",
        "2,385 reviews",
        "0 rows",
    )


def test_a_waterfall_that_does_not_add_up_is_refused(tmp_path):
    step = facts().waterfall[1]
    for wrong in ((step,), (facts().waterfall[0], step)):
        with pytest.raises(FormatError) as refused:
            write_package(tmp_path / "x", crscore(), facts(waterfall=wrong))
        assert refused.value.code == "waterfall_leaks"
    assert list((tmp_path / "x").iterdir()) == []


def test_nothing_is_published_without_a_pair_or_into_a_used_folder(tmp_path):
    with pytest.raises(FormatError, match="at least one row in trl_dpo") as refused:
        write_package(tmp_path / "x", frames([]), facts(waterfall=()))
    assert refused.value.code == "no_pairs"
    write_package(tmp_path / "x", pandalm(), facts())
    with pytest.raises(FormatError) as refused:
        write_package(tmp_path / "x", pandalm(), facts())
    assert refused.value.code == "folder_not_empty"
