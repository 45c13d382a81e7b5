"""Shapes of datasets, their versions, files and pulls."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from exports.models import DatasetVersion as VersionRow
from exports.queries import Listed
from feedback.rest.fields import HashField, ObjectField
from feedback.rest.reading import Strict


class Dataset(serializers.Serializer[Any]):
    """A name that trainers load."""

    workspace = serializers.CharField(source="dataset.workspace.slug")
    slug = serializers.CharField(source="dataset.slug")
    title = serializers.CharField(source="dataset.title", allow_blank=True)
    licence = serializers.CharField(source="dataset.licence", allow_blank=True)
    created_at = serializers.DateTimeField(source="dataset.created_at")
    latest = serializers.SerializerMethodField(help_text="The latest published version.")
    versions = serializers.IntegerField(help_text="How many, without those that failed.")
    pulls = serializers.IntegerField(help_text="How many times a file was fetched.")

    def get_latest(self, listed: Listed) -> str | None:
        return listed.latest.name if listed.latest else None


class NewDataset(Strict):
    """A dataset to be made. Its slug cannot be changed or used again."""

    slug = serializers.CharField(max_length=90)
    title = serializers.CharField(default="", allow_blank=True, max_length=200)
    licence = serializers.CharField(default="", allow_blank=True, max_length=100)


class Version(serializers.Serializer[Any]):
    """A version of a dataset. Once published nothing of it changes, but that it may be withdrawn."""

    version = serializers.CharField(source="name", help_text="As revisions say it: v1.0.")
    state = serializers.ChoiceField(VersionRow.State.choices)
    sha256 = HashField(allow_null=True, help_text="Over path, size and SHA-256 of every file.")
    commit = serializers.CharField(allow_blank=True, help_text="What the hub calls it.")
    pairs = serializers.SerializerMethodField(help_text="Null until it is written.")
    error_code = serializers.CharField(allow_blank=True)
    error = serializers.CharField(allow_blank=True)
    withdrawn_because = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    published_at = serializers.DateTimeField(allow_null=True)
    withdrawn_at = serializers.DateTimeField(allow_null=True)

    def get_pairs(self, version: VersionRow) -> int | None:
        found: int | None = version.figures.get("pairs")
        return found


class VersionFile(serializers.Serializer[Any]):
    """A file of a version."""

    path = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = HashField()
    git_sha1 = serializers.CharField()
    config = serializers.CharField(allow_blank=True)
    split = serializers.CharField(allow_blank=True)
    rows = serializers.IntegerField(allow_null=True)


class VersionRun(serializers.Serializer[Any]):
    """A run that a version was made from."""

    project = serializers.CharField(source="project.slug")
    run = serializers.IntegerField(source="number")


class VersionDetail(Version):
    """A version with its files, its measured figures, and where it comes from."""

    load_as = serializers.SerializerMethodField(
        help_text="The name that holds this one version, for tools that know no revision."
    )
    runs = serializers.SerializerMethodField()
    files = serializers.SerializerMethodField()
    figures = ObjectField(help_text="As the card has them; empty until it is written.")

    def get_load_as(self, version: VersionRow) -> str:
        dataset = version.dataset
        return f"{dataset.workspace.slug}/{dataset.slug}.{version.name}"

    @extend_schema_field(VersionRun(many=True))
    def get_runs(self, version: VersionRow) -> Any:
        return VersionRun(self.context["runs"], many=True).data

    @extend_schema_field(VersionFile(many=True))
    def get_files(self, version: VersionRow) -> Any:
        return VersionFile(self.context["files"], many=True).data


class NewVersion(Strict):
    """Which run to publish."""

    project = serializers.SlugField(max_length=60)
    run = serializers.IntegerField(min_value=1, max_value=2**31 - 1, help_text="Its number.")


class Withdrawal(Strict):
    """Why a version is taken back; whoever asks for it is told so."""

    because = serializers.CharField(max_length=400)


class Puller(serializers.Serializer[Any]):
    """The key that fetched a file."""

    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField()


class Pull(serializers.Serializer[Any]):
    """Somebody fetched a file, or a part of it."""

    path = serializers.CharField()
    sent_bytes = serializers.IntegerField()
    user = serializers.CharField(source="user.name", default=None, allow_null=True)
    key = Puller(allow_null=True)
    agent = serializers.CharField(allow_blank=True, help_text="What the client calls itself.")
    at = serializers.DateTimeField()
