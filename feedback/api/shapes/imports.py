"""Shapes of imports, rejected rows and mappings."""

from __future__ import annotations

from typing import Any, get_args

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from feedback.actions.importing.start import LONGEST_SOURCE
from feedback.models import ImportJob, ImportRejection
from feedback.readers import rows
from feedback.readers.formats import FORMATS
from feedback.readers.mapping import preset_names
from feedback.rest.fields import HashField, ObjectField
from feedback.rest.reading import Strict

PRESETS = ", ".join(preset_names())
FORMAT_CHOICES = [(reader.name, reader.title) for reader in FORMATS.values()]


class WishQuery(Strict):
    """How a file shall be read: the query of a raw upload, the fields of a form."""

    name = serializers.CharField(
        default="",
        allow_blank=True,
        max_length=255,
        help_text="The file's name, if the body has none.",
    )
    source = serializers.CharField(  # type: ignore[assignment]
        default="",
        allow_blank=True,
        max_length=LONGEST_SOURCE,
        help_text="Where the file comes from; ids are unique inside a source. The file's name if left out.",
    )
    format = serializers.ChoiceField(
        FORMAT_CHOICES, default="", allow_blank=True, help_text="Found by content if left out."
    )
    mapping = serializers.CharField(
        default="",
        allow_blank=True,
        max_length=1_000_000,
        help_text=f"A saved mapping, a preset ({PRESETS}), or a mapping itself as JSON.",
    )
    on_conflict = serializers.ChoiceField(
        ImportJob.Conflict.choices,
        default=ImportJob.Conflict.REJECT,
        help_text="What to do with an item that is there with other content.",
    )
    consent = serializers.CharField(
        default="",
        allow_blank=True,
        max_length=400,
        help_text="On what terms the reviews in the file were given.",
    )


class Upload(WishQuery):
    """A file with how it shall be read."""

    file = serializers.FileField()


class ItemCounts(serializers.Serializer[Any]):
    created = serializers.IntegerField(source="items_created")
    revised = serializers.IntegerField(source="items_revised")
    duplicate = serializers.IntegerField(source="items_duplicate")
    rejected = serializers.IntegerField(source="items_rejected")


class ResponseCounts(serializers.Serializer[Any]):
    created = serializers.IntegerField(source="responses_created")
    duplicate = serializers.IntegerField(source="responses_duplicate")
    rejected = serializers.IntegerField(source="responses_rejected")


class ReviewCounts(serializers.Serializer[Any]):
    created = serializers.IntegerField(source="reviews_created")
    duplicate = serializers.IntegerField(source="reviews_duplicate")
    rejected = serializers.IntegerField(source="reviews_rejected")


class Import(serializers.Serializer[Any]):
    """A file on its way in, with what became of its rows so far."""

    id = serializers.UUIDField(source="public_id")
    state = serializers.ChoiceField(ImportJob.State.choices)
    file_name = serializers.CharField()
    file_bytes = serializers.IntegerField()
    file_sha256 = HashField()
    source = serializers.CharField(source="source.name")  # type: ignore[assignment]
    format = serializers.CharField(allow_blank=True, help_text="Empty: found by content.")
    mapping_name = serializers.CharField(allow_blank=True)
    on_conflict = serializers.ChoiceField(ImportJob.Conflict.choices)
    consent = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    bytes_read = serializers.IntegerField()
    rows_read = serializers.IntegerField()
    items = ItemCounts(source="*")
    responses = ResponseCounts(source="*")
    reviews = ReviewCounts(source="*")
    twins = serializers.IntegerField(help_text="New items with the texts of another item.")
    error_code = serializers.CharField(allow_blank=True)
    error = serializers.CharField(allow_blank=True, help_text="Why it failed; empty otherwise.")


class Reason(serializers.Serializer[Any]):
    """How often something was rejected for one reason."""

    scope = serializers.ChoiceField(ImportRejection.Scope.choices)
    code = serializers.CharField()
    n = serializers.IntegerField()


class ImportDetail(Import):
    """An import with its mapping and the reasons of its rejections."""

    mapping = ObjectField(allow_null=True)
    reasons = serializers.SerializerMethodField()

    @extend_schema_field(Reason(many=True))
    def get_reasons(self, job: Any) -> Any:
        return Reason(self.context["reasons"], many=True).data


class RejectionQuery(Strict):
    """For whom the rejected rows are."""

    format = serializers.ChoiceField(
        [
            ("ndjson", "One JSON object a line"),
            ("csv", "For spreadsheets; no cell can be a formula"),
        ],
        default="ndjson",
    )


class Rejection(serializers.Serializer[Any]):
    """Something that an import could not take; a line of the NDJSON."""

    row = serializers.IntegerField(help_text="Its number in the file, from 1.")
    scope = serializers.ChoiceField(ImportRejection.Scope.choices)
    number = serializers.IntegerField(
        allow_null=True, help_text="Which response or review of the row, from 1."
    )
    code = serializers.CharField()
    sentence = serializers.CharField()
    raw = serializers.CharField(
        allow_blank=True, help_text="The row as it came; with the first rejection of a row."
    )


class Mapping(serializers.Serializer[Any]):
    """A saved mapping."""

    name = serializers.CharField()
    mapping = ObjectField(help_text="docs/imports.md describes it.")
    changed_at = serializers.DateTimeField()


class NewMapping(Strict):
    """The document of a mapping."""

    mapping = ObjectField(help_text="docs/imports.md describes it.")


class NewPreview(Strict):
    """The beginning of a file, and how it would be read."""

    text = serializers.CharField(
        max_length=1_000_000, trim_whitespace=False, help_text="A few rows of the file."
    )
    name = serializers.CharField(default="sample", max_length=255, help_text="The file's name.")
    format = serializers.ChoiceField(FORMAT_CHOICES, default="", allow_blank=True)
    mapping = ObjectField(default=None, allow_null=True, help_text="A mapping to try.")
    mapping_name = serializers.CharField(
        default="",
        allow_blank=True,
        max_length=60,
        help_text=f"A saved one, or a preset: {PRESETS}.",
    )


class RowProblem(serializers.Serializer[Any]):
    """Something wrong with a row."""

    scope = serializers.ChoiceField(get_args(rows.Scope))
    index = serializers.IntegerField(allow_null=True)
    path = serializers.CharField(default="", allow_blank=True)
    code = serializers.CharField()
    sentence = serializers.CharField()


class PreviewRow(serializers.Serializer[Any]):
    """A row as it would be imported."""

    number = serializers.IntegerField()
    item = ObjectField(
        allow_null=True, help_text="In Touchstone's own format; null if it gives none."
    )
    problems = RowProblem(many=True, default=list)


class Preview(serializers.Serializer[Any]):
    """The first rows, at most 20."""

    format = serializers.CharField()
    rows = PreviewRow(many=True)
