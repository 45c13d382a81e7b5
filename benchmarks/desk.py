"""The desk in a cold browser: `python -m benchmarks.desk`. Weight, paint, stillness, the next item, and long texts, each beside its limit.

Everything is measured in one run on one machine, server, Chromium and reviewers included; Label Studio's page was measured
in the same way (version 1.23.2). Needs Chromium and `requirements/browser.txt`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from .house import ROOT, servers, web
from .kinds import KINDS

CHROMIUM = "/usr/bin/chromium"
COLD_LOADS = 5
PATIENCE = 30  # seconds; what takes longer is a failure, not a figure
REVIEWERS = 8
LONG = (
    ("brief", "250 kB brief"),
    ("unread", "250 kB brief, nothing found yet"),
    ("patch", "3,000-line patch"),
)
PARTS = ("cold", "kinds", "next", "long")
# Paint and shifts as they happen; and the first frame after every script has run, which is when the desk answers.
WATCH = """
window.seen = { lcp: 0, shift: 0, ready: 0 };
const watch = (type, each) => new PerformanceObserver((list) => list.getEntries().forEach(each)).observe({ type, buffered: true });
watch("largest-contentful-paint", (entry) => { seen.lcp = entry.startTime; });
watch("layout-shift", (entry) => { if (!entry.hadRecentInput) seen.shift += entry.value; });
addEventListener("DOMContentLoaded", () => requestAnimationFrame(() => setTimeout(() => { seen.ready = performance.now(); })));
"""
ANSWER = """(why) => {
  for (const field of document.querySelectorAll(".dock input[value='3'], .rate input[value='4']")) field.click();
  const area = document.querySelector("[name=why]");
  area.value = why;
  area.dispatchEvent(new Event("input", { bubbles: true }));
}"""
SEND = """() => new Promise((resolve) => {
  const before = document.getElementById("desk").dataset.assignment;
  const began = performance.now();
  const look = new MutationObserver(() => {
    if ((document.getElementById("desk")?.dataset.assignment ?? before) === before) return;
    look.disconnect();
    requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - began)));
  });
  look.observe(document.body, { childList: true });
  document.querySelector("[data-send]").click();
})"""
SCROLL = """(seconds) => new Promise((resolve) => {
  const scrolls = (each) => each.scrollHeight > each.clientHeight + 400 && /auto|scroll/.test(getComputedStyle(each).overflowY);
  const pane = [...document.querySelectorAll("body, body *")].filter(scrolls).sort((a, b) => b.scrollHeight - a.scrollHeight)[0];
  if (!pane) { resolve(0); return; }
  const began = performance.now();
  let frames = 0;
  const step = (now) => {
    frames += 1;
    pane.scrollTop += 90;
    if (pane.scrollTop + pane.clientHeight >= pane.scrollHeight - 1) pane.scrollTop = 0;
    if (now - began < seconds * 1000) requestAnimationFrame(step);
    else resolve(frames / ((now - began) / 1000));
  };
  requestAnimationFrame(step);
})"""
WHY = "The first answers the question and the second repeats it; a reader would be left with nothing. "


@dataclass(frozen=True)
class Line:
    """A figure with its limit, and Label Studio's where there is one. `least` turns the comparison round."""

    name: str
    measured: float
    limit: float
    unit: str
    theirs: float | None = None
    least: bool = False

    def __str__(self) -> str:
        compared, with_ = (self.limit, self.measured) if self.least else (self.measured, self.limit)
        share = compared / with_ if with_ else float(compared > 0) * 99
        held = "held" if share <= 1 else "OVER"
        theirs = (
            f" | {self.theirs:g} ({self.measured / self.theirs:.2f} of it)" if self.theirs else " |"
        )
        limit = f"{'≥' if self.least else '≤'} {self.limit:g}"
        return f"{self.name:50} | {self.measured:8.2f} {self.unit:8} | {limit:>7} | {share:5.2f} {held}{theirs}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=8, help="items each reviewer sends")
    parser.add_argument("--only", choices=PARTS, action="append", help="measure this part alone")
    options = parser.parse_args()
    with servers() as base:
        import django

        django.setup()
        house = make_house(options.rounds)
        with web(base) as port:
            lines = asyncio.run(
                measure(f"http://127.0.0.1:{port}", house, options.rounds, options.only or PARTS)
            )
    print(
        "\nfigure                                             | measured          |   limit | of limit  | Label Studio"
    )
    for line in lines:
        print(line)


@dataclass
class House:
    """The sessions of its reviewers; each may enter every project."""

    sessions: list[str]
    cookie: str


def make_house(rounds: int) -> House:
    from django.conf import settings
    from django.test import Client
    from django.utils import timezone

    from feedback import access
    from feedback.actions import agreements, people, projects
    from feedback.models import Project, Role, User

    now = timezone.now()
    owner = User.objects.create_user(email="owner@example.org")
    people.create_workspace(name="Bench", owner=owner, now=now)
    principal = access.Principal(owner)
    place = access.workspace(principal, "bench")
    made = []
    for slug, domain, rows, form in (
        ("chat", "chat", chat_rows(REVIEWERS * (rounds + 3) + 20), None),
        ("patch", "code_pr", [_row("patch", long_patch(), long_patch()[:4000])], None),
        ("brief", "legal_brief", [_row("brief", long_brief(), "No case supports it.")], None),
        ("unread", "legal_brief", [_row("unread", long_brief(1960), "No case does.")], None),
        *((f"kind{n}", kind.domain, [kind.row()], kind.form) for n, kind in enumerate(KINDS)),
    ):
        projects.create_project(place=place, name=slug, domain=domain, overlap=REVIEWERS, now=now)
        # A brief is disclosed after a question; what is measured is the brief.
        Project.objects.filter(slug=slug).update(check_conflicts=False)
        here = access.project(principal, "bench", slug)
        if form:
            projects.publish_form(place=here, schema=form, now=now)
        made.append(here.project)
        bring_in(here, rows, find=slug != "unread")
    sessions = []
    for number in range(REVIEWERS):
        user = User.objects.create_user(email=f"reviewer{number}@example.org")
        _, token = people.invite(place=place, role=Role.REVIEWER, projects=made, now=now)
        people.accept_invitation(token=token, user=user, now=now)
        theirs = access.project(access.Principal(user), "bench", "chat")
        agreements.accept_agreement(place=theirs, version=1, now=now)
        client = Client()
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
        sessions.append(client.cookies[settings.SESSION_COOKIE_NAME].value)
    return House(sessions, settings.SESSION_COOKIE_NAME)


def bring_in(here: Any, rows: Iterable[dict[str, Any]], *, find: bool) -> None:
    """Import the rows; with `find` as when a worker has looked for citations since."""
    from django.utils import timezone

    from feedback.actions.citing import find_citations_of_import
    from feedback.actions.importing.run import run_import
    from feedback.actions.importing.start import Incoming, start_import

    lines = (json.dumps(row).encode() + b"\n" for row in rows)
    job = start_import(place=here, incoming=Incoming("items.jsonl", lines), now=timezone.now())
    run_import(workspace_id=here.workspace.pk, job_id=job.pk, clock=timezone.now)
    if find:
        now = timezone.now()
        find_citations_of_import(workspace_id=here.workspace.pk, job_id=job.pk, now=now)


def chat_rows(count: int) -> Iterator[dict[str, Any]]:
    """About three kilobytes each, as in the published measurements of peers."""
    for number in range(count):
        text = (
            f"Response about item {number}. "
            + "It says what an answer of middling length would say. " * 26
        )
        yield _row(str(number), text, text + "And more.")


def _row(id: str, *responses: str) -> dict[str, Any]:
    return {"id": id, "prompt": f"Item {id}: which is better?", "responses": list(responses)}


def long_patch(lines: int = 3000) -> str:
    """A patch of so many lines over a dozen files: this product's own code with words exchanged."""
    files = sorted((ROOT / "feedback").rglob("*.py"))
    code = [line for file in files for line in file.read_text("utf-8").split("\n")]
    out: list[str] = []
    for file in range(12):
        name = f"p/file{file}.py"
        out += [f"diff --git a/{name} b/{name}", f"--- a/{name}", f"+++ b/{name}"]
        for hunk in range(lines // 12 // 25):
            at = hunk * 40 + 1
            part = code[(file * 20 + hunk) * 19 :][:19]
            out.append(f"@@ -{at},19 +{at},19 @@ def hunk():")
            out += [f" {line}" for line in part[:7]]
            out += [f"-{line}" for line in part[7:12]]
            out += [f"+{line}  # mended" for line in part[7:12]]
            out += [f" {line}" for line in part[12:]]
    return "\n".join(out) + "\n"


def long_brief(since: int = 1990, characters: int = 250_000, citations: int = 400) -> str:
    """A brief of so many characters in paragraphs, with so many citations of those years."""
    sentence = "The court below read the statute to require what its words do not, and the record shows no waiver of it. "
    paragraphs = [
        f"{number}. {sentence * 4}See Doe v. Roe, {100 + number} F.3d {200 + number}, {210 + number} (5th Cir. {since + number % 30}). "
        for number in range(1, citations + 1)
    ]
    each = characters // citations
    return "\n\n".join((paragraph + sentence * 9)[:each].rstrip() for paragraph in paragraphs)


async def measure(address: str, house: House, rounds: int, wanted: Sequence[str]) -> list[Line]:
    lines: list[Line] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        if "cold" in wanted:
            lines += await cold(browser, address, house)
        if "kinds" in wanted:
            lines += await kinds(browser, address, house)
        if "next" in wanted:
            lines += await nexts(browser, address, house, rounds)
        for name, words in LONG if "long" in wanted else ():
            lines += await long_text(browser, address, house, name, words)
        await browser.close()
    return lines


async def visitor(browser: Browser, address: str, house: House, number: int) -> BrowserContext:
    context = await browser.new_context(viewport={"width": 1440, "height": 900})
    await context.add_cookies(
        [{"name": house.cookie, "value": house.sessions[number], "url": address}]
    )
    await context.add_init_script(WATCH)
    return context


async def held(browser: Browser, address: str, house: House, project: str) -> str:
    """The address of the item that the first reviewer holds in a project."""
    context = await visitor(browser, address, house, 0)
    page = await context.new_page()
    await page.goto(f"{address}/w/bench/p/{project}/desk/")
    url = page.url
    await context.close()
    return url


async def cold(browser: Browser, address: str, house: House) -> list[Line]:
    """A desk in a browser that has nothing of it."""
    url = await held(browser, address, house, "chat")
    loads = [await _cold_load(browser, address, house, url) for _ in range(COLD_LOADS)]
    middle = {name: statistics.median(load[name] for load in loads) for name in loads[0]}
    return [
        Line("cold desk, transferred", middle["bytes"] / 1000, 120, "kB", 2212),
        Line("cold desk, requests", middle["requests"], 12, "", 35),
        Line("cold desk, requests to third parties", middle["foreign"], 0, ""),
        Line("cold desk, largest contentful paint", middle["lcp"] / 1000, 0.5, "s", 4.2),
        Line("cold desk, ready", middle["ready"] / 1000, 1, "s"),
        Line("cold desk, layout shift", middle["shift"], 0.02, ""),
    ]


async def kinds(browser: Browser, address: str, house: House) -> list[Line]:
    """Weight and requests of every kind of desk, each in a browser that has nothing of it."""
    lines = []
    for number, kind in enumerate(KINDS):
        url = await held(browser, address, house, f"kind{number}")
        load = await _cold_load(browser, address, house, url)
        lines += [
            Line(f"{kind.name}, transferred", load["bytes"] / 1000, 120, "kB"),
            Line(f"{kind.name}, requests", load["requests"], 12, ""),
        ]
    return lines


async def _cold_load(browser: Browser, address: str, house: House, url: str) -> dict[str, float]:
    context = await visitor(browser, address, house, 0)
    page = await context.new_page()
    network = await context.new_cdp_session(page)
    await network.send("Network.enable")
    took: dict[str, float] = {"bytes": 0, "requests": 0, "foreign": 0}

    def sent(event: dict[str, Any]) -> None:
        if event["request"]["url"].startswith("http"):
            took["requests"] += 1
            took["foreign"] += not event["request"]["url"].startswith(address)

    def finished(event: dict[str, Any]) -> None:
        took["bytes"] += event["encodedDataLength"]

    network.on("Network.requestWillBeSent", sent)
    network.on("Network.loadingFinished", finished)
    await page.goto(url)
    await page.wait_for_load_state("networkidle")
    took |= await page.evaluate("seen")
    await context.close()
    return took


async def nexts(browser: Browser, address: str, house: House, rounds: int) -> list[Line]:
    """From sending to the frame with the next item on it, while all reviewers work."""
    took = await asyncio.gather(
        *(_works(browser, address, house, number, rounds) for number in range(REVIEWERS))
    )
    every = [each for one in took for each in one]
    p95 = statistics.quantiles(every, n=20)[-1]
    return [
        Line(f"after submit, next item, p50 of {len(every)}", statistics.median(every), 150, "ms"),
        Line(f"after submit, next item, p95, {REVIEWERS} reviewers", p95, 150, "ms"),
    ]


async def _works(
    browser: Browser, address: str, house: House, number: int, rounds: int
) -> list[float]:
    context = await visitor(browser, address, house, number)
    page = await context.new_page()
    await page.goto(f"{address}/w/bench/p/chat/desk/")
    took = []
    for _ in range(rounds):
        await page.evaluate(ANSWER, WHY)
        # Nobody reads an item in less; the words are saved and the next item is asked for meanwhile.
        await asyncio.sleep(2.5 + number / REVIEWERS)
        took.append(await asyncio.wait_for(page.evaluate(SEND), PATIENCE))
    await context.close()
    return took


async def long_text(
    browser: Browser, address: str, house: House, project: str, words: str
) -> list[Line]:
    url = await held(browser, address, house, project)
    ready, server = [], []
    for _ in range(3):
        context = await visitor(browser, address, house, 0)
        page = await context.new_page()
        await page.goto(url)
        ready.append(await _ready(page))
        server.append(
            await page.evaluate(
                "(([e]) => e.responseStart - e.requestStart)(performance.getEntriesByType('navigation'))"
            )
        )
        frames = await asyncio.wait_for(page.evaluate(SCROLL, 2), PATIENCE)
        await context.close()
    return [
        Line(f"{words}, ready", statistics.median(ready) / 1000, 1, "s"),
        Line(f"{words}, of it the server", statistics.median(server) / 1000, 1, "s"),
        Line(f"{words}, scrolling", frames, 50, "frames/s", least=True),
    ]


async def _ready(page: Page) -> float:
    await page.wait_for_function("seen.ready > 0")
    return float(await page.evaluate("seen.ready"))


if __name__ == "__main__":
    main()
