"""First steps into a project by keyboard alone, from the invitation's landing page to the first item in earnest."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from feedback.models import Acceptance, ItemRecord, Membership, Review, Role, User
from tests.world import WHY, World, add_reviewer, make_item

from .conftest import Visitor
from .desk import desk_path

Visit = Callable[..., Visitor]
Check = Callable[[Page], None]
SECRET = "Because the mechanism is named only once."
KEY = {
    "answers": {"preference": [{"a": 1, "b": 2, "value": 1}], "accuracy": {"1": 5, "2": 1}},
    "explanation": SECRET,
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_newcomer_is_led_to_the_first_item(
    world: World, visit: Visit, assert_accessible: Check, scheme: str
) -> None:
    item = make_item(world.project, "Practice?", wanted=0, purpose="practice", rank=1)
    ItemRecord.objects.filter(item=item).update(key=KEY)
    make_item(world.project, "In earnest?", rank=2)
    nia = User.objects.create_user(email="nia@example.org", name="Nia")
    add_reviewer(world, nia, agreed=False)
    assert Membership.objects.get(user=nia).role == Role.REVIEWER
    visitor = visit(nia, color_scheme=scheme)
    page = visitor.open("/")
    assert_accessible(page)
    page.get_by_role("link", name="Begin", exact=True).press("Enter")
    expect(page.get_by_text("0 of 4 steps done")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Read it", exact=True).press("Enter")
    page.get_by_role("button", name="I have read it and accept it").press("Enter")
    page.get_by_role("button", name="I have read version 1").press("Enter")
    page.get_by_role("button", name="Practise").press("Enter")
    expect(page.locator("#panel-prompt")).to_contain_text("Practice?")
    assert SECRET not in page.content()
    assert_accessible(page)
    page.locator("h1").focus()
    for key in ("2", "j", "j", "4", "2", "5", "3", "j"):
        page.keyboard.press(key)
    page.keyboard.type(WHY)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="What was expected")).to_be_visible()
    expect(page.get_by_text(SECRET)).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Go on").press("Enter")
    page.get_by_role("button", name="I have seen them").press("Enter")
    expect(page.get_by_text("You have been through every step.")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="To the first item").press("Enter")
    expect(page.locator("#panel-prompt")).to_contain_text("In earnest?")
    assert Acceptance.objects.filter(membership__user=nia).exists()
    assert [review.kind for review in Review.objects.all()] == ["practice"]
    people = visit(world.mara, color_scheme=scheme).open("/w/northgate/p/chat/people/")
    expect(people.get_by_role("row", name="Nia")).to_contain_text("all steps")
    assert_accessible(people)
    assert desk_path(world.project) in page.url
