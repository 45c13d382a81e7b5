// Critiques: a passage is chosen with the pointer or by keys, what is wrong with it is said, and it stays marked.
// The answer is JSON in one field of the question; whatever changes that field (a draft, the outbox) is drawn.
// Who anchors in another way (lines of a patch) sends `desk:critique` with {on, anchor} on the document.

import { Choosing, Passage } from "./passages.js";
import { say, show } from "./screen.js";

const MARKS = ["critique", "critique-now", "critique-chosen"];
const MARGIN = 170; // pixels beside the text, from which on notes stand there
const all = (selector, root) => [...root.querySelectorAll(selector)];
const plain = (text) => text.replaceAll("\0", "").toWellFormed();

document.addEventListener("desk:open", ({ detail }) => {
  for (const question of all('[data-kind="critiques"]', detail.form)) new Critiques(question, detail);
});

function make(tag, options = {}, ...children) {
  const { data = {}, ...rest } = options;
  const made = Object.assign(document.createElement(tag), rest);
  Object.assign(made.dataset, data);
  made.append(...children.filter(Boolean));
  return made;
}

class Critiques {
  constructor(question, { root, form, signal, desk }) {
    Object.assign(this, { question, form, signal, desk, locked: root.hasAttribute("data-locked") });
    this.field = question.querySelector("[data-answer]");
    this.list = question.querySelector("[data-critiques]");
    for (const plainly of all(".unscripted :is(input, select, textarea)", question)) plainly.disabled = true;
    this.passages = all("[data-letter] [data-part]", form).map((part) => new Passage(part));
    this.#offerKeys();
    this.#titles();
    question.addEventListener("click", (event) => this.#clicked(event), { signal });
    form.addEventListener("input", () => { if (this.field.value !== this.written) { this.#read(); this.draw(); } }, { signal });
    document.addEventListener("desk:critique", ({ detail }) => this.#begin(detail), { signal });
    document.addEventListener("selectionchange", () => this.#offer(), { signal });
    for (const pane of new Set(this.passages.map((each) => each.pane))) {
      pane.addEventListener("click", (event) => this.#touched(event), { signal });
    }
    const watch = new ResizeObserver(() => this.#margin());
    for (const pane of all("[data-letter]", form)) watch.observe(pane);
    signal.addEventListener("abort", () => { watch.disconnect(); for (const name of MARKS) CSS.highlights.delete(name); });
    this.#read();
    this.draw();
  }

  get reads() { return this.locked || this.desk.keeper.reads; }

  // Where the text is a patch, the key and the button for it are those of its lines.
  #offerKeys() {
    const button = this.question.querySelector("[data-criticise]");
    if (!button) return;
    button.hidden = !this.passages.some(({ root }) => root.matches(".prose"));
    if (button.hidden) button.nextElementSibling.textContent = "Choose lines of the patch by their numbers, then Comment.";
    if (this.form.querySelector("[data-comment]")) { button.removeAttribute("data-key"); button.querySelector("kbd").remove(); }
  }

  #titles() {
    const composer = this.question.querySelector("template").content;
    const named = (name) => all(`[name="_${name}"]`, composer).map((each) => [each.value, each.parentElement.textContent.trim()]);
    this.categories = new Map(named("category"));
    this.severities = new Map(named("severity"));
  }

  #read() {
    this.written = this.field.value;
    try { this.made = JSON.parse(this.written || "[]"); } catch { this.made = []; }
  }

  #write() {
    this.field.value = this.made.length ? JSON.stringify(this.made) : "";
    this.written = this.field.value;
    this.field.dispatchEvent(new Event("input", { bubbles: true }));
    this.draw();
  }

  #at({ id }) { return this.made.findIndex((each) => each.id === id); }

  #passage({ on, anchor }) { return this.passages.find((each) => each.on === on && each.part === anchor.part); }

  // The ranges of the page that a critique stands at.
  #ranges(critique) {
    const passage = this.#passage(critique);
    if (!passage) return [];
    if (critique.anchor.type === "span") return passage.ranges(critique.anchor);
    return this.#rows(critique, passage).map((row) => { const range = new Range(); range.selectNodeContents(row.querySelector("td.c:last-child") ?? row); return range; });
  }

  #words(critique) {
    const passage = this.#passage(critique);
    if (passage && critique.anchor.type === "span") return passage.words(critique.anchor);
    return critique.anchor.exact ?? this.#ranges(critique).map(String).join("\n");
  }

  #rows({ anchor: { file, side, start, end } }, passage) {
    const part = all(".hunk-file", passage.root).find((each) => each.dataset.file === file) ?? passage.root;
    return all(`tr[data-${side}]:not([data-count])`, part).filter((row) => row.dataset[side] >= start && row.dataset[side] <= end);
  }

  // --- What is seen ---

  draw() {
    const marks = new Highlight();
    this.list.replaceChildren(...this.made.map((each, at) => this.#item(each, at, marks)), ...(this.deleted ? [this.#deletion()] : []));
    CSS.highlights.set("critique", marks);
    this.#margin();
  }

  #item(critique, at, marks) {
    if (critique.anchor.type === "span") for (const range of this.#ranges(critique)) marks.add(range); // lines mark themselves
    const words = this.#words(critique);
    const act = (name, words) => make("button", { type: "button", className: "btn plain small", textContent: words, ariaLabel: `${words} critique ${at + 1}`, data: { act: name } });
    return make("li", { data: { id: critique.id } }, this.#note(critique, at, make("q", { dir: "auto", textContent: words })),
      make("span", { className: "row" }, act("go", "Show"), !this.reads && act("edit", "Edit"), !this.reads && act("delete", "Delete")));
  }

  #note(critique, at, quoted) {
    const several = new Set(this.passages.map((each) => each.on)).size > 1;
    const { category, severity, comment, suggestion } = critique;
    const grave = [this.severities.get(severity)?.toLowerCase() ?? "not said how grave", several && critique.on].filter(Boolean).join(", ");
    const note = make("article", { className: "note" },
      make("header", {}, `${at + 1} · ${this.categories.get(category) ?? "Not said what is wrong"} `, make("span", { className: "quiet", textContent: grave })),
      quoted, comment && make("p", { dir: "auto", textContent: comment }),
      suggestion && make("p", { className: "suggest" }, make("ins", { dir: "auto", textContent: suggestion })));
    const place = [...this.severities.keys()].indexOf(severity);
    if (place === 0) note.dataset.tone = "minor";
    if (place > 0 && place === this.severities.size - 1) note.dataset.tone = "danger";
    return note;
  }

  #deletion() {
    return make("li", {}, make("span", { className: "row apart" }, make("span", { className: "second", textContent: "Critique deleted." }),
      make("button", { type: "button", className: "btn plain small", textContent: "Put it back", data: { act: "undelete" } })));
  }

  // Beside a text with room for them the notes stand where they belong; the list says the same to whoever hears it.
  #margin() {
    for (const pane of new Set(this.passages.map((each) => each.pane))) {
      pane.querySelector(":scope > .margin")?.remove();
      const prose = pane.querySelector("[data-part].prose");
      const room = prose ? pane.getBoundingClientRect().right - prose.getBoundingClientRect().right : 0;
      if (room < MARGIN || pane.closest(".answers, .patch")) continue;
      const margin = make("div", { className: "margin", ariaHidden: "true" });
      margin.style.setProperty("--room", `${Math.floor(room)}px`);
      pane.append(margin);
      let free = 0;
      const top = pane.getBoundingClientRect().top - pane.scrollTop;
      const placed = this.made.map((each, at) => [this.#ranges(each)[0]?.getBoundingClientRect().top - top, each, at]);
      for (const [wish, critique, at] of placed.filter(([wish, each]) => each.on === pane.dataset.letter && wish >= 0).sort(([a], [b]) => a - b)) {
        const note = this.#note(critique, at);
        margin.append(note);
        note.style.insetBlockStart = `${Math.max(wish, free)}px`;
        free = Math.max(wish, free) + note.offsetHeight + 12;
      }
    }
  }

  #mark(name, ranges) { if (ranges.length) CSS.highlights.set(name, new Highlight(...ranges)); else CSS.highlights.delete(name); }

  #bring(ranges, pane) {
    if (!ranges.length) return;
    show(this.form, pane.closest(".pane")?.dataset.side ?? "a");
    const [at, frame] = [ranges[0].getBoundingClientRect(), pane.getBoundingClientRect()];
    const scroller = pane.scrollHeight > pane.clientHeight ? pane : ranges[0].startContainer.parentElement;
    if (scroller !== pane) scroller.scrollIntoView({ block: "nearest" });
    else if (at.top < frame.top || at.bottom > frame.bottom) pane.scrollTop += at.top - frame.top - frame.height / 4;
  }

  go(critique) {
    const ranges = this.#ranges(critique);
    this.#mark("critique-now", ranges);
    this.#bring(ranges, this.#passage(critique)?.pane);
  }

  // --- What one does ---

  #clicked({ target }) {
    if (target.closest("[data-criticise]")) { this.criticise(); return; }
    const act = target.closest("[data-act]")?.dataset.act;
    if (act === "undelete") { this.made.splice(this.deleted.at, 0, this.deleted.critique); this.deleted = null; this.#write(); return; }
    const critique = this.made.find(({ id }) => id === target.closest("[data-id]")?.dataset.id);
    if (!act || !critique) return;
    if (act === "go") this.go(critique);
    if (act === "edit") this.compose(critique);
    if (act === "delete") this.#delete(critique);
  }

  #delete(critique) {
    const at = this.#at(critique);
    this.deleted = { at, critique };
    this.made.splice(at, 1);
    this.#mark("critique-now", []);
    this.#write();
    say("Critique deleted.");
    this.list.querySelector('[data-act="undelete"]').focus();
  }

  // A press on marked words shows what was said of them.
  #touched({ clientX, clientY }) {
    const at = document.caretPositionFromPoint(clientX, clientY);
    if (!at || !getSelection().isCollapsed) return;
    const passage = this.passages.find((each) => each.root.contains(at.offsetNode));
    const offset = passage?.under(at.offsetNode, at.offset) ?? -1;
    const found = this.made.findLast(({ on, anchor }) => on === passage?.on && anchor.part === passage.part && anchor.start <= offset && offset < anchor.end);
    if (!found) return;
    this.go(found);
    for (const item of all("[data-id]", this.list)) item.toggleAttribute("data-now", item.dataset.id === found.id);
    this.list.querySelector("[data-now]").scrollIntoView({ block: "nearest" });
  }

  #selected() {
    const selection = getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0);
    for (const passage of this.passages) {
      const span = range.intersectsNode(passage.root) && passage.span(range);
      if (span) return { passage, span, range };
    }
    return null;
  }

  // A button beside what is selected, for who has no keys.
  #offer() {
    this.offer?.remove();
    const found = !this.reads && !this.pop && this.#selected();
    if (!found) return;
    const { right, bottom } = found.range.getBoundingClientRect();
    this.offer = make("button", { type: "button", className: "btn small critique-offer", textContent: "Critique" });
    this.offer.addEventListener("pointerdown", (event) => event.preventDefault());
    this.offer.addEventListener("click", () => this.criticise());
    this.form.append(this.offer);
    place(this.offer, right, bottom + 6);
  }

  criticise() {
    if (this.reads) return;
    const found = this.#selected();
    if (!found) { this.#choose(); return; }
    getSelection().removeAllRanges();
    this.#begin({ on: found.passage.on, anchor: { type: "span", part: found.passage.part, ...found.span } });
  }

  // --- Choosing by keys ---

  #choose() {
    const here = document.activeElement.closest("[data-letter]") ?? all("[data-letter]", this.form).find((each) => each.checkVisibility()) ?? this.passages[0]?.pane;
    const passages = this.passages.filter((each) => each.pane === here && each.runs.length);
    if (!passages.length) { say("There is no prose to choose a passage of."); return; }
    this.choosing?.leave();
    show(this.form, here.closest(".pane")?.dataset.side ?? "a");
    const bar = this.question.querySelector("template[data-choosing]").content.firstElementChild.cloneNode(true);
    this.choosing = new Choosing(passages, bar, {
      chosen: ({ passage, span }, which) => {
        const ranges = passage.ranges(span);
        this.#mark("critique-chosen", ranges);
        this.#bring(ranges, passage.pane);
        say(`${which}${passage.words(span)}`);
      },
      taken: ({ passage, span }) => { this.#chosen(); this.#begin({ on: passage.on, anchor: { type: "span", part: passage.part, ...span } }); },
      left: () => { this.#chosen(); here.focus({ preventScroll: true }); },
    });
  }

  #chosen() {
    this.choosing.bar.remove();
    this.choosing = null;
    this.#mark("critique-chosen", []);
  }

  // --- Saying what is wrong ---

  #begin({ on, anchor }) {
    if (this.reads) return;
    const taken = new Set(this.made.map(({ id }) => id));
    let number = 1;
    while (taken.has(`c${number}`)) number += 1;
    this.compose({ id: `c${number}`, on, anchor, category: "", severity: "", comment: "" });
  }

  compose(critique) {
    this.#close();
    this.offer?.remove();
    const pop = this.question.querySelector("template[data-composer]").content.firstElementChild.cloneNode(true);
    this.pop = pop;
    const ranges = this.#ranges(critique);
    pop.querySelector("[data-quote]").textContent = this.#words(critique);
    this.#fill(pop, critique);
    pop.addEventListener("input", (event) => { event.stopPropagation(); this.#typed(pop, critique); });
    pop.addEventListener("keydown", (event) => this.#keyed(event, critique));
    pop.addEventListener("click", ({ target }) => {
      const act = target.closest("[data-act]")?.dataset.act;
      if (act === "done") this.#done(critique);
      if (act === "close") this.#close(critique);
      if (act === "delete") { this.#close(critique); if (this.#at(critique) >= 0) this.#delete(critique); }
    });
    this.go(critique);
    this.form.append(pop);
    const box = ranges.at(-1)?.getBoundingClientRect();
    place(pop, box?.left ?? 0, (box?.bottom ?? 0) + 8);
    (pop.querySelector(":checked") ?? pop.querySelector("input, textarea")).focus();
  }

  #fill(pop, critique) {
    for (const field of all("[name]", pop)) {
      const name = field.name.slice(1);
      if (field.type === "radio") field.checked = critique[name] === field.value;
      else field.value = critique[name] ?? "";
    }
  }

  #typed(pop, critique) {
    for (const name of ["category", "severity"]) critique[name] = pop.querySelector(`[name="_${name}"]:checked`)?.value ?? "";
    critique.comment = plain(pop.querySelector('[name="_comment"]').value);
    const instead = plain(pop.querySelector('[name="_suggestion"]')?.value ?? "");
    if (instead) critique.suggestion = instead; else delete critique.suggestion;
    const at = this.#at(critique); // by its id: the outbox may have brought another copy
    this.made.splice(at < 0 ? this.made.length : at, at < 0 ? 0 : 1, critique);
    this.deleted = null;
    pop.querySelector("[data-wrong]").textContent = "";
    this.#write();
  }

  // Keys of the desk mean nothing in here but a digit, which chooses.
  #keyed(event, critique) {
    const { key, target } = event;
    if (key === "Escape") { event.preventDefault(); this.#close(critique); return; }
    if (key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); this.#done(critique); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || target.matches("textarea")) return;
    if (key.length === 1 && key !== " ") event.preventDefault();
    if (/^[1-9]$/.test(key) && target.name) {
      const chosen = all(`[name="${target.name}"]`, this.pop)[key - 1];
      chosen?.focus();
      chosen?.click();
    }
  }

  #done(critique) {
    const missing = ["category", "severity"].find((name) => !critique[name]) ?? (this.pop.querySelector("[data-needed]") && !critique.comment.trim() ? "comment" : "");
    if (!missing) { this.#close(critique); say("Critique kept."); return; }
    const words = { category: "Choose what is wrong.", severity: "Choose how grave it is.", comment: "Say why." }[missing];
    this.pop.querySelector("[data-wrong]").textContent = words;
    this.pop.querySelector(`[name="_${missing}"]`).focus();
  }

  #close(critique) {
    if (!this.pop) return;
    this.pop.remove();
    this.pop = null;
    this.#mark("critique-now", []);
    if (critique) this.#passage(critique)?.pane.focus({ preventScroll: true });
  }
}

// Beside what it belongs to, and whole on the screen.
function place(box, x, y) {
  const { offsetWidth: width, offsetHeight: height } = box;
  const [most, low] = [innerWidth - width - 8, innerHeight - height - 8];
  box.style.insetInlineStart = `${Math.max(8, Math.min(x, most))}px`;
  box.style.insetBlockStart = `${Math.max(8, Math.min(y, low))}px`;
}
