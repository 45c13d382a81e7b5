"""Shapes of items, reviews and flags as a manager sees them: with models, positions and purposes."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from feedback.actions.views import LONGEST_NAME
from feedback.models import Flag as FlagRow
from feedback.models import Kind, Purpose, Rater, SavedView
from feedback.queries.items import ORDERS, STATES, prompt_line
from feedback.rest.fields import HashField, ObjectField
from feedback.rest.paging import PageQuery
from feedback.rest.reading import Strict

from .content import Document, Message, Provenance

ITEM_STATES = [(name, words) for name, (words, _) in STATES.items()]
ITEM_ORDERS = [(name, words) for name, (words, _) in ORDERS.items()]


class ItemQuery(PageQuery):
    """Which items."""

    state = serializers.ChoiceField(ITEM_STATES, default="", allow_blank=True)
    purpose = serializers.ChoiceField(Purpose.choices, default="", allow_blank=True)
    tag = serializers.CharField(default="", allow_blank=True, max_length=80)
    model = serializers.CharField(
        default="", allow_blank=True, max_length=200, help_text="Which wrote one of the responses."
    )
    external_id = serializers.CharField(default="", allow_blank=True, max_length=300)
    q = serializers.CharField(
        default="",
        allow_blank=True,
        max_length=300,
        help_text='Words in the prompt or in a review, as for a search engine: "a phrase", or, -not.',
    )
    sort = serializers.ChoiceField(ITEM_ORDERS, default="", allow_blank=True)


class Item(serializers.Serializer[Any]):
    """An item in a list."""

    id = serializers.UUIDField(source="public_id")
    external_id = serializers.CharField(source="record.external_id", allow_null=True)
    source = serializers.CharField(source="record.source.name")  # type: ignore[assignment]
    purpose = serializers.ChoiceField(Purpose.choices)
    state = serializers.ChoiceField(ITEM_STATES)
    tags = serializers.ListField(child=serializers.CharField(), source="record.tags")
    group = serializers.CharField(source="record.group_key", allow_blank=True)
    revision = serializers.IntegerField(source="revision.number")
    n_responses = serializers.IntegerField(source="responses")
    wanted = serializers.IntegerField(help_text="How many reviews are asked for.")
    given = serializers.IntegerField(help_text="How many count so far.")
    leased = serializers.IntegerField(help_text="How many reviewers hold it now.")
    prompt_line = serializers.SerializerMethodField(help_text="How the prompt begins.")
    created_at = serializers.DateTimeField(source="record.created_at")

    def get_prompt_line(self, item: Any) -> str:
        return prompt_line(item)


class Response(serializers.Serializer[Any]):
    """A response of an item."""

    id = serializers.UUIDField(source="public_id")
    position = serializers.IntegerField(help_text="From 1, in the order of import.")
    messages = Message(many=True)
    text_hash = HashField()
    provenance = Provenance()


class RaterName(serializers.Serializer[Any]):
    """Under which name a review stands; who that is, the project's reviewers say."""

    id = serializers.UUIDField(source="public_id")
    kind = serializers.ChoiceField(Rater.Kind.choices, source="rater_kind")
    external_key = serializers.CharField(allow_blank=True, help_text="As an import called them.")


class Effort(serializers.Serializer[Any]):
    """What the desk measured of a review besides its active time; kept as long as the workspace keeps effort."""

    first_input_ms = serializers.IntegerField(
        allow_null=True, help_text="Active time before the first answer."
    )
    typed = serializers.IntegerField(allow_null=True, help_text="Characters typed into free texts.")
    pasted = serializers.IntegerField(
        allow_null=True, help_text="Characters pasted into free texts."
    )
    reading = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="Active time by the position of the response, and by name of the other panes.",
    )


class Review(serializers.Serializer[Any]):
    """A revision of a review, with its body by positions."""

    id = serializers.UUIDField(source="public_id")
    item = serializers.UUIDField(source="item.public_id")
    rater = RaterName()
    kind = serializers.ChoiceField(Kind.choices)
    occasion = serializers.IntegerField()
    revision = serializers.IntegerField(help_text="The highest of an item and rater is current.")
    form_version = serializers.IntegerField(source="form.version")
    body = ObjectField(source="body.body", allow_null=True, help_text="Null once it was erased.")
    body_sha256 = HashField()
    order_shown = serializers.ListField(child=serializers.IntegerField())
    order_known = serializers.BooleanField()
    surplus = serializers.BooleanField(help_text="Sent when no place was free; not counted.")
    submitted_at = serializers.DateTimeField()
    received_at = serializers.DateTimeField()
    active_ms = serializers.IntegerField(allow_null=True)
    effort = Effort(allow_null=True, default=None)
    source = serializers.CharField(  # type: ignore[assignment]
        source="source.name", default=None, allow_null=True
    )
    external_id = serializers.CharField(allow_null=True)


class ItemDetail(Item):
    """An item with its texts, where they came from, and its current reviews."""

    content_hash = HashField(source="revision.content_hash")
    prompt = Message(many=True, source="revision.prompt")
    context = Document(many=True, source="revision.context")  # type: ignore[assignment]
    prompt_provenance = Provenance(source="revision.prompt_provenance", allow_null=True)
    context_provenance = Provenance(source="revision.context_provenance", allow_null=True)
    responses = serializers.SerializerMethodField()
    reviews = serializers.SerializerMethodField()

    @extend_schema_field(Response(many=True))
    def get_responses(self, item: Any) -> Any:
        return Response(self.context["responses"], many=True).data

    @extend_schema_field(Review(many=True))
    def get_reviews(self, item: Any) -> Any:
        return Review(self.context["reviews"], many=True).data


class Flag(serializers.Serializer[Any]):
    """What a reviewer said is wrong with an item."""

    id = serializers.UUIDField(source="public_id")
    item = serializers.UUIDField(source="item.public_id")
    rater = serializers.UUIDField(source="rater.public_id")
    reason = serializers.ChoiceField(FlagRow.Reason.choices)
    note = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()


FILTERS = ("state", "purpose", "tag", "external_id", "q")


class NewView(Strict):
    """A list of items to be kept under a name."""

    name = serializers.CharField(max_length=LONGEST_NAME)
    shared = serializers.BooleanField(
        default=False, help_text="For everybody who manages the project."
    )
    state = serializers.ChoiceField(ITEM_STATES, default="", allow_blank=True)
    purpose = serializers.ChoiceField(Purpose.choices, default="", allow_blank=True)
    tag = serializers.CharField(default="", allow_blank=True, max_length=80)
    external_id = serializers.CharField(default="", allow_blank=True, max_length=300)
    q = serializers.CharField(default="", allow_blank=True, max_length=300)
    sort = serializers.ChoiceField(ITEM_ORDERS, default="", allow_blank=True)


class View(serializers.Serializer[Any]):
    """A saved view: its query is that of a list of items."""

    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField()
    shared = serializers.BooleanField()
    own = serializers.SerializerMethodField()
    query = serializers.DictField(child=serializers.CharField())
    created_at = serializers.DateTimeField()

    def get_own(self, view: SavedView) -> bool:
        return bool(view.owner_id == self.context["user"].pk)
