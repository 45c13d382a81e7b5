"""After the answer: what automatic checks found in a review, in words, and whether its writer keeps or changes it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from feedback import access
from feedback.access import ProjectPlace
from feedback.actions.checks import answer, ask
from feedback.bodies import form_of
from feedback.errors import NotThere
from feedback.forms.domains import DOMAINS
from feedback.forms.slots import letters
from feedback.forms.words import in_words
from feedback.models import Assignment, CheckAnswer
from feedback.queries.desk import desk_item, sent_answer
from feedback.queries.reviews import review_of
from feedback.unseen import visible

from .desk_door import door, speaks_json

QUOTED = 160


@door("GET", "HEAD", "POST")
def checks(request: HttpRequest, place: ProjectPlace, review: uuid.UUID) -> HttpResponse:
    """What was found; `choice` says what becomes of it. For the desk's script: JSON, or 204 where nothing is to be asked."""
    found = access.own_review(place, review)
    if found.assignment is None:
        raise NotThere
    asked, at = ask(place=place, review=found, now=timezone.now()), _at(place)
    choice = request.POST.get("choice")
    if choice is not None:
        answer(asked=asked, choice=choice, now=timezone.now())
        changes = choice == CheckAnswer.Choice.CHANGE
        if speaks_json(request):
            return JsonResponse({"said": "Kept as it is."})
        return redirect("desk-change", *at, review) if changes else redirect("desk-next", *at)
    if speaks_json(request) and (not asked.findings or asked.choice):
        return HttpResponse(status=204)
    row = access.assignment(place, found.assignment.public_id)
    said = _sentences(asked.findings, row, DOMAINS[place.project.domain].noun)
    if speaks_json(request):
        here = reverse("desk-checks", args=[*at, review])
        return JsonResponse({"found": [str(each) for each in said], "url": here})
    current = review_of(row)
    assert current is not None
    context = {
        "workspace": place.workspace,
        "project": place.project,
        "review": review,
        "asked": asked,
        "said": said,
        "answer": in_words(form_of(current.form), sent_answer(current)),
    }
    return render(request, "feedback/desk_checks.html", context)


def _at(place: ProjectPlace) -> tuple[str, str]:
    return place.workspace.slug, place.project.slug


def _sentences(found: Sequence[Mapping[str, Any]], row: Assignment, noun: str) -> list[SafeString]:
    """Each finding as a sentence, with the words it is about out of the texts as their reviewer saw them."""
    order, slots = row.order_shown, desk_item(row).slots if found else []
    names = dict(zip(order, letters(len(order)), strict=True))
    texts = {
        position: [part["text"] for message in slot.messages for part in message["parts"]]
        for position, slot in zip(order, slots, strict=False)
    }
    return [_sentence(each, names, texts, noun) for each in found]


def _sentence(
    found: Mapping[str, Any],
    names: Mapping[int, str],
    texts: Mapping[int, Sequence[str]],
    noun: str,
) -> SafeString:
    position, evidence = found["position"], found["evidence"]
    who = f"{noun.capitalize()} {names[position]}" if len(names) > 1 else f"The {noun}"
    said = _quoted(texts[position], evidence)
    match found["check"]:
        case "quotation_missing":
            has = "the sources have it in other words" if evidence["near"] else "no source has it"
            return format_html("{} quotes “{}”: {}.", who, said, has)
        case "authority_not_found":
            return format_html("{} cites “{}” and never gives that authority in full.", who, said)
        case "patch_does_not_apply":
            line = f"{evidence['line']:,}"
            return format_html(
                "{} does not fit the file that the item gives: line {} is another one.", who, line
            )
        case "tests_failed":
            return format_html(
                "The tests that came with {} failed: exit {}.", who.lower(), evidence["exit"]
            )
        case "names_own_model":
            return format_html(
                "{} says which model it is: “{}”. Did that weigh with you?", who, said
            )
        case _:
            words, its = f"{evidence['words']:,}", f"{evidence['its_words']:,}"
            other = names[evidence["than"]]
            return format_html(
                "{} has {} words, {} {} has {}. Is it better, or longer?",
                who,
                words,
                noun,
                other,
                its,
            )


def _quoted(texts: Sequence[str], evidence: Mapping[str, Any]) -> SafeString:
    if "end" not in evidence:
        return visible("")
    words = " ".join(texts[evidence["part"]][evidence["start"] : evidence["end"]].split())
    return visible(words if len(words) <= QUOTED else words[: QUOTED - 1] + "…")
