// What is on the screen: tabs, panes, differences; what is answered and what is wrong; what is said; and the work it takes.

const TOAST = 8000;
const USED = 60_000; // somebody who did nothing for so long is not there
const PANES = ".pane > .text, .answers article, .context, .sheet, .dock, .rest";
const SIGNS = ["pointermove", "pointerdown", "keydown", "wheel", "scroll", "focusin"];

export function read(root, signal) {
  const form = root.querySelector("form.desk");
  tabs(root.querySelector('[role="tablist"]'), signal);
  // What is to be answered is the last turn of a conversation.
  const said = form.querySelector(".said");
  if (said.querySelectorAll("#panel-prompt > .turn").length > 1) said.scrollTop = said.scrollHeight;
  fold(root.querySelector(".context"), signal);
  narrow(form, signal);
  together([...form.querySelectorAll(".pane > .text")], form.querySelector("[data-sync]"), signal);
  differences(form, signal);
  cannotJudge(form.querySelector("[data-cannot]"), signal);
  for (const button of form.querySelectorAll("[data-copies]")) {
    button.addEventListener("click", () => copy(root, button), { signal });
  }
}

// On narrow screens one thing is shown at a time: a response, or the answers.
export function show(form, what) {
  form.dataset.show = what;
  if (what !== "sheet") form.dataset.patch = what; // where one patch is read at a time, the sheet stands beside it
  for (const button of form.querySelectorAll(".desk-switch [data-show]")) {
    button.setAttribute("aria-pressed", String(button.dataset.show === what));
  }
}

export function choose(tab) {
  for (const each of tab.closest('[role="tablist"]').querySelectorAll('[role="tab"]')) {
    const on = each === tab;
    each.setAttribute("aria-selected", String(on));
    each.tabIndex = on ? 0 : -1;
    document.getElementById(each.getAttribute("aria-controls")).toggleAttribute("data-off", !on);
  }
  const context = tab.closest(".context");
  if (context.hasAttribute("data-fold")) turn(context);
  context.querySelector(".said").scrollTop = 0;
}

function tabs(list, signal) {
  const every = [...list.querySelectorAll('[role="tab"]')];
  list.addEventListener("click", (event) => {
    const tab = event.target.closest('[role="tab"]');
    if (tab) choose(tab);
  }, { signal });
  list.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = every[(every.indexOf(document.activeElement) + step + every.length) % every.length];
    choose(next);
    next.focus();
  }, { signal });
}

function turn(context) {
  const folded = context.toggleAttribute("data-fold");
  const button = context.querySelector("[data-fold-word]").closest("button");
  button.setAttribute("aria-expanded", String(!folded));
  for (const word of button.querySelectorAll("span")) word.textContent = folded ? "Unfold" : "Fold";
}

function fold(context, signal) {
  context.querySelector("button.fold").addEventListener("click", () => turn(context), { signal });
}

function narrow(form, signal) {
  form.querySelector(".desk-switch")?.addEventListener("click", (event) => {
    const button = event.target.closest("[data-show]");
    if (button) show(form, button.dataset.show);
  }, { signal });
}

// By share of the way: two texts are rarely of one length.
function together(panes, button, signal) {
  if (!button) return;
  let leader = null;
  button.addEventListener("click", () => {
    button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
  }, { signal });
  for (const pane of panes) {
    for (const sign of ["pointerenter", "focusin", "wheel"]) {
      pane.addEventListener(sign, () => { leader = pane; }, { signal, passive: true });
    }
    pane.addEventListener("scroll", () => {
      if (pane !== leader || button.getAttribute("aria-pressed") !== "true") return;
      const share = pane.scrollTop / Math.max(1, pane.scrollHeight - pane.clientHeight);
      for (const other of panes) {
        if (other !== pane) other.scrollTop = share * (other.scrollHeight - other.clientHeight);
      }
    }, { signal, passive: true });
  }
}

async function copy(root, button) {
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).innerText);
  root.dispatchEvent(new CustomEvent("desk:told", { detail: "Copied." }));
}

// --- Differences, word by word: a file that is fetched when somebody asks for them ---------------------------------

function differences(form, signal) {
  const button = form.querySelector("[data-differences]");
  if (!button) return;
  if (!globalThis.CSS?.highlights) { button.hidden = true; return; }
  const said = form.querySelector("[data-differences-said]");
  const clear = () => { CSS.highlights.delete("only-a"); CSS.highlights.delete("only-b"); };
  signal.addEventListener("abort", clear);
  button.addEventListener("click", async () => {
    const on = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(on));
    const answer = on ? await compared(form) : { words: "" };
    if (button.getAttribute("aria-pressed") !== String(on)) return; // pressed again meanwhile
    button.setAttribute("aria-pressed", String(Boolean(answer.only)));
    form.querySelector(".panes").classList.toggle("differs", Boolean(answer.only));
    clear();
    said.textContent = answer.words;
    if (!answer.only) return;
    CSS.highlights.set("only-a", new Highlight(...answer.only[0]));
    CSS.highlights.set("only-b", new Highlight(...answer.only[1]));
  }, { signal });
}

async function compared(form) {
  try {
    const { compare } = await import("./differences.js");
    return compare(...form.querySelectorAll(".pane > .text"));
  } catch {
    return { words: "Not there: offline." };
  }
}

// --- What is answered, and what is wrong ---------------------------------------------------------------------------

// Marks what is answered, and says it: the step in words, the anchors that were chosen, the length of a text, the tally.
export function answered(form) {
  const questions = [...form.querySelectorAll("[data-question]:not([data-unasked])")].filter((each) => each.dataset.question !== "cannot_judge");
  for (const question of questions) {
    question.toggleAttribute("data-done", isAnswered(question));
    for (const said of question.querySelectorAll("[data-scale-said]")) sayStep(said);
    for (const ends of question.querySelectorAll("[data-ends]")) sayRatings(question, ends);
    for (const counter of question.querySelectorAll("[data-count]")) count(question, counter);
  }
  const open = new Set(questions.filter((each) => !each.hasAttribute("data-done")).map((each) => each.dataset.question));
  const every = new Set(questions.map((each) => each.dataset.question)).size;
  for (const place of form.querySelectorAll("[data-tally]")) {
    place.textContent = place.dataset.tally.replace("{done}", every - open.size).replace("{all}", every);
  }
  sayCannot(form);
}

function isAnswered(question) {
  const { question: name, kind } = question.dataset;
  if (kind === "preference") return Boolean(question.closest("form").querySelector(`[name="${name}"]:checked`));
  const held = question.querySelector("[data-answer]"); // an answer that a script writes as JSON
  if (held) return held.value.length > 2;
  const fields = [...question.querySelectorAll("input, textarea, select[name]")];
  const fewest = Math.max(1, question.querySelector("[data-min]")?.dataset.min ?? 0);
  const filled = (each) => (each.matches("[type=radio], [type=checkbox]") ? each.checked : length(each) >= fewest);
  const given = [...new Set(fields.map((each) => each.name))].map((each) => fields.some((field) => field.name === each && filled(field)));
  if (kind === "steps") return [...question.querySelectorAll("[data-steps]")].every(labelled);
  if (kind === "ranking") return given.filter(Boolean).length >= (question.querySelector("[data-partial]") ? 2 : given.length);
  return kind === "choice" && !question.hasAttribute("data-required") ? given.some(Boolean) : given.every(Boolean);
}

// Every step has its label, or every one up to the first error where labels end there.
function labelled(list) {
  const steps = [...list.querySelectorAll("[data-step]")];
  const error = list.hasAttribute("data-to-first") ? steps.findIndex((step) => step.querySelector('[value="-1"]:checked')) : -1;
  return (error < 0 ? steps : steps.slice(0, error)).every((step) => step.querySelector(":checked"));
}

function sayStep(said) {
  const step = said.parentElement.querySelector(".scale :checked")?.closest("label");
  said.textContent = step?.querySelector(".words > span").textContent ?? "";
  if (step?.dataset.side) said.dataset.side = step.dataset.side;
  else delete said.dataset.side;
}

// The anchors are the question: what one chose is said in its words, in place of the two ends of the scale.
const ENDS = new WeakMap();
function sayRatings(question, ends) {
  if (!ENDS.has(ends)) ENDS.set(ends, [...ends.children]);
  const labels = [...question.querySelectorAll(".rate :checked")].map((each) => each.closest("label"));
  const said = labels.filter((label) => label.title).map((label) => {
    const letter = label.closest(".rate").querySelector(".letter")?.textContent ?? "";
    return Object.assign(document.createElement("span"), { textContent: `${letter} ${label.title}`.trim() });
  });
  ends.replaceChildren(...(said.length ? said : ENDS.get(ends)));
}

// In code points, as the server counts.
function length(field) { return [...field.value.trim()].length; }

function count(question, counter) {
  const typed = length(question.querySelector("textarea, .input")), { min } = counter.parentElement.dataset;
  counter.textContent = typed < min ? `${typed} of ${min}` : typed.toLocaleString("en");
}

function sayCannot(form) {
  const details = form.querySelector("[data-cannot]");
  if (!details) return;
  const chosen = details.querySelector("[name=cannot_judge]:checked");
  details.toggleAttribute("data-chosen", Boolean(chosen?.value));
  details.querySelector("[data-cannot-word]").textContent = chosen?.value ? chosen.closest("label").textContent.trim() : "Cannot judge…";
}

function cannotJudge(details, signal) {
  if (!details) return;
  document.addEventListener("pointerdown", (event) => { if (!details.contains(event.target)) details.open = false; }, { signal });
  details.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    details.open = false;
    details.querySelector("summary").focus();
  }, { signal });
}

export function mark(question, sentence) {
  const place = question.querySelector("[data-wrong]");
  const error = document.createElement("p");
  error.className = "error";
  error.append(icon("alert"), sentence);
  place.replaceChildren(error);
  question.setAttribute("aria-describedby", place.id);
  question.querySelector("textarea, .input")?.setAttribute("aria-invalid", "true");
}

export function unmark(question) {
  question.querySelector("[data-wrong]")?.replaceChildren();
  question.removeAttribute("aria-describedby");
  question.querySelector("[aria-invalid]")?.removeAttribute("aria-invalid");
}

function icon(name) {
  const drawn = document.querySelector("svg.icon").cloneNode(true);
  drawn.setAttribute("aria-hidden", "true");
  drawn.removeAttribute("aria-label");
  drawn.removeAttribute("role");
  const use = drawn.querySelector("use");
  use.setAttribute("href", `${use.getAttribute("href").split("#")[0]}#${name}`);
  return drawn;
}

// A notice under the bar, by name; without words it goes away.
export function note(root, name, words) {
  const place = root.querySelector("[data-notes]");
  place.querySelector(`[data-note="${name}"]`)?.remove();
  if (!words) return;
  const notice = Object.assign(document.createElement("div"), { className: "notice" });
  notice.dataset.note = name;
  notice.dataset.tone = words.tone;
  notice.setAttribute("role", "alert");
  const [text, strong, row] = ["p", "strong", "span"].map((tag) => document.createElement(tag));
  strong.textContent = words.strong;
  text.append(strong, words.text);
  row.className = "row";
  for (const [label, act] of words.buttons) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "btn small", textContent: label });
    button.addEventListener("click", act);
    row.append(button);
  }
  notice.append(icon(words.icon), text, ...(words.buttons.length ? [row] : []));
  place.append(notice);
}

export function toast(text, undo) {
  const place = document.querySelector("[data-toasts]");
  const bread = Object.assign(document.createElement("p"), { className: "toast" });
  bread.append(text);
  if (undo) bread.append(" ", Object.assign(document.createElement("a"), { href: undo, textContent: "Undo" }));
  place.replaceChildren(bread);
  setTimeout(() => bread.remove(), TOAST);
}

for (const bread of document.querySelectorAll("[data-toasts] > *")) setTimeout(() => bread.remove(), TOAST);

export function say(text) { document.querySelector("[data-said]").textContent = text; }

// --- Time and hand: active, before the first answer, by pane; characters typed and pasted ------------------------------

// It is shown to whoever it is about (under Keys, "What this desk records") and sent with the review, never before.
// A reload does not begin again.
export class Effort {
  constructor(assignment, form, signal) {
    this.name = `active-${assignment}`;
    this.form = form;
    Object.assign(this, { ms: 0, first: null, typed: 0, pasted: 0, reading: {} }, this.#kept());
    this.used = this.counted = Date.now();
    for (const sign of SIGNS) {
      addEventListener(sign, (event) => this.#used(event), { signal, passive: true, capture: true });
    }
    form.addEventListener("input", (event) => this.#wrote(event), { signal });
    form.addEventListener("paste", (event) => { if (free(event.target)) this.pasted += points(event.clipboardData?.getData("text/plain")); }, { signal });
    form.addEventListener("compositionend", (event) => { if (free(event.target)) this.typed += points(event.data); }, { signal });
    const ticking = setInterval(() => { this.count(); this.#show(); }, 1000);
    signal.addEventListener("abort", () => { clearInterval(ticking); this.keep(); });
  }

  get present() { return !document.hidden && Date.now() - this.used < USED; }
  keep() { if (this.name) sessionStorage.setItem(this.name, JSON.stringify(this.#all())); }
  forget() { sessionStorage.removeItem(this.name); this.name = ""; }

  count() {
    const now = Date.now();
    if (this.present) {
      const passed = Math.min(now - this.counted, 2000); // a sleeping laptop is not at work
      this.ms += passed;
      if (this.at) this.reading[this.at] = (this.reading[this.at] ?? 0) + passed;
    }
    this.counted = now;
    return Math.round(this.ms);
  }

  // What was measured elsewhere of the same work: on this device before, or in the outbox.
  atLeast(other) {
    if (other?.ms > this.ms) Object.assign(this, other);
  }

  fields() { return measured(this.all()); }

  all() { this.count(); return this.#all(); }

  #all() {
    const reading = Object.fromEntries(Object.entries(this.reading).map(([pane, ms]) => [pane, Math.round(ms)]));
    return { ms: Math.round(this.ms), first: this.first, typed: this.typed, pasted: this.pasted, reading };
  }

  #kept() {
    try { return JSON.parse(sessionStorage.getItem(this.name)) ?? {}; } catch { return {}; }
  }

  #used(event) {
    const target = event.target instanceof Element ? event.target : null;
    if (!target) return;
    this.used = Date.now();
    const pane = target.closest(PANES);
    if (!pane || !this.form.contains(pane)) return;
    if (this.at !== named(pane, target)) this.count(); // until now it was the pane before
    this.at = named(pane, target);
  }

  // A script that fills a field writes nothing; `inputType` says how a person did.
  #wrote(event) {
    if (event.target !== this.form) this.first ??= this.count(); // from the form itself: what was kept is filled in
    if (!event.isTrusted || !free(event.target) || event.isComposing) return;
    if (event.inputType === "insertText") this.typed += points(event.data);
    else if (event.inputType === "insertLineBreak") this.typed += 1;
    else if (event.inputType === "insertFromDrop") this.pasted += points(event.data);
  }

  #show() {
    const place = this.form.ownerDocument.querySelector("dialog[open] [data-effort]");
    if (!place) return;
    for (const said of place.querySelectorAll("[data-effort-of]")) said.textContent = this.#words(said.dataset.effortOf);
  }

  #words(what) {
    if (what === "first") return this.first === null ? "not yet" : clock(this.first);
    if (what === "reading") return Object.entries(this.reading).map(([pane, ms]) => `${pane} ${clock(ms)}`).join(", ") || "none yet";
    return what === "ms" ? clock(this.ms) : this[what].toLocaleString("en");
  }
}

// As it is sent beside the answers.
export function measured({ ms, first, typed, pasted, reading } = {}) {
  return [["_active_ms", ms ?? ""], ["_effort", JSON.stringify({ first_input_ms: first, typed, pasted, reading })]];
}

// Which part of the desk it is: a letter, or a name.
function named(pane, target) {
  const text = pane.matches("article") ? pane.querySelector("[data-letter]") : pane;
  if (target.closest(".beside")) return "questions";
  if (text?.dataset.letter) return text.dataset.letter;
  if (!pane.matches(".context")) return pane.matches(".pane > .text") ? "prompt" : "questions";
  return pane.querySelector('[role="tab"][aria-selected="true"]')?.id.replace("tab-", "") ?? "prompt";
}

function free(field) { return field.matches?.("textarea, input.input") ?? false; }
function points(text) { return [...(text ?? "")].length; }

function clock(ms) {
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
