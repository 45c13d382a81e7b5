"""Critiques in the browser: by keyboard alone, by pointer, on a phone and without a script; always on the same characters."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from feedback.actions import projects
from feedback.models import Draft, Review
from tests.browser.conftest import Visitor
from tests.browser.desk import desk_path, saved
from tests.steps import import_rows, row
from tests.world import World

Visit = Callable[..., Visitor]
SHOTS = os.environ.get("CRITIQUE_SHOTS")

PLAIN = (
    "שָׁלוֹם לכולם. The court held it to be so. 👩🏽‍⚖️ e\u0301te\u0301 \U0001d518\U0001d52b\U0001d526!\r\n"
    "A second line\u200b of the same.\n\nAnother paragraph, which is longer. It ends here. "
    + "And so on it goes. "
    * 12
)
MARKDOWN = "# The *holding*\n\n> It was **bold** &amp; [cited](https://e.org/a) twice.\n\n- one 👍🏽 item\n- العربية هنا\n"


def ask(world: World, *texts: str, format: str = "plain", **options: Any) -> None:
    question = {
        "type": "critiques",
        "id": "marks",
        "title": "What is wrong, and where",
        "guide": "Mark the words themselves; say why if it is not plain.",
        "required": False,
        "categories": [
            {"value": "fabricated", "title": "Fabricated authority"},
            {"value": "misstated", "title": "Misstated holding"},
            {"value": "drafting", "title": "Drafting"},
        ],
    } | options
    note = {"type": "text", "id": "why", "title": "Why", "required": False}
    schema = {"desk": "compare", "responses": {"min": 1, "max": 4}, "usual_minutes": 5}
    place = world.place(world.mara)
    projects.publish_form(
        place=place, schema=schema | {"questions": [question, note]}, now=world.now
    )
    responses = [{"text": text, "format": format} for text in texts]
    import_rows(place, [row(prompt="Write to the court.", responses=responses)], world.now)


def drafted() -> list[dict[str, Any]]:
    body = Draft.objects.get().body
    return list(body["answers"].get("marks", ()))


def marked(page: Page, name: str = "critique") -> list[str]:
    """What the page marks, in the order of the text."""
    found: list[str] = page.evaluate(
        "(name) => [...(CSS.highlights.get(name) ?? [])].map(String)", name
    )
    return found


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png")


def test_by_keyboard_alone_a_passage_is_chosen_criticised_sent_and_found_again(
    world: World, visit: Visit, assert_accessible: Callable[[Page], None]
) -> None:
    ask(world, PLAIN)
    page = visit(world.ana).open(desk_path(world.project))
    page.keyboard.press("c")
    expect(page.locator("[data-said]")).to_contain_text("שָׁלוֹם לכולם.")
    page.keyboard.press("ArrowDown")
    expect(page.locator("[data-said]")).to_contain_text("The court held it to be so.")
    page.keyboard.press("ArrowDown")
    for key in ("Shift+ArrowDown", "ArrowLeft", "ArrowLeft"):
        page.keyboard.press(key)
    chosen = "".join(marked(page, "critique-chosen"))
    shot(page, "choosing")
    assert_accessible(page)
    page.keyboard.press("Enter")
    composer = page.get_by_role("dialog", name="Critique")
    expect(composer).to_be_visible()
    page.keyboard.press("3")
    page.keyboard.press("Tab")
    page.keyboard.press("2")
    page.keyboard.press("Tab")
    page.keyboard.type("1 Why? 👩🏽‍⚖️")
    shot(page, "composer")
    assert_accessible(page)
    page.keyboard.press("Control+Enter")
    expect(composer).to_be_hidden()
    saved(page)
    (critique,) = drafted()
    anchor = critique["anchor"]
    assert (critique["category"], critique["severity"]) == ("drafting", "major")
    assert critique["comment"] == "1 Why? 👩🏽‍⚖️"
    exact = PLAIN[anchor["start"] : anchor["end"]]
    assert "".join(exact.split()) == "".join(chosen.replace("ZWSP", "\u200b").split())
    assert exact.startswith("A second line\u200b of")
    before = marked(page)
    assert "".join(before) == chosen
    page.emulate_media(color_scheme="dark")
    page.reload()
    expect(page.locator(".critiques li")).to_have_count(1)
    assert marked(page) == before
    shot(page, "kept-dark")
    assert_accessible(page)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#desk")).to_have_count(0)
    stored = Review.objects.select_related("body").get().body.body["answers"]["marks"][0]
    assert stored["anchor"] == anchor | {
        "exact": exact,
        "prefix": PLAIN[max(0, anchor["start"] - 32) : anchor["start"]],
        "suffix": PLAIN[anchor["end"] : anchor["end"] + 32],
    }


def select_in(page: Page, letter: str, words: str) -> None:
    """As a pointer does; `first…last` is from the one to the other."""
    first, _, last = words.partition("…")
    found = page.evaluate(
        """([letter, first, last]) => {
          const walker = document.createTreeWalker(document.querySelector(`#text-${letter}`), NodeFilter.SHOW_TEXT);
          const range = new Range();
          let begun = false;
          while (walker.nextNode()) {
            const node = walker.currentNode;
            const at = begun ? -1 : node.data.indexOf(first);
            if (at >= 0) { range.setStart(node, at); begun = true; }
            const end = begun ? node.data.indexOf(last, Math.max(0, at)) : -1;
            if (end < 0) continue;
            range.setEnd(node, end + last.length);
            getSelection().removeAllRanges();
            getSelection().addRange(range);
            return true;
          }
          return false;
        }""",
        [letter, first, last or first],
    )
    assert found, words


def test_by_pointer_words_of_markdown_are_marked_edited_deleted_and_put_back(
    world: World, visit: Visit
) -> None:
    ask(world, MARKDOWN, "Nothing much.", format="markdown", comments=True)
    page = visit(world.ana).open(desk_path(world.project))
    letter = "A" if page.locator("#text-A h3").count() else "B"
    texts = {
        "bold… twice": "bold** &amp; [cited](https://e.org/a) twice",
        "👍🏽": "👍🏽",
        "العربية": "العربية",
    }
    for number, (words, source) in enumerate(texts.items(), start=1):
        select_in(page, letter, words)
        page.get_by_role("button", name="Critique", exact=True).click()
        composer = page.get_by_role("dialog", name="Critique")
        composer.get_by_label("Misstated holding").check()
        expect(composer.get_by_role("button", name="Keep")).to_be_in_viewport(ratio=1)
        composer.get_by_role("button", name="Keep").click()
        expect(composer).to_contain_text("Choose how grave it is.")
        composer.get_by_label("Critical").check()
        composer.get_by_role("button", name="Keep").click()
        expect(composer).to_contain_text("Say why.")
        composer.get_by_label("Comment").fill(f"Number {number}")
        composer.get_by_label("What should stand there instead").fill("Otherwise.")
        composer.get_by_role("button", name="Keep").click()
        expect(composer).to_be_hidden()
        saved(page)
        made = drafted()[-1]
        at = made["anchor"]
        assert MARKDOWN[at["start"] : at["end"]] == source
    shot(page, "three")
    page.get_by_role("button", name="Edit critique 2").click()
    page.get_by_role("dialog", name="Critique").get_by_label("Comment").fill("Changed")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Delete critique 1").click()
    saved(page)
    assert [each["comment"] for each in drafted()] == ["Changed", "Number 3"]
    page.get_by_role("button", name="Put it back").click()
    saved(page)
    assert [each["comment"] for each in drafted()] == ["Number 1", "Changed", "Number 3"]
    page.reload()
    expect(page.locator(".critiques li")).to_have_count(3)


def test_on_a_phone_and_in_the_dark_words_are_marked_by_touch(
    world: World, visit: Visit, assert_accessible: Callable[[Page], None]
) -> None:
    ask(world, PLAIN, "Nothing much.")
    visitor = visit(world.ana, viewport={"width": 390, "height": 844}, color_scheme="dark")
    page = visitor.open(desk_path(world.project))
    shown = "A" if "court" in page.locator("#text-A").inner_text() else "B"
    page.locator(f".desk-switch [data-show={shown.lower()}]").click()
    select_in(page, shown, "שָׁלוֹם")
    page.get_by_role("button", name="Critique", exact=True).click()
    composer = page.get_by_role("dialog", name="Critique")
    composer.get_by_label("Drafting").check()
    composer.get_by_label("Minor").check()
    shot(page, "phone-composer")
    assert_accessible(page)
    composer.get_by_role("button", name="Keep").click()
    page.locator(".desk-switch [data-show=sheet]").click()
    expect(page.locator(".critiques q")).to_have_text("שָׁלוֹם")
    shot(page, "phone-list")
    assert_accessible(page)
    saved(page)
    at = drafted()[0]["anchor"]
    assert PLAIN[at["start"] : at["end"]] == "שָׁלוֹם"
    page.get_by_role("button", name="Show critique 1").click()
    expect(page.locator(f"#text-{shown}")).to_be_visible()


def test_without_a_script_a_passage_is_quoted(world: World, visit: Visit) -> None:
    ask(world, PLAIN)
    page = visit(world.ana, java_script_enabled=False, refusals=(422,)).open(
        desk_path(world.project)
    )
    first = page.get_by_role("group", name="One more critique").first
    first.get_by_label("The passage").fill("And so on it goes.")
    first.get_by_label("What is wrong").select_option("drafting")
    page.get_by_role("button", name="Submit and next").click()
    expect(page.locator("[data-question=marks] .error")).to_contain_text("there more than once")
    first.get_by_label("The passage").fill("It ends here. And so on")
    page.get_by_role("button", name="Submit and next").click()
    stored = Review.objects.select_related("body").get().body.body["answers"]["marks"]
    assert [each["anchor"]["exact"] for each in stored] == ["It ends here. And so on"]
