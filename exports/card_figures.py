"""The card's sections on people and numbers: agreement, doubt, the waterfall and where texts come from."""

from __future__ import annotations

from collections.abc import Iterable

from .facts import Agreement, Mixed, Mixture, RunFacts, Step, Variety
from .figures import Figures, Provenance
from .formats import DEFAULT
from .markdown import bullets, count, decimal, percent, plain, table


def agreement(facts: RunFacts) -> str:
    """The agreement table, as imported and pooled, or why there is none."""
    if not facts.agreements:
        return "Not measured: agreement needs items that two people have reviewed."
    header = (
        "Question",
        "Measure",
        "Orientation",
        ">Value",
        "95 % interval",
        ">Items",
        ">Clusters",
    )
    return (
        f"{table(header, map(_agreement_row, facts.agreements))}\n\n"
        "Pooled counts every comparison in both orientations, so that the order in which responses were stored has no"
        " part in it. As imported keeps that order, for comparison with published figures. Intervals resample prompt"
        " clusters; below 10 clusters there is none."
    )


def _agreement_row(of: Agreement) -> tuple[str, ...]:
    interval = "–" if of.low is None or of.high is None else f"{of.low:.3f} to {of.high:.3f}"
    return (
        plain(of.question),
        plain(of.measure),
        of.orientation,
        decimal(of.value),
        interval,
        f"{of.items:,}",
        f"{of.clusters:,}",
    )


def doubt(facts: RunFacts, figures: Figures) -> str:
    """ε for robust DPO and, under its own name, the raters' disagreement d."""
    return f"{_epsilon(facts, figures)}\n\n{_disagreement(facts)}"


def _epsilon(facts: RunFacts, figures: Figures) -> str:
    of, p = figures.epsilon, f"`{facts.soft_label}`"
    if of.value is not None:
        return (
            f"**ε = {of.value:.4f}**, the mean of 1 − {p} over the {count(of.rows, 'row')} of `{DEFAULT.name}`. It is the"
            f' ε of robust DPO (in TRL `loss_type="robust"` with `label_smoothing={of.value:.4f}`, which must stay below'
            " 0.5); other DPO losses of TRL ignore it."
        )
    text = f"**ε is not estimable**: {p} is unknown for {of.rows - of.known:,} of the {count(of.rows, 'row')}"
    text += f" of `{DEFAULT.name}`, which have fewer than two votes."
    if of.over_known is not None:
        rows = "row where it is known" if of.known == 1 else "rows where it is known"
        text += f" Over the {of.known:,} {rows} the mean of 1 − {p} is {of.over_known:.4f}."
    return text


def _disagreement(facts: RunFacts) -> str:
    if facts.disagreement is None:
        return "**The raters' disagreement d is not estimable**: no pair has two votes."
    return (
        f"**d = {facts.disagreement:.4f}**, the raters' disagreement: how often two raters of one pair choose differently."
        " It is not ε: the verdict of several votes errs less often than one rater does."
    )


def waterfall(facts: RunFacts) -> str:
    """What each stage held and why, from the first pair to the last."""
    if not facts.waterfall:
        return f"{_made_by(facts)} No stage held a pair."
    rows = [_step_row(step) for step in facts.waterfall]
    seen, left = facts.waterfall[0].seen, facts.waterfall[-1].left
    share = f" ({percent(left / seen)})" if seen else ""
    return (
        f"{_made_by(facts)} Of {count(seen, 'pair')} {left:,} were kept{share}. A held pair is not lost:"
        f" it stays in the run with its reason.\n\n{table(('Stage', '>In', '>Held', 'Why', '>Out'), rows)}"
    )


def _made_by(facts: RunFacts) -> str:
    name = plain(str(facts.recipe.get("name") or "unnamed"))
    return f"Made by recipe “{name}”, run `{facts.run_hash}`, code `{facts.code_version}`."


def _step_row(step: Step) -> tuple[str, ...]:
    reasons = ", ".join(
        f"`{reason}` {number:,}" for reason, number in sorted(step.held.items()) if number
    )
    held = sum(step.held.values())
    return (plain(step.title), f"{step.seen:,}", f"{held:,}", reasons or "–", f"{step.left:,}")


def mixture(of: Mixture) -> str:
    """What each group had and has of the pairs that train."""
    before, after = (
        sum(getattr(group, name) for group in of.groups) for name in ("before", "after")
    )
    weighed = any(group.weight is not None for group in of.groups)
    rows = [_mixed_row(group, before, after, weighed) for group in of.groups]
    header = (of.by.capitalize(), ">Before", ">Share", ">After", ">Share")
    return (
        f"Pairs for training, by {of.by}: {of.how}. Validation and test stay as they were."
        f"\n\n{table((*header, *(['>Share of the weight'] if weighed else [])), rows)}"
    )


def _mixed_row(of: Mixed, before: int, after: int, weighed: bool) -> tuple[str, ...]:
    shares = [
        percent(n / total) if total else "–"
        for n, total in ((of.before, before), (of.after, after))
    ]
    row = (plain(of.group), f"{of.before:,}", shares[0], f"{of.after:,}", shares[1])
    return (*row, percent(of.weight or 0.0)) if weighed else row


def variety(of: Variety) -> str:
    """How varied the chosen responses are, in a table with what each figure means."""
    rows = [
        ("Different words, of all", decimal(of.distinct[0])),
        ("Different pairs of words", decimal(of.distinct[1])),
        ("Different triples of words", decimal(of.distinct[2])),
        ("Packed size, of its size", decimal(of.packed)),
        ("Likeness of a text to the one most like it", decimal(of.alike)),
    ]
    return (
        f"Measured on {count(of.texts, 'chosen response')}. Compare them with another version of the same size: the shares"
        f" of different words fall as a set grows.\n\n{table(('Figure', '>Value'), rows)}"
    )


def provenance(facts: RunFacts, figures: Figures) -> str:
    """Sources with their licences, then origin and licence of each text; what is unknown says so."""
    whole = f"Licence of the dataset as a whole: {plain(facts.licence or 'unknown')}."
    header = ("Row of", "Text", "Origin", "Licence", ">Rows")
    texts = table(header, map(_text_row, figures.provenance))
    return "\n\n".join(filter(None, (whole, bullets(_origins(facts)), texts)))


def _origins(facts: RunFacts) -> Iterable[str]:
    for of in facts.origins:
        credit = f" {plain(of.credit)}" if of.credit else ""
        yield f"{plain(of.name)}: licence {plain(of.licence or 'unknown')}.{credit}"


def _text_row(of: Provenance) -> tuple[str, ...]:
    origin, licence = plain(of.origin or "unknown"), plain(of.licence or "unknown")
    return of.rows_of, of.text, origin, licence, f"{of.rows:,}"
