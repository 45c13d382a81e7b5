from __future__ import annotations

import datetime as dt

import pytest

from curation.actions.start_run import start_run
from curation.models import Run
from exports import access as doors
from exports.actions.datasets import (
    NameTaken,
    NothingToPublish,
    RunNotFinished,
    make_dataset,
    publish,
    withdraw,
)
from exports.models import Dataset, DatasetVersion
from feedback import access
from feedback.actions import keys
from feedback.errors import Invalid, NotAllowed, NotThere
from feedback.models import Scope
from tests.steps import import_rows, publish_run, recipe, row, run_recipe
from tests.world import World

HOUR = dt.timedelta(hours=1)


@pytest.mark.parametrize("slug", ["a", "prefs", "chat-prefs_2", "a.b", "x1", "v1", "a.version1"])
def test_names_that_trainers_can_load_are_taken(
    world: World, office: access.Place, slug: str
) -> None:
    assert make_dataset(place=office, slug=slug, now=world.now).slug == slug


@pytest.mark.parametrize(
    ("slug", "code"),
    [
        *((s, "bad_name") for s in ("", "A", "a b", "-a", "a-", ".a", "a.", "a--b", "a..b", "a/b")),
        *((s, "bad_name") for s in ("ä", "a.git", "x" * 91, "a\n", "_a")),
        *((s, "looks_like_alias") for s in ("prefs.v1", "prefs.v1.0", "a.v2b", "a.v0.c")),
    ],
)
def test_other_names_are_refused(world: World, office: access.Place, slug: str, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        make_dataset(place=office, slug=slug, now=world.now)
    assert [problem["code"] for problem in refusal.value.problems] == [code]


def test_a_name_is_used_once_in_a_workspace(world: World, office: access.Place) -> None:
    first = make_dataset(place=office, slug="prefs", now=world.now)
    with pytest.raises(NameTaken):
        make_dataset(place=office, slug="prefs", now=world.now)
    elsewhere = access.workspace(access.Principal(world.eve), world.elsewhere.slug)
    second = make_dataset(place=elsewhere, slug="prefs", now=world.now)
    assert bytes(first.pseudonym_key) != bytes(second.pseudonym_key)


def test_only_a_finished_run_with_a_kept_pair_is_published(
    world: World, office: access.Place
) -> None:
    place = world.place(world.mara)
    import_rows(place, [row("a", 0)], world.now)
    version = recipe(world.project, world.now)
    dataset = make_dataset(place=office, slug="pairs", now=world.now)
    waiting = start_run(place=place, version=version, now=world.now)
    with pytest.raises(RunNotFinished):
        publish(place=office, dataset=dataset, run=waiting, now=world.now)
    tie = run_recipe(place, world.now, version)
    with pytest.raises(NothingToPublish):
        publish(place=office, dataset=dataset, run=tie, now=world.now)
    assert not DatasetVersion.objects.exists()


def test_run_and_dataset_are_of_the_workspace(world: World, office: access.Place, run: Run) -> None:
    elsewhere = access.workspace(access.Principal(world.eve), world.elsewhere.slug)
    theirs = make_dataset(place=elsewhere, slug="pairs", now=world.now)
    with pytest.raises(NotThere):
        publish(place=elsewhere, dataset=theirs, run=run, now=world.now)
    with pytest.raises(NotThere):
        publish(place=office, dataset=theirs, run=run, now=world.now)


class TestWithdrawing:
    @pytest.fixture
    def versions(self, world: World, office: access.Place, run: Run) -> list[DatasetVersion]:
        first = publish_run(office, run, world.now)
        again = run_recipe(world.place(world.mara), world.now + HOUR)
        return [first, publish_run(office, again, world.now + HOUR, first.dataset)]

    def test_leaves_the_version_on_record_and_moves_main_back(
        self, world: World, versions: list[DatasetVersion]
    ) -> None:
        first, second = versions
        dataset = first.dataset
        assert doors.version(dataset, "main") == second
        withdraw(version=second, because="A reviewer asked.", now=world.now)
        second.refresh_from_db()
        assert (second.state, second.withdrawn_at) == ("withdrawn", world.now)
        assert second.withdrawn_because == "A reviewer asked."
        assert second.files.count() == first.files.count()
        assert doors.version(dataset, "main") == first
        assert doors.version(dataset, "v2.0") == second

    def test_twice_is_once_and_the_first_reason_stays(
        self, world: World, versions: list[DatasetVersion]
    ) -> None:
        for because, at in (("first", world.now), ("second", world.now + HOUR)):
            withdraw(version=versions[0], because=because, now=at)
        versions[0].refresh_from_db()
        assert versions[0].withdrawn_because == "first"

    def test_needs_a_reason_and_something_to_withdraw(
        self, world: World, office: access.Place, versions: list[DatasetVersion]
    ) -> None:
        with pytest.raises(Invalid):
            withdraw(version=versions[0], because="  ", now=world.now)
        dataset = make_dataset(place=office, slug="other", now=world.now)
        run = versions[0].version_runs.get().run
        waiting = publish(place=office, dataset=dataset, run=run, now=world.now)
        with pytest.raises(NotThere):
            withdraw(version=waiting, because="too early", now=world.now)

    def test_a_withdrawn_run_published_again_is_the_withdrawn_version(
        self, world: World, office: access.Place, versions: list[DatasetVersion]
    ) -> None:
        withdraw(version=versions[0], because="wrong", now=world.now)
        run = versions[0].version_runs.get().run
        again = publish(place=office, dataset=versions[0].dataset, run=run, now=world.now)
        assert (again.pk, again.state) == (versions[0].pk, "withdrawn")

    def test_without_a_published_version_main_is_nothing(
        self, world: World, versions: list[DatasetVersion]
    ) -> None:
        for version in versions:
            withdraw(version=version, because="all wrong", now=world.now)
        with pytest.raises(NotThere):
            doors.version(versions[0].dataset, "main")


class TestFindingADataset:
    @pytest.fixture
    def dataset(self, world: World, office: access.Place) -> Dataset:
        return make_dataset(place=office, slug="prefs", now=world.now)

    def test_takes_a_manager_or_a_key_that_may_read_datasets(
        self, world: World, office: access.Place, dataset: Dataset
    ) -> None:
        slug = world.workspace.slug
        assert doors.dataset(access.Principal(world.mara), slug, "prefs")[1] == dataset
        with pytest.raises(NotAllowed):
            doors.dataset(access.Principal(world.ana), slug, "prefs")
        with pytest.raises(NotThere):
            doors.dataset(access.Principal(world.eve), slug, "prefs")
        made = {
            scope: keys.make_key(place=office, name="k", scopes=[scope], now=world.now)[0]
            for scope in (Scope.DATASETS_READ, Scope.ITEMS_READ)
        }
        reading, other = (access.Principal(world.mara, key) for key in made.values())
        assert doors.dataset(reading, slug, "prefs")[1] == dataset
        with pytest.raises(NotAllowed):
            doors.dataset(other, slug, "prefs")

    def test_a_key_that_names_a_dataset_opens_no_other(
        self, world: World, office: access.Place, dataset: Dataset
    ) -> None:
        make_dataset(place=office, slug="other", now=world.now)
        key, _ = keys.make_key(
            place=office,
            name="k",
            scopes=[Scope.DATASETS_READ],
            now=world.now,
            dataset_slug="prefs",
        )
        principal = access.Principal(world.mara, key)
        assert doors.dataset(principal, world.workspace.slug, "prefs")[1] == dataset
        with pytest.raises(NotThere):
            doors.dataset(principal, world.workspace.slug, "other")

    @pytest.mark.parametrize(
        ("name", "found"),
        [
            ("prefs", ("prefs", None)),
            ("prefs.v1.0", ("prefs", "v1.0")),
            ("a.b.v12.3", ("a.b", "v12.3")),
            ("prefs.v1", ("prefs.v1", None)),
        ],
    )
    def test_an_alias_pins_a_version(
        self, db: None, name: str, found: tuple[str, str | None]
    ) -> None:
        assert doors.split_alias(name) == found

    @pytest.mark.parametrize("name", ["v1", "v01.0", "main ", "", "0" * 40, "v9.9", "V1.0"])
    def test_a_revision_that_is_not_there_is_not_there(self, dataset: Dataset, name: str) -> None:
        with pytest.raises(NotThere):
            doors.version(dataset, name)
