"""Shapes of people: oneself, workspaces, members, invitations, keys, the agreement."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from feedback.actions.own import TEXT_PERCENTS
from feedback.actions.workspaces import EFFORT_DAYS
from feedback.models import Role, Scope, User
from feedback.rest.fields import HashField
from feedback.rest.reading import Strict


class Me(serializers.Serializer[Any]):
    """Who asks, and with which key."""

    name = serializers.CharField(source="user.name")
    email = serializers.EmailField(source="user.email")
    workspace = serializers.CharField(
        source="key.workspace.slug", default=None, allow_null=True, help_text="The key's workspace."
    )
    scopes = serializers.ListField(
        child=serializers.ChoiceField(Scope.choices),
        source="key.scopes",
        default=None,
        allow_null=True,
        help_text="What the key may do; null for a signed-in browser, which may do what the person may.",
    )
    expires_at = serializers.DateTimeField(
        source="key.expires_at", default=None, allow_null=True, help_text="When the key runs out."
    )


class OwnSettings(serializers.Serializer[Any]):
    """How the caller reads and works."""

    name = serializers.CharField()
    theme = serializers.ChoiceField(User.Theme.choices)
    text_percent = serializers.ChoiceField(TEXT_PERCENTS)
    time_zone = serializers.CharField(help_text="A name of the IANA time zone database.")
    panes = serializers.ChoiceField(User.Panes.choices)
    prompt_folded = serializers.BooleanField()
    scroll_together = serializers.BooleanField()
    digest = serializers.ChoiceField(User.Digest.choices)
    keys = serializers.DictField(
        child=serializers.CharField(),
        help_text="Keys of the desk that were moved: the key as delivered, and the one in its place.",
    )


class OwnChanges(Strict):
    """Settings to change; what is left out stays. `keys` replaces every key of one's own."""

    name = serializers.CharField(required=False, allow_blank=True, max_length=200)
    theme = serializers.ChoiceField(User.Theme.choices, required=False)
    text_percent = serializers.ChoiceField(TEXT_PERCENTS, required=False)
    time_zone = serializers.CharField(required=False, max_length=64)
    panes = serializers.ChoiceField(User.Panes.choices, required=False)
    prompt_folded = serializers.BooleanField(required=False)
    scroll_together = serializers.BooleanField(required=False)
    digest = serializers.ChoiceField(User.Digest.choices, required=False)
    keys = serializers.DictField(child=serializers.CharField(max_length=4), required=False)


class Workspace(serializers.Serializer[Any]):
    """A workspace and one's role in it."""

    slug = serializers.CharField(source="workspace.slug")
    name = serializers.CharField(source="workspace.name")
    role = serializers.ChoiceField(Role.choices)
    member_since = serializers.DateTimeField(source="created_at")


class WorkspaceSettings(serializers.Serializer[Any]):
    """What holds for everybody in a workspace."""

    mfa_required = serializers.BooleanField(
        help_text="Whoever has no second factor sees nothing of the workspace until they have one; keys go on."
    )
    device_outbox_allowed = serializers.BooleanField(
        help_text="Words may be kept on a reviewer's device while the server is away."
    )
    effort_days = serializers.IntegerField(
        help_text="After how many days times and typing counts are forgotten."
    )


class WorkspaceChanges(Strict):
    """Settings to be changed; what is left out stays."""

    mfa_required = serializers.BooleanField(required=False)
    device_outbox_allowed = serializers.BooleanField(required=False)
    effort_days = serializers.IntegerField(
        required=False, min_value=EFFORT_DAYS[0], max_value=EFFORT_DAYS[-1]
    )


class Member(serializers.Serializer[Any]):
    """Somebody who belongs to the workspace."""

    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField(source="user.name")
    email = serializers.EmailField(source="user.email")
    role = serializers.ChoiceField(Role.choices)
    member_since = serializers.DateTimeField(source="created_at")


class MemberChanges(Strict):
    """Another role for a member."""

    role = serializers.ChoiceField(Role.choices)


class Invitation(serializers.Serializer[Any]):
    """A link that somebody may still use."""

    id = serializers.UUIDField(source="public_id")
    email = serializers.CharField(allow_blank=True)
    role = serializers.ChoiceField(Role.choices)
    projects = serializers.SerializerMethodField(help_text="Where they will review, by slug.")
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()

    def get_projects(self, invitation: Any) -> list[str]:
        return [row.project.slug for row in invitation.projects.all()]


class NewInvitation(Strict):
    """Whom to invite: to which role, and as a reviewer of which projects."""

    role = serializers.ChoiceField(Role.choices)
    email = serializers.EmailField(
        default="", allow_blank=True, help_text="For your own notes; nothing is sent."
    )
    projects = serializers.ListField(
        child=serializers.SlugField(), default=list, max_length=50, help_text="Slugs of projects."
    )


class InvitationMade(Invitation):
    """A new invitation with its link, which is shown only now."""

    link = serializers.URLField(allow_null=True, help_text="Null when a request is replayed.")


class Key(serializers.Serializer[Any]):
    """An API key without its secret."""

    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField()
    prefix = serializers.CharField(help_text="How the key begins; enough to recognise it.")
    scopes = serializers.ListField(child=serializers.ChoiceField(Scope.choices))
    dataset = serializers.CharField(
        source="dataset_slug",
        allow_blank=True,
        help_text="The one dataset it may load, if not all.",
    )
    member = serializers.UUIDField(source="membership.public_id", help_text="For whom it acts.")
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True)


class NewKey(Strict):
    """What a new key is for."""

    name = serializers.CharField(max_length=120)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(Scope.choices), allow_empty=False, max_length=len(Scope)
    )
    days = serializers.IntegerField(
        default=None,
        allow_null=True,
        min_value=1,
        max_value=3650,
        help_text="Null: it does not run out.",
    )
    dataset = serializers.SlugField(default="", allow_blank=True, max_length=96)


class KeyMade(Key):
    """A new key with its secret, which is shown only now."""

    secret = serializers.CharField(allow_null=True, help_text="Null when a request is replayed.")


class Agreement(serializers.Serializer[Any]):
    """The version of the agreement in force."""

    version = serializers.IntegerField()
    text = serializers.CharField(help_text="Markdown.")
    sha256 = HashField()
    published_at = serializers.DateTimeField()
    accepted = serializers.SerializerMethodField(help_text="Whether the caller has accepted it.")

    def get_accepted(self, agreement: Any) -> bool:
        return bool(self.context["accepted"])


class NewAgreement(Strict):
    """The text of a new version."""

    text = serializers.CharField(max_length=100_000, trim_whitespace=False)


class Accepting(Strict):
    """Which version has been read."""

    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1)


class Acceptance(serializers.Serializer[Any]):
    """That the caller has accepted a version."""

    version = serializers.IntegerField(source="agreement.version")
    accepted_at = serializers.DateTimeField()
