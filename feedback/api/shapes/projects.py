"""Shapes of projects: settings, versions of form and guideline, who reviews."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from feedback.actions.projects import LIMITS, LONGEST_NAME, LONGEST_SLUG, LONGEST_TEMPLATE
from feedback.bodies import form_shown
from feedback.checks import CHECKS
from feedback.forms.domains import DOMAINS
from feedback.models import Project as Row
from feedback.readers.confined import LONGEST_CONFIG
from feedback.rest.fields import HashField, ObjectField
from feedback.rest.reading import Strict

CHECKED = [(check.name, check.title) for check in CHECKS]


def _number(name: str, words: str, **options: Any) -> serializers.IntegerField:
    low, high = LIMITS[name]
    return serializers.IntegerField(min_value=low, max_value=high, help_text=words, **options)


class Project(serializers.Serializer[Any]):
    """One task given to experts."""

    workspace = serializers.CharField(source="workspace.slug")
    slug = serializers.CharField()
    name = serializers.CharField()
    domain = serializers.CharField(help_text="Where its first form and guideline came from.")
    state = serializers.ChoiceField(Row.State.choices)
    overlap = serializers.IntegerField(help_text="How many reviews each item wants.")
    overlap_cap = serializers.IntegerField(help_text="How many an item may ever get.")
    lease_minutes = serializers.IntegerField(help_text="How long a claimed item is held.")
    edit_hours = serializers.IntegerField(help_text="How long one may change one's own review.")
    daily_goal = serializers.IntegerField(
        help_text="Reviews a day that are planned for a reviewer."
    )
    check_conflicts = serializers.BooleanField(
        help_text="Whether reviewers are told whom an item concerns before they read it."
    )
    search_language = serializers.ChoiceField(Row.SearchLanguage.choices)
    checks = serializers.ListField(
        child=serializers.ChoiceField(CHECKED), help_text="What is checked after a review was sent."
    )
    created_at = serializers.DateTimeField()


class NewProject(Strict):
    """A project to be made."""

    name = serializers.CharField(max_length=LONGEST_NAME)
    domain = serializers.ChoiceField([(slug, domain.title) for slug, domain in DOMAINS.items()])
    slug = serializers.SlugField(
        default="",
        allow_blank=True,
        max_length=LONGEST_SLUG,
        help_text="Made from the name if left out.",
    )
    overlap = _number("overlap", "How many reviews each item wants.", default=3)
    form = ObjectField(
        default=None,
        allow_null=True,
        help_text="A form instead of the domain's own (docs/forms.md).",
    )


class CloneOfProject(Strict):
    """A project like another."""

    name = serializers.CharField(max_length=LONGEST_NAME)
    slug = serializers.SlugField(default="", allow_blank=True, max_length=LONGEST_SLUG)
    people = serializers.BooleanField(default=True, help_text="The same people review in it.")


class ProjectChanges(Strict):
    """Settings to be changed; what is left out stays."""

    name = serializers.CharField(required=False, max_length=LONGEST_NAME)
    state = serializers.ChoiceField(Row.State.choices, required=False)
    overlap = _number("overlap", "Reaches the items that are already there.", required=False)
    overlap_cap = _number("overlap_cap", "How many reviews an item may ever get.", required=False)
    lease_minutes = _number("lease_minutes", "How long a claimed item is held.", required=False)
    edit_hours = _number("edit_hours", "How long one may change one's review.", required=False)
    daily_goal = _number("daily_goal", "Planned reviews a day of a reviewer.", required=False)
    check_conflicts = serializers.BooleanField(required=False)
    search_language = serializers.ChoiceField(Row.SearchLanguage.choices, required=False)
    checks = serializers.ListField(
        child=serializers.ChoiceField(CHECKED), required=False, max_length=len(CHECKED)
    )
    prompt_template = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=LONGEST_TEMPLATE,
        trim_whitespace=False,
        help_text="Text that all prompts share, left out when prompts are compared.",
    )


class FormVersion(serializers.Serializer[Any]):
    """One version of a project's questions."""

    version = serializers.IntegerField()
    schema = ObjectField(help_text="The form itself (docs/forms.md).")
    sha256 = HashField()
    published_at = serializers.DateTimeField()


class ShownForm(FormVersion):
    """One version as reviewers get it: without the weights of criteria."""

    def to_representation(self, instance: Any) -> dict[str, Any]:
        written: dict[str, Any] = super().to_representation(instance)
        return {**written, "schema": form_shown(instance)}


class NewForm(Strict):
    """The questions of a new version."""

    schema = ObjectField(help_text="The form itself (docs/forms.md).")


class LabelConfig(serializers.Serializer[Any]):
    """A form as Label Studio asks it."""

    version = serializers.IntegerField(help_text="Of the form.")
    config = serializers.CharField(
        help_text="XML; what its tags cannot say stands in an attribute."
    )


class NewLabelConfig(Strict):
    """A labelling configuration of Label Studio."""

    config = serializers.CharField(max_length=LONGEST_CONFIG, trim_whitespace=False)


class FormSchema(serializers.Serializer[Any]):
    """A form that is not published."""

    schema = ObjectField()


class Guideline(serializers.Serializer[Any]):
    """One version of a project's guideline."""

    version = serializers.IntegerField()
    text = serializers.CharField(allow_blank=True, help_text="Markdown.")
    published_at = serializers.DateTimeField()


class NewGuideline(Strict):
    """The text of a new version."""

    text = serializers.CharField(max_length=200_000, trim_whitespace=False, help_text="Markdown.")
    question = serializers.UUIDField(
        default=None,
        allow_null=True,
        help_text="The question whose answer it takes up; its reviewer is told the version.",
    )


class Reviewer(serializers.Serializer[Any]):
    """Somebody whom the project names as a reviewer."""

    id = serializers.UUIDField(source="membership.public_id", help_text="The id of the member.")
    name = serializers.CharField(source="membership.user.name")
    email = serializers.EmailField(source="membership.user.email")
    rater = serializers.UUIDField(
        allow_null=True, help_text="Under which name their reviews stand."
    )
    added_at = serializers.DateTimeField()
    paused_at = serializers.DateTimeField(allow_null=True)


class NewReviewer(Strict):
    """Whom to name."""

    member = serializers.UUIDField(help_text="The id of a member of the workspace.")
