"""What the browser tests of the desk have in common: how one opens it, answers and sends."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from feedback.models import Project
from tests.world import WHY

SAVED = re.compile(r"Saved \d\d:\d\d:\d\d")


def desk_path(project: Project) -> str:
    return f"/w/{project.workspace.slug}/p/{project.slug}/desk/"


def fill(page: Page, *, but_why: bool = False) -> None:
    """Every answer of the chat form, by pointer."""
    page.locator(".dock input[value='3']").check()
    for question, a, b in (("accuracy", 4, 2), ("answers", 5, 3)):
        page.locator(f"input[name='{question}.A'][value='{a}']").check()
        page.locator(f"input[name='{question}.B'][value='{b}']").check()
    if not but_why:
        page.get_by_label("Why", exact=True).fill(WHY)


def saved(page: Page) -> None:
    """Wait until the server has acknowledged every word."""
    expect(page.locator("[data-saved]")).to_have_text(SAVED)


def kept(page: Page) -> list[dict[str, object]]:
    """What this device keeps in its outbox."""
    found: list[dict[str, object]] = page.evaluate(
        """async () => {
          const [base] = (await indexedDB.databases()).filter(({ name }) => name.startsWith("touchstone-"));
          if (!base) return [];
          return new Promise((resolve, reject) => {
            const asked = indexedDB.open(base.name);
            asked.onerror = () => reject(asked.error);
            asked.onsuccess = () => {
              const rows = asked.result.transaction("kept").objectStore("kept").getAll();
              rows.onsuccess = () => { asked.result.close(); resolve(rows.result); };
            };
          });
        }"""
    )
    return found
