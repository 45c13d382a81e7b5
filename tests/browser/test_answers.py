"""Every way to answer beyond ratings and texts, in a real browser, each once by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from feedback.actions import projects
from feedback.models import Membership, Project, Response, Review, Vote
from tests.world import World, make_item, make_project

from .conftest import Visitor
from .desk import desk_path, saved

Visit = Callable[..., Visitor]
Check = Callable[[Page], None]

ANSWERS = (
    "Containment: the idea that communism had to be kept within its borders.",
    "Deterrence, and later the right to strike first.",
    "The Truman doctrine was used until 1946.",
    "Nobody knows.",
)
RANK = {
    "type": "ranking",
    "id": "order",
    "title": "Put the responses in order",
    "guide": "By how well the sources support them, then by whether they answer.",
}
RATE = {
    "type": "choice",
    "id": "supported",
    "title": "Support",
    "required": False,
    "per": "response",
    "options": [{"value": "all", "title": "Every claim is supported"}],
    "multiple": True,
}
WHY = {"type": "text", "id": "why", "title": "Why this order", "min_length": 20}
SIZES = {"1440": {"width": 1440, "height": 900}, "390": {"width": 390, "height": 844}}


def asking(world: World, *questions: dict[str, Any], low: int, high: int) -> Project:
    """A project whose form asks these questions, with Ana as its reviewer."""
    project = make_project(world.ines, world.workspace, world.now, name="Sources")
    place = world.place(world.ines, project)
    schema = {
        "desk": "compare",
        "responses": {"min": low, "max": high},
        "usual_minutes": 4,
        "questions": list(questions),
    }
    projects.publish_form(place=place, schema=schema, now=world.now)
    membership = Membership.objects.get(user=world.ana, workspace=world.workspace)
    projects.add_reviewer(place=place, membership=membership, now=world.now)
    return project


def ranked(world: World, visit: Visit, **options: Any) -> Page:
    project = asking(world, RANK, RATE, WHY, low=2, high=16)
    make_item(project, "What justified U.S. foreign policy in the Cold War?", ANSWERS)
    return visit(world.ana, **options).open(desk_path(project))


def places(page: Page) -> dict[str, str]:
    """The place of every letter, as the form would send it."""
    found: dict[str, str] = page.evaluate(
        """() => Object.fromEntries([...new FormData(document.querySelector("form.desk"))]
          .filter(([name]) => name.startsWith("order.")).map(([name, value]) => [name.at(-1), value]))"""
    )
    return found


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus."""
    for _ in range(60):
        if page.locator(selector).evaluate("(each) => each === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} cannot be reached by Tab")


def test_four_responses_are_ranked_by_keyboard_alone(world: World, visit: Visit) -> None:
    page = ranked(world, visit)
    page.locator("h1").focus()
    page.keyboard.press("j")  # the first response of the ranking
    page.keyboard.press("1")
    expect(page.locator("[data-said]")).to_have_text("A is 1st of 4")
    tab_to(page, "[data-chip=B] .first")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(page.locator("[data-said]")).to_have_text("B is 1st of 4")
    tab_to(page, "[data-chip=C] .first")
    page.keyboard.press("=")
    expect(page.locator("[data-said]")).to_have_text("C is 2nd of 4, with A")
    assert places(page) == {"A": "2", "B": "1", "C": "2", "D": ""}
    tab_to(page, "textarea[name=why]")
    page.keyboard.type("B names the later idea, and A only the first.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Your queue is done")).to_be_visible()
    review = Review.objects.get()
    order = review.order_shown
    assert Vote.objects.filter(review=review).count() == 3
    tiers = review.body.body["answers"]["order"]
    assert [sorted(tier) for tier in tiers] == [[order[1]], sorted((order[0], order[2]))]


def test_a_response_is_dragged_onto_a_place_a_tie_and_out_again(world: World, visit: Visit) -> None:
    page = ranked(world, visit)

    def drag(letter: str, target: str, share: float = 0.5) -> None:
        box = page.locator(target).bounding_box()
        assert box
        page.locator(f"[data-chip={letter}]").hover()
        page.mouse.down()
        page.mouse.move(box["x"] + 80, box["y"] + box["height"] * share, steps=8)
        page.mouse.up()

    drag("D", "[data-end]")
    drag("A", "[data-end]")
    assert places(page) == {"A": "2", "B": "", "C": "", "D": "1"}
    drag("C", ".rung:has([data-chip=A])")
    assert places(page) == {"A": "2", "B": "", "C": "2", "D": "1"}
    drag("B", ".rung:has([data-chip=D])", 0.1)
    assert places(page) == {"A": "3", "B": "1", "C": "3", "D": "2"}
    drag("B", ".unranked", 0.3)
    assert places(page) == {"A": "2", "B": "", "C": "2", "D": "1"}
    expect(page.locator(".order")).to_contain_text("D over A = C; B left out")
    expect(page.locator(".order")).to_contain_text("Makes 2 pairs and 1 tie.")
    saved(page)
    page.reload()
    assert places(page) == {"A": "2", "B": "", "C": "2", "D": "1"}
    expect(page.locator(".rung").nth(1)).to_contain_text("A and C tie")


def test_a_place_is_a_plain_number_and_without_a_script_too(world: World, visit: Visit) -> None:
    page = ranked(world, visit)
    page.get_by_label("Place of C").select_option("1st")
    page.get_by_label("Place of A").select_option("1st")
    page.get_by_label("Place of B").select_option("4th")
    assert places(page) == {"A": "1", "B": "3", "C": "1", "D": ""}
    saved(page)
    plain = visit(world.ana, java_script_enabled=False)
    page = plain.open(page.url.removeprefix(plain.address))
    expect(page.locator("select[name='order.B']")).to_have_value("3")
    page.locator("select[name='order.D']").select_option("2nd")
    page.locator("textarea[name=why]").fill("C and A say the same; D is a joke.")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("heading", name="Your queue is done")).to_be_visible()
    assert Vote.objects.count() == 6


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_a_ranking_is_accessible(
    world: World, visit: Visit, assert_accessible: Check, scheme: str, size: str
) -> None:
    page = ranked(world, visit, refusals=(422,), viewport=SIZES[size], color_scheme=scheme)
    assert_accessible(page)
    page.get_by_label("Place of C").select_option("1st")
    page.get_by_label("Place of A").select_option("1st")
    if size == "390":
        page.get_by_role("button", name="Ranking").click()
    assert_accessible(page)
    page.get_by_role("button", name="Submit").click()
    expect(page.locator("[data-question=why]")).to_contain_text("Write an answer.")
    assert_accessible(page)


def test_a_question_comes_and_goes_with_the_answer_before_it(world: World, visit: Visit) -> None:
    task = {
        "type": "choice",
        "id": "task",
        "title": "The task itself",
        "options": [{"value": "fair", "title": "Fair"}, {"value": "too vague", "title": "Vague"}],
    }
    when = {"question": "task", "is": ["too vague"]}
    missing = {"type": "text", "id": "missing", "title": "What is missing?", "when": when}
    project = asking(world, task, missing, low=1, high=1)
    make_item(project, responses=("One.",))
    page = visit(world.ana).open(desk_path(project))
    text = page.get_by_label("What is missing?", exact=True)
    expect(text).to_be_hidden()
    expect(page.locator(".tally").first).to_have_text("0 of 1 questions answered")
    page.get_by_label("Vague").check()
    expect(text).to_be_visible()
    expect(page.locator("[data-said]")).to_have_text("Now asked as well: What is missing?")
    text.fill("The year.")
    page.get_by_label("Fair").check()
    expect(text).to_be_hidden()
    expect(page.locator(".tally").first).to_have_text("1 of 1 questions answered")
    page.get_by_label("Vague").check()
    expect(text).to_have_value("The year.")
    page.get_by_label("Fair").check()
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("heading", name="Your queue is done")).to_be_visible()
    assert Review.objects.get().body.body["answers"] == {"task": ["fair"]}


BRIEF = (
    "The motion should be denied. The court in Smith held that notice is never required, "
    "and nothing in the record suggests otherwise. The plaintiff waited four years."
)


def test_one_brief_is_rewritten_by_keyboard_alone_and_what_changed_is_shown(
    world: World, visit: Visit
) -> None:
    ideal = {"type": "rewrite", "id": "ideal", "title": "Write it as it should be"}
    project = asking(world, ideal, low=1, high=1)
    make_item(project, "Draft the opposition.", (BRIEF,))
    page = visit(world.ana).open(desk_path(project))
    page.locator("h1").focus()
    page.keyboard.press("j")
    page.keyboard.press("ArrowLeft")  # from "nothing" to "from the response"
    text = page.get_by_label("Write it as it should be", exact=True)
    expect(text).to_have_value(BRIEF)
    tab_to(page, "textarea[name=ideal]")
    page.keyboard.press("Control+Home")
    page.keyboard.press("Control+Delete")
    page.keyboard.type("This")
    page.keyboard.press("Control+End")
    page.keyboard.type(" So did its counsel 🏛️.")
    changed = page.locator("[data-changed-text]")
    expect(changed.locator("ins").last).to_contain_text("So did its counsel 🏛️")
    expect(changed.locator("del").first).to_have_text("The")
    expect(page.locator("[data-changed-said]")).to_contain_text("out")
    page.locator("input[name='ideal.from'][value='']").check()
    expect(page.get_by_text("Your text stays.")).to_be_visible()
    expect(changed).to_be_hidden()
    page.locator("input[name='ideal.from'][value='A']").check()
    saved(page)
    page.reload()
    expect(changed.locator("ins").first).to_have_text("This")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Your queue is done")).to_be_visible()
    made = Response.objects.exclude(author=None).get()
    assert made.messages[0]["parts"][0]["text"].startswith("This motion should be denied.")
    assert made.messages[0]["parts"][0]["text"].endswith(" So did its counsel 🏛️.")
    assert Vote.objects.get().response_hi == made


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_a_rewrite_is_accessible(
    world: World, visit: Visit, assert_accessible: Check, scheme: str, size: str
) -> None:
    ideal = {"type": "rewrite", "id": "ideal", "title": "Write it as it should be"}
    project = asking(world, ideal, low=1, high=1)
    make_item(project, "Draft the opposition.", (BRIEF,))
    page = visit(world.ana, viewport=SIZES[size], color_scheme=scheme).open(desk_path(project))
    if size == "390":
        page.get_by_role("button", name="Answers").click()
    page.locator("input[name='ideal.from'][value='A']").check()
    page.get_by_label("Write it as it should be", exact=True).fill(BRIEF.replace("four", "five"))
    expect(page.locator("[data-changed-text] ins")).to_have_text("five")
    assert_accessible(page)


PROOF = "2 + 2 = 4, as everybody knows.\n\n4 + 4 = 9, by the same rule. 👩‍⚖️\n\nSo 2 + 2 + 4 = 9."
LABEL = {"type": "steps", "id": "steps", "title": "Is each step right?"}


def test_steps_are_labelled_by_keyboard_alone_and_the_first_error_is_marked(
    world: World, visit: Visit
) -> None:
    project = asking(world, LABEL, low=1, high=2)
    make_item(project, "Add them.", (PROOF,))
    page = visit(world.ana).open(desk_path(project))
    page.locator("h1").focus()
    page.keyboard.press("j")
    for key in "1", "3":
        page.keyboard.press(key)
    expect(page.locator("[data-steps-said]")).to_have_text("2 of 3 labelled, first error in step 2")
    expect(page.locator(".tally").first).to_have_text("0 of 1 questions answered")
    page.keyboard.press("3")
    expect(page.locator(".first-error:visible")).to_have_count(1)
    expect(page.locator("[data-step='2'] .first-error")).to_be_visible()
    expect(page.locator(".tally").first).to_have_text("1 of 1 questions answered")
    saved(page)
    page.reload()
    expect(page.locator("[data-steps-said]")).to_have_text("3 of 3 labelled, first error in step 2")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Your queue is done")).to_be_visible()
    steps = Review.objects.get().body.body["answers"]["steps"]["1"]["steps"]
    assert [PROOF[step["start"] : step["end"]] for step in steps] == PROOF.split("\n\n")
    assert [step["label"] for step in steps] == [1, -1, -1]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_steps_are_accessible(
    world: World, visit: Visit, assert_accessible: Check, scheme: str, size: str
) -> None:
    project = asking(world, LABEL | {"to_first_error": True}, low=1, high=2)
    make_item(project, "Add them.", (PROOF,))
    page = visit(world.ana, viewport=SIZES[size], color_scheme=scheme).open(desk_path(project))
    if size == "390":
        page.get_by_role("button", name="Answers").click()
    page.locator("[name='steps.A.0'][value='1']").check()
    page.locator("[name='steps.A.1'][value='-1']").check()
    assert_accessible(page)
