"""What breaks when a page is narrow or its text is large: a page that scrolls sideways, controls cut off or covered."""

from __future__ import annotations

from playwright.sync_api import Page

SIZES = {
    "zoomed to 200 %": (640, 512, ""),
    "320 pixels wide": (320, 640, ""),
    "large text, wide": (1280, 800, "200"),
    "large text, phone": (390, 844, "200"),
}
# A control counts as covered where a click in its middle would reach something else; one that is drawn by its label is
# looked for there.
_FAULTS = """() => {
  const found = [];
  const wide = document.documentElement.scrollWidth - innerWidth;
  if (wide > 0) found.push(`the page is ${wide} pixels too wide`);
  const named = (each) => `${each.tagName.toLowerCase()} “${(each.getAttribute("aria-label") ?? each.innerText ?? each.name ?? "").trim().slice(0, 40)}”`;
  const scrolls = (each) => { for (let up = each.parentElement; up; up = up.parentElement) if (/auto|scroll/.test(getComputedStyle(up).overflowX) && up.scrollWidth > up.clientWidth) return true; return false; };
  const seen = (each) => each.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true });
  const hush = (each) => { const { width, height } = each.getBoundingClientRect(); return width < 3 || height < 3; };
  for (const control of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")) {
    const each = hush(control) || control.matches("[type=radio], [type=checkbox]") ? control.closest("label") : control;
    if (!each || !seen(each) || hush(each) || control.closest(".skip-link, [inert]")) continue;
    each.scrollIntoView({ block: "center", inline: "nearest" });
    if (each.matches(".btn") && each.scrollWidth > each.clientWidth + 1) found.push(`the words of ${named(control)} do not fit`);
    const boxes = [...each.getClientRects()].filter(({ width }) => width > 2);
    const box = boxes[0] ?? each.getBoundingClientRect();
    if ((box.left < -1 || box.right > innerWidth + 1) && !scrolls(each)) { found.push(`${named(control)} is cut off`); continue; }
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    const top = document.elementFromPoint(x, y);
    if (top && !each.contains(top) && !top.contains(each) && !top.closest("label")?.contains(control)) found.push(`${named(control)} is covered by ${named(top)}`);
  }
  scrollTo(0, 0);
  return found;
}"""


def faults(page: Page, name: str) -> list[str]:
    """What is wrong with the page at one of the sizes."""
    width, height, text = SIZES[name]
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate("(text) => { document.documentElement.dataset.text = text || '100'; }", text)
    # What a page changes when its width does (the outline of a brief folds) it changes with the next frame.
    page.evaluate(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )
    return [f"{name}: {fault}" for fault in page.evaluate(_FAULTS)]
