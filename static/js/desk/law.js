// The legal desk: the outline follows the reading, citations and the table of authorities lead to each other, and each
// authority is marked. The marks are JSON in the question's field; whatever changes it (a draft, the outbox) is drawn.

import { post } from "./keeping.js";
import { note, say, show } from "./screen.js";

const all = (selector, root) => [...root.querySelectorAll(selector)];
const ASK_AFTER = 1500; // milliseconds; then less and less often
const ORDER = ["not_found", "does_not_support", "superseded", "misquoted", "wrong_jurisdiction", "could_not_check", "", "exists"];

document.addEventListener("desk:open", ({ detail }) => {
  // A page that was fetched ahead was parsed without a script, and has the controls of one that has none.
  for (const each of all("noscript", detail.form)) each.remove();
  for (const text of all(".pane > .text", detail.form)) outline(text, detail.signal);
  for (const root of all("[data-law]", detail.form)) new Authorities(root, detail);
  for (const said of all("[data-finding]", detail.form)) awaited(said, detail);
  for (const panel of all("[data-quotations]", detail.form)) quotations(panel, detail);
});

// A worker finds the authorities of a long brief while one begins to read. Who has not begun sees them at once, who has is
// asked: the page opens again with them, and with every word.
function awaited(said, { root, form, signal, desk }) {
  const untouched = () => !desk.keeper.edits && all(".pane > .text", form).every((text) => text.scrollTop < 40);
  const again = async () => { await desk.keeper.save(); location.reload(); };
  let wait = ASK_AFTER;
  const ask = async () => {
    const answer = await post(said.dataset.finding, []).catch(() => null);
    if (signal.aborted) return;
    if (!answer?.found) { wait = Math.min(10_000, wait * 1.3); setTimeout(ask, wait); return; }
    if (untouched()) { again(); return; }
    note(root, "authorities", {
      tone: "ok", icon: "check", strong: "The authorities are found", text: "They are shown when this page opens again; what you wrote stays.",
      buttons: [["Show them", again]],
    });
  };
  setTimeout(ask, wait);
}

// The heading above what is read is the current one. Only pieces that are in view are laid out, so nobody asks a heading
// outside of them where it stands.
function outline(text, signal) {
  const links = all(".outline a", text);
  if (!links.length) return;
  const pieces = all(".piece", text);
  folding(text.querySelector(".outline details"), signal);
  const heads = links.map((link) => document.getElementById(link.hash.slice(1)));
  const home = heads.map((head) => pieces.indexOf(head.closest(".piece")));
  const above = (element, line) => element.getBoundingClientRect().top < line;
  let waiting = false;
  let now = -1;
  const follow = () => {
    waiting = false;
    const line = text.getBoundingClientRect().top + 80;
    const here = pieces.findLastIndex((piece) => above(piece, line));
    const at = Math.max(0, heads.findLastIndex((head, place) => home[place] < here || (home[place] === here && above(head, line))));
    if (at === now) return;
    links[now]?.removeAttribute("aria-current");
    links[at].setAttribute("aria-current", "true");
    now = at;
  };
  text.addEventListener("scroll", () => {
    if (!waiting) requestAnimationFrame(follow);
    waiting = true;
  }, { signal, passive: true });
  follow();
}

// Where it stands over the text and not beside it, it is folded until somebody wants it, and when they have chosen.
function folding(details, signal) {
  const over = () => getComputedStyle(details.parentElement).zIndex === "2";
  const fold = () => { if (over()) details.open = false; };
  fold();
  addEventListener("resize", fold, { signal });
  details.addEventListener("click", (event) => { if (event.target.closest("a") && over()) details.open = false; }, { signal });
  details.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !over()) return;
    details.open = false;
    details.querySelector("summary").focus();
  }, { signal });
}

// The quotations are checked when somebody wants to see them; that takes longer than a desk may take to open.
function quotations(panel, { form, signal }) {
  const list = panel.querySelector("[data-list]");
  panel.addEventListener("toggle", async () => {
    if (!panel.open || panel.dataset.checked) return;
    panel.dataset.checked = "yes";
    list.textContent = "Checking…";
    try {
      const answer = await fetch(panel.dataset.quotations, { headers: { "HX-Request": "true" }, signal });
      if (!answer.ok) throw new Error(answer.status);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      list.replaceChildren(...page.body.childNodes);
    } catch {
      if (signal.aborted) return;
      delete panel.dataset.checked;
      list.textContent = "Not checked: the server does not answer. Fold and unfold this to try again.";
    }
  }, { signal });
  list.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    const place = link && document.getElementById(link.hash.slice(1));
    if (!place) return;
    event.preventDefault();
    show(form, place.closest(".pane")?.dataset.side ?? "a");
    place.scrollIntoView({ block: "center" });
  }, { signal });
}

class Authorities {
  constructor(root, { form, signal, desk }) {
    Object.assign(this, { root, form, desk });
    this.question = root.closest("[data-question]");
    this.field = this.question.querySelector("[data-answer]");
    this.edit = root.querySelector("[data-edit]");
    this.rows = all(".auth > [data-authority]", root);
    this.byKey = new Map(this.rows.map((row) => [key(row.dataset.letter, row.dataset.authority), row]));
    form.addEventListener("click", (event) => this.#clicked(event), { signal });
    form.addEventListener("input", ({ target }) => { if (target === form) this.draw(); }, { signal });
    root.querySelector("[data-order]").addEventListener("change", ({ target }) => this.#order(target.value), { signal });
    this.edit?.addEventListener("input", (event) => { event.stopPropagation(); this.#edited(event.target); }, { signal });
    this.edit?.addEventListener("keydown", (event) => this.#pressed(event), { signal });
    this.draw();
  }

  get marks() {
    try { return JSON.parse(this.field.value || "[]"); } catch { return []; }
  }

  mark(row) {
    return this.marks.find((each) => each.on === row.dataset.letter && each.authority === row.dataset.authority);
  }

  write(row, change) {
    if (this.desk.keeper.reads) return;
    const marks = this.marks;
    let mark = marks.find((each) => each.on === row.dataset.letter && each.authority === row.dataset.authority);
    if (!mark) {
      const taken = new Set(marks.map((each) => each.id));
      let number = 1;
      while (taken.has(`a${number}`)) number += 1;
      mark = { id: `a${number}`, on: row.dataset.letter, authority: row.dataset.authority, everywhere: true, anchor: places(row)[0], category: "", severity: "", comment: "" };
      marks.push(mark);
    }
    Object.assign(mark, change);
    const left = marks.filter((each) => each.category || each.comment);
    this.field.value = left.length ? JSON.stringify(left) : "";
    this.draw();
    this.field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // --- What is shown ---

  draw() {
    const marks = new Map(this.marks.map((each) => [key(each.on, each.authority), each]));
    const said = new Map(all("[name=_verdict]", this.root).map((field) => [field.value, field]));
    for (const [name, row] of this.byKey) {
      const mark = marks.get(name);
      const field = said.get(mark?.category);
      const badge = row.querySelector("[data-said]");
      if (field || this.edit) {
        badge.textContent = field?.nextElementSibling.textContent ?? "To check";
        badge.dataset.tone = field?.dataset.tone ?? "none";
      }
      row.toggleAttribute("data-open-end", !mark?.category);
      row.dataset.verdict = mark?.category ?? "";
      const note = row.querySelector("[data-note]");
      note.textContent = mark?.comment ?? "";
      note.hidden = !mark?.comment;
    }
    for (const cite of all(".cite[data-authority]", this.form)) {
      const tone = this.#row(cite)?.querySelector("[data-said]").dataset.tone ?? "none";
      if ((cite.dataset.verdict ?? "none") !== tone) cite.dataset.verdict = tone;
    }
    this.#count();
  }

  #count() {
    const done = this.rows.filter((row) => !row.hasAttribute("data-open-end")).length;
    this.root.querySelector("[data-checked]").textContent = `${done} of ${this.rows.length} checked`;
    for (const bar of all("[data-progress]", this.root)) {
      bar.value = this.rows.filter((row) => row.dataset.letter === bar.dataset.progress && !row.hasAttribute("data-open-end")).length;
    }
  }

  #order(by) {
    const name = (row) => row.querySelector("cite")?.textContent ?? "~";
    const order = {
      use: (one, other) => this.rows.indexOf(one) - this.rows.indexOf(other),
      verdict: (one, other) => ORDER.indexOf(one.dataset.verdict) - ORDER.indexOf(other.dataset.verdict),
      name: (one, other) => name(one).localeCompare(name(other)),
    }[by];
    for (const list of all(".auth", this.root)) list.append(...all(":scope > [data-authority]", list).sort(order));
  }

  #row(cite) {
    const letter = cite.closest("[data-letter]")?.dataset.letter;
    return this.byKey.get(key(letter, cite.dataset.authority));
  }

  // --- Marking ---

  #clicked(event) {
    const { target } = event;
    const cite = target.closest(".cite[data-authority]");
    const row = cite && this.#row(cite);
    if (row) { event.preventDefault(); this.open(row, cite); return; }
    const inside = this.root.contains(target) ? target : null;
    if (!inside) return;
    const marked = inside.closest("[data-mark]");
    if (marked) this.#toggle(marked.closest("li"));
    else if (inside.closest("[data-next]")) this.next();
    else if (inside.closest("[data-keep]")) this.next();
    else if (inside.closest("[data-take-back]")) this.#takeBack();
    else if (inside.closest(".where a")) this.#lead(event, inside.closest("a"));
  }

  #toggle(row) {
    if (this.now === row) this.close();
    else this.open(row);
  }

  // The editor moves under the authority; `cite` is the place in the text it was opened from.
  open(row, cite) {
    if (!this.edit) { row.scrollIntoView({ block: "nearest" }); return; }
    this.close();
    this.now = row;
    const mark = this.mark(row);
    row.append(this.edit);
    this.edit.hidden = false;
    row.setAttribute("data-lit", "");
    row.querySelector("[data-mark]").setAttribute("aria-expanded", "true");
    this.#fill(row, mark);
    this.#light(row, cite);
    show(this.form, "sheet");
    const chosen = this.edit.querySelector("[name=_verdict]:checked") ?? this.edit.querySelector("[name=_verdict]");
    chosen.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }

  #fill(row, mark) {
    for (const field of all("[name=_verdict]", this.edit)) field.checked = field.value === mark?.category;
    this.edit.querySelector("[name=_note]").value = mark?.comment ?? "";
    const where = this.edit.querySelector("[name=_where]");
    const links = all(".where a", row);
    where.replaceChildren(new Option(links.length > 1 ? "Everywhere" : "Here", "-1"), ...(links.length > 1 ? links.map((link, place) => new Option(link.textContent, place)) : []));
    const at = links.findIndex((link) => JSON.parse(link.dataset.anchor).start === mark?.anchor.start);
    where.value = mark && !mark.everywhere ? String(at) : "-1";
    this.edit.querySelector("[data-place]").hidden = links.length < 2;
  }

  #light(row, cite) {
    for (const each of all(".cite[data-lit]", this.form)) each.removeAttribute("data-lit");
    for (const each of all(`.cite[data-authority="${CSS.escape(row.dataset.authority)}"]`, this.form)) {
      if (this.#row(each) === row) each.setAttribute("data-lit", "");
    }
    const first = cite ?? document.getElementById(row.querySelector(".where a")?.hash.slice(1));
    if (!cite) first?.scrollIntoView({ block: "center" });
  }

  close() {
    if (!this.now) return;
    this.now.removeAttribute("data-lit");
    this.now.querySelector("[data-mark]").setAttribute("aria-expanded", "false");
    this.edit.hidden = true;
    for (const each of all(".cite[data-lit]", this.form)) each.removeAttribute("data-lit");
    this.now = null;
  }

  // The next authority that is not marked, from the open one on and then from the start.
  next() {
    const shown = all(".auth > [data-authority]", this.root);
    const from = shown.indexOf(this.now) + 1;
    const row = [...shown.slice(from), ...shown.slice(0, from)].find((each) => each.hasAttribute("data-open-end"));
    if (row) { this.open(row); return; }
    const before = this.now ?? shown[0];
    this.close();
    before?.querySelector("[data-mark]").focus();
    say("Every authority is checked.");
  }

  #edited(field) {
    if (field.name === "_verdict") this.write(this.now, { category: field.value, severity: field.dataset.severity });
    else if (field.name === "_note") this.write(this.now, { comment: field.value });
    else this.write(this.now, { everywhere: field.value === "-1", anchor: places(this.now)[Math.max(0, Number(field.value))] });
  }

  #takeBack() {
    this.write(this.now, { category: "", severity: "", comment: "" });
    this.#fill(this.now, null);
    this.edit.querySelector("[name=_verdict]").focus();
  }

  // A digit chooses a verdict, Enter keeps it, Escape closes; in the note they are what they always are.
  #pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      const row = this.now;
      this.close();
      row.querySelector("[data-mark]").focus();
    } else if (event.target.matches("[type=radio]") && event.key === "Enter") {
      this.next();
    } else if (event.target.matches("[type=radio]") && /^\d$/.test(event.key)) {
      const field = all("[name=_verdict]", this.edit)[Number(event.key) - 1];
      field?.click();
      field?.focus();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  #lead(event, link) {
    const place = document.getElementById(link.hash.slice(1));
    if (!place) return;
    event.preventDefault();
    show(this.form, place.closest(".pane")?.dataset.side ?? "a");
    place.scrollIntoView({ block: "center" });
    place.focus({ preventScroll: true });
  }
}

const key = (letter, authority) => `${letter} ${authority}`;
const places = (row) => all(".where a", row).map((link) => JSON.parse(link.dataset.anchor));
