"""A run's agreement report in words and figures: questions by their titles, raters by their names."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from curation.models import Run
from feedback.bodies import form_of
from feedback.models import FormVersion, Project, Rater, Source

# What agreement of a question is called when one figure stands for it: both preferences and ratings are ordered.
LEADING = "alpha_ordinal"
MEASURES = {
    "alpha_nominal": "Krippendorff’s α, nominal",
    "alpha_ordinal": "Krippendorff’s α, ordinal",
    "alpha_interval": "Krippendorff’s α, interval",
    "percent": "Percent agreement",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """An estimate with its 95 % interval, both None where there is too little to tell; what it was measured on."""

    value: float | None
    low: float | None
    high: float | None
    units: int
    clusters: int

    @property
    def words(self) -> str:
        """The value as people write it, empty where there is none."""
        return "" if self.value is None else coefficient(self.value)

    @property
    def interval(self) -> str:
        """The interval likewise: .84 to .91."""
        if self.low is None or self.high is None:
            return ""
        return f"{coefficient(self.low)} to {coefficient(self.high)}"


@dataclass(frozen=True, slots=True)
class Line:
    """One measure of one question, as imported and with both orientations pooled (None for ratings: they have none)."""

    measure: str
    as_imported: Figure
    pooled: Figure | None


@dataclass(frozen=True, slots=True)
class Two:
    """Two raters and how far they agree beyond chance."""

    first: str
    second: str
    kappa: Figure
    percent: Figure


@dataclass(frozen=True, slots=True)
class Question:
    """What is known about agreement on one question, read from votes or from ratings."""

    id: str
    title: str
    of: str
    values: int
    leading: Figure
    lines: list[Line]
    pairs: list[Two]

    @property
    def measured(self) -> bool:
        """Whether two people have ever judged the same thing."""
        return self.leading.value is not None

    @property
    def raters(self) -> list[str]:
        """Everybody in `pairs`, those who share the most first."""
        shared: Counter[str] = Counter()
        for two in self.pairs:
            shared[two.first] += two.kappa.units
            shared[two.second] += two.kappa.units
        return [name for name, _ in sorted(shared.items(), key=lambda each: (-each[1], each[0]))]


def questions_of(run: Run, report: list[dict[str, Any]]) -> list[Question]:
    """The report of a run, question by question; those read from votes first."""
    titles = titles_of(run.project)
    names = names_of(run.project, _keys(report))
    return [_question(entry, titles, names) for entry in report]


def coefficient(value: float) -> str:
    """A coefficient as people write it: .86, −.21, 1."""
    rounded = f"{value:.2f}"
    if rounded in {"1.00", "0.00", "-0.00"}:
        return rounded.lstrip("-")[0]
    return rounded.replace("0.", ".", 1).replace("-", "−")


def titles_of(project: Project) -> dict[str, str]:
    """The title of every question that the project ever asked, as its latest form has it."""
    versions = FormVersion.objects.filter(project=project).order_by("version")
    return {q.id: q.title for version in versions for q in form_of(version).questions}


def names_of(project: Project, keys: Iterable[str]) -> dict[str, str]:
    """Raters' names by the keys under which votes name them (frames.RaterKeys); a name that two share says its source."""
    wanted = sorted(set(keys))
    members = _members(project, wanted)
    sources = list(Source.objects.filter(project=project).values_list("name", flat=True))
    parts = {key: members.get(key) or _imported(key, sources) for key in wanted}
    often = Counter(name for name, _ in parts.values())
    return {
        key: f"{name} ({source})" if source and often[name] > 1 else name
        for key, (name, source) in parts.items()
    }


def _keys(report: list[dict[str, Any]]) -> set[str]:
    return {
        two[side] for entry in report for two in entry["raters"] for side in ("first", "second")
    }


def _question(entry: dict[str, Any], titles: dict[str, str], names: dict[str, str]) -> Question:
    lines = [_line(entry, name) for name in MEASURES]
    leading = next(line for line in lines if line.measure == MEASURES[LEADING])
    return Question(
        id=entry["question"],
        title=titles.get(entry["question"], entry["question"]),
        of=entry["of"],
        values=entry["values"],
        leading=leading.pooled or leading.as_imported,
        lines=lines,
        pairs=[_two(two, names) for two in entry["raters"]],
    )


def _line(entry: dict[str, Any], name: str) -> Line:
    pooled = entry.get("pooled")
    return Line(
        MEASURES[name],
        _figure(entry["as_imported"][name]),
        # Both orientations of a unit are one unit to a reader.
        _figure(pooled[name], orientations=2) if pooled else None,
    )


def _two(two: dict[str, Any], names: dict[str, str]) -> Two:
    kappa, percent = _figure(two["kappa"]), _figure(two["percent"])
    return Two(names[two["first"]], names[two["second"]], kappa, percent)


def _figure(body: dict[str, Any], orientations: int = 1) -> Figure:
    units = body["units"] // orientations
    return Figure(body["value"], body["low"], body["high"], units, body["clusters"])


def _members(project: Project, keys: list[str]) -> dict[str, tuple[str, str]]:
    ids = [uuid.UUID(key.removeprefix("member:")) for key in keys if key.startswith("member:")]
    rows = Rater.objects.filter(workspace_id=project.workspace_id, public_id__in=ids)
    return {
        f"member:{rater.public_id}": (str(rater.user), "") for rater in rows.select_related("user")
    }


def _imported(key: str, sources: list[str]) -> tuple[str, str]:
    """`imported:<source>:<name>` as (name, source). A source's name may hold colons itself, so the longest one counts."""
    kind, _, rest = key.partition(":")
    source = max((name for name in sources if rest.startswith(f"{name}:")), key=len, default="")
    name = rest.removeprefix(f"{source}:")
    if kind == Rater.Kind.UNKNOWN:
        name, _, occasion = name.rpartition(":")
        return f"{name or 'unnamed'}, {occasion}", source
    return name or "unnamed", source
