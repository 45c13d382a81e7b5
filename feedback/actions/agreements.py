"""The agreement that a reviewer accepts before the first claim, in versions."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path

from django.db import transaction
from django.db.models import Max

from feedback.access import Place
from feedback.errors import Refusal
from feedback.models import Acceptance, Agreement, Membership, User, Workspace
from feedback.statements import run

FIRST_TEXT = Path(__file__).with_name("first_agreement.md")


class AgreementChanged(Refusal):
    """The agreement has changed since you opened it. Read the new version first."""

    code = "agreement_changed"


class AgreementNeeded(Refusal):
    """Before your first item, read and accept the agreement on what your reviews are used for."""

    code = "agreement_needed"
    status = 403


@transaction.atomic
def publish_agreement(
    *, workspace: Workspace, text: str | None, by: User | None, now: dt.datetime
) -> Agreement:
    """A new version; from now on everybody accepts it before the next claim. None: the text we start with."""
    words = text if text is not None else FIRST_TEXT.read_text()
    Workspace.objects.select_for_update().get(pk=workspace.pk)
    latest = Agreement.objects.filter(workspace=workspace).aggregate(n=Max("version"))["n"] or 0
    return Agreement.objects.create(
        workspace=workspace,
        version=latest + 1,
        text=words,
        sha256=hashlib.sha256(words.encode()).digest(),
        published_at=now,
        published_by=by,
    )


def latest_agreement(workspace: Workspace) -> Agreement:
    """The version in force."""
    return Agreement.objects.filter(workspace=workspace).latest("version")


ACCEPTED = """
SELECT g.id FROM feedback_agreement g
JOIN feedback_acceptance a ON a.agreement_id = g.id AND a.membership_id = %(membership)s
WHERE g.id = (SELECT l.id FROM feedback_agreement l WHERE l.workspace_id = %(workspace)s ORDER BY l.version DESC LIMIT 1)
"""


def accepted(membership: Membership) -> int | None:
    """The id of the version in force if this member has accepted it, else None. Every review asks it."""
    who = {"membership": membership.pk, "workspace": membership.workspace_id}
    rows = run(ACCEPTED, who)
    return int(rows[0][0]) if rows else None


def accept_agreement(*, place: Place, version: int, now: dt.datetime) -> Acceptance:
    """The member accepts the version they have read, which must be the one in force."""
    agreement = latest_agreement(place.workspace)
    if agreement.version != version:
        raise AgreementChanged
    acceptance, _ = Acceptance.objects.get_or_create(
        workspace=place.workspace,
        agreement=agreement,
        membership=place.membership,
        defaults={"accepted_at": now},
    )
    return acceptance
