"""What a reviewer's page never holds: who wrote what, in which order it came, how it is grouped, what others said."""

from __future__ import annotations

import pytest

from feedback.models import (
    Assignment,
    Item,
    ItemRecord,
    Provenance,
    Purpose,
    Response,
    Review,
    Source,
)
from tests.world import World, make_item

from .test_desk import ANSWERS, JSON, body_of, claimed, desk_of, signed_in

PLANTED = (
    "planted-model-4o",
    "planted_external_id",
    "planted-tag",
    "planted-source",
    "planted-name",
    "planted-metadata",
    "planted-group",
    "planted rationale of somebody else",
)


def plant(world: World, number: int) -> Item:
    item = make_item(
        world.project, f"Question {number}?", ("The one.", "The other."), wanted=2, rank=number
    )
    provenance = Provenance.objects.create(
        workspace=world.workspace,
        digest=bytes([number + 1]) * 32,
        origin="model",
        model="planted-model-4o",
        parameters={"secret": "planted-metadata"},
    )
    message = {
        "role": "assistant",
        "name": "planted-name",
        "metadata": "planted-metadata",
        "parts": [{"type": "text", "text": "The one.", "source": "planted-metadata"}],
    }
    Response.objects.filter(revision=item.revision, position=1).update(
        messages=[message], provenance=provenance
    )
    Response.objects.filter(revision=item.revision).update(provenance=provenance)
    ItemRecord.objects.filter(item=item).update(
        external_id=f"planted_external_id_{number}",
        tags=["planted-tag"],
        group_key="planted-group",
    )
    Item.objects.filter(pk=item.pk).update(purpose=Purpose.GOLD)
    return item


@pytest.fixture
def pages(world: World) -> list[str]:
    """Everything the desk says to Ana about two items: page, item ahead, JSON, refusal, change."""
    for number in range(2):
        plant(world, number)
    Source.objects.update(name="planted-source")
    ben = signed_in(world.ben)
    theirs = ANSWERS | {
        "why": "planted rationale of somebody else, long enough to be taken as a reason for it."
    }
    ben.post(claimed(ben, world.project), theirs)
    ana = signed_in(world.ana)
    address = claimed(ana, world.project)
    said = [
        ana.get(address),
        ana.post(f"{desk_of(world.project)}ahead/", headers=JSON),
        ana.post(f"{address}draft/", {"why": "x", "_based_on": "0"}, headers=JSON),
        ana.post(f"{address}hold/", headers=JSON),
        ana.post(address, {}),
        ana.get(f"{address}skip/"),
        ana.post(address, ANSWERS, headers=JSON),
    ]
    review = Review.objects.get(rater__user=world.ana)
    said.append(ana.get(f"{desk_of(world.project)}sent/{review.public_id}/"))
    return [f"{response.headers}\n{body_of(response)}" for response in said]


@pytest.mark.parametrize("marker", PLANTED)
def test_nothing_planted_is_found_in_anything_the_desk_says(pages: list[str], marker: str) -> None:
    assert [page for page in pages if marker in page] == []


def test_the_purpose_of_an_item_is_not_told(pages: list[str]) -> None:
    assert [page for page in pages if "gold" in page.lower()] == []


def test_no_database_number_of_an_item_or_response_is_told(world: World, pages: list[str]) -> None:
    # Serial numbers would tell the order of import; they are moved out of the range of line numbers and counts.
    rows = [*Item.objects.values_list("rank", flat=True)]
    assert rows
    for assignment in Assignment.objects.filter(rater__user=world.ana):
        assert any(str(assignment.public_id) in page for page in pages)
        assert [page for page in pages if str(assignment.item.public_id) in page] == []
    for response in Response.objects.all():
        assert [page for page in pages if str(response.public_id) in page] == []


def test_the_page_is_the_same_whichever_response_came_first(world: World) -> None:
    """Two items with their responses imported in opposite order, shown in one order, give one and the same page."""
    pages = []
    for number, texts in enumerate((("The one.", "The other."), ("The other.", "The one."))):
        item = make_item(world.project, "Which?", texts, rank=number)
        ana = signed_in(world.ana)
        address = claimed(ana, world.project)
        order = [1, 2] if number == 0 else [2, 1]
        row = Assignment.objects.get(item=item)
        Assignment.objects.filter(pk=row.pk).update(order_shown=order)
        page = body_of(ana.get(address))
        start, end = page.index('<div class="panes">'), page.index("</form>")
        pages.append(page[start:end])
        ana.post(f"{address}skip/", {"reason": "other"})
    assert pages[0] == pages[1]
