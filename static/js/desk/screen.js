// What is on the screen: tabs, panes, differences; what is answered and what is wrong; what is said; and the time it takes.

const MOST_COMPARED = 500_000; // characters of a text whose words are looked at
const MOST_CELLS = 60_000_000; // comparisons of two words; about a third of a second
const TOAST = 8000;
const USED = 60_000; // somebody who did nothing for so long is not there
const WORD = /[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*|[^\s\p{L}\p{N}]/gu;

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

// --- Differences, word by word -------------------------------------------------------------------------------------

function differences(form, signal) {
  const button = form.querySelector("[data-differences]");
  if (!button) return;
  if (!globalThis.CSS?.highlights) { button.hidden = true; return; }
  const said = form.querySelector("[data-differences-said]");
  const clear = () => { CSS.highlights.delete("only-a"); CSS.highlights.delete("only-b"); };
  signal.addEventListener("abort", clear);
  button.addEventListener("click", () => {
    const on = button.getAttribute("aria-pressed") !== "true";
    const texts = [...form.querySelectorAll(".pane > .text")];
    const short = texts.every((text) => text.textContent.length <= MOST_COMPARED);
    const [a, b] = short ? texts.map(words) : [[], []];
    const blocks = on && short ? common(a, b) : null;
    const shown = Boolean(blocks);
    button.setAttribute("aria-pressed", String(shown));
    form.querySelector(".panes").classList.toggle("differs", shown);
    clear();
    said.textContent = on && !shown ? "Too long to be compared word by word." : "";
    if (!shown) return;
    const [onlyA, onlyB] = [outside(a, blocks.map(([at, , size]) => [at, size])), outside(b, blocks.map(([, at, size]) => [at, size]))];
    CSS.highlights.set("only-a", new Highlight(...onlyA));
    CSS.highlights.set("only-b", new Highlight(...onlyB));
    if (!onlyA.length && !onlyB.length) said.textContent = "Word for word the same.";
  }, { signal });
}

function words(root) {
  const found = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    for (const match of walker.currentNode.data.matchAll(WORD)) {
      found.push({ word: match[0], node: walker.currentNode, start: match.index, end: match.index + match[0].length });
    }
  }
  return found;
}

// Runs of words that both have, longest first and then on either side of it (Ratcliff and Obershelp). Shorter runs than
// three words are chance, unless the texts are short themselves. Null: too long.
export function common(a, b) {
  if (a.length * b.length > MOST_CELLS) return null;
  const numbers = new Map();
  const number = ({ word }) => numbers.get(word) ?? numbers.set(word, numbers.size).get(word);
  const [x, y] = [Int32Array.from(a, number), Int32Array.from(b, number)];
  const fewest = Math.max(a.length, b.length) < 60 ? 2 : 3;
  const blocks = [];
  const left = [[0, x.length, 0, y.length]];
  for (let cells = 0; left.length;) {
    const [a0, a1, b0, b1] = left.pop();
    cells += (a1 - a0) * (b1 - b0);
    if (cells > 2 * MOST_CELLS) break; // what is left counts as different
    const [at, bt, size] = longest(x, y, a0, a1, b0, b1);
    if (size < fewest) continue;
    blocks.push([at, bt, size]);
    left.push([a0, at, b0, bt], [at + size, a1, bt + size, b1]);
  }
  return blocks.sort((one, other) => one[0] - other[0]);
}

function longest(x, y, a0, a1, b0, b1) {
  let best = [a0, b0, 0];
  let before = new Int32Array(b1 - b0 + 1);
  for (let i = a0; i < a1; i++) {
    const now = new Int32Array(b1 - b0 + 1);
    for (let j = b0; j < b1; j++) {
      if (x[i] !== y[j]) continue;
      const size = (now[j - b0 + 1] = before[j - b0] + 1);
      if (size > best[2]) best = [i - size + 1, j - size + 1, size];
    }
    before = now;
  }
  return best;
}

function outside(found, blocks) {
  const ranges = [];
  let at = 0;
  for (const [start, size] of [...blocks, [found.length, 0]]) {
    if (start > at) {
      const range = new Range();
      range.setStart(found[at].node, found[at].start);
      range.setEnd(found[start - 1].node, found[start - 1].end);
      ranges.push(range);
    }
    at = start + size;
  }
  return ranges;
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
  if (kind === "ranking") return given.filter(Boolean).length >= (question.querySelector("[data-partial]") ? 2 : given.length);
  return kind === "choice" && !question.hasAttribute("data-required") ? given.some(Boolean) : given.every(Boolean);
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

// --- Time spent ----------------------------------------------------------------------------------------------------

// Milliseconds with the page visible and used within the last minute. A reload does not begin again.
export class Effort {
  constructor(assignment, signal) {
    this.name = `active-${assignment}`;
    this.ms = Number(sessionStorage.getItem(this.name) ?? 0);
    this.used = this.counted = Date.now();
    for (const sign of ["pointermove", "pointerdown", "keydown", "wheel", "scroll"]) {
      addEventListener(sign, () => { this.used = Date.now(); }, { signal, passive: true, capture: true });
    }
    const ticking = setInterval(() => this.count(), 1000);
    signal.addEventListener("abort", () => { clearInterval(ticking); this.keep(); });
  }

  get present() { return !document.hidden && Date.now() - this.used < USED; }
  keep() { if (this.name) sessionStorage.setItem(this.name, String(Math.round(this.ms))); }
  forget() { sessionStorage.removeItem(this.name); this.name = ""; }

  count() {
    const now = Date.now();
    if (this.present) this.ms += Math.min(now - this.counted, 2000); // a sleeping laptop is not at work
    this.counted = now;
    return Math.round(this.ms);
  }
}
