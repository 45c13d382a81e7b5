"""The editor of a form: a real form, one round trip for each change, and the desk that shows what it would be."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from feedback.actions import projects
from feedback.actions.claim import claim_next
from feedback.actions.submit import submit_review
from feedback.forms.editing import blank, controls, to_fields
from feedback.forms.questions import BY_KIND
from feedback.models import Assignment, FormVersion, Review
from feedback.policy.effort import Effort
from tests.web.pages import Reader, Seen
from tests.world import FULL, World, make_item

FORM = "/w/northgate/p/chat/form/"
EDIT, PREVIEW = FORM + "new/", FORM + "preview/"


def fields(world: World, **changes: str) -> dict[str, Any]:
    latest = world.project.forms.latest("version")
    return {
        **to_fields(latest.schema),
        **{name.replace("__", "."): v for name, v in changes.items()},
    }


def shown(seen: Seen) -> dict[str, list[str]]:
    """The fields of the editor as a browser would send them."""
    form = seen.source.split('id="editor"')[1].split("</form>")[0]
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input [^>]*>", form):
        name = re.search(r' name="([^"]*)"', tag)
        value = re.search(r' value="([^"]*)"', tag)
        if name and ('type="checkbox"' not in tag or " checked" in tag):
            found.setdefault(name[1], []).append(unescape(value[1] if value else ""))
    for name, text in re.findall(r'<textarea [^>]*name="([^"]*)"[^>]*>\n?([^<]*)</textarea>', form):
        found[name] = [unescape(text)]
    for name, inside in re.findall(r'<select [^>]*name="([^"]*)">(.*?)</select>', form):
        chosen = re.search(r'value="([^"]*)" selected', inside)
        found[name] = [unescape(chosen[1])] if chosen else []
    return found


def titles(seen: Seen) -> list[str]:
    return re.findall(r'<legend><span class="no">\d+</span>([^<]*)</legend>', seen.source)


def test_the_editor_shows_the_form_and_sends_it_back_as_it_was(world: World) -> None:
    mara = Reader(world.mara)
    seen = mara.get(EDIT)
    assert "Nothing so far" in seen
    assert titles(seen)[:2] == ["Which response is better overall?", "Factual accuracy"]
    sent = shown(seen)
    again = mara.follow(EDIT, {**sent, "do": "publish"})
    assert "says the same as before" in again
    assert world.project.forms.count() == 1


def test_questions_are_added_moved_and_removed_without_a_script(world: World) -> None:
    mara = Reader(world.mara)
    moved = mara.post(EDIT, {**fields(world), "do": "up:1"})
    assert titles(moved)[:2] == ["Factual accuracy", "Which response is better overall?"]
    assert "“Factual accuracy” is now question 1." in moved
    removed = mara.post(EDIT, {**shown(moved), "do": "remove:1"})
    assert "Which response is better overall?" not in titles(removed)
    assert "is no longer asked" in removed
    added = mara.post(EDIT, {**shown(removed), "do": "add:rating"})
    assert titles(added)[-1] == "A new question"
    assert "It cannot be published yet" in added
    last = len(titles(added)) - 1
    named = {**shown(added), f"q.{last}.title": "Tone", f"q.{last}.anchors.0.key": "1"}
    named[f"q.{last}.anchors.0.words"] = "rude"
    published = mara.follow(EDIT, {**named, "do": "publish"})
    assert "Form v2 is in use" in published
    assert "“Tone” is new." in published
    latest = world.project.forms.latest("version").schema["questions"][-1]
    assert (latest["title"], latest["anchors"]) == ("Tone", {"1": "rude"})


def options_of(world: World, page: Seen) -> list[str]:
    """The titles of the options of the form's choice, in the order of the editor."""
    sent = shown(page)
    return [
        value[0]
        for name, value in sent.items()
        if re.fullmatch(r"q\.3\.options\.\d+\.title", name) and value[0]
    ]


def test_lines_of_a_list_move_without_a_script_and_empty_ones_do_not_count(world: World) -> None:
    mara = Reader(world.mara)
    before = options_of(world, mara.get(EDIT))
    moved = mara.post(EDIT, {**fields(world), "do": "up:q.3.options:1"})
    assert options_of(world, moved) == [before[1], before[0], *before[2:]]
    assert "Moved up." in moved
    gap = {name: "" if ".options.0." in name else value for name, value in fields(world).items()}
    again = mara.post(EDIT, {**gap, "do": "down:q.3.options:1"})
    assert options_of(world, again)[:2] == [before[2], before[1]]
    for nothing in ("up:q.3.options:0", "down:q.3.options:59", "up:q.99.options:1", "up:q.0.x:1"):
        assert options_of(world, mara.post(EDIT, {**fields(world), "do": nothing})) == before


@pytest.mark.parametrize("kind", BY_KIND)
def test_every_type_of_question_can_be_added(world: World, kind: str) -> None:
    seen = Reader(world.mara).post(EDIT, {**fields(world), "do": f"add:{kind}"})
    assert seen.status == 200
    assert f'<span class="badge" data-tone="none">{kind}</span>' in seen.source


def test_what_is_wrong_stands_beside_its_field_and_nothing_is_published(world: World) -> None:
    wrong = fields(world, q__1__min="9", q__1__title="", responses__min="7", do="publish")
    seen = Reader(world.mara).post(EDIT, wrong)
    assert seen.status == 422
    assert "Not published" in seen
    assert "The most must not be below the fewest." in seen
    assert "This must not be empty." in seen
    assert world.project.forms.count() == 1


def test_the_desk_shows_the_form_that_is_being_edited(world: World) -> None:
    make_item(world.project, "Why is the sky blue?")
    mara = Reader(world.mara)
    before = mara.get(PREVIEW)
    assert "Why is the sky blue?" in before
    assert before.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in before.headers["Content-Security-Policy"]
    edited = mara.post(PREVIEW, fields(world, q__0__title="Which would you send?"))
    assert "Which would you send?" in edited
    assert "Which would you send?" not in before
    unfit = mara.post(PREVIEW, fields(world, q__1__min="9"))
    assert "when it is whole" in unfit
    assert "questions[1].max" in unfit
    assert mara.get(EDIT).headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_a_project_without_items_is_shown_sample_texts(world: World, count: int) -> None:
    schema = {
        **world.project.forms.latest("version").schema,
        "responses": {"min": count, "max": max(count, 2)},
    }
    seen = Reader(world.mara).post(PREVIEW, to_fields(schema))
    assert seen.status == 200
    assert "The text that a reviewer reads stands here." in seen or count == 0


def test_what_is_in_flight_is_finished_on_the_version_it_began_with(world: World) -> None:
    item = make_item(world.project, wanted=2)
    claim = claim_next(place=world.place(world.ana), now=world.now)
    assert claim is not None
    first = world.project.forms.get()
    gone = {**first.schema, "questions": first.schema["questions"][:1]}
    projects.publish_form(place=world.place(world.mara), schema=gone, now=world.now)
    assert FormVersion.objects.filter(project=world.project).count() == 2
    desk = Reader(world.ana).get(f"/w/northgate/p/chat/desk/{claim.public_id}/")
    assert "Factual accuracy" in desk
    submit_review(
        place=world.place(world.ana),
        assignment=Assignment.objects.get(public_id=claim.public_id),
        slots=FULL,
        effort=Effort(),
        now=world.now,
    )
    assert Review.objects.get(item=item).form == first
    later = claim_next(place=world.place(world.ben), now=world.now)
    assert later is not None
    seen = Reader(world.ben).get(f"/w/northgate/p/chat/desk/{later.public_id}/")
    assert "Factual accuracy" not in seen


def test_htmx_is_answered_with_the_editor_alone(world: World) -> None:
    seen = Reader(world.mara).post(EDIT, {**fields(world), "do": "look"}, HX_Request="true")
    assert seen.source.lstrip().startswith('<form method="post" id="editor"')
    assert "</html>" not in seen.source


def test_a_reviewer_edits_no_form(world: World) -> None:
    for path in (EDIT, PREVIEW, FORM + "json/"):
        assert Reader(world.ana).get(path).status == 403


def whole(kind: str) -> dict[str, Any]:
    """A question of a type with something in every list that it must have."""
    question = blank(kind, {"questions": []}) | {"title": f"Asked as {kind}"}
    for control in controls(kind):
        if control.shape == "rows" and not control.optional:
            numbers = ("whole", "number")
            row = {c.name: 1 if c.shape in numbers else "bad" for c in control.columns}
            question[control.name] = [row]
    return question


def test_the_page_of_a_form_reads_out_questions_of_every_type(world: World) -> None:
    mara = Reader(world.mara)
    for kind in BY_KIND:
        schema = {
            "desk": "compare",
            "responses": {"min": 1, "max": 5},
            "usual_minutes": 4,
            "questions": [whole(kind)],
        }
        projects.publish_form(place=world.place(world.mara), schema=schema, now=world.now)
        seen = mara.get(FORM)
        assert seen.status == 200
        assert f"Asked as {kind}" in seen
        assert (mara.get(EDIT).status, mara.get(PREVIEW).status) == (200, 200)
