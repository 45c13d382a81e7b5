"""Questions about items: asked at the desk, answered by who manages, taken up by the guideline, seen by nobody else."""

from __future__ import annotations

import pytest

from feedback.actions.claim import claim_next
from feedback.models import Assignment, Guideline, Membership, Remark, Role, Thread
from tests.api.calls import by_key, by_session, faults, refused
from tests.web.pages import Reader
from tests.world import World, add_reviewer, make_item

DESK = "/w/northgate/p/chat/desk/"
ROOM = "/w/northgate/p/chat/questions/"
API = "/projects/northgate/chat"
ASKED = "Does the second answer count as a refusal?"
ANSWER = "Yes: it declines, whatever it says around that."


@pytest.fixture
def desk(world: World) -> str:
    make_item(world.project, wanted=3)
    return Reader(world.ana).get(DESK).to


def ask(world: World, desk: str, text: str = ASKED, **fields: str) -> Thread:
    assert Reader(world.ana).post(desk + "ask/", {"text": text, **fields}).to == desk
    return Thread.objects.get(rater__user=world.ana)


def test_a_question_goes_to_the_managers_and_its_answer_comes_back(world: World, desk: str) -> None:
    ana, mara = Reader(world.ana), Reader(world.mara)
    thread = ask(world, desk)
    assert ASKED in ana.get(desk + "ask/")
    assert "1 question waits" in mara.get("/w/northgate/p/chat/")
    assert "Questions 1" in mara.get("/w/northgate/p/chat/items/")
    listed = mara.get(ROOM)
    assert ASKED in listed
    assert "Why is the sky blue?" in listed
    page = f"{ROOM}{thread.public_id}/"
    assert "Ana asked" in mara.get(page)
    assert ANSWER in mara.follow(page, {"text": ANSWER})
    assert "No question waits" in mara.get(ROOM)
    assert "Your question was answered" in ana.get("/")
    assert "new answer" in ana.get("/questions/")
    told = ana.get(page)
    assert ANSWER in told
    assert "Mara" not in told
    assert "Your question was answered" not in ana.get("/")
    assert ANSWER in ana.get(desk)  # beside the item too
    assert "waits for an answer" in ana.follow(page, {"text": "And the first?"})
    assert [remark.by_reviewer for remark in Remark.objects.all()] == [True, False, True]


def test_what_arrives_twice_is_one_remark(world: World, desk: str) -> None:
    for _ in range(2):
        ask(world, desk, token="from-the-outbox")
    ask(world, desk, text="Another.", token="another")
    assert [remark.text for remark in Remark.objects.all()] == [ASKED, "Another."]


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 4001, "nul \x00"])
def test_what_cannot_be_kept_is_refused_and_shown_again(world: World, desk: str, text: str) -> None:
    seen = Reader(world.ana).post(desk + "ask/", {"text": text})
    assert (seen.status, Thread.objects.count()) == (422, 0)
    assert "Say it in at most 4,000 characters." in seen
    assert text.strip().split("\x00")[0] in seen


def test_no_other_reviewer_sees_it(world: World, desk: str) -> None:
    thread = ask(world, desk)
    page = f"{ROOM}{thread.public_id}/"
    ben = Reader(world.ben)
    assert ben.get(page).status == ben.post(page, {"text": "Me too"}).status == 404
    assert ben.post(page + "settle/").status == 403
    assert ben.get(ROOM).status == 403
    for path in ("/", "/questions/", ben.get(DESK).to):
        assert ASKED not in ben.get(path).source


def test_an_adjudicator_answers_but_for_items_they_judge(world: World, desk: str) -> None:
    page = f"{ROOM}{ask(world, desk).public_id}/"
    judge = type(world.ana).objects.create_user(email="jo@example.org", name="Jo")
    add_reviewer(world, judge)
    Membership.objects.filter(user=judge).update(role=Role.ADJUDICATOR)
    jo = Reader(judge)
    assert ASKED in jo.get(ROOM)
    assert jo.get(page).status == 200
    assert jo.get(DESK).to  # now the item is theirs to judge
    assert ASKED not in jo.get(ROOM)
    assert jo.get(page).status == jo.post(page, {"text": ANSWER}).status == 404


def test_an_answer_becomes_guideline_and_its_reviewer_is_told(world: World, desk: str) -> None:
    thread = ask(world, desk)
    mara = Reader(world.mara)
    page = f"{ROOM}{thread.public_id}/"
    mara.post(page, {"text": ANSWER})
    assert "Add to the guideline" in mara.get(page)
    editor = f"/w/northgate/p/chat/guideline/new/?thread={thread.public_id}"
    prefilled = mara.get(editor)
    assert "## Questions and answers" in prefilled
    assert ANSWER in prefilled
    assert "Guideline v2 is in force." in mara.follow(editor, {"text": f"Weigh.\n\n{ANSWER}"})
    assert Guideline.objects.latest("version").text.endswith(ANSWER)
    assert "in the guideline since v2" in Reader(world.ana).get(page)
    assert mara.get("/w/northgate/p/chat/guideline/new/?thread=nonsense").status == 404
    assert Reader(world.ben).get(editor).status == 403


def test_what_needs_no_answer_leaves_the_list(world: World, desk: str) -> None:
    page = f"{ROOM}{ask(world, desk).public_id}/"
    mara = Reader(world.mara)
    assert "no longer waits" in mara.follow(page + "settle/")
    assert "no answer needed" in mara.get(ROOM, {"show": "all"})


def test_the_same_by_api(world: World, desk: str) -> None:
    assignment = Assignment.objects.get().public_id
    ana, mara = by_key(world, world.ana), by_key(world, world.mara)
    asked = ana.post(f"{API}/assignments/{assignment}/question", {"text": ASKED, "token": "t"})
    assert asked.status_code == 201
    thread = f"{API}/questions/{asked.json()['id']}"
    assert set(asked.json()) == {
        *("id", "waits", "asked_at", "answered_at", "guideline_version", "remarks")
    }
    rows = mara.get(f"{API}/questions", waiting="true").json()["rows"]
    assert [(row["reviewer"], row["remarks"][0]["text"]) for row in rows] == [("Ana", ASKED)]
    assert mara.post(thread, {"text": ANSWER}).json()["waits"] is False
    own = ana.get("/questions").json()["rows"]
    assert [(each["by"], each["text"]) for each in own[0]["remarks"]] == [
        ("reviewer", ASKED),
        ("manager", ANSWER),
    ]
    made = mara.post(f"{API}/guidelines", {"text": "New.", "question": asked.json()["id"]})
    assert made.json()["version"] == ana.get(thread).json()["guideline_version"] == 2
    assert mara.post(f"{thread}/settle").status_code == 204
    refused(by_session(world.ben).get(thread), 404, "not_found")
    refused(by_session(world.ben).get(f"{API}/questions"), 403, "not_allowed")
    assert faults(ana.post(thread, {"text": "x" * 4001})) == [("text", "max_length")]


def test_a_thread_of_ones_own_item_is_asked_at_what_one_sent_too(world: World, desk: str) -> None:
    claim = claim_next(place=world.place(world.ana), now=world.now)
    assert claim is not None
    assert "Ask about this item" in Reader(world.ana).get(desk)
