"""What pages and API read of datasets: lists with what is latest in each, and a version's runs, figures and pulls."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Avg, Case, CharField, Count, F, Max, QuerySet, Value, When
from django.db.models.functions import Abs, Round

from curation.models import Run, RunPair
from curation.queries.pairs import UNANIMOUS, pair_like
from exports.formats import DEFAULT, SPLITS
from exports.models import Dataset, DatasetVersion, Pull, VersionFile, VersionRun
from feedback.models import Project, Workspace

_State = DatasetVersion.State
SIDES = (RunPair.Chosen.FIRST, RunPair.Chosen.SECOND)
STEPS = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class Listed:
    """A dataset in a list: its latest published version if there is one, how many versions, how many files were fetched."""

    dataset: Dataset
    latest: DatasetVersion | None
    versions: int
    pulls: int


@dataclass(frozen=True, slots=True)
class SplitFigures:
    """What is measured on the kept pairs of one split; `p_next` is a mean over the `known` pairs that have one."""

    split: str
    pairs: int
    clusters: int
    unanimous: float
    votes: float
    known: int
    p_next: float | None
    margin: float
    strongest: float

    @property
    def percent(self) -> float:
        """The share of unanimous pairs."""
        return 100 * self.unanimous


@dataclass(frozen=True, slots=True)
class Strength:
    """How many kept pairs prefer the side by about so many steps, 1 (slightly) to 3 (much)."""

    side: str
    steps: int
    pairs: int


def datasets_of(workspace: Workspace, *, only: str = "") -> QuerySet[Dataset]:
    """The datasets of a workspace, to be paged by `slug`; `only` is the one that a key may see."""
    rows = Dataset.objects.filter(workspace=workspace).select_related("workspace")
    return rows.filter(slug=only) if only else rows


def listed(datasets: Sequence[Dataset]) -> list[Listed]:
    """What is known of some datasets, in their order: three queries for all of them."""
    ids = [dataset.pk for dataset in datasets]
    versions = DatasetVersion.objects.filter(dataset__in=ids)
    latest = latest_of(datasets)
    made = _counted(versions.exclude(state=_State.FAILED), "dataset_id")
    pulls = _counted(Pull.objects.filter(version__dataset__in=ids), "version__dataset_id")
    return [
        Listed(each, latest.get(each.pk), made.get(each.pk, 0), pulls.get(each.pk, 0))
        for each in datasets
    ]


def latest_of(datasets: Iterable[Dataset]) -> dict[int, DatasetVersion]:
    """The latest published version of each dataset, by the dataset's primary key."""
    rows = DatasetVersion.objects.filter(dataset__in=datasets, state=_State.PUBLISHED)
    latest = rows.order_by("dataset_id", "-major", "-minor").distinct("dataset_id")
    return {version.dataset_id: version for version in latest}


def versions_of(dataset: Dataset) -> QuerySet[DatasetVersion]:
    """Every version of a dataset with who made it, to be paged by `-major`, `-minor`."""
    return DatasetVersion.objects.filter(dataset=dataset).select_related("created_by")


def pulls_by_version(versions: Iterable[DatasetVersion]) -> dict[int, int]:
    """How many times a file of each version was fetched."""
    return _counted(Pull.objects.filter(version__in=[each.pk for each in versions]), "version_id")


def runs_of_version(version: DatasetVersion) -> list[Run]:
    """The runs that a version was made from, with their projects."""
    rows = Run.objects.filter(version_runs__version=version).defer("frozen")
    return list(rows.select_related("project", "recipe_version__recipe").order_by("pk"))


def versions_of_run(run: Run) -> QuerySet[DatasetVersion]:
    """The versions that were made from a run, with their datasets, newest first."""
    rows = DatasetVersion.objects.filter(version_runs__run=run).select_related("dataset")
    return rows.order_by("-pk")


def files_of(version: DatasetVersion) -> list[VersionFile]:
    """The card and the manifest, then the shards by path; a version has hundreds at most."""
    rows = VersionFile.objects.filter(version=version)
    return sorted(rows, key=lambda file: (bool(file.config), file.path))


def pulls_of(version: DatasetVersion) -> QuerySet[Pull]:
    """Who fetched what, to be paged by `-pk`."""
    return Pull.objects.filter(version=version).select_related("user", "key")


def finished_runs(workspace: Workspace) -> list[Run]:
    """The latest finished run of each project that kept a pair: what could be published, newest first."""
    rows = (
        Run.objects.filter(project__workspace=workspace, state=Run.State.FINISHED, n_out__gt=0)
        .defer("frozen")
        .select_related("project", "recipe_version__recipe")
        .order_by("project_id", "-number")
        .distinct("project_id")
    )
    return sorted(rows, key=lambda run: -run.pk)


def numbers_of_runs(dataset: Dataset, runs: Iterable[Run]) -> dict[int, DatasetVersion]:
    """Which of these runs the dataset has already, by the run's primary key, and as which version."""
    rows = VersionRun.objects.filter(version__dataset=dataset, run__in=[run.pk for run in runs])
    there = rows.exclude(version__state=_State.FAILED).select_related("version")
    return {row.run_id: row.version for row in there}


def split_figures(runs: Sequence[Run]) -> list[SplitFigures]:
    """Figures of the kept pairs split by split, train first. One scan of the runs' pairs."""
    rows = (
        _kept(runs)
        .values("split")
        .annotate(
            pairs=Count("pk"),
            clusters=Count("cluster", distinct=True),
            united=Count("pk", filter=UNANIMOUS),
            mean_votes=Avg("n_votes"),
            known=Count("p_next"),
            mean_p=Avg("p_next"),
            mean_margin=Avg("margin"),
            strongest=Max("strength"),
        )
    )
    known = {row["split"]: row for row in rows.order_by()}
    return [
        SplitFigures(
            split,
            row["pairs"],
            row["clusters"],
            row["united"] / row["pairs"],
            row["mean_votes"],
            row["known"],
            row["mean_p"],
            row["mean_margin"],
            row["strongest"],
        )
        for split in SPLITS
        if (row := known.get(split))
    ]


def strengths(runs: Sequence[Run]) -> list[Strength]:
    """Kept pairs by the chosen side and the size of their margin, rounded to steps of the scale; one scan.

    The first side much to slightly better, then the second slightly to much.
    """
    size = Round(Abs(F("margin")))
    steps = Case(
        *(When(size__gte=n, then=Value(str(n))) for n in (3, 2)),
        default=Value("1"),
        output_field=CharField(),
    )
    rows = _kept(runs).annotate(size=size).annotate(steps=steps).values("chosen", "steps")
    found = {
        (row["chosen"], int(row["steps"])): row["n"]
        for row in rows.annotate(n=Count("pk")).order_by()
    }
    order = [(SIDES[0], n) for n in reversed(STEPS)] + [(SIDES[1], n) for n in STEPS]
    return [Strength(side.value, n, found.get((side.value, n), 0)) for side, n in order]


def traced(runs: Sequence[Run], digits: str) -> RunPair | None:
    """The kept pair of these runs whose hash begins with these digits; without digits the first one there is."""
    if not digits:
        return (
            _kept(runs)
            .select_related("run__project", "pair__revision__item")
            .order_by("pk")
            .first()
        )
    for run in runs:
        found = pair_like(run, digits)
        if found is not None and not found.held:
            return found
    return None


def default_paths(files: Sequence[VersionFile]) -> list[str]:
    """The files of the default config, those of train first."""
    shards = [file for file in files if file.config == DEFAULT.name]
    return [file.path for file in sorted(shards, key=lambda f: (SPLITS.index(f.split), f.path))]


def published_into(project: Project) -> Dataset | None:
    """The dataset that the project's runs went into last."""
    rows = Dataset.objects.filter(versions__version_runs__run__project=project)
    return rows.order_by("-versions__pk").first()


def _kept(runs: Sequence[Run]) -> QuerySet[RunPair]:
    return RunPair.objects.of(*runs).filter(held=False).exclude(chosen=None)


def _counted(rows: QuerySet[DatasetVersion] | QuerySet[Pull], by: str) -> dict[int, int]:
    found = rows.order_by().values_list(by).annotate(n=Count("pk"))
    return dict(found)
