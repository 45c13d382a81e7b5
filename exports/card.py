"""README.md of a version: a YAML head for clients, then what a person should know before training on the rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from curation.late import pa

from .card_figures import agreement, doubt, mixture, provenance, variety, waterfall
from .facts import RunFacts
from .figures import Figures, ordered, part_total
from .formats import DEFAULT, FORMATS, REASONS, SPLITS
from .front_matter import front_matter
from .markdown import bullets, count, decimal, percent, plain, table
from .shards import FileFacts

FEW_CLUSTERS = 200  # below this a held-out split is too small to rank two models by
UNEVEN = 1.2  # a length ratio beyond this, either way, is worth a warning

COLUMN_NOTES = {
    "pair": "what the row is known by, stable over versions: SHA-256 of the item's content, both responses and the question",
    "margin": "mean preference of the votes, −3 to +3, positive towards the chosen response; never null",
    "strength": "mean size of the preferences, 0 to 3, whichever side they took",
    "weight": "1 divided by the kept pairs of the same prompt cluster, unless the recipe shares or mixes otherwise",
    "n_votes": "votes counted",
    "n_eff": "effective number of votes, fewer than counted where some raters weigh more than others",
    "vote_share": "share of votes for the chosen response, a tie counting half",
    "vote_share_lo": "lower end of its 95 % Jeffreys interval",
    "vote_share_hi": "upper end of its 95 % Jeffreys interval",
    "p_next": "probability that the next expert prefers the chosen response; null below two votes",
    "p_true": "probability that the chosen response is the better one, if one is; null below two votes",
    "p_basis": "`votes`, or `prior` where there are too few votes for a probability",
    "method": "which method decided the chosen response, and its version",
    "entropy": "doubt in bits over chosen, tie, rejected",
    "contested": "the votes are not unanimous",
    "chosen_score": "mean score that reviewers' critiques or checklists gave the chosen response; null where nothing scored it",
    "rejected_score": "the same of the rejected response",
    "question": "the question of the review form that the votes answer",
    "cluster": "prompts that are nearly the same share it; no cluster is meant to lie in two splits",
    "group_id": "pairs read out of one order of responses (a ranking, ratings, scores) share it",
    "domain": "the domain of the project",
    "tags": "tags of the item",
}


def card(
    facts: RunFacts, figures: Figures, files: list[FileFacts], schemas: Mapping[str, pa.Schema]
) -> str:
    """The text of README.md; the same facts, figures and files give the same text. It names no version and no time."""
    sections = [
        f"# {plain(facts.title)}",
        plain(facts.about),
        _summary(facts, figures),
        f"## Load it\n\n{_loading(facts, figures)}",
        f"## Configs\n\n{_configs(figures)}",
        f"## Columns beside the texts\n\n{_columns()}",
        f"## Agreement\n\n{agreement(facts)}",
        f"## Doubt and disagreement\n\n{doubt(facts, figures)}",
        f"## How the pairs were chosen\n\n{waterfall(facts)}",
        *([f"## Mixture\n\n{mixture(facts.mixture)}"] if facts.mixture else []),
        *([f"## Variety\n\n{variety(facts.variety)}"] if facts.variety else []),
        f"## Splits\n\n{_splits(figures)}",
        f"## Where the texts come from\n\n{provenance(facts, figures)}",
        f"## Limitations\n\n{bullets(_limitations(facts, figures))}",
    ]
    return front_matter(facts, files, schemas) + "\n" + "\n\n".join(sections) + "\n"


def _summary(facts: RunFacts, figures: Figures) -> str:
    kinds = ", ".join(f"{number:,} {kind}" for kind, number in sorted(facts.raters.items()))
    raters = count(sum(facts.raters.values()), "rater")
    votes = ", ".join(f"{n} on {count(pairs, 'pair')}" for n, pairs in figures.votes.items())
    rows = [
        ("Pairs", f"{figures.pairs:,}"),
        ("Reviews behind them", f"{facts.reviews:,}"),
        ("Raters", f"{raters} ({kinds})" if kinds else raters),
        ("Votes a pair", votes),
        (
            "Contested pairs",
            f"{figures.contested:,} of {figures.pairs:,}",
        ),
        (
            "Doubt, ε",
            decimal(figures.epsilon.value)
            if figures.epsilon.value is not None
            else "not estimable",
        ),
        ("Length, chosen to rejected", _length(figures)),
    ]
    return table(("Figure", "Value"), rows)


def _length(figures: Figures) -> str:
    of = figures.lengths
    medians = f"medians {of.chosen:g} and {of.rejected:g} characters"
    return f"{decimal(of.ratio)} ({medians}; chosen is longer in {percent(of.chosen_longer)})"


def _loading(facts: RunFacts, figures: Figures) -> str:
    split = ordered(figures.configs[DEFAULT.name])[0]
    return f"""Put the address of the Touchstone server and a key that may read this dataset into the environment:

```bash
export HF_ENDPOINT="https://touchstone.example/hub"   # yours; no slash at the end
export HF_TOKEN="your key"
```

```python
from datasets import load_dataset

pairs = load_dataset("{facts.dataset}", split="{split}")           # config {DEFAULT.name}
every = load_dataset("{facts.dataset}", "all", split="{split}")    # any other config by its name
```

```bash
trl dpo --dataset_name {facts.dataset} --model_name_or_path ./base --output_dir ./out
```

The plain name is the latest version. To read the same bytes next year, pin one: `revision=` in Python, or the name
with a dot and the version behind it where a tool knows no revision. `manifest.json` lists the SHA-256 of every file."""


def _configs(figures: Figures) -> str:
    rows = [
        (f"`{format.name}`", f"{part_total(figures.configs[format.name]):,}", format.reads)
        for format in FORMATS
        if figures.configs[format.name]
    ]
    notes = [note for format in FORMATS for note in _left_out(format.name, figures)]
    text = table(("Config", ">Rows", "Who reads it"), rows)
    text += f"\n\n`{DEFAULT.name}` is what a client gets that names no config."
    if figures.labels:
        good, bad = figures.labels.get("true", 0), figures.labels.get("false", 0)
        text += f" In `trl_kto` {count(good, 'row')} {'has' if good == 1 else 'have'} the label true, {bad:,} false."
    if notes:
        text += f" Left out, since clients fail on an empty file or a row has no place in a config:\n\n{bullets(notes)}"
    return text


def _left_out(name: str, figures: Figures) -> Iterable[str]:
    """One line for a config without rows, for its splits without rows and for the rows it could not take."""
    has = ordered(figures.configs[name])
    why = "; ".join(
        f"{count(n, 'row')}: {REASONS[code]}" for code, n in figures.left_out[name].items()
    )
    if not has:
        yield f"`{name}` is not here. {why or 'The run has no rows for it'}."
        return
    if why:
        yield f"`{name}` is without {why}."
    absent = [f"`{split}`" for split in SPLITS if split not in has]
    if absent:
        yield f"`{name}` has no split {' and no split '.join(absent)}: no row fell into it."


def _columns() -> str:
    notes = bullets(f"`{name}`: {note}." for name, note in COLUMN_NOTES.items())
    return (
        f"{notes}\n\nTRL's DPOTrainer ignores all of them, RewardTrainer reads `margin`. Context documents stand in the"
        " prompt, before the words of the last user turn, each under `## Kind: Title`; the words follow under"
        " `## Request`."
    )


def _splits(figures: Figures) -> str:
    rows = [
        (
            f"`{name}`",
            f"`{split}`",
            f"{part.rows:,}",
            "–" if part.clusters is None else f"{part.clusters:,}",
        )
        for name, parts in figures.configs.items()
        for split, part in parts.items()
    ]
    shared = figures.shared_clusters
    leak = (
        f"{count(shared, 'prompt cluster')} of the pairs {'lies' if shared == 1 else 'lie'} in more than one split."
        if shared
        else "Prompts that are nearly the same form a cluster, and no cluster of the pairs lies in two splits."
    )
    order = "Rows are in a fixed pseudo-random order, by hash, so they can be read from the start without shuffling."
    return f"{table(('Config', 'Split', '>Rows', '>Prompt clusters'), rows)}\n\n{leak} {order}"


def _limitations(facts: RunFacts, figures: Figures) -> Iterable[str]:
    yield "The rows say what these raters preferred under this form; they are no test of factual truth unless it asked for one."
    single = figures.votes.get("1", 0) + figures.votes.get("0", 0)
    if single:
        yield f"{count(single, 'pair')} rest on a single vote; no probability is given for them."
    ratio = figures.lengths.ratio
    if ratio is not None and not 1 / UNEVEN <= ratio <= UNEVEN:
        yield f"Chosen responses are {'longer' if ratio > 1 else 'shorter'} (ratio {ratio:.2f}); a model may learn length."
    yield from _thin_splits(figures)
    if any(line.licence is None for line in figures.provenance):
        yield "The licence of some texts is unknown; see the table above before redistributing them."
    yield from map(plain, facts.limitations)


def _thin_splits(figures: Figures) -> Iterable[str]:
    for split, part in figures.configs[DEFAULT.name].items():
        if split != "train" and part.clusters is not None and part.clusters < FEW_CLUSTERS:
            yield f"Split `{split}` has {count(part.clusters, 'prompt cluster')}: too few to tell close models apart."
