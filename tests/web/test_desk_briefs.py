"""The legal desk without a script: each citation leads to its place, each authority is marked, and a worker finds them first."""

from __future__ import annotations

import html
import re
from typing import Any

import orjson
import pytest
from django.core.cache import cache
from django.test import Client
from eyecite import get_citations

from feedback.actions.citing import find_citations_of_import, find_citations_of_revision
from feedback.actions.importing.run import run_import
from feedback.actions.importing.start import Incoming, start_import
from feedback.actions.projects import add_reviewer
from feedback.law.words import words_of
from feedback.models import (
    Announcement,
    Citations,
    ItemRevision,
    Membership,
    Project,
    Response,
    Review,
)
from feedback.tasks import citations_missing
from tests.law.large import brief
from tests.law.opinion import document, typed
from tests.web.test_desk import JSON, body_of, claimed, signed_in
from tests.world import World, make_item, make_project

BRIEF = "# Argument\n\nSee *Roe v. Doe*, 410 U.S. 113, 120 (1973). It is so.\n\n*Id.* at 121. But see Cy v. Dot, 9 F.3d 8 (1990).\n"
WHY = "In paragraph 2 the pinned page is wrong; checked against the volume of the reporter itself."


@pytest.fixture
def project(world: World) -> Project:
    made = make_project(
        world.ines, world.workspace, world.now, name="Briefs", domain="brief_review"
    )
    # What is asked before the text has tests of its own.
    Project.objects.filter(pk=made.pk).update(check_conflicts=False)
    ana = Membership.objects.get(workspace=world.workspace, user=world.ana)
    add_reviewer(place=world.place(world.ines, made), membership=ana, now=world.now)
    return made


@pytest.fixture
def ana(world: World) -> Client:
    return signed_in(world.ana)


def markdown(project: Project, text: str) -> None:
    item = make_item(project, "Review it.", (text,))
    messages = [
        {"role": "assistant", "parts": [{"type": "text", "text": text, "format": "markdown"}]}
    ]
    Response.objects.filter(revision=item.revision).update(messages=messages)
    # As a worker does after an import.
    found = {"workspace_id": project.workspace_id, "revision_id": item.revision_id}
    find_citations_of_revision(**found, now=item.revision.created_at)


def test_every_citation_of_the_opinion_leads_from_the_table_to_its_place(
    project: Project, ana: Client
) -> None:
    markdown(project, document())
    page = body_of(ana.get(claimed(ana, project)))
    cited = re.findall(r'<a class="cite" id="(A-c\d+)" href="#(A-on-[\w-]+)"', page)
    assert len(cited) == len(get_citations(words_of(document(), "markdown").text)) == 165
    ids = set(re.findall(r' id="([^"]+)"', page))
    assert {there for _, there in cited} <= ids
    rows = re.findall(r'<li id="(A-on-[\w-]+)".*?</li>', page, re.DOTALL)
    assert set(rows) == {there for _, there in cited}
    places = re.findall(r'<a href="#(A-c\d+)" data-anchor=', page)
    assert set(places) <= {anchor for anchor, _ in cited}
    paragraphs = re.findall(r'class="pn" href="#(A-p\d+)"', page)
    assert set(paragraphs) <= ids
    assert len(paragraphs) == len(set(paragraphs)) > 100


def plain(page: str) -> dict[str, str]:
    """The controls of a page without a script, as a browser would send them."""
    fields = dict(
        re.findall(r'<input type="hidden" name="(authorities\.[^"]+)" value="([^"]*)"', page)
    )
    return {name: html.unescape(value) for name, value in fields.items()}


def test_authorities_are_marked_without_a_script(project: Project, ana: Client) -> None:
    markdown(project, BRIEF)
    address = claimed(ana, project)
    page = body_of(ana.get(address))
    assert "Roe v. Doe" in page
    fields: dict[str, Any] = plain(page) | {
        "authorities": "",
        "authorities.A.410-u-s-113.verdict": "superseded",
        "authorities.A.410-u-s-113.note": "See Dobbs.",
        "authorities.A.9-f-3d-8.verdict": "exists",
        "authorities.A.9-f-3d-8.note": "",
        "sign.A": "2",
        "argument.A": "3",
        "why": WHY,
        "cannot_judge": "",
        "cannot_judge_note": "",
    }
    assert ana.post(address, fields).status_code == 302
    first, second = Review.objects.get().body.body["answers"]["authorities"]
    assert (first["authority"], first["category"], first["severity"]) == (
        "410-u-s-113",
        "superseded",
        "critical",
    )
    assert first["anchor"]["exact"] == "Roe v. Doe*, 410 U.S. 113, 120"
    assert BRIEF[first["anchor"]["start"] : first["anchor"]["end"]] == first["anchor"]["exact"]
    assert (second["category"], second["comment"]) == ("exists", "")


def test_a_draft_of_marks_comes_back(project: Project, ana: Client) -> None:
    markdown(project, BRIEF)
    address = claimed(ana, project)
    anchor = {"type": "span", "part": 0, "start": 18, "end": 46, "exact": BRIEF[18:46]}
    mark = {
        "id": "a1",
        "on": "A",
        "authority": "410-u-s-113",
        "everywhere": False,
        "anchor": anchor,
    }
    mark |= {"category": "misquoted", "severity": "major", "comment": "Not its words."}
    fields = {"authorities": orjson.dumps([mark]).decode(), "_based_on": "0"}
    assert (
        ana.post(f"{address}draft/", fields, headers={"Accept": "application/json"}).status_code
        == 200
    )
    page = body_of(ana.get(address))
    assert '<option value="misquoted" selected>' in page
    assert "Not its words." in page


def test_citations_are_found_once_and_kept_as_places(
    project: Project, ana: Client, monkeypatch: Any
) -> None:
    markdown(project, BRIEF)
    address = claimed(ana, project)
    ana.get(address)
    kept = Citations.objects.get()
    assert "Roe" not in str(kept.found)
    monkeypatch.setattr("feedback.actions.citing.find_authorities", None)
    assert "Roe v. Doe" in body_of(ana.get(address))


def test_a_worker_finds_the_citations_of_an_import(
    world: World, project: Project, ana: Client, monkeypatch: Any
) -> None:
    place = world.place(world.ines, project)
    incoming = Incoming("opinion.txt", [typed().encode()])
    job = start_import(place=place, incoming=incoming, now=world.now)
    run_import(workspace_id=job.workspace_id, job_id=job.pk, clock=lambda: world.now)
    find_citations_of_import(workspace_id=job.workspace_id, job_id=job.pk, now=world.now)
    assert len(Citations.objects.get().found) > 35
    find_citations_of_import(workspace_id=world.elsewhere.pk, job_id=job.pk, now=world.now)
    assert Citations.objects.count() == 1
    monkeypatch.setattr("feedback.actions.citing.find_authorities", None)
    assert "Regents of Univ. of Cal. v. Bakke" in body_of(ana.get(claimed(ana, project)))


def test_the_desk_asks_a_bounded_number_of_questions(
    project: Project, ana: Client, django_assert_max_num_queries: Any
) -> None:
    markdown(project, BRIEF)
    address = claimed(ana, project)
    ana.get(address)
    with django_assert_max_num_queries(15):
        ana.get(address)


def test_quotations_are_shown_beside_the_passage_they_come_near_to(
    world: World, project: Project, ana: Client
) -> None:
    text = "It held “the school must show that its whole program is narrowly tailored” and “that it may never defer”."
    markdown(project, text)
    revision = ItemRevision.objects.get()
    source = "We say that the University must show that its program is narrowly tailored. It was <b>so</b>."
    parts = [{"type": "text", "text": source, "format": "plain"}]
    ItemRevision.objects.filter(pk=revision.pk).update(
        context=[{"title": "Opinion below", "kind": "source", "parts": parts}]
    )
    address = claimed(ana, project)
    desk = body_of(ana.get(address))
    assert f'href="{address}quotations/"' in desk
    page = body_of(ana.get(f"{address}quotations/"))
    assert "Other words" in page
    assert "<del>school</del> must show that its <del>whole</del> program" in page
    assert "<ins>University</ins> must show that its program" in page
    assert "In no source" in page
    assert f'href="{address}#A-p1"' in page
    fragment = body_of(ana.get(f"{address}quotations/", headers={"HX-Request": "true"}))
    assert "<html" not in fragment
    assert 'href="#A-p1"' in fragment
    assert signed_in(world.ben).get(f"{address}quotations/").status_code == 404


def test_a_long_brief_is_shown_at_once_and_its_authorities_when_a_worker_has_found_them(
    project: Project, ana: Client
) -> None:
    cache.clear()
    item = make_item(project, "Review it.", (brief(),))
    address = claimed(ana, project)
    page = body_of(ana.get(address))
    assert "are still being found" in page
    assert 'class="cite"' not in page
    assert len(page) > len(brief())
    asked = ana.post(f"{address}authorities/", headers=JSON)
    assert asked.json() == {"found": False}
    (wish,) = Announcement.objects.filter(name="feedback.citations_missing")
    citations_missing(workspace_id=wish.workspace_id, **wish.payload)
    assert ana.post(f"{address}authorities/", headers=JSON).json() == {"found": True}
    page = body_of(ana.get(address))
    assert "are still being found" not in page
    assert len(re.findall(r'<a class="cite" id="A-c\d+"', page)) > 400
    assert wish.payload == {"revision_id": item.revision_id}
