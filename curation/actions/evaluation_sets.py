"""Evaluation sets of a project: registered from a file, from its own evaluation items or from those bundled; and retired."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from pathlib import Path

from django.db import transaction

from curation.frames import text_of
from curation.methods.contamination import SCHEME, EvaluationText, as_evaluation
from curation.methods.evaluation_files import Texts, UnreadableSet, read_texts
from curation.methods.templates import last_turn
from curation.models import EvaluationSet
from curation.models import EvaluationText as Row
from feedback.access import ProjectPlace
from feedback.actions.archiving import refuse_archived
from feedback.actions.importing.rows import copy_rows
from feedback.errors import Invalid, Refusal
from feedback.models import Item, Project, Purpose, Response

BUNDLED = {"HumanEval": ("HumanEval.jsonl.gz", "MIT")}
FOLDER = Path(__file__).parents[1] / "bundled"
MOST_ITEMS = 50_000


class SetExists(Refusal):
    """A set of this name is registered already; retire it first, or take another name."""

    code = "set_exists"


class NoEvaluationItems(Refusal):
    """This project has no items for evaluation."""

    code = "no_evaluation_items"


def register_upload(
    *,
    place: ProjectPlace,
    name: str,
    content: bytes,
    now: dt.datetime,
    fields: Sequence[str] = (),
    licence: str = "",
) -> EvaluationSet:
    """Register the texts of a file. Raises Invalid and SetExists."""
    try:
        texts = read_texts(content, fields)
    except UnreadableSet as why:
        problems = [{"field": "file", "code": why.code, "sentence": why.sentence}]
        raise Invalid(why.sentence, problems=problems) from why
    origin = EvaluationSet.Origin.UPLOAD
    return _register(place, name, origin, texts, licence=licence, now=now)


def register_bundled(*, place: ProjectPlace, name: str, now: dt.datetime) -> EvaluationSet:
    """Register a set that comes with Touchstone. Raises Invalid for an unknown name, and SetExists."""
    if name not in BUNDLED:
        problem = {"field": "bundled", "code": "unknown_set"}
        raise Invalid(f"There is no bundled set “{name}”.", problems=[problem])
    file, licence = BUNDLED[name]
    texts = read_texts((FOLDER / file).read_bytes())
    origin = EvaluationSet.Origin.BUNDLED
    return _register(place, name, origin, texts, licence=licence, now=now)


def register_items(*, place: ProjectPlace, name: str, now: dt.datetime) -> EvaluationSet:
    """Register prompts and responses of the project's evaluation items as they are now. Raises NoEvaluationItems."""
    texts = _texts_of_items(place.project)
    if not texts.texts:
        raise NoEvaluationItems
    return _register(place, name, EvaluationSet.Origin.ITEMS, texts, licence="", now=now)


@transaction.atomic
def retire_set(*, place: ProjectPlace, evaluation_set: EvaluationSet, now: dt.datetime) -> None:
    """Later runs no longer look for it; those that did keep what they found. Retiring it again changes nothing."""
    rows = EvaluationSet.objects.filter(pk=evaluation_set.pk, project=place.project)
    rows.filter(retired_at=None).update(retired_at=now)


@transaction.atomic
def _register(
    place: ProjectPlace,
    name: str,
    origin: EvaluationSet.Origin,
    texts: Texts,
    *,
    licence: str,
    now: dt.datetime,
) -> EvaluationSet:
    project = Project.objects.select_for_update().get(pk=place.project.pk)
    refuse_archived(project)
    name = name.strip()
    if not name or len(name) > 120:
        problem = {"field": "name", "code": "bad_name"}
        raise Invalid("A set has a name of 1 to 120 characters.", problems=[problem])
    if EvaluationSet.objects.filter(project=project, name=name, retired_at=None).exists():
        raise SetExists
    found = as_evaluation(name, texts.names, texts.texts)
    if not found:
        problem = {"field": "file", "code": "set_too_short"}
        raise Invalid("No text of it has eight words; nothing could be found.", problems=[problem])
    n_texts = len({*texts.names} & {text.name for text in found})
    row = EvaluationSet.objects.create(
        workspace=place.workspace,
        project=project,
        name=name,
        origin=origin,
        licence=licence,
        scheme=SCHEME,
        sha256=digest_of(found),
        n_texts=n_texts,
        n_short=len(texts.texts) - n_texts,
        created_at=now,
        created_by=place.user,
    )
    copy_rows(
        Row,
        ("workspace_id", "set_id", "number", "name", "windows"),
        (
            (row.workspace_id, row.pk, number, text.name, text.windows.astype("<u8").tobytes())
            for number, text in enumerate(found, start=1)
        ),
    )
    return row


def digest_of(texts: Sequence[EvaluationText]) -> bytes:
    """What makes two sets find the same: the set's name, and names and windows of its texts."""
    sha = hashlib.sha256(SCHEME.encode())
    for text in texts:
        sha.update(f"{text.set}\x00{text.name}\x00{len(text.windows)}\x00".encode())
        sha.update(text.windows.astype("<u8").tobytes())
    return sha.digest()


def _texts_of_items(project: Project) -> Texts:
    """Prompt with context, and each response, of every item that is for evaluation."""
    names: list[str] = []
    texts: list[str] = []
    items = Item.objects.filter(project=project, purpose=Purpose.EVALUATION)
    rows = items.select_related("revision").order_by("pk")[:MOST_ITEMS]
    for item in rows.iterator(chunk_size=2000):
        if item.revision is None:
            continue
        names.append(f"{item.public_id} prompt")
        texts.append(last_turn(item.revision.prompt, item.revision.context))
    answers = Response.objects.filter(
        revision__item__project=project, revision__item__purpose=Purpose.EVALUATION
    ).values_list("public_id", "messages")
    for public_id, messages in answers.order_by("pk")[: 4 * MOST_ITEMS].iterator(chunk_size=2000):
        names.append(f"{public_id} response")
        texts.append(text_of(messages))
    return Texts(names=names, texts=texts)
