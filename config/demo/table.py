"""What the demonstration prints when it is loaded: a table of what is there, how to sign in, and how to load a dataset."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.urls import reverse

from curation.models import Run
from feedback.models import Item, Review

from .load import Loaded
from .parts import LICENCES, PEOPLE, WORKSPACE, Person

LAYOUT = "{:<6} {:>7} {:>8} {:>7} {:>6} {:>6}   {}"
HEAD = LAYOUT.format("", "items", "reviews", "pairs", "kept", "files", "agreement")
RESET = ".venv/bin/python manage.py load_demo --reset-passwords"


def table(loaded: list[Loaded]) -> Iterator[str]:
    """The parts side by side, then each dataset with its waterfall and hash."""
    yield HEAD
    for each in loaded:
        yield _row(each)
    for each in loaded:
        yield ""
        yield from _dataset(each)
    yield ""
    yield LICENCES


def sign_in(passwords: dict[Person, str]) -> Iterator[str]:
    """Who can sign in; passwords only where they were set just now."""
    yield f"Sign in at {settings.PUBLIC_URL}"
    for person in PEOPLE:
        password = passwords.get(person, "")
        yield f"  {person.role.label.lower():<13}{person.email:<26}{password}".rstrip()
    if len(passwords) < len(PEOPLE):
        yield f"Passwords were printed at the first start and are stored nowhere. New ones: {RESET}"


def snippet(key: str | None, loaded: list[Loaded]) -> Iterator[str]:
    """How a trainer loads the first dataset that has a version."""
    first = next(each for each in loaded if each.version)
    assert first.version is not None
    yield f"Load {first.dataset.slug} where your trainer runs:"
    yield f"  export HF_ENDPOINT={settings.PUBLIC_URL}/hub"
    yield f"  export HF_TOKEN={key or '<your key>'}"
    yield (
        '  python -c "from datasets import load_dataset; '
        f"print(load_dataset('{WORKSPACE}/{first.dataset.slug}', revision='{first.version.name}'))\""
    )
    if key:
        yield "The key is shown this once."
    else:
        page = settings.PUBLIC_URL + reverse("keys", args=[WORKSPACE])
        yield f"The first key was shown once; make another at {page} (scope datasets:read)."


def _row(each: Loaded) -> str:
    run, version = each.run, each.version
    cells = [
        each.part.slug,
        f"{Item.objects.filter(project=each.project).count():,}",
        f"{Review.objects.filter(project=each.project).count():,}",
        f"{run.n_pairs:,}" if run else "–",
        f"{run.n_out:,}" if run else "–",
        f"{version.files.count():,}" if version else "–",
        _agreement(run) if run else "waits for reviews",
    ]
    return LAYOUT.format(*cells)


def _dataset(each: Loaded) -> Iterator[str]:
    run, name = each.run, f"{WORKSPACE}/{each.dataset.slug}"
    if run is None or each.version is None:
        yield f"{name}: no version yet. Review {each.project.name.lower()}, start a run, publish it."
        return
    yield f"{name} {each.version.name}"
    yield f"  sha256 {bytes(each.version.sha256 or b'').hex()}"
    yield f"  {waterfall(run)}"


def waterfall(run: Run) -> str:
    """Every held pair by its reason, in one line that adds up."""
    held = [
        f"{number:,} {reason}"
        for stage in run.stages.order_by("position")
        for reason, number in sorted(stage.reasons.items())
        if number
    ]
    return f"{' − '.join([f'{run.n_pairs:,} pairs', *held])} = {run.n_out:,} kept"


def _agreement(run: Run) -> str:
    """Krippendorff's α of the run's first question: ordinal on ratings, else nominal on votes, pooled and as imported."""
    entries = run.reports.get(name="agreement").body
    question = run.frozen["questions"][0]
    of = {entry["of"]: entry for entry in entries if entry["question"] == question}
    if "ratings" in of:
        alpha = of["ratings"]["as_imported"]["alpha_ordinal"]
        return f"α {_figure(alpha)}, ordinal, {alpha['units']:,} comments rated twice"
    pooled, as_imported = (of["votes"][key]["alpha_nominal"] for key in ("pooled", "as_imported"))
    return f"α {_figure(pooled)} pooled, {_figure(as_imported)} as imported"


def _figure(estimate: dict[str, Any]) -> str:
    """A coefficient with its interval, where there is one."""
    if estimate["value"] is None:
        return "not known"
    if estimate["low"] is None:
        return f"{estimate['value']:.3f}"
    return f"{estimate['value']:.3f} ({estimate['low']:.3f} to {estimate['high']:.3f})"
