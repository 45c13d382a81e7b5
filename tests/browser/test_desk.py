"""The desk in a real browser: read, answer by pointer and by keyboard, send, undo, skip, flag."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from feedback.models import Assignment, Flag, Review
from tests.world import WHY, World, make_item, make_project

from .conftest import Visitor
from .desk import desk_path, fill, saved

Visit = Callable[..., Visitor]


def test_two_items_are_reviewed_by_keyboard_alone(world: World, visit: Visit) -> None:
    for rank, prompt in enumerate(("Why is the sky blue?", "Why is the sea salt?")):
        make_item(world.project, prompt, rank=rank)
    page = visit(world.ana).open(desk_path(world.project))
    for prompt in ("Why is the sky blue?", "Why is the sea salt?"):
        expect(page.locator("#panel-prompt")).to_have_text(re.compile(re.escape(prompt)))
        press(page, "2", "j", "j", "4", "2", "5", "3", "j")
        page.keyboard.type(WHY)
        page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Your queue is done")).to_be_visible()
    reviews = Review.objects.filter(rater__user=world.ana).select_related("body", "assignment")
    assert [review.active_ms is not None for review in reviews] == [True, True]
    for review in reviews:
        answers = review.body.body["answers"]
        first, second = review.assignment.order_shown
        assert answers["preference"] == [{"a": first, "b": second, "value": 2}]
        assert answers["accuracy"] == {str(first): 4, str(second): 2}
        assert answers["answers"] == {str(first): 5, str(second): 3}
        assert answers["why"] == WHY


def test_the_next_item_is_on_the_screen_without_loading_a_page(world: World, visit: Visit) -> None:
    for rank in range(3):
        make_item(world.project, f"Question {rank}?", rank=rank)
    page = visit(world.ana).open(desk_path(world.project))
    page.evaluate("window.sameDocument = true")
    fill(page)
    saved(page)
    assert Assignment.objects.filter(ahead=True).count() == 1
    page.get_by_role("button", name="Submit and next").click()
    expect(page.locator("#panel-prompt")).to_contain_text("Question 1?")
    assert page.evaluate("window.sameDocument") is True
    second = Assignment.objects.get(state="open", item__rank=1)
    assert page.url.endswith(f"{second.public_id}/")
    assert page.title() == "2 of 3, Chat · Touchstone"
    expect(page.get_by_text("2 of 3 today")).to_be_visible()
    assert page.evaluate("document.activeElement.tagName") == "H1"
    expect(page.locator("[data-toasts]")).to_contain_text("Sent: A slightly better.")
    expect(page.get_by_label("Why", exact=True)).to_have_value("")
    wait_for(page, lambda: not Assignment.objects.get(pk=second.pk).ahead)
    assert Assignment.objects.get(pk=second.pk).shown_at is not None


def test_the_last_review_is_undone_and_changed(world: World, visit: Visit) -> None:
    for rank in range(2):
        make_item(world.project, f"Question {rank}?", rank=rank)
    page = visit(world.ana).open(desk_path(world.project))
    fill(page)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#panel-prompt")).to_contain_text("Question 1?")
    page.locator("h1").focus()
    page.keyboard.press("u")
    expect(page.get_by_text("a review you sent")).to_be_visible()
    expect(page.locator("#panel-prompt")).to_contain_text("Question 0?")
    expect(page.get_by_label("Why", exact=True)).to_have_value(WHY)
    page.locator("h1").focus()
    page.keyboard.press("6")
    saved(page)
    page.get_by_role("button", name="Send the change").click()
    expect(page.locator("#panel-prompt")).to_contain_text("Question 1?")
    expect(page.locator("[data-toasts]")).to_contain_text("Changed: B better.")
    revisions = Review.objects.filter(rater__user=world.ana).order_by("revision")
    assert [review.revision for review in revisions] == [1, 2]


def test_what_is_missing_is_said_at_its_question_and_the_first_has_the_focus(
    world: World, visit: Visit
) -> None:
    make_item(world.project)
    page = visit(world.ana, refusals=(422,)).open(desk_path(world.project))
    page.locator(".dock input[value='3']").check()
    page.locator("input[name='accuracy.A'][value='4']").check()
    page.get_by_label("Why", exact=True).fill("Too short.")
    page.get_by_role("button", name="Submit and next").click()
    accuracy = page.locator("[data-question=accuracy]")
    expect(accuracy).to_contain_text("Rate response B as well.")
    expect(page.locator("[data-question=why]")).to_contain_text("At least 80 characters")
    assert page.evaluate("document.activeElement.name") == "accuracy.A"
    page.locator("input[name='accuracy.B'][value='2']").check()
    expect(accuracy).not_to_contain_text("Rate response B as well.")
    assert not Review.objects.exists()


def test_keys_never_act_inside_a_text_field(world: World, visit: Visit) -> None:
    make_item(world.project)
    page = visit(world.ana).open(desk_path(world.project))
    why = page.get_by_label("Why", exact=True)
    why.click()
    page.keyboard.type("1 2 s f u ? d g j k [ ] 0")
    expect(why).to_have_value("1 2 s f u ? d g j k [ ] 0")
    assert page.locator("dialog[open]").count() == 0
    assert page.locator("[name=preference]:checked").count() == 0


def test_who_cannot_judge_says_why(world: World, visit: Visit) -> None:
    make_item(world.project)
    page = visit(world.ana, refusals=(422,)).open(desk_path(world.project))
    page.get_by_text("Cannot judge…").click()
    page.get_by_label("Missing context").check()
    page.get_by_role("button", name="Submit and next").click()
    expect(page.locator(".cannot")).to_contain_text("Say in a few words what is missing")
    page.get_by_label("In a few words").fill("Page 2 is not there.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Your queue is done")).to_be_visible()
    body = Review.objects.get().body.body
    assert body["cannot_judge"] == {"reason": "missing_context", "note": "Page 2 is not there."}


def test_an_item_is_skipped_and_another_flagged(world: World, visit: Visit) -> None:
    for rank in range(2):
        make_item(world.project, f"Question {rank}?", rank=rank)
    page = visit(world.ana).open(desk_path(world.project))
    page.locator("h1").focus()
    page.keyboard.press("s")
    page.get_by_label("It is not my field").check()
    page.get_by_role("button", name="Skip", exact=True).click()
    expect(page.locator("#panel-prompt")).to_contain_text("Question 1?")
    expect(page.locator("[data-toasts]")).to_contain_text("Skipped.")
    page.locator("h1").focus()
    page.keyboard.press("f")
    page.get_by_label("It holds personal data").check()
    page.get_by_role("button", name="Flag", exact=True).click()
    expect(page.locator("[data-toasts]")).to_contain_text("Flagged.")
    assert Assignment.objects.get(state="skipped").reason == "outside_expertise"
    assert Flag.objects.get().reason == "personal_data"


def test_more_than_two_responses_are_stacked_each_with_its_ratings(
    world: World, visit: Visit
) -> None:
    project = make_project(
        world.ines, world.workspace, world.now, name="Code", domain="code_review"
    )
    item = make_item(project, "Review this.", ("Fine.", "Rename it.", "Why?"))
    review_here(world, project)
    page = visit(world.ana).open(desk_path(project))
    assert page.locator(".answers > article").count() == 3
    page.keyboard.press("j")
    for _ in range(9):
        page.keyboard.press("3")
    expect(page.locator(".dock")).to_contain_text("3 of 5 questions answered")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Your queue is done")).to_be_visible()
    answers = Review.objects.get(item=item).body.body["answers"]
    assert answers["relevance"] == {"1": 3, "2": 3, "3": 3}


def test_differences_are_marked_word_by_word_and_taken_away(world: World, visit: Visit) -> None:
    make_item(
        world.project,
        responses=(
            "The sky is blue because of Rayleigh scattering.",
            "The sky is blue because the sea is.",
        ),
    )
    page = visit(world.ana).open(desk_path(world.project))
    page.locator("h1").focus()
    page.keyboard.press("d")
    only = "[...CSS.highlights.values()].flatMap((each) => [...each]).map(String).sort()"
    wait_for(page, lambda: page.evaluate(only) == ["of Rayleigh scattering.", "the sea is."])
    page.keyboard.press("d")
    assert (
        page.evaluate(
            "[...CSS.highlights.keys()].filter((name) => name.startsWith('only-')).length"
        )
        == 0
    )


def test_two_texts_scroll_together_by_share(world: World, visit: Visit) -> None:
    make_item(world.project, responses=("a line\n" * 200, "a line\n" * 400))
    page = visit(world.ana).open(desk_path(world.project))
    page.locator("#text-A").hover()
    page.mouse.wheel(0, 2000)
    share = "(p) => p.scrollTop / (p.scrollHeight - p.clientHeight)"
    a, b = page.locator("#text-A"), page.locator("#text-B")
    wait_for(page, lambda: a.evaluate(share) > 0.1)
    wait_for(page, lambda: abs(a.evaluate(share) - b.evaluate(share)) < 0.01)


def review_here(world: World, project: object) -> None:
    from feedback.actions import projects
    from feedback.models import Membership

    membership = Membership.objects.get(user=world.ana, workspace=world.workspace)
    projects.add_reviewer(
        place=world.place(world.ines, project), membership=membership, now=world.now
    )


def press(page: Page, *keys: str) -> None:
    page.locator("h1").focus()
    for key in keys:
        page.keyboard.press(key)


def wait_for(page: Page, holds: Callable[[], bool]) -> None:
    """Wait a moment for something to become true."""
    for _ in range(50):
        if holds():
            return
        page.wait_for_timeout(50)
    assert holds()
