"""Near-equal texts in a real browser: one says by keyboard whether they are the same, and an import says what looks alike."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from curation.models import NearPair
from feedback.models import ImportJob, ItemRevision
from tests.steps import import_rows, recipe, row, run_recipe
from tests.world import World, say

from .conftest import Visitor
from .test_managing import tab_to

pytestmark = pytest.mark.usefixtures("own_files")
Visit = Callable[..., Visitor]
P = "/w/northgate/p/chat/"
PROMPT = "Which court may hear an appeal against a decision of the patent office, and when? {}"
LONG = " ".join(f"Paragraph {n} of the opinion relies on an earlier one." for n in range(60))


def near_equal(world: World) -> None:
    """A cluster too large for a machine to decide on, one of its prompts long; imported twice, so that the later looks alike."""
    place, now = world.place(world.ines), timezone.now()
    rows = [row(f"p{n}", 2, 1, prompt=PROMPT.format(f"In country {n}.")) for n in range(12)]
    long = [row(f"l{n}", 2, prompt=f"{LONG} {n}") for n in (1, 2)]
    import_rows(place, [*rows, long[0]], now)
    import_rows(place, [long[1], row("q", 2, prompt=PROMPT.format("In country 99."))], now)
    run_recipe(place, now, recipe(place.project, now, "chat"))


def test_two_texts_are_called_different_by_keyboard_and_the_next_two_are_shown(
    world: World, visit: Visit
) -> None:
    near_equal(world)
    page = visit(world.mara).open(f"{P}duplicates/")
    waiting = page.locator("tbody tr").count()
    tab_to(page, page.locator("tbody a").first.inner_text())
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="The same, or different?")).to_be_visible()
    first = page.url
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "id_reason":
            break
    page.keyboard.type("Two countries.")
    tab_to(page, "Different")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url != first)
    assert NearPair.objects.get(verdict="different").reason == "Two countries."
    assert NearPair.objects.filter(verdict="").count() < max(waiting, 50)


@pytest.mark.parametrize(
    ("scheme", "width"), [("light", 1440), ("dark", 1440), ("light", 390), ("dark", 390)]
)
def test_the_pages_of_near_texts_are_accessible_and_fit(
    world: World,
    visit: Visit,
    assert_accessible: Callable[[Page], None],
    scheme: str,
    width: int,
) -> None:
    near_equal(world)
    pair = NearPair.objects.order_by("-similarity", "id").first()
    job = ImportJob.objects.order_by("-pk").first()
    assert pair is not None
    assert job is not None
    visitor = visit(world.mara, color_scheme=scheme, viewport={"width": width, "height": 900})
    for path in (
        f"{P}duplicates/",
        f"{P}duplicates/?state=same",
        f"{P}duplicates/{pair.public_id}/",
        f"{P}imports/{job.public_id}/",
        f"{P}imports/{job.public_id}/similar/",
    ):
        page = visitor.open(path)
        if path.endswith(f"imports/{job.public_id}/"):
            expect(page.get_by_text("looks like").first).to_be_visible()
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def far_apart(world: World) -> NearPair:
    """Two long prompts that part in three places, the first of them far down."""
    near_equal(world)
    pair = NearPair.objects.filter(kind="prompt").order_by("id").first()
    assert pair is not None
    one = [f"Paragraph {n} says what it says, at length, and says it twice." for n in range(90)]
    other = [*one[:40], "Here is a paragraph of its own.", *one[40:]]
    other[60], other[-1] = (
        other[60].replace("twice", "once"),
        other[-1].replace("says", "denies", 1),
    )
    for response, paragraphs in ((pair.left, one), (pair.right, other)):
        prompt = say("user", "\n\n".join(paragraphs))
        ItemRevision.objects.filter(pk=response.revision_id).update(prompt=prompt)
    return pair


def in_sight(page: Page) -> list[int]:
    """The place of difference that is marked as the present one, in each text that shows it inside its own frame."""
    found: list[int] = page.evaluate(
        """() => [...document.querySelectorAll(".reading")].flatMap((pane) => {
          const [mark] = pane.querySelectorAll("mark[data-now]");
          const [inner, outer] = [mark.getBoundingClientRect(), pane.getBoundingClientRect()];
          return inner.top >= outer.top && inner.bottom <= outer.bottom ? [Number(mark.dataset.stop)] : [];
        })"""
    )
    return found


@pytest.mark.parametrize("width", [1440, 390])
def test_the_first_difference_is_in_sight_and_keys_and_buttons_lead_on(
    world: World, visit: Visit, width: int
) -> None:
    pair = far_apart(world)
    mara = visit(world.mara, viewport={"width": width, "height": 900})
    page = mara.open(f"{P}duplicates/{pair.public_id}/")
    status = page.locator(".stops [role=status]")
    expect(status).to_have_text("3 places of difference")
    assert in_sight(page) == [1, 1]
    assert page.evaluate("scrollY") == 0
    page.keyboard.press("j")
    expect(status).to_have_text("Place 2 of 3 where they differ")
    assert in_sight(page) == [2, 2]
    page.get_by_role("button", name="Next").click()
    assert in_sight(page) == [3, 3]
    page.keyboard.press("j")
    assert in_sight(page) == [1, 1]
    page.keyboard.press("k")
    assert in_sight(page) == [3, 3]
    page.locator("#id_reason").fill("j")
    page.locator("#id_reason").press("j")
    expect(page.locator("#id_reason")).to_have_value("jj")
    assert in_sight(page) == [3, 3]


def test_without_a_script_every_place_is_a_link_in_either_text(world: World, visit: Visit) -> None:
    pair = far_apart(world)
    page = visit(world.mara, java_script_enabled=False).open(f"{P}duplicates/{pair.public_id}/")
    expect(page.get_by_role("button", name="Next")).to_be_hidden()
    for name in ("one", "the other"):
        places = page.get_by_role("navigation", name=f"Places of difference, {name}")
        expect(places.get_by_role("link")).to_have_text(["1", "2", "3"])
        places.get_by_role("link", name="2").click()
        expect(page.locator("mark:target")).to_have_text("twice" if name == "one" else "once")
        expect(page.locator("mark:target")).to_be_in_viewport()
