"""Form and guideline of a project: read, compared with what was before, published anew, refused with the path of each fault."""

from __future__ import annotations

import json
from typing import Any

from feedback.actions import projects
from tests.web.pages import Reader
from tests.world import World

BASE = "/w/northgate/p/chat/"
FORM, GUIDELINE = BASE + "form/", BASE + "guideline/"


def schema(world: World) -> dict[str, Any]:
    return json.loads(json.dumps(world.project.forms.latest("version").schema))


def test_the_form_is_read_question_by_question(world: World) -> None:
    seen = Reader(world.mara).get(FORM)
    assert seen.status == 200
    assert "Form v1 6 questions on 2 responses; usually 4 min" in seen
    assert "Factual accuracy accuracy Count only what a specialist would correct" in seen
    assert "1 misleads 2 a main point is wrong" in seen
    assert "Free text, at least 80 characters, at most 4,000." in seen
    assert "The first." in seen


def test_a_new_version_is_published_and_says_what_it_changed(world: World) -> None:
    mara, form = Reader(world.mara), schema(world)
    assert "misleads" in mara.get(FORM + "json/")
    form["usual_minutes"] = 6
    form["questions"][1]["title"] = "Accuracy"
    seen = mara.follow(FORM + "json/", {"schema": json.dumps(form)})
    assert "Form v2 is in use." in seen
    assert "Usual time: 6 min, was 4 min." in seen
    assert "“Accuracy”, title: “Accuracy”, was “Factual accuracy”." in seen
    assert "Form v1" in mara.get(FORM + "v1/")
    assert mara.get(FORM + "v9/").status == 404


def test_the_same_form_published_twice_is_one_version(world: World) -> None:
    form = schema(world)
    form["usual_minutes"] = 7
    mara = Reader(world.mara)
    for _ in range(2):
        seen = mara.follow(FORM + "json/", {"schema": json.dumps(form)})
    assert "says the same as before, so there is no new version" in seen
    assert world.project.forms.count() == 2


def test_every_fault_of_a_form_is_told_with_its_path_and_what_was_written_stays(
    world: World,
) -> None:
    form = schema(world)
    form["questions"][1]["min"] = 9
    form["questions"][2]["colour"] = "red"
    seen = Reader(world.mara).post(FORM + "json/", {"schema": json.dumps(form)})
    assert seen.status == 422
    assert "questions[1].max" in seen
    assert "questions[2]" in seen
    assert "has no meaning here" in seen
    assert "colour" in seen.source.split("<textarea")[1]
    assert world.project.forms.count() == 1


def test_what_is_no_json_is_told_where(world: World) -> None:
    mara = Reader(world.mara)
    seen = mara.post(FORM + "json/", {"schema": '{\n  "desk" "compare"}'})
    assert seen.status == 422
    assert "This is not JSON: look at line 2, column 10." in seen
    assert "A form is a JSON object" in mara.post(FORM + "json/", {"schema": "[]"})
    assert world.project.forms.count() == 1


def test_a_reviewer_reads_the_guideline_and_no_more(world: World) -> None:
    ana = Reader(world.ana)
    seen = ana.get(GUIDELINE)
    assert seen.status == 200
    assert "Comparing two responses" in seen
    assert "New version" not in seen
    for path in (FORM, FORM + "json/", FORM + "v1/", GUIDELINE + "new/"):
        assert ana.get(path).status == 403
    assert Reader(world.eve).get(GUIDELINE).status == 404


def test_a_new_guideline_shows_what_changed_line_by_line(world: World) -> None:
    mara = Reader(world.mara)
    mara.post(GUIDELINE + "new/", {"text": "Read it.\r\nRate it.\r\nSend it."})
    seen = mara.follow(GUIDELINE + "new/", {"text": "Read it.\r\nRate it thrice.\r\nSend it."})
    assert "Guideline v3 is in force" in seen
    assert "<del>Rate it.</del><ins>Rate it thrice.</ins>" in seen.source
    assert "<span>Read it.</span>" in seen.source
    old = mara.get(GUIDELINE, {"v": "2"})
    assert "v3 is in force" in old
    assert "thrice" not in old
    assert mara.get(GUIDELINE, {"v": "8"}).status == 404


def test_the_same_guideline_is_no_new_version_and_an_empty_one_is_refused(world: World) -> None:
    mara = Reader(world.mara)
    text = world.project.guidelines.get().text
    assert "no new version" in mara.follow(GUIDELINE + "new/", {"text": text.replace("\n", "\r\n")})
    assert mara.post(GUIDELINE + "new/", {"text": " \r\n "}).status == 422
    assert world.project.guidelines.count() == 1


def test_many_versions_ask_no_more_questions(
    world: World, django_assert_max_num_queries: Any
) -> None:
    place, form = world.place(world.ines), schema(world)
    for minutes in range(5, 12):
        form["usual_minutes"] = minutes
        projects.publish_form(place=place, schema=form, now=world.now)
        projects.publish_guideline(place=place, text=str(minutes), now=world.now)
    mara = Reader(world.mara)
    with django_assert_max_num_queries(9):
        mara.get(FORM)
    with django_assert_max_num_queries(8):
        mara.get(GUIDELINE)
