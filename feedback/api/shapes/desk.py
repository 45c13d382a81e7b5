"""Shapes of reviewing: what a reviewer sees and sends. Letters, texts and the form; nothing that tells more."""

from __future__ import annotations

import datetime as dt
from typing import Any, get_args

from rest_framework import serializers

from feedback.actions.leases import SKIP_REASONS
from feedback.checks import CHECKS
from feedback.models import Assignment, CheckAnswer, Flag, Kind
from feedback.queries.desk import sent_answer
from feedback.queries.own import changeable_until
from feedback.readers import rows
from feedback.rest.fields import ObjectField
from feedback.rest.reading import Strict

BODY = (
    "Answers by question and letter, as docs/forms.md describes. Critiques come back with the offsets, in code points, "
    "and the words of the passage they stand at."
)
LONGEST_MS = 2**31 - 1


class NextQuestion(Strict):
    """Which item is wanted."""

    ahead = serializers.BooleanField(
        default=False, help_text="The one behind the open one, held briefly, to have it ready."
    )


class DeskPart(serializers.Serializer[Any]):
    text = serializers.CharField(allow_blank=True)
    format = serializers.ChoiceField(get_args(rows.TextFormat))


class DeskCall(serializers.Serializer[Any]):
    name = serializers.CharField(allow_blank=True)
    arguments = serializers.JSONField()


class DeskMessage(serializers.Serializer[Any]):
    role = serializers.ChoiceField(get_args(rows.Role))
    parts = DeskPart(many=True)
    tool_calls = DeskCall(many=True, required=False)
    tool = serializers.CharField(required=False, help_text="The tool whose result this is.")


class DeskDocument(serializers.Serializer[Any]):
    title = serializers.CharField(allow_blank=True)
    kind = serializers.ChoiceField(get_args(rows.DocumentKind))
    parts = DeskPart(many=True)


class DeskSlot(serializers.Serializer[Any]):
    letter = serializers.CharField()
    messages = DeskMessage(many=True)


class DeskDraft(serializers.Serializer[Any]):
    body = ObjectField(help_text=BODY)
    revision = serializers.IntegerField(help_text="What the next save is based on; 0 for none.")
    saved_at = serializers.DateTimeField(allow_null=True)


class DeskConcerns(serializers.Serializer[Any]):
    """Whom and what an item concerns, as far as its import said so for this purpose."""

    parties = serializers.ListField(child=serializers.CharField())
    source = serializers.CharField(allow_blank=True)  # type: ignore[assignment]
    author = serializers.CharField(allow_blank=True)
    named = serializers.BooleanField(help_text="A manager has given it to this reviewer.")


class Desk(serializers.Serializer[Any]):
    """An item as its reviewer sees it. Before it is disclosed: whom it concerns, and none of its texts."""

    disclosed = serializers.BooleanField(
        help_text="False where the project asks about conflicts first; go on by `disclosure`."
    )
    concerns = DeskConcerns(required=False)
    assignment = serializers.UUIDField()
    state = serializers.ChoiceField(Assignment.State.choices)
    leased_until = serializers.DateTimeField()
    form_version = serializers.IntegerField()
    form = ObjectField(
        help_text="What is asked (docs/forms.md), with the criteria of the item where they come with it; without weights."
    )
    prompt = DeskMessage(many=True, required=False)
    context = DeskDocument(many=True, required=False)  # type: ignore[assignment]
    slots = DeskSlot(
        many=True,
        required=False,
        help_text="The responses in the order shown to this reviewer.",
    )
    draft = DeskDraft(required=False)


class Beginning(serializers.Serializer[Any]):
    """How far somebody has come into a project."""

    agreed = serializers.BooleanField(help_text="They have accepted the agreement in force.")
    guideline = serializers.IntegerField(help_text="The version of the guideline in force.")
    guideline_read = serializers.IntegerField(
        allow_null=True, help_text="The version they have acknowledged."
    )
    practised = serializers.IntegerField(help_text="Practice items that they have answered.")
    practice = serializers.IntegerField(help_text="Practice items that there are.")
    finished = serializers.BooleanField()


class GuidelineRead(Strict):
    """Which version of the guideline was read."""

    guideline = serializers.IntegerField(min_value=1, max_value=2**31 - 1)


class ExpectedAnswer(serializers.Serializer[Any]):
    """What was expected of a practice item."""

    answers = ObjectField(
        allow_null=True, help_text="By question and position, as the import gave it."
    )
    explanation = serializers.CharField(allow_blank=True, allow_null=True)
    order = serializers.ListField(
        child=serializers.IntegerField(),
        allow_null=True,
        help_text="The positions in the order in which the caller saw them: the first was A.",
    )


class NewDraft(Strict):
    """What there is so far."""

    body = ObjectField(help_text=BODY)
    based_on = serializers.IntegerField(
        min_value=0, max_value=2**31 - 1, help_text="The revision it was edited from; 0 for none."
    )


class SavedDraft(serializers.Serializer[Any]):
    """A saved draft."""

    revision = serializers.IntegerField()
    saved_at = serializers.DateTimeField()
    leased_until = serializers.DateTimeField(
        allow_null=True, help_text="Null: the hold has run out; the draft is kept."
    )


class NewEffort(Strict):
    """What was measured of the work besides its active time. For quality and pay; no review is rejected for it."""

    first_input_ms = serializers.IntegerField(
        default=None, allow_null=True, min_value=0, help_text="Active time before the first answer."
    )
    typed = serializers.IntegerField(
        default=None, allow_null=True, min_value=0, help_text="Characters typed into free texts."
    )
    pasted = serializers.IntegerField(
        default=None, allow_null=True, min_value=0, help_text="Characters pasted into free texts."
    )
    reading = serializers.DictField(
        child=serializers.IntegerField(min_value=0),
        default=dict,
        help_text="Active time by slot letter, and by `prompt`, `sources`, `guideline` and `questions`.",
    )


class NewReview(Strict):
    """A whole answer."""

    body = ObjectField(help_text=BODY)
    active_ms = serializers.IntegerField(
        default=None,
        allow_null=True,
        min_value=0,
        max_value=LONGEST_MS,
        help_text="Milliseconds with the item in view and used; null if not measured.",
    )
    effort = NewEffort(default=None, allow_null=True)


class SentReview(serializers.Serializer[Any]):
    """A stored review."""

    review = serializers.UUIDField()
    surplus = serializers.BooleanField(
        help_text="It came when no place was free; kept, not counted."
    )
    repeated = serializers.BooleanField(help_text="This answer was there already.")


class NewSkip(Strict):
    """Why the item goes to somebody else."""

    reason = serializers.ChoiceField(list(SKIP_REASONS.items()))
    note = serializers.CharField(default="", allow_blank=True, max_length=2000)


class NewFlag(Strict):
    """What is wrong with the item."""

    reason = serializers.ChoiceField(Flag.Reason.choices)
    note = serializers.CharField(default="", allow_blank=True, max_length=2000)


class FlagMade(serializers.Serializer[Any]):
    """A stored flag."""

    flag = serializers.UUIDField(source="public_id")


class Held(serializers.Serializer[Any]):
    """Until when the item is held."""

    leased_until = serializers.DateTimeField()


class OwnReview(serializers.Serializer[Any]):
    """A current review of one's own, by the letters under which one saw the responses."""

    id = serializers.UUIDField(source="public_id")
    workspace = serializers.CharField(source="project.workspace.slug")
    project = serializers.CharField(source="project.slug")
    assignment = serializers.UUIDField(
        source="assignment.public_id", help_text="Shows the item and its form again."
    )
    kind = serializers.ChoiceField(Kind.choices)
    revision = serializers.IntegerField()
    submitted_at = serializers.DateTimeField()
    changeable_until = serializers.SerializerMethodField()
    surplus = serializers.BooleanField()
    body = serializers.SerializerMethodField(help_text=BODY)

    def get_changeable_until(self, review: Any) -> dt.datetime:
        return changeable_until(review)

    def get_body(self, review: Any) -> dict[str, Any]:
        return sent_answer(review)


class Finding(serializers.Serializer[Any]):
    """What a check found in a response."""

    check = serializers.ChoiceField([(check.name, check.title) for check in CHECKS])
    response = serializers.CharField(allow_null=True, help_text="Its letter; null: in the item.")
    evidence = ObjectField(
        help_text="Places in code points and numbers; `than` is the letter of another response."
    )


class Checks(serializers.Serializer[Any]):
    """What automatic checks found in a review, and what its writer decided."""

    findings = Finding(many=True)
    choice = serializers.ChoiceField(CheckAnswer.Choice.choices, allow_null=True)
    answered_at = serializers.DateTimeField(allow_null=True)


class CheckChoice(Strict):
    """What becomes of the review."""

    choice = serializers.ChoiceField(CheckAnswer.Choice.choices)
